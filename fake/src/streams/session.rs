//! Commands and attachments: the channels of a WebSocket as the streams of a process.
//!
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets>

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::handlers::SessionHandler;
use super::socket::{Socket, goodbye, part};
use super::{BUFFER, CHUNK};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
/// Not a channel: the next byte is that of a channel to close (v5 only).
const CLOSE: u8 = 255;

/// A command in a container, or a client that attaches to one: what [`FakeCluster::on_exec`](crate::FakeCluster::on_exec) and
/// [`FakeCluster::on_attach`](crate::FakeCluster::on_attach) handle.
///
/// The session ends when the handler has returned and the outputs are dropped.
#[non_exhaustive]
pub struct SessionCall {
    /// The namespace of the pod.
    pub namespace: String,
    /// The name of the pod.
    pub pod: String,
    /// The name of the container: the pod's only one, if the client names none.
    pub container: String,
    /// The command and its arguments; empty if the client attaches.
    pub command: Vec<String>,
    /// Whether the client has a terminal.
    pub tty: bool,
    /// What the client sends; nothing, if it doesn't ask for stdin. Clients of before `v5.channel.k8s.io` can't end it.
    pub stdin: SessionInput,
    /// What the client gets. It is discarded if the client doesn't ask for it.
    pub stdout: SessionOutput,
    /// What the client gets as errors. With a terminal it is the same as stdout, and otherwise discarded if the client doesn't ask for it.
    pub stderr: SessionOutput,
    /// The sizes of the client's terminal.
    pub sizes: TerminalSizes,
}

/// Stdin of a [`SessionCall`].
#[derive(Debug)]
pub struct SessionInput(DuplexStream);

/// Stdout or stderr of a [`SessionCall`]. A client that doesn't read makes writers wait after 64 KiB.
#[derive(Debug)]
pub struct SessionOutput(DuplexStream);

/// The sizes of a terminal, in the order in which the client sends them.
#[derive(Debug)]
pub struct TerminalSizes(mpsc::UnboundedReceiver<TerminalSize>);

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TerminalSize {
    /// The width.
    pub columns: u16,
    /// The height.
    pub rows: u16,
}

impl TerminalSizes {
    /// The next size. `None` if the client disconnects.
    pub async fn next(&mut self) -> Option<TerminalSize> {
        self.0.recv().await
    }
}

impl fmt::Debug for SessionCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCall")
            .field("namespace", &self.namespace)
            .field("pod", &self.pod)
            .field("container", &self.container)
            .field("command", &self.command)
            .field("tty", &self.tty)
            .finish_non_exhaustive()
    }
}

impl AsyncRead for SessionInput {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for SessionOutput {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Which streams a client asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub tty: bool,
}

/// A session that was asked for.
pub(crate) struct Session {
    pub namespace: String,
    pub pod: String,
    pub container: String,
    pub command: Vec<String>,
    pub streams: Streams,
    /// Whether the protocol can close stdin (v5).
    pub closes: bool,
    pub handler: SessionHandler,
}

impl Session {
    /// Runs the handler on a connection, until it has returned or the client has left.
    pub async fn run(self, socket: Socket) {
        let (mut sink, stream) = socket.split();
        let (stdin, input) = duplex(BUFFER);
        let (stdout, output) = duplex(BUFFER);
        let (stderr, errors) = duplex(BUFFER);
        let (sizes, terminal) = mpsc::unbounded_channel();
        let Streams { stdin: has_stdin, stdout: has_stdout, stderr: has_stderr, tty } = self.streams;
        let channel = |number: u8, is_asked: bool| is_asked.then_some(number);
        let outputs = [
            Output { channel: channel(STDOUT, has_stdout), stream: Some(stdout) },
            // A process with a terminal has that for both.
            Output {
                channel: if tty { channel(STDOUT, has_stdout) } else { channel(STDERR, has_stderr) },
                stream: Some(stderr),
            },
        ];
        let call = SessionCall {
            namespace: self.namespace,
            pod: self.pod,
            container: self.container,
            command: self.command,
            tty,
            stdin: SessionInput(input),
            stdout: SessionOutput(output),
            stderr: SessionOutput(errors),
            sizes: TerminalSizes(terminal),
        };
        let input = Input { stream, stdin: has_stdin.then_some(stdin), sizes, closes: self.closes }.run();
        let first = channel(STDOUT, has_stdout).or(channel(STDERR, has_stderr)).unwrap_or(STATUS);
        let handler = self.handler;
        let session = async move {
            // Tells that the session is there.
            sink.send(message(first, &[])).await?;
            let (outcome, sent) = tokio::join!(handler(call), send(&mut sink, outputs));
            sent?;
            sink.send(message(STATUS, status(outcome).to_string().as_bytes())).await?;
            sink.send(goodbye()).await
        };
        part(session, input).await;
    }
}

/// What the client sends.
struct Input {
    stream: SplitStream<Socket>,
    stdin: Option<DuplexStream>,
    sizes: mpsc::UnboundedSender<TerminalSize>,
    closes: bool,
}

impl Input {
    /// Takes messages until the client has left.
    async fn run(mut self) {
        while let Some(Ok(message)) = self.stream.next().await {
            if let Message::Binary(data) = message {
                self.take(&data).await;
            }
        }
    }

