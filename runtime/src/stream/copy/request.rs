//! Copy requests.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::copier::Copier;
use super::options::{Existing, Links};
use super::progress::{Copied, Progress};
use super::{from, to};
use crate::client::{Client, ResponseFuture};
use crate::error::Result;
use crate::stream::KeepAlive;
use crate::wire::Call;

/// Maximum number of attempts by default.
const MAX_ATTEMPTS: u32 = 4;

macro_rules! copy_request {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty),* }, $run:path) => {
        $(#[$meta])*
        #[must_use = "a request does nothing until it is awaited"]
        pub struct $name<K> {
            copier: Copier,
            $($field: $ty,)*
            kind: PhantomData<fn() -> K>,
        }

        impl<K> $name<K> {
            /// Selects the container. The default is as [for a command](crate::stream::ExecRequest::container): the
            /// pod's only one; if there are more, the one named by the annotation
            /// `kubectl.kubernetes.io/default-container`.
            pub fn container(mut self, name: &str) -> Self {
                self.copier.call.set_query("container", Some(name));
                self
            }

            /// Sets whether the container runs Windows, in whose paths `\` separates as `/` does. `tar` is then passed
            /// `/`, as by `kubectl cp`, and `C:\` and `C:/` are the root of a drive.
            ///
            /// By default, a path that starts with a drive (`C:\`, `C:/`) or with `\` is one of Windows. For any other
            /// with a `\` in it, the pod is read (verb `get` on pods), whose `spec.os.name` or else node selector
            /// `kubernetes.io/os` has the operating system. If neither is set, or the pod can't be read, an absolute
            /// path such as `/etc/a\x2db` is one of Unix, where `\` is part of a name, and a relative one is
            /// interpreted as `kubectl cp` does with every path.
            pub fn windows(mut self, windows: bool) -> Self {
                self.copier.windows = Some(windows);
                self
            }

            /// Calls `on_progress` at each entry, and with each chunk of its contents. It is called on a thread for
            /// blocking work, which waits for it.
            pub fn on_progress(mut self, watcher: impl FnMut(&Progress) + Send + 'static) -> Self {
                self.copier.watcher = Some(Box::new(watcher));
                self
            }

            /// Uses the destination as the name of the copy itself, even if it is an existing directory: then the copy
            /// is merged into it. By default the copy of `a` would be its `a`. (`cp -T`.)
            pub fn exactly(mut self) -> Self {
                self.copier.exactly = true;
                self
            }

            /// Sets how symbolic links are handled.
            pub fn links(mut self, links: Links) -> Self {
                self.copier.links = links;
                self
            }

            /// Accepts the exit code 1 of `tar` if its archive is complete, and returns its messages as
            /// [warnings](Copied::warnings). GNU tar reports so that a file changed while it was read, as logs do; but
            /// BusyBox's `tar` has the same code for files that it could not read.
            pub fn accept_warnings(mut self) -> Self {
                self.copier.tolerant = true;
                self
            }

            /// Sets the command that runs `tar` in the container, if that is not `tar`: `["/busybox/busybox", "tar"]`.
            pub fn tar_command<S: Into<String>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
                self.copier.tar = command.into_iter().map(Into::into).collect();
                if self.copier.tar.is_empty() {
                    self.copier.call.fault("the command for tar is empty: set the program to run");
                }
                self
            }

            /// Sets how to keep the connection alive, and how to detect that it is dead.
            pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
                self.copier.keep_alive = keep_alive;
                self
            }

            /// Appends a query parameter that this builder has no method for.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.copier.call.query(name, value);
                self
            }
        }

        impl<K> IntoFuture for $name<K> {
            type Output = Result<Copied>;
            type IntoFuture = ResponseFuture<Copied>;

            fn into_future(self) -> Self::IntoFuture {
                let Self { copier, $($field,)* .. } = self;
                Box::pin(async move {
                    let operation = copier.call.operation();
                    $run(copier, $($field),*).await.map_err(|error| error.with_operation(&operation))
                })
            }
        }

        stream_timeouts!($name, copier.call);

        impl<K> std::fmt::Debug for $name<K> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.copier.call.operation()).finish()
            }
        }
    };
}

