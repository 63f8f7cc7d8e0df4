//! Asking for a copy.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::base::Base;
use super::options::{Existing, Links};
use super::progress::{Copied, Progress};
use super::{from, to};
use crate::client::{Client, Response};
use crate::error::Result;
use crate::stream::KeepAlive;
use crate::wire::Call;

/// At most how many attempts are made, if nothing else is said.
const MAX_ATTEMPTS: u32 = 4;

macro_rules! copy_request {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty),* }, $run:path) => {
        $(#[$meta])*
        #[must_use = "a request does nothing until it is awaited"]
        pub struct $name<K> {
            base: Base,
            $($field: $ty,)*
            kind: PhantomData<fn() -> K>,
        }

        impl<K> $name<K> {
            /// With this container. The default is as [for a command](crate::stream::ExecRequest::container): the pod's only one, or, of
            /// several, the one that the annotation `kubectl.kubernetes.io/default-container` names.
            pub fn container(mut self, name: &str) -> Self {
                self.base.call.set_query("container", Some(name));
                self
            }

            /// Whether the container is a Windows one, in whose paths `\` separates as `/` does. `tar` is then given `/`, as
            /// `kubectl cp` does, and `C:\` and `C:/` are the root of a drive.
            ///
            /// By default, a path that begins with a drive (`C:\`, `C:/`) or with `\` is one of Windows. For any other with
            /// a `\` in it the pod is read (the verb `get` on pods), whose `spec.os.name` or else node selector
            /// `kubernetes.io/os` says what it is. If neither does, or the pod can't be read, an absolute path such as
            /// `/etc/a\x2db` is one of Unix, where `\` is part of a name, and a relative one is taken as `kubectl cp`
            /// takes every path.
            pub fn windows(mut self, windows: bool) -> Self {
                self.base.windows = Some(windows);
                self
            }

            /// Who is told how far the copy has come: at each entry, and with each piece of its contents. It is called
            /// on a thread for blocking work, which waits for it.
            pub fn on_progress(mut self, watcher: impl FnMut(&Progress) + Send + 'static) -> Self {
                self.base.watcher = Some(Box::new(watcher));
                self
            }

            /// Takes the destination as the name of the copy itself, even if there is a folder of that name: then the
            /// copy is merged into it. By default the copy of `a` would be its `a`. (`cp -T`.)
            pub fn exactly(mut self) -> Self {
                self.base.exactly = true;
                self
            }

            /// What becomes of symbolic links.
            pub fn links(mut self, links: Links) -> Self {
                self.base.links = links;
                self
            }

            /// Accepts the exit code 1 of `tar` if its archive is complete, and gives what it said as
            /// [warnings](Copied::warnings). GNU tar says so that a file changed while it was read, as logs do; but
            /// BusyBox's `tar` has the same code for files that it could not read.
            pub fn accept_warnings(mut self) -> Self {
                self.base.tolerant = true;
                self
            }

            /// How to run `tar` in the container, where that is not `tar`: `["/busybox/busybox", "tar"]`.
            pub fn tar_command<S: Into<String>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
                self.base.tar = command.into_iter().map(Into::into).collect();
                if self.base.tar.is_empty() {
                    self.base.call.fault("the command for tar is empty: name the program to run");
                }
                self
            }

            /// How to keep the connection alive, and how to find that it is dead.
            pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
                self.base.keep_alive = keep_alive;
                self
            }

            /// Appends a query parameter that this builder has no method for.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.base.call.query(name, value);
                self
            }
        }

        impl<K> IntoFuture for $name<K> {
            type Output = Result<Copied>;
            type IntoFuture = Response<Copied>;

            fn into_future(self) -> Self::IntoFuture {
                let Self { base, $($field,)* .. } = self;
                Box::pin(async move {
                    let operation = base.call.operation();
                    $run(base, $($field),*).await.map_err(|error| error.with_operation(&operation))
                })
            }
        }

        impl<K> std::fmt::Debug for $name<K> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.base.call.operation()).finish()
            }
        }
    };
}

