//! From a container: a session that runs `tar -c`, and a thread that unpacks what comes.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{Either, select};
use tokio::sync::mpsc::{Sender, channel};

use super::outcome::{self, Words};
use super::progress::Copied;
use super::remote::Remote;
use super::request::{Base, Existing};
use super::tree::{failed, metadata};
use super::unpack::{Fault, Plan, unpack};
use super::{blocking, command, names};
use crate::error::{Error, Result};
use crate::stream::Stdout;

/// How many pieces may lie between the session and the thread.
const PIECES: usize = 8;

pub(super) async fn run(
    mut base: Base,
    from: String,
    to: PathBuf,
    existing: Existing,
    limit: Option<u64>,
) -> Result<Copied> {
    let remote = Remote::new(&from).map_err(Error::build)?;
    let (name, exactly) = (remote.name.clone(), base.exactly);
    let (root, folder_only) = blocking(move || destination(&to, name.as_deref(), exactly)).await?;
    let prefix = remote.member.iter().map(|name| names::native(name.as_bytes())).collect::<Result<_, _>>();
    let prefix = prefix.map_err(|why| Error::build(format!("{from:?} can't be copied: {why}")))?;
    let (links, preserve) = (base.links, base.preserve);
    let plan = Plan { root, folder_only, from, prefix, links, existing, preserve, limit };

    let explain = |error, base: &Base| outcome::explain(error, base.program());
    let session = base.exec(command::create(&base.tar, &remote, links)).start().await;
    let mut session = session.map_err(|error| explain(error, &base))?;
    let (stdout, stderr) = (session.stdout.take(), session.stderr.take());
    let (send, receive) = channel(PIECES);
    let meter = base.meter();
    // It works while this does.
    let thread = blocking(move || Ok::<_, Error>(unpack(plan, receive, meter)));
    let mut words = Words::default();
    let pumped = {
        let pump = pin!(pump(stdout, send));
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
    let unpacked = thread.await?;
    match (status, unpacked) {
        (Ok(None), Ok(_)) => Err(Error::response("more comes behind the archive's end", None)),
        (_, Err(Fault::Failed(error))) => Err(error),
        (Err(error), _) => Err(explain(error, &base)),
        (Ok(Some(status)), unpacked) if !status.success() => match unpacked {
            Ok(copied) if base.tolerant && status.code() == 1 => Ok(Copied { warnings: words.text(), ..copied }),
            _ => Err(outcome::failed(base.program(), status, &words)),
        },
        (Ok(Some(_)), Ok(copied)) => Ok(Copied { warnings: words.text(), ..copied }),
        (Ok(_), Err(Fault::Cut)) => {
            let message = "the archive from the container has no end, though tar says that all went well";
            Err(Error::response(message, None))
        }
        (Ok(_), Err(Fault::Empty)) => {
            let message = "the archive from the container is empty, though tar says that all went well";
            Err(Error::response(message, None))
        }
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
