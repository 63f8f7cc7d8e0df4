//! Running a command in a container, and attaching to the process that it runs.

use std::marker::PhantomData;

use bytes::Bytes;

use super::keep_alive::KeepAlive;
use super::output::{self, Output};
use super::session::{Session, Setup};
use crate::client::Client;
use crate::client::container;
use crate::error::Result;
use crate::wire::Call;

/// How much a stream may hold that nobody has read, unless set.
const BUFFER: usize = 1 << 20;
/// How much of each stream `output` collects, unless set.
const LIMIT: usize = 64 << 20;

/// What both kinds of sessions are made of.
#[derive(Clone)]
struct Base {
    client: Client,
    call: Call,
    setup: Setup,
}

impl Base {
    fn new(client: &Client, call: Call) -> Self {
        let setup = Setup {
            stdin: false,
            stdout: true,
            stderr: true,
            tty: false,
            buffer: BUFFER,
            keep_alive: KeepAlive::default(),
        };
        Self { client: client.clone(), call, setup }
    }

    /// The call with the streams that are wanted. The server takes none for granted if one is named.
    fn call(&self) -> Call {
        let mut call = self.call.clone();
        let Setup { stdin, stdout, stderr, tty, .. } = self.setup();
        if !(stdin || stdout || stderr) {
            call.fault("a session without stdin, stdout and stderr has nothing to do");
        }
        for (name, wanted) in [("stdin", stdin), ("stdout", stdout), ("stderr", stderr), ("tty", tty)] {
            if wanted {
                call.query(name, "true");
            }
        }
        call
    }

    /// What a terminal shows is one stream.
    fn setup(&self) -> Setup {
        Setup { stderr: self.setup.stderr && !self.setup.tty, ..self.setup }
    }

    /// Starts the session, in the default container if none is named and the server asks for one.
    async fn start(&mut self) -> Result<Session> {
        let (client, setup, mut call) = (&self.client, self.setup(), self.call());
        let start = |call| async move { Session::start(client, &call, setup).await };
        let session = container::or_default(client, &mut call, start).await?;
        container::remember(&mut self.call, call.parameter(container::PARAMETER));
        Ok(session)
    }
}

macro_rules! session_request {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty = $default:expr),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone)]
        #[must_use = "a request does nothing until it is started"]
        pub struct $name<K> {
            base: Base,
            $($field: $ty,)*
            kind: PhantomData<fn() -> K>,
        }

        impl<K> $name<K> {
            pub(crate) fn new(client: &Client, call: Call) -> Self {
                Self { base: Base::new(client, call), $($field: $default,)* kind: PhantomData }
            }

            /// In this container. The default is the pod's only one, init and ephemeral containers aside; of several, the
            /// one that the annotation
            /// [`kubectl.kubernetes.io/default-container`](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container)
            /// names. To find that out, the pod is read (the verb `get` on pods) once the server has asked for a name; a
            /// pod with one container costs no extra request. Of several without the annotation none is chosen: the error
            /// is the server's [400](crate::Error::is_bad_request), which lists them.
            pub fn container(mut self, name: &str) -> Self {
                self.base.call.set_query("container", Some(name));
                self
            }

            /// With stdin.
            pub fn stdin(mut self) -> Self {
                self.base.setup.stdin = true;
                self
            }

            /// Without stdout.
            pub fn without_stdout(mut self) -> Self {
                self.base.setup.stdout = false;
                self
            }

            /// Without stderr.
            pub fn without_stderr(mut self) -> Self {
                self.base.setup.stderr = false;
                self
            }

            /// How many bytes each of stdout and stderr may hold that nobody has read yet. Then the connection, and in the
            /// end the process, waits for the reader. The default is 1 MiB.
            pub fn buffer(mut self, bytes: usize) -> Self {
                self.base.setup.buffer = bytes;
                self
            }

            /// How to keep the connection alive, and how to find that it is dead.
            pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
                self.base.setup.keep_alive = keep_alive;
                self
            }

            /// Appends a query parameter that this builder has no method for.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.base.call.query(name, value);
                self
            }

            /// The HTTP request that would be sent: path and query without a host. The headers that ask for WebSocket
            /// are not in it yet.
            ///
            /// # Errors
            /// If the request can't be built, such as for an empty name.
            pub fn request(&self) -> Result<http::Request<Bytes>> {
                self.base.call().to_http()
            }

            /// Starts the session, and gives its streams.
            ///
            /// # Errors
            /// If the server refuses: no such pod or container, forbidden, …. What the process itself comes to,
            /// [`Session::wait`] says.
            pub async fn start(mut self) -> Result<Session> {
                self.base.start().await
            }
        }

        impl<K> std::fmt::Debug for $name<K> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.base.call.operation()).finish()
            }
        }
    };
}