copy_request! {
    /// Copies a file or folder from a container, with the container's own `tar`.
    ///
    /// The destination is as with `cp -r`: in a folder that exists the copy has the name of what is copied, else the
    /// destination is its new name. `folder/.` is what is in the folder.
    ///
    /// ```no_run
    /// # async fn example(copy: kubewright_runtime::stream::CopyFrom<()>) -> kubewright_runtime::Result<()> {
    /// let copied = copy.container("app").on_progress(|at| println!("{}", at.path.display())).await?;
    /// for skipped in &copied.skipped {
    ///     println!("{}: {}", skipped.path.display(), skipped.why);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # What a container can't do
    /// What comes from a container is not trusted. Nothing is written outside the destination, nor through a symbolic
    /// link in it, whether it came with the copy or was there before. An entry whose name is absolute, or has `..` in
    /// it, or is none that was asked for, ends the copy with an error that names it; and so does one with holes, as
    /// `tar --sparse` writes them. Set-user-id, set-group-id and sticky bits are not copied, owners neither. Devices, named pipes, and links that may lead out
    /// ([`Links::Inside`]) are left out, and [told](Copied::skipped).
    ///
    /// # Errors
    /// If the path is not there, `tar` is not there or fails, a file can't be written, an entry is refused, or the
    /// archive is not complete: an archive without its end, or a `tar` without an exit status, is never success.
    /// Files that were complete by then stay; each is written under a temporary name and put into its place when it
    /// is whole, so none is half a file. Dropping the future ends the copy, likewise.
    CopyFrom { from: String, to: PathBuf, existing: Existing, limit: Option<u64>, max_attempts: u32 }, from::run
}

impl<K> CopyFrom<K> {
    pub(crate) fn new(client: &Client, call: Call, from: &str, to: &Path) -> Self {
        let base = Base::new(client, call, Links::Inside);
        let (from, to) = (from.to_owned(), to.to_owned());
        Self { base, from, to, existing: Existing::Replace, limit: None, max_attempts: MAX_ATTEMPTS, kind: PhantomData }
    }

    /// Takes over neither modes nor times: files are those of somebody who made them just now, but for the permission
    /// to be executed. By default, mode and time are those in the container; owners never are.
    pub fn no_preserve(mut self) -> Self {
        self.base.preserve = false;
        self
    }

    /// What becomes of files that are there already. By default they are replaced. A folder is never replaced by
    /// something else, nor something else by a folder.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.existing = existing;
        self
    }

    /// At most how many attempts are made, the first included, if the end of the archive is missing though `tar` succeeded;
    /// 0 counts as 1. The default is 4, with exponential [back-off](crate::retry::Backoff) between them. Servers now and
    /// then lose the end of what a command wrote just before it ended
    /// ([kubernetes#124571](https://github.com/kubernetes/kubernetes/issues/124571)): seldom on a fast network, often on
    /// a slow one. Everything is copied again then, and [progress](Self::on_progress) starts from zero.
    ///
    /// From the second time on, `sh` in the container runs `tar`, and ends when the archive has arrived, so that its end
    /// can't be lost. Without a `sh` there, `tar` runs as before.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The most bytes to take in one attempt, with 512 for each entry besides its contents, and for each folder that is
    /// made without an entry of its own; more is an error. By default there is no limit: a container can fill the disk.
    ///
    /// A hard link counts as an entry; where the local file system has none, as the copy that is made in its place.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }
}

copy_request! {
    /// Copies a local file or folder to a container, with the container's own `tar`.
    ///
    /// The destination is as with `cp -r`: in a folder that exists the copy has the name of what is copied, else the
    /// destination is its new name, whose parent has to exist. `folder/.` is what is in the folder. Whether there is
    /// such a folder is asked in the container, by `test -d`, unless it is [told](Self::exactly).
    ///
    /// Files are those of the user who runs `tar`; what exists is replaced. A local path that is itself a symbolic
    /// link is followed; links in it stay links ([`links`](Self::links)).
    ///
    /// ```no_run
    /// # async fn example(copy: kubewright_runtime::stream::CopyTo<()>) -> kubewright_runtime::Result<()> {
    /// let copied = copy.container("app").await?;
    /// println!("{} files are in {}", copied.files, copied.destination.display());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If a local file can't be read, or becomes shorter while it is; if `tar` is not there or fails, or ended before it
    /// had all. What `tar` has written by then stays in the container, the last file perhaps in part. Servers that
    /// speak `v4.channel.k8s.io` alone (before Kubernetes 1.30) can't end the input of `tar`, and are refused.
    CopyTo { from: PathBuf, to: String, owner: Option<(u32, u32)> }, to::run
}

impl<K> CopyTo<K> {
    pub(crate) fn new(client: &Client, call: Call, from: &Path, to: &str) -> Self {
        let base = Base::new(client, call, Links::Keep);
        Self { base, from: from.to_owned(), to: to.to_owned(), owner: None, kind: PhantomData }
    }

    /// Takes over neither modes nor times: files are `0644` and folders `0755`, as are programs, and new. By default,
    /// mode and time are the local ones, without set-user-id, set-group-id and sticky bits.
    pub fn no_preserve(mut self) -> Self {
        self.base.preserve = false;
        self
    }

    /// Gives what is copied to this user and group. `tar` has to run as root for that. By default they are those of
    /// the user who runs it.
    pub fn owner(mut self, user: u32, group: u32) -> Self {
        self.owner = Some((user, group));
        self
    }
}
