//! Copies to a container: a thread packs the archive, and a session runs `tar -x`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{Either, select};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc::{Receiver, channel};

use super::copier::Copier;
use super::error::failed;
use super::outcome::{self, Words};
use super::pack::{Plan, pack};
use super::progress::Copied;
use super::remote::Remote;
use super::sink::RECORD;
use super::windows::{Slashed, slashed};
use super::{blocking, command};
use crate::error::{Error, Result};
use crate::stream::Stdin;

/// Maximum number of chunks between the thread and the session.
const PIECES: usize = 4;

pub(super) async fn run(mut copier: Copier, from: PathBuf, to: String, owner: Option<(u32, u32)>) -> Result<Copied> {
    let Slashed { path: to, windows } = slashed(&mut copier, to).await;
    let remote = Remote::new(&to, windows).map_err(Error::build)?;
    let source = from.clone();
    let (name, is_folder) = blocking(move || local(&source)).await?;
    let inside = match remote.name {
        None => true,
        Some(_) if copier.exactly => false,
        Some(_) => ask(&mut copier, &to).await?,
    };
    let place = Destination::new(&to, name, inside, windows).map_err(Error::build)?;
    if remote.slash && !inside && !is_folder {
        return Err(Error::command(format!("{to:?} in the container is not a directory to copy a file into")));
    }
    let Destination { folder, top, destination } = place;

    let command = command::extract(&copier.tar, &folder, owner.is_some());
    let session = copier.exec(command).stdin().without_stdout();
    let session = copier.start(session).await;
    let mut session = session.map_err(|error| outcome::explain(error, copier.program()))?;
    if !session.can_close_stdin() {
        let message = "the server supports only v4.channel.k8s.io, which can't close stdin, so tar would wait for more input forever";
        return Err(Error::stream(message));
    }
    let (stdin, stderr) = (session.stdin.take(), session.stderr.take());
    let (send, receive) = channel(PIECES);
    let meter = copier.meter();
    let plan = Plan { source: from, top, links: copier.links, preserve: copier.preserve, owner, destination };
    let thread = blocking(move || pack(plan, send, meter));
    let mut words = Words::default();
    let sent = {
        let send = pin!(async {
            match pump(stdin, receive).await {
                Ok(stdin) => {
                    let packed = thread.await;
                    if packed.is_ok() {
                        close(stdin).await;
                    }
                    (Ok(()), packed)
                }
                Err(error) => (Err(error), thread.await),
            }
        });
        let gather = pin!(words.gather(stderr));
        match select(send, gather).await {
            // An incomplete archive is not waited for.
            Either::Left(((Ok(()), Err(error)), _)) => return Err(error),
            Either::Left((sent, gather)) => {
                gather.await;
                sent
            }
            Either::Right(((), send)) => send.await,
        }
    };
    match (sent, session.wait().await) {
        // The archive was aborted, whatever the result of `tar`.
        ((Ok(()), Err(error)), _) => Err(error),
        (_, Err(error)) => Err(outcome::explain(error, copier.program())),
        ((Ok(()), Ok(copied)), Ok(status)) if status.success() || (copier.tolerant && status.code() == 1) => {
            Ok(Copied { warnings: words.text(), ..copied })
        }
        (_, Ok(status)) if !status.success() => Err(outcome::failed(copier.program(), status, &words)),
        ((sent, packed), Ok(_)) => {
            let message = "tar in the container succeeded before it had read the whole archive";
            let error = Error::stream(message);
            Err(match (sent, packed) {
                (Err(source), _) => error.with_source(source),
                (_, Err(source)) => error.with_source(source),
                _ => error,
            })
        }
    }
}

/// Writes all chunks. An error is a write error: then the session has ended.
async fn pump(stdin: Option<Stdin>, mut pieces: Receiver<Bytes>) -> std::io::Result<Option<Stdin>> {
    let Some(mut stdin) = stdin else { return Ok(None) };
    while let Some(piece) = pieces.recv().await {
        if let Err(error) = stdin.write_all(&piece).await {
            // `tar` does not wait for the padding of the last record.
            let filling = piece.len() as u64 <= RECORD && piece.iter().all(|byte| *byte == 0);
            if !filling || pieces.recv().await.is_some() {
                return Err(error);
            }
        }
    }
    Ok(Some(stdin))
}

