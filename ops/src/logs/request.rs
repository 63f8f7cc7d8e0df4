//! Request for the logs of many containers.

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Pod, PodLogRequest};
use kubewright_runtime::request::ListRequest;
use kubewright_runtime::{AllNamespaces, Client, CompactString, Time};

use super::SinceTimeExt as _;
use super::merge::LogStream;

/// Number of logs that are read at once by default.
const MAX_STREAMS: usize = 50;

/// Request for the logs of many containers as one stream: [`stream`](Self::stream).
///
/// Pods: all of the namespace, or those that [`pod`](Self::pod), [`labels`](Self::labels) and [`fields`](Self::fields)
/// select. Containers: all but init and ephemeral ones, or those that [`container`](Self::container) names. Sidecars
/// (init containers with the restart policy `Always`) count as ordinary containers.
///
/// Options of the text (`tail_lines`, `since_…`, `limit_bytes`, `log_stream`) apply to each container. Every line has
/// its timestamp, so there is no option for that.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until its stream is polled"]
pub struct LogsRequest {
    pub(super) client: Client,
    /// `None` for all namespaces.
    namespace: Option<CompactString>,
    labels: Vec<String>,
    fields: Vec<String>,
    pub(super) pods: Vec<CompactString>,
    pub(super) containers: Vec<CompactString>,
    pub(super) init: bool,
    pub(super) ephemeral: bool,
    pub(super) follow: bool,
    pub(super) previous: bool,
    since_seconds: Option<i64>,
    since_time: Option<Time>,
    tail_lines: Option<i64>,
    limit_bytes: Option<i64>,
    log_stream: Option<String>,
    insecure: bool,
    pub(super) max_streams: usize,
    pub(super) max_line_bytes: Option<usize>,
    pub(super) max_attempts: Option<u32>,
}

impl LogsRequest {
    pub(super) fn new(client: &Client, namespace: Option<&str>) -> Self {
        Self {
            client: client.clone(),
            namespace: namespace.map(CompactString::from),
            labels: Vec::new(),
            fields: Vec::new(),
            pods: Vec::new(),
            containers: Vec::new(),
            init: false,
            ephemeral: false,
            follow: false,
            previous: false,
            since_seconds: None,
            since_time: None,
            tail_lines: None,
            limit_bytes: None,
            log_stream: None,
            insecure: false,
            max_streams: MAX_STREAMS,
            max_line_bytes: None,
            max_attempts: None,
        }
    }

    /// Creates a request for the logs of pods in all namespaces. For those of one, see
    /// [`LogsExt::logs`](super::LogsExt::logs).
    pub fn in_all_namespaces(client: &Client) -> Self {
        Self::new(client, None)
    }

    /// Selects pods by label. Repeated selectors are combined: all must match.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
    pub fn labels(mut self, selector: &str) -> Self {
        self.labels.push(selector.to_owned());
        self
    }

    /// Selects pods by field, such as `spec.nodeName=node-1`. Repeated selectors are combined: all must match.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
    pub fn fields(mut self, selector: &str) -> Self {
        self.fields.push(selector.to_owned());
        self
    }

    /// Selects a pod by name; may be repeated. With [`follow`](Self::follow), a pod that does not exist yet is waited
    /// for; without it, it is reported as [`Failed`](super::LogEvent::Failed).
    pub fn pod(mut self, name: &str) -> Self {
        self.pods.push(name.into());
        self
    }

    /// Selects a container by name, of any type, in each pod that has one; may be repeated.
    pub fn container(mut self, name: &str) -> Self {
        self.containers.push(name.into());
        self
    }

    /// Includes init containers.
    pub fn init_containers(mut self) -> Self {
        self.init = true;
        self
    }

