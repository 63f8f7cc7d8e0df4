//! A handler that runs commands on this machine.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};
use std::thread;

use kubewright_fake::SessionCall;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Runs a command, after the client has ended its stdin.
pub async fn run_here(mut call: SessionCall) -> io::Result<i32> {
    let mut input = Vec::new();
    call.stdin.read_to_end(&mut input).await?;
    let command = call.command.clone();
    let output = tokio::task::spawn_blocking(move || run(&command, &input)).await.map_err(io::Error::other)??;
    call.stdout.write_all(&output.stdout).await?;
    call.stderr.write_all(&output.stderr).await?;
    Ok(output.status.code().unwrap_or(-1))
}

fn run(command: &[String], input: &[u8]) -> io::Result<Output> {
    let (program, arguments) = command.split_first().ok_or_else(|| io::Error::other("no command"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let pipe = child.stdin.take();
    thread::scope(|scope| {
        // One that reads none of it closes the pipe.
        scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input)));
        child.wait_with_output()
    })
}