/// Closes the input. A `tar` that has read the archive's end may have exited successfully by then.
async fn close(stdin: Option<Stdin>) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.shutdown().await;
    }
}

/// Returns a local path's name, and whether it is a directory. The name is empty for its contents only.
fn local(path: &Path) -> Result<(Option<OsString>, bool)> {
    let found = fs::metadata(path).map_err(failed("inspect", path))?;
    // `Path` normalizes the dot of "a/." away.
    let bytes = path.as_os_str().as_encoded_bytes();
    let contents = bytes == b"." || bytes.ends_with(b"/.") || (cfg!(windows) && bytes.ends_with(b"\\."));
    let name = path.file_name().filter(|_| !contents);
    Ok((name.map(ToOwned::to_owned), found.is_dir()))
}

/// Checks in the container whether a directory exists.
async fn ask(copier: &mut Copier, path: &str) -> Result<bool> {
    let unknown = || {
        Error::command(format!(
            "can't check in the container whether {path:?} is a directory: use exactly if it is the copy's own name"
        ))
    };
    let question = copier.exec(command::is_folder(path));
    match copier.output(question).await {
        Ok(output) => match output.status.code() {
            0 => Ok(true),
            1 => Ok(false),
            _ => Err(unknown()),
        },
        // A kubelet may report a failed command as an error of its own.
        Err(error) if error.is_internal() && error.to_string().ends_with("exit status 1") => Ok(false),
        Err(error) if error.is_internal() => Err(unknown().with_source(error)),
        Err(error) => Err(error),
    }
}

/// Returns the working directory of `tar`, and the name of the copy in it.
#[derive(Debug, PartialEq, Eq)]
struct Destination {
    folder: String,
    top: Option<OsString>,
    destination: PathBuf,
}

impl Destination {
    /// `inside`: the copy goes into the directory of this path.
    fn new(to: &str, name: Option<OsString>, inside: bool, windows: bool) -> Result<Self, String> {
        if inside {
            let destination = name.as_ref().map_or_else(|| PathBuf::from(to), |name| join(to, name));
            let slash = if to.ends_with('/') { "" } else { "/" };
            return Ok(Self { folder: Remote::new(&format!("{to}{slash}"), windows)?.folder, top: name, destination });
        }
        let own = to.trim_end_matches('/');
        let Remote { folder, name, .. } = Remote::new(own, windows)?;
        Ok(Self { folder, top: name.map(Into::into), destination: own.into() })
    }
}

/// Paths in a container have slashes, whatever the local ones have.
fn join(folder: &str, name: &OsString) -> PathBuf {
    let mut path = OsString::from(folder);
    if !folder.ends_with('/') {
        path.push("/");
    }
    path.push(name);
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_in_the_folder_or_has_the_name() {
        let place = |to: &str, name: Option<&str>, inside| {
            let Destination { folder, top, destination } =
                Destination::new(to, name.map(Into::into), inside, false).expect("a place");
            (folder, top, destination.to_str().expect("UTF-8").to_owned())
        };
        let expected =
            |folder: &str, top: Option<&str>, at: &str| (folder.to_owned(), top.map(OsString::from), at.to_owned());
        assert_eq!(place("/srv", Some("site"), true), expected("/srv", Some("site"), "/srv/site"));
        assert_eq!(place("/srv/", Some("site"), true), expected("/srv", Some("site"), "/srv/site"));
        assert_eq!(place("/srv/www", Some("site"), false), expected("/srv", Some("www"), "/srv/www"));
        assert_eq!(place("/srv/www/", Some("site"), false), expected("/srv", Some("www"), "/srv/www"));
        assert_eq!(place("/srv", None, true), expected("/srv", None, "/srv"));
        assert_eq!(place("www", None, false), expected(".", Some("www"), "www"));
        assert_eq!(place("/", Some("site"), true), expected("/", Some("site"), "/site"));
        assert_eq!(place("-x", Some("-y"), true), expected("./-x", Some("-y"), "-x/-y"));
    }
}
