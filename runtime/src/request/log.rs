//! Reading text subresources, such as a container's log.

use std::future::IntoFuture;

use bytes::Bytes;

use crate::Client;
use crate::client::{ResponseFuture, container};
use crate::error::Result;
use crate::log::{self, FollowedLines, Instance, Lines, TextReader};
use crate::wire::Call;

builder! {
    /// Reads a subresource that is text. `K` is the kind that it belongs to.
    ///
    /// Awaited, it returns the whole text as a `String`, in which � replaces invalid UTF-8: the output of a container
    /// need not be text, and a limit in bytes may split a character. [`bytes`](Self::bytes) returns the original. For
    /// long or growing texts, use [`lines`](Self::lines) or a [`reader`](Self::reader).
    ///
    /// For a pod's log, `container` selects the container. It defaults to the pod's only one, not counting init and
    /// ephemeral containers; if there are more, to the one named by the annotation
    /// [`kubectl.kubernetes.io/default-container`](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container).
    /// To read the annotation, the pod is read (verb `get` on pods) once the server has required a name. Without the
    /// annotation, none of several is chosen: the error is the server's [400](crate::Error::is_bad_request), which
    /// lists them.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/logging/>
    TextRequest<K>
}

impl<K: 'static> TextRequest<K> {
    /// Reads the whole text as bytes.
    ///
    /// # Errors
    /// As any call.
    pub fn bytes(self) -> ResponseFuture<Bytes> {
        self.open(|client, call| crate::request::respond(client, call, |body| Ok(body.bytes)))
    }

    /// Streams the lines over one connection. If timestamps were requested (`timestamps`), they are stripped from the
    /// text and available as a value of each line.
    ///
    /// With `follow`, the stream continues while the container runs, without the client's read time-out. If the
    /// connection breaks, it ends with a [connection error](crate::Error::is_connection);
    /// [`follow_lines`](Self::follow_lines) resumes.
    ///
    /// Some servers respond only once there is a first line, and so does this.
    ///
    /// # Errors
    /// As any call. Later errors are items of the stream. HTTP has no way to report the kubelet's errors after the
    /// response has started: they appear in the text, which then ends.
    pub fn lines(self) -> ResponseFuture<Lines> {
        let timed = self.call.has_query("timestamps", "true");
        self.open(move |client, call| log::lines::open(client, call, timed))
    }

    /// Reads the bytes over one connection.
    ///
    /// # Errors
    /// As [`lines`](Self::lines).
    pub fn reader(self) -> ResponseFuture<TextReader> {
        self.open(log::reader::open)
    }

    /// Streams the lines and resumes when the connection breaks, without losing or repeating any. Requires a log whose
    /// lines have timestamps ([`Line::time`](crate::log::Line::time) is always set).
    ///
    /// `instance` returns the current state of the writer of the log, as far as known. It is called whenever a
    /// connection has ended, and must return quickly.
    ///
    /// - With `follow`, the stream resumes while the writer is [running](Instance::Running). Once it has
    ///   [stopped](Instance::Stopped), the rest is read in one more request, since the connection need not have ended
    ///   at the end of the log.
    /// - Without, the stream resumes if the connection breaks before the end.
    /// - With `limitBytes`, the stream ends with the first connection: a truncated text can't be resumed.
    ///
    /// The log is requested with `timestamps`, and to resume with `sinceTime`, the second of the last line; lines that
    /// were returned are skipped, each as many times as it was returned. Memory: one hash per line of the last seconds,
    /// at most 65,536 per second.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>
    pub fn follow_lines(self, instance: impl Fn() -> Instance + Send + 'static) -> FollowedLines {
        log::follow(self.client, self.call, self.resource.kind().to_owned(), instance)
    }

    /// Opens the text, of the default container if none is named and the server requires a name.
    fn open<T>(self, open: impl Fn(Client, Call) -> ResponseFuture<T> + Send + Sync + 'static) -> ResponseFuture<T>
    where
        T: Send + 'static,
    {
        let (client, mut call) = (self.client, without_read_timeout(self.call));
        Box::pin(async move { container::or_default(&client, &mut call, |call| open(client.clone(), call)).await })
    }
}

impl<K: 'static> IntoFuture for TextRequest<K> {
    type Output = Result<String>;
    type IntoFuture = ResponseFuture<String>;

    fn into_future(self) -> Self::IntoFuture {
        self.open(|client, call| {
            crate::request::respond(client, call, |body| {
                Ok(String::from_utf8(body.bytes.into())
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
            })
        })
    }
}

/// A followed log has no read time-out.
fn without_read_timeout(mut call: Call) -> Call {
    if call.has_query("follow", "true") {
        call.without_read_timeout();
    }
    call
}