session_request! {
    /// Runs a command in a container.
    ///
    /// `K` is the kind whose subresource it is: `Pod`.
    ///
    /// ```no_run
    /// # async fn example(exec: kubewright_runtime::stream::ExecRequest<()>) -> kubewright_runtime::Result<()> {
    /// let output = exec.container("app").output().await?;
    /// println!("{}: {}", output.status, output.text());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-connect-get-requests-to-exec-of-pod>
    ExecRequest { input: Option<Bytes> = None, limit: usize = LIMIT }
}

impl<K> ExecRequest<K> {
    /// With a terminal: the process's stdout and stderr become one stream, and [`Session::resize`] tells it the size of
    /// the window.
    pub fn tty(mut self) -> Self {
        self.base.setup.tty = true;
        self
    }

    /// What [`output`](Self::output) writes to the command's stdin before it closes it.
    pub fn input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = Some(input.into());
        self.stdin()
    }

    /// The most bytes of each of stdout and stderr that [`output`](Self::output) collects; more is an error. The
    /// default is 64 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Runs the command to its end, and collects what it says. Its stdin is empty, unless there is an
    /// [`input`](Self::input).
    ///
    /// A command that fails is not an error here: look at [`Output::status`].
    ///
    /// # Errors
    /// If the server refuses, the command can't be run, it says more than the limit, or the connection ends before the
    /// exit status came.
    pub async fn output(mut self) -> Result<Output> {
        self.collect().await
    }

    /// [`output`](Self::output) for a caller who looks at the request afterwards.
    pub(crate) async fn collect(&mut self) -> Result<Output> {
        let Self { base, input, limit, .. } = self;
        let operation = base.call.operation();
        let input = input.take().or(base.setup.stdin.then(Bytes::new));
        let session = base.start().await?;
        output::collect(session, input, *limit).await.map_err(|error| error.with_operation(&operation))
    }

    /// [`start`](Self::start) for a caller who looks at the request afterwards.
    #[cfg(feature = "copy")]
    pub(crate) async fn begin(&mut self) -> Result<Session> {
        self.base.start().await
    }

    /// The container that is named: by the caller, or, once the session has started, by the pod's annotation.
    #[cfg(feature = "copy")]
    pub(crate) fn named_container(&self) -> Option<&str> {
        self.base.call.parameter(container::PARAMETER)
    }
}

session_request! {
    /// Attaches to the process that a container runs. Ending the session leaves the process alone.
    ///
    /// `K` is the kind whose subresource it is: `Pod`. Stdin works for containers with `stdin: true`, a terminal for
    /// those with `tty: true`.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-connect-get-requests-to-attach-of-pod>
    AttachRequest {}
}

impl<K> AttachRequest<K> {
    /// For a container that has a terminal: stdout and stderr are one stream, and [`Session::resize`] tells it the size
    /// of the window. The server refuses it for any other container.
    pub fn tty(mut self) -> Self {
        self.base.setup.tty = true;
        self
    }
}
