//! A shell in a container, as `kubectl exec -it` gives it.
//!
//! ```sh
//! cargo run -p kubewright-examples --example shell -- shop web-0
//! cargo run -p kubewright-examples --example shell -- shop web-0 psql -U shop
//! ```
//!
//! Where its own input is no terminal, it runs the command with that input, and no terminal either.

use std::error::Error;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};
use kubewright::prelude::*;
use kubewright::stream::{ExitStatus, Resize, Session};
use tokio::io::{AsyncRead, AsyncWriteExt as _, copy, stderr, stdin, stdout};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(namespace), Some(pod)) = (arguments.next(), arguments.next()) else {
        return Err("say which pod: shell NAMESPACE POD [COMMAND …]".into());
    };
    let mut command: Vec<String> = arguments.collect();
    if command.is_empty() {
        command.push("sh".to_owned());
    }

    let client = Client::try_default().await?;
    let exec = client.core_v1().pods(&namespace).exec(&pod, command).stdin();
    let status = if std::io::stdin().is_terminal() {
        let session = exec.tty().start().await?;
        // From here on, keys go to the container as they are pressed, Ctrl-C too.
        enable_raw_mode()?;
        let result = converse(session).await;
        disable_raw_mode()?;
        result?
    } else {
        converse(exec.start().await?).await?
    };
    if !status.success() {
        eprintln!("{status}");
    }
    // A read from the terminal can't be broken off, and would keep the program from ending.
    std::process::exit(status.code());
}

/// Connects the session's streams to our own, until the command ends.
async fn converse(mut session: Session) -> Result<ExitStatus, Box<dyn Error>> {
    if let Some(resize) = session.resize.clone() {
        tokio::spawn(follow_window(resize));
    }
    if let Some(mut to_command) = session.stdin.take() {
        tokio::spawn(async move {
            // The end of our input is that of the command's: dropping its stdin closes it.
            let _ = copy(&mut stdin(), &mut to_command).await;
        });
    }
    let out = show(session.stdout.take(), stdout());
    let err = show(session.stderr.take(), stderr());
    tokio::try_join!(out, err)?;
    Ok(session.wait().await?)
}

async fn show(from: Option<impl AsyncRead + Unpin>, mut to: impl tokio::io::AsyncWrite + Unpin) -> std::io::Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    copy(&mut from, &mut to).await?;
    to.flush().await
}

/// Tells the command the size of the window, now and whenever it changes.
#[cfg(unix)]
async fn follow_window(resize: Resize) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut changes) = signal(SignalKind::window_change()) else { return };
    loop {
        if let Ok((columns, rows)) = size()
            && resize.set(columns, rows).is_err()
        {
            return;
        }
        if changes.recv().await.is_none() {
            return;
        }
    }
}

/// Tells the command the size of the window.
#[cfg(not(unix))]
async fn follow_window(resize: Resize) {
    if let Ok((columns, rows)) = size() {
        // A session that has ended needs no size.
        let _ = resize.set(columns, rows);
    }
}