copy_request! {
    /// Copies a file or directory from a container, with the container's own `tar`.
    ///
    /// The destination is as with `cp -r`: in an existing directory the copy keeps its name, otherwise the destination
    /// is its new name. `folder/.` denotes the contents of the directory.
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
    /// # Untrusted input
    /// The archive from a container is not trusted. Nothing is written outside the destination, nor through a symbolic
    /// link in it, whether it came with the copy or existed before. An entry whose name is absolute, or has `..` in it,
    /// or was not requested, aborts the copy with an error that names it; and so does one with holes, as `tar --sparse`
    /// writes them. Set-user-id, set-group-id and sticky bits are not copied, nor are owners. Devices, named pipes, and
    /// links that may resolve outside ([`Links::Inside`]) are skipped and [reported](Copied::skipped).
    ///
    /// # Errors
    /// If the path or `tar` does not exist, `tar` fails, a file can't be written, an entry is rejected, or the archive
    /// is incomplete: an archive without its end, or a `tar` without an exit status, is never a success. Files that
    /// were complete by then stay; each is written under a temporary name and renamed when it is complete, so none is
    /// partial. Dropping the future aborts the copy, likewise.
    CopyFrom { from: String, to: PathBuf, existing: Existing, limit: Option<u64>, max_attempts: u32 }, from::run
}

impl<K> CopyFrom<K> {
    pub(crate) fn new(client: &Client, call: Call, from: &str, to: &Path) -> Self {
        let copier = Copier::new(client, call, Links::Inside);
        let (from, to) = (from.to_owned(), to.to_owned());
        Self {
            copier,
            from,
            to,
            existing: Existing::Replace,
            limit: None,
            max_attempts: MAX_ATTEMPTS,
            kind: PhantomData,
        }
    }

    /// Copies neither modes nor times: files are newly created ones, except for the permission to be executed. By
    /// default, mode and time are those in the container; owners never are.
    pub fn no_preserve(mut self) -> Self {
        self.copier.preserve = false;
        self
    }

    /// Sets how existing files are handled. By default they are replaced. A directory is never replaced by something
    /// else, nor something else by a directory.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.existing = existing;
        self
    }

    /// Limits the number of attempts, including the first, if the end of the archive is missing though `tar` succeeded;
    /// 0 counts as 1. The default is 4, with exponential [back-off](crate::retry::Backoff) between them. Servers
    /// occasionally lose the last output of a command that exits right after
    /// ([kubernetes#124571](https://github.com/kubernetes/kubernetes/issues/124571)): rarely on a fast network, often
    /// on a slow one. A retry copies everything again, and [progress](Self::on_progress) starts from zero.
    ///
    /// From the second attempt on, `sh` in the container runs `tar`, and exits when the archive has arrived, so that
    /// its end can't be lost. Without a `sh` there, `tar` runs as before.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Limits the bytes of one attempt, counting 512 for each entry besides its contents, and for each directory that
    /// is created without an entry of its own; more is an error. By default there is no limit: a container can fill the
    /// disk.
    ///
    /// A hard link counts as an entry; if the local file system has none, as the copy that replaces it.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }
}

copy_request! {
    /// Copies a local file or directory to a container, with the container's own `tar`.
    ///
    /// The destination is as with `cp -r`: in an existing directory the copy keeps its name, otherwise the destination
    /// is its new name, whose parent must exist. `folder/.` denotes the contents of the directory. Whether the
    /// directory exists is checked in the container, with `test -d`, unless [`exactly`](Self::exactly) is set.
    ///
    /// Files belong to the user who runs `tar`; existing ones are replaced. A local path that is itself a symbolic link
    /// is followed; links in it stay links ([`links`](Self::links)).
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
    /// If a local file can't be read, or is truncated meanwhile; if `tar` does not exist, fails, or exits before it has
    /// read everything. What `tar` has written by then stays in the container, the last file possibly in part. Servers
    /// that support only `v4.channel.k8s.io` (before Kubernetes 1.30) can't close the input of `tar`, and are rejected.
    CopyTo { from: PathBuf, to: String, owner: Option<(u32, u32)> }, to::run
}

impl<K> CopyTo<K> {
    pub(crate) fn new(client: &Client, call: Call, from: &Path, to: &str) -> Self {
        let copier = Copier::new(client, call, Links::Keep);
        Self { copier, from: from.to_owned(), to: to.to_owned(), owner: None, kind: PhantomData }
    }

    /// Copies neither modes nor times: files are `0644` and directories `0755`, programs included, with the current
    /// time. By default, mode and time are the local ones, without set-user-id, set-group-id and sticky bits.
    pub fn no_preserve(mut self) -> Self {
        self.copier.preserve = false;
        self
    }

    /// Sets the owner and group of the copy, for which `tar` must run as root. By default they are those of the user
    /// who runs it.
    pub fn owner(mut self, user: u32, group: u32) -> Self {
        self.owner = Some((user, group));
        self
    }
}