    async fn take(&mut self, message: &[u8]) {
        let Some((channel, data)) = message.split_first() else { return };
        match *channel {
            STDIN => {
                if let Some(stdin) = &mut self.stdin
                    && stdin.write_all(data).await.is_err()
                {
                    // Nobody reads it any more.
                    self.stdin = None;
                }
            }
            RESIZE => {
                if let Some(size) = size(data) {
                    // A handler need not care.
                    let _ = self.sizes.send(size);
                }
            }
            CLOSE if self.closes && *data == [STDIN] => self.stdin = None,
            // Channels that a real server ignores, too.
            _ => {}
        }
    }
}

/// A terminal's size, as clients send it.
fn size(data: &[u8]) -> Option<TerminalSize> {
    let size: Value = serde_json::from_slice(data).ok()?;
    let number = |name: &str| u16::try_from(size[name].as_u64()?).ok();
    Some(TerminalSize { columns: number("Width")?, rows: number("Height")? })
}

/// A stream of the process, and the channel that it goes to.
struct Output {
    channel: Option<u8>,
    /// `None` at the end.
    stream: Option<DuplexStream>,
}

impl Output {
    /// The next data; never anything after the end.
    async fn next(&mut self) -> Option<Bytes> {
        let mut data = BytesMut::with_capacity(CHUNK);
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => return std::future::pending().await,
        };
        match stream.read_buf(&mut data).await {
            Ok(count) if count > 0 => Some(data.freeze()),
            _ => {
                self.stream = None;
                None
            }
        }
    }
}

/// Sends what the process writes, until it has ended both streams.
async fn send(sink: &mut SplitSink<Socket, Message>, [mut stdout, mut stderr]: [Output; 2]) -> Result<(), Error> {
    while stdout.stream.is_some() || stderr.stream.is_some() {
        let (data, channel) = tokio::select! {
            data = stdout.next() => (data, stdout.channel),
            data = stderr.next() => (data, stderr.channel),
        };
        if let (Some(data), Some(channel)) = (data, channel) {
            sink.send(message(channel, &data)).await?;
        }
    }
    Ok(())
}

fn message(channel: u8, data: &[u8]) -> Message {
    let mut message = BytesMut::with_capacity(data.len() + 1);
    message.put_u8(channel);
    message.put_slice(data);
    Message::Binary(message.freeze())
}

/// How a command has ended, as the API server reports it.
fn status(outcome: io::Result<i32>) -> Value {
    match outcome {
        Ok(0) => json!({ "metadata": {}, "status": "Success" }),
        Ok(code) => json!({
            "metadata": {},
            "status": "Failure",
            "message": format!("command terminated with non-zero exit code: command terminated with exit code {code}"),
            "reason": "NonZeroExitCode",
            "details": { "causes": [{ "reason": "ExitCode", "message": code.to_string() }] },
        }),
        Err(error) => {
            let why = format!("error executing command in container: {error}");
            json!({
                "metadata": {},
                "status": "Failure",
                "message": format!("Internal error occurred: {why}"),
                "reason": "InternalError",
                "details": { "causes": [{ "message": why }] },
                "code": 500,
            })
        }
    }
}
