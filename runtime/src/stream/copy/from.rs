//! Copies from a container: a session runs `tar -c`, and a thread unpacks its output.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, join, select};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::copier::Copier;
use super::error::failed;
use super::options::Existing;
use super::outcome::{self, Words};
use super::progress::Copied;
use super::remote::Remote;
use super::tree::metadata;
use super::unpack::{Attempt, Fault, Plan, unpack};
use super::windows::{Slashed, slashed};
use super::{blocking, command, names};
use crate::error::{Error, Result};
use crate::retry::Backoff;
use crate::stream::{Stdin, Stdout};

/// Maximum number of chunks between the session and the thread.
const PIECES: usize = 8;

/// First and longest delay before a copy is retried.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

pub(super) async fn run(
    mut copier: Copier,
    from: String,
    to: PathBuf,
    existing: Existing,
    limit: Option<u64>,
    max_attempts: u32,
) -> Result<Copied> {
    let Slashed { path: from, windows } = slashed(&mut copier, from).await;
    let remote = Remote::new(&from, windows).map_err(Error::build)?;
    let (name, exactly) = (remote.name.clone(), copier.exactly);
    let (root, folder_only) = blocking(move || destination(&to, name.as_deref(), exactly)).await?;
    let prefix = remote.member.iter().map(|name| names::native(name.as_bytes())).collect::<Result<_, _>>();
    let prefix = prefix.map_err(|why| Error::build(format!("{from:?} can't be copied: {why}")))?;
    let (links, preserve) = (copier.links, copier.preserve);
    let plan = Plan { root, folder_only, from, prefix, links, existing, preserve, limit };

    let (attempts, receive) = channel(1);
    let meter = copier.meter();
    // It keeps the thread running.
    let thread = blocking(move || unpack(plan, receive, meter));
    let (mut lost, mut shell) = (0, true);
    let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
    let copied = loop {
        let held = lost > 0 && shell;
        match attempt(&mut copier, &remote, held, &attempts).await {
            Ok(Outcome::Copied(copied)) => break Ok(copied),
            Ok(Outcome::Lost) if lost + 1 >= max_attempts => break Err(not_whole(lost)),
            Ok(Outcome::Lost) => {
                lost += 1;
                sleep(backoff.next_delay()).await;
            }
            Ok(Outcome::NoShell) => shell = false,
            Err(error) => break Err(error),
        }
    };
    drop(attempts);
    let settled = thread.await;
    let copied = copied?;
    settled?;
    Ok(copied)
}

/// Outcome of an attempt that did not fail.
enum Outcome {
    Copied(Copied),
    /// The end of the archive is missing, though `tar` succeeded.
    Lost,
    /// There is no shell, which this attempt requires.
    NoShell,
}

