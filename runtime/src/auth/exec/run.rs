//! Runs a plugin: on a thread of its own, with a runtime of its own.
//!
//! The cache is the process's, and its runtimes may end at any time, while a plugin that one of them started is waited for by
//! another. So a plugin depends on none of them. Whoever waits holds one end of a channel; when that is dropped, nobody waits,
//! and the plugin is killed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, join, select};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, oneshot};
use zeroize::Zeroizing;

use super::plugin::Plugin;
use super::{command, info};
use crate::auth::error::{AuthError, Kind};
use crate::auth::shown::shown;
use crate::config::{ExecStderr, SecretString};

/// The longest output that is read: a token, certificates and a key are some 20 KiB.
const STDOUT_LIMIT: usize = 1 << 20;
/// How much of the end of standard error is kept for errors.
const STDERR_LIMIT: usize = 64 << 10;
/// How long output is waited for that a process which the plugin left behind may still hold open.
const AFTER_EXIT: Duration = Duration::from_secs(1);

/// Plugins that have the terminal take turns: two that ask for a password at once can't be served.
static TERMINAL: Mutex<()> = Mutex::const_new(());

/// What a thread is given.
struct Job {
    executable: PathBuf,
    args: Vec<String>,
    env: Vec<(String, SecretString)>,
    interactive: bool,
    stderr: ExecStderr,
    timeout: Option<Duration>,
}

/// How it ended.
enum Ended {
    /// By itself.
    Exited {
        status: ExitStatus,
        stdout: Stdout,
        stderr: Vec<u8>,
    },
    TimedOut {
        stderr: Vec<u8>,
    },
    TooMuch,
    /// Nobody waits any more.
    Unwanted,
}

type Stdout = Zeroizing<Vec<u8>>;

/// Runs it, and returns what it printed, if it succeeded.
pub(super) async fn run(
    plugin: &Plugin,
    executable: &Path,
    interactive: bool,
    info: SecretString,
) -> Result<Stdout, AuthError> {
    let mut env: Vec<_> =
        plugin.exec.env.iter().map(|variable| (variable.name.clone(), variable.value.clone())).collect();
    env.push((info::VARIABLE.to_owned(), info));
    let job = Job {
        executable: executable.to_owned(),
        args: plugin.exec.args.clone(),
        env,
        interactive,
        stderr: plugin.stderr,
        timeout: plugin.timeout,
    };
    tracing::debug!(command = %plugin.command().display(), interactive, "running the exec plugin");
    match on_a_thread(job).await {
        Ok(Ended::Exited { status, stdout, .. }) if status.success() => Ok(stdout),
        Ok(Ended::Exited { status, stderr, .. }) => {
            Err(plugin.error(Kind::Failed, format!("failed ({status}){}", said(plugin, &stderr))))
        }
        Ok(Ended::TimedOut { stderr }) => {
            let limit = plugin.timeout.unwrap_or_default();
            let said = said(plugin, &stderr);
            Err(plugin.error(Kind::Timeout, format!("was not done within {limit:?} and was stopped{said}")))
        }
        Ok(Ended::TooMuch) => {
            let words =
                format!("printed more than {STDOUT_LIMIT} bytes and was stopped; it should print an ExecCredential");
            Err(plugin.error(Kind::Invalid, words))
        }
        Ok(Ended::Unwanted) => Err(plugin.error(Kind::Failed, "was stopped")),
        Err(error) => Err(match error.kind() {
            io::ErrorKind::NotFound => command::missing(plugin, "does not exist, or the program that runs it does not"),
            io::ErrorKind::PermissionDenied => command::missing(plugin, "is not executable"),
            _ => AuthError::because(Kind::Failed, plugin.sentence("cannot be started"), error),
        }),
    }
}

/// What it wrote to standard error, where that was kept.
fn said(plugin: &Plugin, stderr: &[u8]) -> String {
    let secrets = plugin.secrets();
    match shown(&String::from_utf8_lossy(stderr), secrets.iter().map(SecretString::expose)) {
        text if text.is_empty() => text,
        text => format!(": {text}"),
    }
}

