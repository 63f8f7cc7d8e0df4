//! Commands that a copy runs in the container.

use super::options::Links;
use super::remote::Remote;

/// Writes an archive to stdout.
pub(super) fn create(tar: &[String], from: &Remote, links: Links) -> Vec<String> {
    let mut command = tar.to_vec();
    command.extend(["-c", "-f", "-"].map(str::to_owned));
    if links == Links::Follow {
        command.push("-h".to_owned());
    }
    command.extend(["-C".to_owned(), from.folder.clone()]);
    // So a name that starts with a hyphen is not an option; not every tar supports `--`.
    command.push(from.member.as_ref().map_or_else(|| ".".to_owned(), |member| format!("./{member}")));
    command
}

/// Same, but exits only after a line on its stdin, unless it fails. Servers lose a command's last output if it exits
/// before they have read it.
pub(super) fn hold(command: Vec<String>) -> Vec<String> {
    let shell = ["sh", "-c", r#""$@" && read -r _"#, "sh"].map(str::to_owned);
    shell.into_iter().chain(command).collect()
}

/// Reads an archive from stdin, into a directory.
pub(super) fn extract(tar: &[String], folder: &str, owned: bool) -> Vec<String> {
    let mut command = tar.to_vec();
    command.extend(["-x", "-p"].map(str::to_owned));
    if !owned {
        command.push("-o".to_owned());
    }
    command.extend(["-f", "-", "-C", folder].map(str::to_owned));
    command
}

/// Succeeds if the directory exists.
pub(super) fn is_folder(path: &str) -> Vec<String> {
    let path = if path.starts_with('-') { format!("./{path}") } else { path.to_owned() };
    vec!["test".to_owned(), "-d".to_owned(), path]
}
