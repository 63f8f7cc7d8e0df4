//! From a container: a session that runs `tar -c`, and a thread that unpacks what comes.

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

use super::base::Base;
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

/// How many pieces may lie between the session and the thread.
const PIECES: usize = 8;

/// The first and the longest pause before a copy is attempted again.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

pub(super) async fn run(
    mut base: Base,
    from: String,
    to: PathBuf,
    existing: Existing,
    limit: Option<u64>,
    max_attempts: u32,
) -> Result<Copied> {
    let Slashed { path: from, windows } = slashed(&mut base, from).await;
    let remote = Remote::new(&from, windows).map_err(Error::build)?;
    let (name, exactly) = (remote.name.clone(), base.exactly);
    let (root, folder_only) = blocking(move || destination(&to, name.as_deref(), exactly)).await?;
    let prefix = remote.member.iter().map(|name| names::native(name.as_bytes())).collect::<Result<_, _>>();
    let prefix = prefix.map_err(|why| Error::build(format!("{from:?} can't be copied: {why}")))?;
    let (links, preserve) = (base.links, base.preserve);
    let plan = Plan { root, folder_only, from, prefix, links, existing, preserve, limit };

    let (attempts, receive) = channel(1);
    let meter = base.meter();
    // It works while this does.
    let thread = blocking(move || unpack(plan, receive, meter));
    let (mut lost, mut shell) = (0, true);
    let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
    let copied = loop {
        let held = lost > 0 && shell;
        match attempt(&mut base, &remote, held, &attempts).await {
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

/// What became of an attempt that did not fail.
enum Outcome {
    Copied(Copied),
    /// The end of the archive is missing, though `tar` says that all went well.
    Lost,
    /// There is no shell, which this attempt needed.
    NoShell,
}

/// Runs `tar` once. Held, it does not end before its archive is here.
async fn attempt(base: &mut Base, remote: &Remote, held: bool, attempts: &Sender<Attempt>) -> Result<Outcome> {
    let command = command::create(&base.tar, remote, base.links);
    let request = if held { base.exec(command::hold(command)).stdin() } else { base.exec(command) };
    let mut session = match base.start(request).await {
        Err(error) if held && error.is_internal() => return Ok(Outcome::NoShell),
        session => session.map_err(|error| outcome::explain(error, base.program()))?,
    };
    let (stdin, stdout, stderr) = (session.stdin.take(), session.stdout.take(), session.stderr.take());
    let (send, pieces) = channel(PIECES);
    let ((at_end, ended), (tell, told)) = (oneshot::channel(), oneshot::channel());
    let gone = || Error::local("the thread that unpacks has ended");
    attempts.send(Attempt { pieces, at_end, outcome: tell }).await.map_err(|_| gone())?;
    let mut words = Words::default();
    let pumped = {
        let pump = pin!(async { join(pump(stdout, send), release(stdin, ended)).await.0 });
        let gather = pin!(words.gather(stderr));
        match select(pump, gather).await {
            Either::Left((Ok(true), gather)) => {
                gather.await;
                Ok(true)
            }
            // A session that broke, or that is given up, has nothing more to say.
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
    match (status, told.await.map_err(|_| gone())?) {
        (Ok(None), Ok(_)) => Err(Error::response("more comes behind the archive's end", None)),
        (_, Err(Fault::Failed(error))) => Err(error),
        (Err(error), _) if held && error.is_internal() => Ok(Outcome::NoShell),
        (Err(error), _) => Err(outcome::explain(error, base.program())),
        (Ok(Some(status)), unpacked) if !status.success() => match unpacked {
            Ok(copied) if base.tolerant && status.code() == 1 => {
                Ok(Outcome::Copied(Copied { warnings: words.text(), ..copied }))
            }
            _ if held && outcome::is_missing(status) => Ok(Outcome::NoShell),
            _ => Err(outcome::failed(base.program(), status, &words)),
        },
        (Ok(Some(_)), Ok(copied)) => Ok(Outcome::Copied(Copied { warnings: words.text(), ..copied })),
        (Ok(_), Err(Fault::Cut)) => Ok(Outcome::Lost),
        (Ok(_), Err(Fault::Empty)) => {
            let message = "the archive from the container is empty, though tar says that all went well";
            Err(Error::response(message, None))
        }
    }
}

fn not_whole(lost: u32) -> Error {
    let again = match lost {
        0 => String::new(),
        1 => ", and so it was when it was asked for again".to_owned(),
        more => format!(", and so it was when it was asked for {more} more times"),
    };
    let message = format!("the archive from the container has no end, though tar says that all went well{again}");
    Error::response(message, None)
}

/// Lets a command that is held end, once its archive is here.
async fn release(stdin: Option<Stdin>, ended: oneshot::Receiver<()>) {
    let Some(mut stdin) = stdin else { return };
    if ended.await.is_ok() {
        // A session that broke is told by what is read from it.
        let _ = stdin.write_all(b"\n").await;
        let _ = stdin.flush().await;
    }
}

/// Hands on what comes. Whether all of it was taken.
async fn pump(stdout: Option<Stdout>, pieces: Sender<Bytes>) -> Result<bool> {
    let Some(mut stdout) = stdout else { return Ok(true) };
    while let Some(piece) = stdout.chunk().await? {
        if pieces.send(piece).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Where the copy is to be, and whether it has to be a folder: the rules of `cp -r`.
fn destination(to: &Path, name: Option<&str>, exactly: bool) -> Result<(PathBuf, bool)> {
    if to.as_os_str().is_empty() {
        return Err(Error::build("the local path is empty"));
    }
    match fs::metadata(to) {
        Ok(found) => {
            // What the caller names is followed; from there on, no link is.
            let place = fs::canonicalize(to).map_err(failed("find", to))?;
            match name {
                Some(name) if found.is_dir() && !exactly => {
                    let why = |why| Error::build(format!("{name:?} can't be in {to:?}: {why}"));
                    Ok((place.join(names::native(name.as_bytes()).map_err(why)?), false))
                }
                None if !found.is_dir() => Err(Error::local(format!("{to:?} is in the way: it is no folder"))),
                _ => Ok((place, false)),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Without a slash at its end, which would make it the same as what a link leads to.
            let place: PathBuf = to.components().collect();
            if metadata(&place)?.is_some() {
                return Err(Error::local(format!("{to:?} is a symbolic link that leads nowhere")));
            }
            let parent = match place.parent() {
                Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
                Some(parent) => parent,
                None => return Err(failed("find", to)(error)),
            };
            match fs::metadata(parent) {
                Ok(found) if found.is_dir() => Ok((place.clone(), name.is_none() || ends_in_slash(to))),
                Ok(_) => Err(Error::local(format!("{parent:?}, where {to:?} is to be, is no folder"))),
                Err(error) => Err(failed("find the folder", parent)(error)),
            }
        }
        Err(error) => Err(failed("look at", to)(error)),
    }
}

fn ends_in_slash(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}