async fn on_a_thread(job: Job) -> io::Result<Ended> {
    // Dropped with this future.
    let (_wanted, unwanted) = oneshot::channel::<()>();
    let (sender, ended) = oneshot::channel();
    std::thread::Builder::new().name("exec-plugin".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ended = runtime.and_then(|runtime| runtime.block_on(run_here(&job, unwanted)));
        // Nobody may be there any more.
        let _ = sender.send(ended);
    })?;
    ended.await.unwrap_or_else(|_| Err(io::Error::other("its thread ended early")))
}

async fn run_here(job: &Job, mut unwanted: oneshot::Receiver<()>) -> io::Result<Ended> {
    let turn = pin!(TERMINAL.lock());
    let _turn = match job.interactive {
        true => match select(turn, &mut unwanted).await {
            Either::Left((turn, _)) => Some(turn),
            Either::Right(_) => return Ok(Ended::Unwanted),
        },
        false => None,
    };
    let mut child = start(job)?;
    let mut stdout = Zeroizing::new(Vec::new());
    let mut stderr = Vec::new();
    let first = {
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let reading = async { join(read_all(out, &mut stdout), read_end(err, &mut stderr)).await.0 };
        let done = pin!(wait(&mut child, reading));
        let limit = pin!(sleep(job.timeout));
        match select(select(done, limit), unwanted).await {
            Either::Left((Either::Left((done, _)), _)) => First::Done(done?),
            Either::Left((Either::Right(_), _)) => First::TimedOut,
            Either::Right(_) => First::Unwanted,
        }
    };
    if !matches!(first, First::Done(Some(_))) {
        stop(&mut child).await;
    }
    Ok(match first {
        First::Done(Some(status)) => Ended::Exited { status, stdout, stderr },
        First::Done(None) => Ended::TooMuch,
        First::TimedOut => Ended::TimedOut { stderr },
        First::Unwanted => Ended::Unwanted,
    })
}

/// What came first. `Done` without a status: too much output.
enum First {
    Done(Option<ExitStatus>),
    TimedOut,
    Unwanted,
}

fn start(job: &Job) -> io::Result<Child> {
    let mut command = Command::new(&job.executable);
    command.args(&job.args);
    for (name, value) in &job.env {
        command.env(name, OsStr::new(value.expose()));
    }
    command.stdin(if job.interactive { Stdio::inherit() } else { Stdio::null() });
    command.stdout(Stdio::piped());
    command.stderr(match job.stderr {
        ExecStderr::Inherit => Stdio::inherit(),
        ExecStderr::InError => Stdio::piped(),
    });
    command.kill_on_drop(true).spawn()
}

/// Waits for its end and its output; `None` if that was too much.
async fn wait(child: &mut Child, reading: impl Future<Output = io::Result<bool>>) -> io::Result<Option<ExitStatus>> {
    let mut reading = pin!(reading);
    let mut exited = pin!(child.wait());
    match select(exited.as_mut(), reading.as_mut()).await {
        Either::Left((status, _)) => {
            let status = status?;
            // What it left behind in the background may hold its output open forever.
            match tokio::time::timeout(AFTER_EXIT, reading).await {
                Ok(complete) => Ok(complete?.then_some(status)),
                Err(_) => Ok(Some(status)),
            }
        }
        Either::Right((complete, _)) => match complete? {
            true => exited.await.map(Some),
            false => Ok(None),
        },
    }
}

/// Reads all of it; `false` if it is too much. The memory is never moved, since copies of it would stay behind.
async fn read_all(from: Option<impl AsyncRead + Unpin>, into: &mut Stdout) -> io::Result<bool> {
    let Some(mut from) = from else { return Ok(true) };
    into.reserve_exact(STDOUT_LIMIT);
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        match from.read(&mut *piece).await? {
            0 => return Ok(true),
            count if into.len() + count > STDOUT_LIMIT => return Ok(false),
            count => into.extend_from_slice(&piece[..count]),
        }
    }
}

/// Reads all of it, and keeps the end.
async fn read_end(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> io::Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    let mut piece = [0; 4096];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        into.extend_from_slice(&piece[..count]);
        if into.len() > STDERR_LIMIT {
            into.drain(..into.len() - STDERR_LIMIT / 2);
        }
    }
}

async fn sleep(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Kills it, and waits until it has exited.
async fn stop(child: &mut Child) {
    if let Err(error) = child.kill().await {
        tracing::debug!(%error, "cannot stop the exec plugin");
    }
}