/// Runs `tar` once. If `held`, it does not exit before its archive has arrived.
async fn attempt(copier: &mut Copier, remote: &Remote, held: bool, attempts: &Sender<Attempt>) -> Result<Outcome> {
    let command = command::create(&copier.tar, remote, copier.links);
    let request = if held { copier.exec(command::hold(command)).stdin() } else { copier.exec(command) };
    let mut session = match copier.start(request).await {
        Err(error) if held && error.is_internal() => return Ok(Outcome::NoShell),
        session => session.map_err(|error| outcome::explain(error, copier.program()))?,
    };
    let (stdin, stdout, stderr) = (session.stdin.take(), session.stdout.take(), session.stderr.take());
    let (send, pieces) = channel(PIECES);
    let ((at_end, ended), (notify, notified)) = (oneshot::channel(), oneshot::channel());
    let gone = || Error::io("the unpacking thread has ended");
    attempts.send(Attempt { pieces, at_end, outcome: notify }).await.map_err(|_| gone())?;
    let mut words = Words::default();
    let pumped = {
        let pump = pin!(async { join(pump(stdout, send), release(stdin, ended)).await.0 });
        let gather = pin!(words.gather(stderr));
        match select(pump, gather).await {
            Either::Left((Ok(true), gather)) => {
                gather.await;
                Ok(true)
            }
            // After an error of the session, or an abort, there is nothing more to read.
            Either::Left((ended, _)) => ended,
            Either::Right(((), pump)) => pump.await,
        }
    };
    let status = match pumped {
        Ok(true) => session.wait().await.map(Some),
        Ok(false) => Ok(None),
        Err(error) => Err(error),
    };
    drop(session);
    match (status, notified.await.map_err(|_| gone())?) {
        (Ok(None), Ok(_)) => Err(Error::response("data after the end of the archive", None)),
        (_, Err(Fault::Failed(error))) => Err(error),
        (Err(error), _) if held && error.is_internal() => Ok(Outcome::NoShell),
        (Err(error), _) => Err(outcome::explain(error, copier.program())),
        (Ok(Some(status)), unpacked) if !status.success() => match unpacked {
            Ok(copied) if copier.tolerant && status.code() == 1 => {
                Ok(Outcome::Copied(Copied { warnings: words.text(), ..copied }))
            }
            _ if held && outcome::is_missing(status) => Ok(Outcome::NoShell),
            _ => Err(outcome::failed(copier.program(), status, &words)),
        },
        (Ok(Some(_)), Ok(copied)) => Ok(Outcome::Copied(Copied { warnings: words.text(), ..copied })),
        (Ok(_), Err(Fault::Cut)) => Ok(Outcome::Lost),
        (Ok(_), Err(Fault::Empty)) => {
            let message = "the archive from the container is empty, though tar succeeded";
            Err(Error::response(message, None))
        }
    }
}

fn not_whole(lost: u32) -> Error {
    let again = match lost {
        0 => String::new(),
        1 => ", also when retried".to_owned(),
        more => format!(", also when retried {more} times"),
    };
    let message = format!("the archive from the container has no end, though tar succeeded{again}");
    Error::response(message, None)
}

/// Lets a held command exit, once its archive has arrived.
async fn release(stdin: Option<Stdin>, ended: oneshot::Receiver<()>) {
    let Some(mut stdin) = stdin else { return };
    if ended.await.is_ok() {
        // An error of the session is reported when reading from it.
        let _ = stdin.write_all(b"\n").await;
        let _ = stdin.flush().await;
    }
}

/// Passes on the output. Returns whether all of it was accepted.
async fn pump(stdout: Option<Stdout>, pieces: Sender<Bytes>) -> Result<bool> {
    let Some(mut stdout) = stdout else { return Ok(true) };
    while let Some(piece) = stdout.chunk().await? {
        if pieces.send(piece).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the destination, and whether it must be a directory, by the rules of `cp -r`.
fn destination(to: &Path, name: Option<&str>, exactly: bool) -> Result<(PathBuf, bool)> {
    if to.as_os_str().is_empty() {
        return Err(Error::build("the local path is empty"));
    }
    match fs::metadata(to) {
        Ok(found) => {
            // A link that the caller names is followed; further links are not.
            let place = fs::canonicalize(to).map_err(failed("find", to))?;
            match name {
                Some(name) if found.is_dir() && !exactly => {
                    let why = |why| Error::build(format!("invalid name {name:?} for a file in {to:?}: {why}"));
                    Ok((place.join(names::native(name.as_bytes()).map_err(why)?), false))
                }
                None if !found.is_dir() => Err(Error::io(format!("{to:?} exists and is not a directory"))),
                _ => Ok((place, false)),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Without a trailing slash, which would follow a link.
            let place: PathBuf = to.components().collect();
            if metadata(&place)?.is_some() {
                return Err(Error::io(format!("{to:?} is a dangling symbolic link")));
            }
            let parent = match place.parent() {
                Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
                Some(parent) => parent,
                None => return Err(failed("find", to)(error)),
            };
            match fs::metadata(parent) {
                Ok(found) if found.is_dir() => Ok((place.clone(), name.is_none() || ends_in_slash(to))),
                Ok(_) => Err(Error::io(format!("{parent:?}, the parent of {to:?}, is not a directory"))),
                Err(error) => Err(failed("find the directory", parent)(error)),
            }
        }
        Err(error) => Err(failed("inspect", to)(error)),
    }
}

fn ends_in_slash(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}
