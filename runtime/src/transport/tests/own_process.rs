//! Tests that need a process of their own: for its standard streams, or for what is the process's.

use std::process::Command;

/// Runs one test of this program in a process of its own, with these variables, and returns what it printed to both of
/// its outputs. With `terminal` it has a terminal.
pub(super) fn in_a_process(
    module: &str,
    test: &str,
    terminal: bool,
    variables: &[(&str, String)],
) -> Option<(String, String)> {
    if terminal && !cfg!(target_os = "linux") {
        println!("skipped: the command `script` has other options on this system");
        return None;
    }
    let program = std::env::current_exe().expect("this program");
    // The name of a test leaves out that of its crate.
    let name = format!("{}::{test}", module.split_once("::").map_or(module, |(_, module)| module));
    let mut command = if terminal {
        let mut script = Command::new("script");
        let line = format!("'{}' --exact {name} --nocapture", program.display());
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script
    } else {
        let mut command = Command::new(program);
        command.args(["--exact", &name, "--nocapture"]);
        command.stdin(std::process::Stdio::null());
        command
    };
    let output = match command.envs(variables.iter().cloned()).env("KUBEWRIGHT_TEST_CHILD", "1").output() {
        Ok(output) => output,
        Err(error) if terminal && error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: the command `script`, which makes a terminal, is not installed");
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    assert!(output.status.success(), "{} {}", text(output.stdout), text(output.stderr));
    Some((text(output.stdout), text(output.stderr)))
}

/// Whether this is such a process.
pub(super) fn is_child() -> bool {
    std::env::var_os("KUBEWRIGHT_TEST_CHILD").is_some()
}
