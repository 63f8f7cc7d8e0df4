//! Running a command in a container, and attaching to its main process.

use std::marker::PhantomData;

use bytes::Bytes;

use super::keep_alive::KeepAlive;
use super::output::{self, Output};
use super::session::{Session, Setup};
use crate::client::Client;
use crate::client::container;
use crate::error::Result;
use crate::wire::Call;

/// Default capacity of a stream's received data that was not read.
const BUFFER: usize = 1 << 20;
/// Default limit of `output` for each stream.
const LIMIT: usize = 64 << 20;

/// State of both kinds of sessions.
#[derive(Clone)]
struct SessionRequest {
    client: Client,
    call: Call,
    setup: Setup,
}

impl SessionRequest {
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

    /// Returns the call with the requested streams. The server has no default once one is named.
    fn call(&self) -> Call {
        let mut call = self.call.clone();
        let Setup { stdin, stdout, stderr, tty, .. } = self.setup();
        if !(stdin || stdout || stderr) {
            call.fault("a session requires at least one of stdin, stdout and stderr");
        }
        for (name, wanted) in [("stdin", stdin), ("stdout", stdout), ("stderr", stderr), ("tty", tty)] {
            if wanted {
                call.query(name, "true");
            }
        }
        call
    }

    /// A terminal has a single output stream.
    fn setup(&self) -> Setup {
        Setup { stderr: self.setup.stderr && !self.setup.tty, ..self.setup }
    }

    /// Starts the session, in the default container if none is named and the server requires a name.
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
            session: SessionRequest,
            $($field: $ty,)*
            kind: PhantomData<fn() -> K>,
        }

        impl<K> $name<K> {
            pub(crate) fn new(client: &Client, call: Call) -> Self {
                Self { session: SessionRequest::new(client, call), $($field: $default,)* kind: PhantomData }
            }

            /// Selects the container. It defaults to the pod's only one, not counting init and ephemeral containers; if
            /// there are more, to the one named by the annotation
            /// [`kubectl.kubernetes.io/default-container`](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container).
            /// To read the annotation, the pod is read (verb `get` on pods) once the server has required a name; a pod
            /// with one container costs no extra request. Without the annotation, none of several is chosen: the error
            /// is the server's [400](crate::Error::is_bad_request), which lists them.
            pub fn container(mut self, name: &str) -> Self {
                self.session.call.set_query("container", Some(name));
                self
            }

            /// Attaches stdin.
            pub fn stdin(mut self) -> Self {
                self.session.setup.stdin = true;
                self
            }

            /// Does not attach stdout.
            pub fn without_stdout(mut self) -> Self {
                self.session.setup.stdout = false;
                self
            }

            /// Does not attach stderr.
            pub fn without_stderr(mut self) -> Self {
                self.session.setup.stderr = false;
                self
            }

            /// Limits the received bytes of each of stdout and stderr that were not read. At the limit the connection,
            /// and eventually the process, waits for the reader. The default is 1 MiB.
            pub fn buffer(mut self, bytes: usize) -> Self {
                self.session.setup.buffer = bytes;
                self
            }

            /// Sets how to keep the connection alive, and how to detect that it is dead.
            pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
                self.session.setup.keep_alive = keep_alive;
                self
            }

            /// Appends a query parameter that this builder has no method for.
            pub fn query(mut self, name: &str, value: &str) -> Self {
                self.session.call.query(name, value);
                self
            }

            /// Returns the HTTP request that would be sent: path and query without a host, and without the headers that
            /// request WebSocket.
            ///
            /// # Errors
            /// If the request can't be built, such as for an empty name.
            pub fn request(&self) -> Result<http::Request<Bytes>> {
                self.session.call().to_http()
            }

            /// Starts the session, and returns its streams.
            ///
            /// # Errors
            /// If the server rejects the request: pod or container not found, forbidden, …. The outcome of the process
            /// is returned by [`Session::wait`].
            pub async fn start(mut self) -> Result<Session> {
                self.session.start().await
            }
        }

        stream_timeouts!($name, session.call);

        impl<K> std::fmt::Debug for $name<K> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.session.call.operation()).finish()
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
    /// Allocates a terminal: the process's stdout and stderr are merged into one stream, and [`Session::resize`] sets
    /// the terminal's size.
    pub fn tty(mut self) -> Self {
        self.session.setup.tty = true;
        self
    }

    /// Sets the input that [`output`](Self::output) writes to the command's stdin before closing it.
    pub fn input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = Some(input.into());
        self.stdin()
    }

    /// Limits the bytes of each of stdout and stderr that [`output`](Self::output) collects; more is an error. The
    /// default is 64 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Runs the command to its end, and collects its output. Its stdin is empty, unless [`input`](Self::input) is set.
    ///
    /// A command that fails is not an error here: check [`Output::status`].
    ///
    /// # Errors
    /// If the server rejects the request, the command can't be run, its output exceeds the limit, or the connection
    /// ends before the exit status was received.
    pub async fn output(mut self) -> Result<Output> {
        self.collect().await
    }

    /// [`output`](Self::output) for a caller that inspects the request afterwards.
    pub(crate) async fn collect(&mut self) -> Result<Output> {
        let Self { session, input, limit, .. } = self;
        let operation = session.call.operation();
        let input = input.take().or(session.setup.stdin.then(Bytes::new));
        let session = session.start().await?;
        output::collect(session, input, *limit).await.map_err(|error| error.with_operation(&operation))
    }

    /// [`start`](Self::start) for a caller that inspects the request afterwards.
    #[cfg(feature = "copy")]
    pub(crate) async fn begin(&mut self) -> Result<Session> {
        self.session.start().await
    }

    /// Returns the container's name: the selected one, or, once the session has started, that of the pod's annotation.
    #[cfg(feature = "copy")]
    pub(crate) fn named_container(&self) -> Option<&str> {
        self.session.call.parameter(container::PARAMETER)
    }
}

session_request! {
    /// Attaches to the main process of a container. Ending the session does not affect the process.
    ///
    /// `K` is the kind whose subresource it is: `Pod`. Stdin requires a container with `stdin: true`, a terminal one
    /// with `tty: true`.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-connect-get-requests-to-attach-of-pod>
    AttachRequest {}
}

impl<K> AttachRequest<K> {
    /// Attaches to the terminal of a container that has one: stdout and stderr are one stream, and [`Session::resize`]
    /// sets the terminal's size. The server rejects it for any other container.
    pub fn tty(mut self) -> Self {
        self.session.setup.tty = true;
        self
    }
}
