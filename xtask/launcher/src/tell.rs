//! What a newcomer reads.

use std::io::IsTerminal as _;

/// Tells what begins: a step of so many.
pub fn step(number: u32, of: u32, what: &str) {
    println!("{} {what}", colored("1;32", &format!("[{number}/{of}]")));
}

/// Tells more of it.
pub fn more(what: &str) {
    println!("      {what}");
}

/// Shows a command that a user would type.
pub fn command(line: &str) {
    println!("      {}", colored("1;34", &format!("$ {line}")));
}

/// A text in a colour, on a terminal whose user wants that.
fn colored(color: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{color}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
