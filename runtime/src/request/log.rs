//! Reading text, such as a container's log.

use std::future::IntoFuture;

use bytes::Bytes;

use crate::Client;
use crate::client::{Response, container};
use crate::error::Result;
use crate::log::{self, FollowedLines, Instance, Lines, TextReader};
use crate::wire::Call;

builder! {
    /// Reads a subresource that is text. `K` is the kind whose subresource it is.
    ///
    /// Awaited, it gives the whole as a `String`, in which � stands for what is not UTF-8: nobody promises that what a
    /// container writes is text, and a limit in bytes may cut a character. [`bytes`](Self::bytes) has it as it is. For what is
    /// long, or goes on, there are [`lines`](Self::lines) and a [`reader`](Self::reader).
    ///
    /// A pod's log is that of the `container` that is named. The default is the pod's only one, init and ephemeral
    /// containers aside; of several, the one that the annotation
    /// [`kubectl.kubernetes.io/default-container`](https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-default-container)
    /// names. To find that out, the pod is read (the verb `get` on pods) once the server has asked for a name. Of several
    /// without the annotation none is chosen: the error is the server's [400](crate::Error::is_bad_request), which lists
    /// them.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/logging/>
    TextRequest<K>
}

impl<K: 'static> TextRequest<K> {
    /// The whole, as it is.
    ///
    /// # Errors
    /// As any call.
    pub fn bytes(self) -> Response<Bytes> {
        self.open(|client, call| crate::request::respond(client, call, |body| Ok(body.bytes)))
    }

    /// The lines, as they come: a stream over one connection. Where times were asked for (`timestamps`), each line has its
    /// own as a value, and not in its text.
    ///
    /// With `follow` it goes on as long as the container writes, and the client's read timeout does not count. If the
    /// connection breaks, the stream ends with an error that [is one of the connection](crate::Error::is_connection);
    /// [`follow_lines`](Self::follow_lines) goes on.
    ///
    /// Some servers answer only once there is a first line, and so does this.
    ///
    /// # Errors
    /// As any call. Later ones are the stream's. What goes wrong at the kubelet while it writes is no error in HTTP: it
    /// says so in the text, and ends it.
    pub fn lines(self) -> Response<Lines> {
        let timed = self.call.has_query("timestamps", "true");
        self.open(move |client, call| log::lines::open(client, call, timed))
    }

    /// The bytes, as they come: a reader over one connection.
    ///
    /// # Errors
    /// As [`lines`](Self::lines).
    pub fn reader(self) -> Response<TextReader> {
        self.open(log::reader::open)
    }

    /// The lines, as they come, and if the connection breaks, those that follow: none is lost, and none comes twice. It
    /// works where text is a log, of which each line has a time ([`Line::time`](crate::log::Line::time) is always given).
    ///
    /// `instance` says what has become of that which writes the log, as far as is known at the moment. It is asked whenever
    /// a connection has ended, and must be quick.
    ///
    /// - With `follow`, a log is gone on with as long as its writer [runs](Instance::Running). Once it
    ///   [has stopped](Instance::Stopped), the rest is read, in one more request, since a connection that ended need not
    ///   have ended at the end.
    /// - Without, it is gone on with if the connection breaks before the end.
    /// - With `limitBytes` it is not: what was cut can't be gone on with. So that ends with the first connection.
    ///
    /// The log is asked for with `timestamps`, and from the second of the last line on with `sinceTime`; lines that were
    /// given are left out, each as often as it was given. Of the lines of the last seconds a hash is kept, 65,536 for each
    /// second at most; that is all the memory it takes.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>
    pub fn follow_lines(self, instance: impl Fn() -> Instance + Send + 'static) -> FollowedLines {
        log::follow(self.client, self.call, self.resource.kind().to_owned(), instance)
    }

    /// Opens the text, of the default container if none is named and the server asks for one.
    fn open<T>(self, open: impl Fn(Client, Call) -> Response<T> + Send + Sync + 'static) -> Response<T>
    where
        T: Send + 'static,
    {
        let (client, mut call) = (self.client, patient(self.call));
        Box::pin(async move { container::or_default(&client, &mut call, |call| open(client.clone(), call)).await })
    }
}

impl<K: 'static> IntoFuture for TextRequest<K> {
    type Output = Result<String>;
    type IntoFuture = Response<String>;

    fn into_future(self) -> Self::IntoFuture {
        self.open(|client, call| {
            crate::request::respond(client, call, |body| {
                Ok(String::from_utf8(body.bytes.into())
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
            })
        })
    }
}

/// A log that is followed may be silent for long.
fn patient(mut call: Call) -> Call {
    if call.has_query("follow", "true") {
        call.be_patient();
    }
    call
}
