//! Outcome of `tar` in the container, with messages that say what to do about it.

use crate::error::Error;
use crate::stream::{ExitStatus, Stderr};

/// How much of the output of `tar` is kept.
const KEPT: usize = 16 << 10;
/// How much of it is part of an error.
const TOLD: usize = 2 << 10;

/// A command's output on stderr.
#[derive(Default)]
pub(super) struct Words {
    bytes: Vec<u8>,
    left_out: usize,
}

impl Words {
    /// Reads all output. Errors of the session are reported elsewhere.
    pub(super) async fn gather(&mut self, stderr: Option<Stderr>) {
        let Some(mut stderr) = stderr else { return };
        while let Ok(Some(chunk)) = stderr.chunk().await {
            let kept = chunk.len().min(KEPT - self.bytes.len());
            self.bytes.extend_from_slice(&chunk[..kept]);
            self.left_out += chunk.len() - kept;
        }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.bytes).into_owned();
        if self.left_out > 0 {
            text.push_str(&format!("… and {} bytes more", self.left_out));
        }
        text
    }

    /// Returns it shortened, for an error.
    fn brief(&self) -> String {
        let text = self.text();
        let text = text.trim();
        let mut end = text.len().min(TOLD);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        match (text.is_empty(), end < text.len()) {
            (true, _) => "without a message".to_owned(),
            (false, true) => format!("its message: {} …", &text[..end]),
            (false, false) => format!("its message: {text}"),
        }
    }
}

/// Creates the error of a failed `tar`.
pub(super) fn failed(program: &str, status: ExitStatus, words: &Words) -> Error {
    if is_missing(status) {
        return missing(program);
    }
    Error::command(format!("{program} in the container failed with {status}; {}", words.brief()))
}

/// Whether this output means that the program does not exist.
pub(super) fn is_missing(status: ExitStatus) -> bool {
    matches!(status.code(), 126 | 127)
}

/// Explains the server's error if the program does not exist; returns other errors unchanged.
pub(super) fn explain(error: Error, program: &str) -> Error {
    let says = error.status().and_then(|status| status.message.as_deref()).unwrap_or_default().to_ascii_lowercase();
    let gone = ["executable file", "no such file or directory"].iter().any(|words| says.contains(words));
    if error.is_internal() && gone && says.contains(&program.to_ascii_lowercase()) {
        missing(program).with_source(error)
    } else {
        error
    }
}

fn missing(program: &str) -> Error {
    Error::command(format!(
        "the container can't run {program}, which a copy requires: use another container of the pod (such as an ephemeral \
         one), or say where the program is"
    ))
}