    /// Includes ephemeral containers, which were added to running pods for debugging.
    pub fn ephemeral_containers(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    /// Streams new output, new pods, and new runs of restarted containers (from their first line) while the stream is
    /// polled. Logs that end are removed. The pods are watched for this, which requires the verb `watch` on pods.
    pub fn follow(mut self) -> Self {
        self.follow = true;
        self
    }

    /// Reads the logs of each container's previous instance; of a container that waits for a restart, this is the one
    /// that terminated last, whose log is also read without this. These logs are complete, so nothing is followed.
    pub fn previous(mut self) -> Self {
        self.previous = true;
        self
    }

    /// Omits lines older than this many seconds when the stream starts. Applies to logs that are available at the
    /// start, even if they wait for their turn; later ones are read from their first line.
    pub fn since_seconds(mut self, seconds: i64) -> Self {
        self.since_seconds = Some(seconds);
        self
    }

    /// Omits lines older than this, in whole seconds. Use this or [`since_seconds`](Self::since_seconds).
    pub fn since_time(mut self, time: Time) -> Self {
        self.since_time = Some(time);
        self
    }

    /// Reads only this many lines from the end of each container's log. Applies to logs that are available at the
    /// start; later ones are read from their first line.
    pub fn tail_lines(mut self, lines: i64) -> Self {
        self.tail_lines = Some(lines);
        self
    }

    /// Limits each container's log to this many bytes, including each line's timestamp of 31 bytes. The last line may
    /// be truncated.
    pub fn limit_bytes(mut self, bytes: i64) -> Self {
        self.limit_bytes = Some(bytes);
        self
    }

    /// Reads only `Stdout` or `Stderr`. The server must have the feature gate `PodLogsQuerySplitStreams`, which is
    /// disabled by default; without it, the server rejects the request
    /// ([`is_invalid`](kubewright_runtime::Error::is_invalid)).
    ///
    /// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
    pub fn log_stream(mut self, stream: &str) -> Self {
        self.log_stream = Some(stream.to_owned());
        self
    }

    /// Skips verification of the kubelets' certificates, which exposes the logs to interception and forgery.
    pub fn insecure_skip_tls_verify_backend(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// Limits the number of logs that are read at once; at least one. The default is 50. The others wait until one
    /// ends. With [`follow`](Self::follow) that may never happen, so each is [reported](super::LogEvent::Waiting).
    pub fn max_streams(mut self, streams: usize) -> Self {
        self.max_streams = streams.max(1);
        self
    }

    /// Limits the bytes of a line in one item. The default is 1 MiB.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = Some(bytes);
        self
    }

    /// Limits the consecutive attempts to read a log that may fail, including the first; 0 counts as 1. The default is
    /// 10, about half a minute.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// Creates the stream. Nothing is sent before it is polled.
    ///
    /// - **Order**: the lines of a container come in the order of its log, and its runs one after the other. The
    ///   order between containers is that of arrival; containers with many buffered lines are interleaved fairly.
    /// - **Complete**: when a connection breaks, the log is resumed without losing or repeating a line. Where that
    ///   can't be guaranteed, a [`Gap`](super::LogEvent::Gap) is reported.
    /// - **Errors**: an error of one container is an [event](super::LogEvent::Failed), and the others continue. If
    ///   the pods themselves can't be listed or watched, the stream returns the error and ends.
    /// - **Memory**: nothing is read ahead beyond the current chunk of each connection; slow consumers apply
    ///   back-pressure. There are no tasks: dropping the stream closes all connections.
    pub fn stream(self) -> LogStream {
        LogStream::new(self)
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub(super) fn follows(&self) -> bool {
        self.follow && !self.previous
    }

    /// Returns the list request of a superset of the selected pods: names are filtered later.
    pub(super) fn list(&self) -> ListRequest<Pod> {
        let list = match &self.namespace {
            Some(namespace) => self.client.core_v1().pods(namespace).list(),
            None => AllNamespaces::<Pod>::new(&self.client).list(),
        };
        let mut list = list.without_managed_fields().page_size(500);
        for selector in &self.labels {
            list = list.labels(selector);
        }
        for selector in &self.fields {
            list = list.fields(selector);
        }
        if let [name] = self.pods.as_slice() {
            list = list.fields(&format!("metadata.name={name}"));
        }
        list
    }

    /// Whether a pod is selected by name; all are if no names are given.
    pub(super) fn names(&self, pod: &Pod) -> bool {
        self.pods.is_empty() || pod.metadata.name.as_ref().is_some_and(|name| self.pods.contains(name))
    }

    /// Returns the request for one container's log; `later` if it was added after the start.
    pub(super) fn log(&self, namespace: &str, pod: &str, container: &str, follow: bool, later: bool) -> PodLogRequest {
        let mut log = self.client.core_v1().pods(namespace).log(pod).container(container);
        if follow {
            log = log.follow();
        }
        if self.previous {
            log = log.previous();
        }
        if let Some(seconds) = self.since_seconds.filter(|_| !later) {
            log = log.since_seconds(seconds);
        }
        if let Some(time) = self.since_time {
            log = log.since_time(time);
        }
        if let Some(lines) = self.tail_lines.filter(|_| !later) {
            log = log.tail_lines(lines);
        }
        if let Some(bytes) = self.limit_bytes {
            log = log.limit_bytes(bytes);
        }
        if let Some(stream) = &self.log_stream {
            log = log.query("stream", stream);
        }
        if self.insecure {
            log = log.insecure_skip_tls_verify_backend();
        }
        log
    }
}
