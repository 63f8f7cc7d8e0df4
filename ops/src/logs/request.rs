//! What to read of which containers.

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Pod, PodLogRequest};
use kubewright_runtime::request::ListRequest;
use kubewright_runtime::{AllNamespaces, Client, CompactString, Time};

use super::SinceTimeExt as _;
use super::merge::LogStream;

/// How many logs are read at once, unless told otherwise.
const MAX_STREAMS: usize = 50;

/// The logs of many containers as one stream: [`stream`](Self::stream).
///
/// Which pods: all of the namespace, or those that [`pod`](Self::pod), [`labels`](Self::labels) and
/// [`fields`](Self::fields) pick. Which containers: all but init and ephemeral ones, or those that
/// [`container`](Self::container) names. Sidecars (init containers that are restarted always) count as ordinary ones.
///
/// Options of the text (`tail_lines`, `since_…`, `limit_bytes`, `log_stream`) count for each container. Every line has its
/// time, so there is no option for that.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until its stream is polled"]
pub struct LogsRequest {
    pub(super) client: Client,
    /// Of all of them, if `None`.
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

    /// The logs of the pods of all namespaces. For those of one, see [`LogsExt::logs`](super::LogsExt::logs).
    pub fn in_all_namespaces(client: &Client) -> Self {
        Self::new(client, None)
    }

    /// The pods with these labels. Given twice, both must hold.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
    pub fn labels(mut self, selector: &str) -> Self {
        self.labels.push(selector.to_owned());
        self
    }

    /// The pods with these fields, such as `spec.nodeName=node-1`. Given twice, both must hold.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
    pub fn fields(mut self, selector: &str) -> Self {
        self.fields.push(selector.to_owned());
        self
    }

    /// The pod of this name. Given several times, the pods of any of the names. With [`follow`](Self::follow), one that is
    /// not there is waited for; without, it is [`Failed`](super::LogEvent::Failed).
    pub fn pod(mut self, name: &str) -> Self {
        self.pods.push(name.into());
        self
    }

    /// The container of this name, of whatever sort, in each pod that has one. Given several times, those of any of the
    /// names.
    pub fn container(mut self, name: &str) -> Self {
        self.containers.push(name.into());
        self
    }

    /// Init containers as well.
    pub fn init_containers(mut self) -> Self {
        self.init = true;
        self
    }

    /// Ephemeral containers, which were put into running pods to debug them, as well.
    pub fn ephemeral_containers(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    /// Goes on as long as the stream is polled: with what the containers write, with new pods, and with new runs of
    /// containers that are started anew, from their first line. What has ended leaves. The pods are watched for that, so the
    /// user needs the verb `watch` on them.
    pub fn follow(mut self) -> Self {
        self.follow = true;
        self
    }

    /// The logs of the previous run of each container; of one that waits to be started anew that is the run that ended last,
    /// whose log is also had without this. They are over, so with this nothing is followed.
    pub fn previous(mut self) -> Self {
        self.previous = true;
        self
    }

    /// Nothing older than this many seconds when the stream begins. It counts for what is there at the start, even if that
    /// has to wait for its turn; what joins later comes from its first line.
    pub fn since_seconds(mut self, seconds: i64) -> Self {
        self.since_seconds = Some(seconds);
        self
    }

    /// Nothing older than this, in whole seconds. Give this or [`since_seconds`](Self::since_seconds).
    pub fn since_time(mut self, time: Time) -> Self {
        self.since_time = Some(time);
        self
    }

    /// At most this many lines of each container, counted from the end. It counts for what is there at the start; what
    /// joins later comes from its first line.
    pub fn tail_lines(mut self, lines: i64) -> Self {
        self.tail_lines = Some(lines);
        self
    }

    /// At most this many bytes of each container. The time of each line counts, which is 31 bytes. The last line may be cut.
    pub fn limit_bytes(mut self, bytes: i64) -> Self {
        self.limit_bytes = Some(bytes);
        self
    }

    /// `Stdout` or `Stderr` alone. The server must have the feature gate `PodLogsQuerySplitStreams`, which is off by
    /// default; one that has not refuses the log ([`is_invalid`](kubewright_runtime::Error::is_invalid)).
    ///
    /// <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>
    pub fn log_stream(mut self, stream: &str) -> Self {
        self.log_stream = Some(stream.to_owned());
        self
    }

    /// Does not check the kubelets' certificates: anyone in between may read or forge the text.
    pub fn insecure_skip_tls_verify_backend(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// How many logs are read at once; at least one. The default is 50. The others wait for one to end, and with
    /// [`follow`](Self::follow), where that may never be, each is [told](super::LogEvent::Waiting).
    pub fn max_streams(mut self, streams: usize) -> Self {
        self.max_streams = streams.max(1);
        self
    }

    /// How many bytes of a line come in one item at most. The default is 1 MiB.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        self.max_line_bytes = Some(bytes);
        self
    }

    /// At most how many attempts in a row to read a log may fail, the first included; 0 counts as 1. The default is 10,
    /// about half a minute.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts);
        self
    }

    /// The stream. Nothing is sent before it is polled.
    ///
    /// - **Order**: the lines of a container come in the order of its log, and a run after the one before it. Between
    ///   containers there is no order but that in which they arrive; whoever has many lines at hand gives way to the others
    ///   after each.
    /// - **Complete**: when a connection breaks, the log is gone on with: no line is lost, and none comes twice. Where that
    ///   can't be promised, a [`Gap`](super::LogEvent::Gap) says so.
    /// - **Errors**: what goes wrong with one container is an [event](super::LogEvent::Failed), and the others go on. If the
    ///   pods themselves can't be listed or watched, that is an error, and the end.
    /// - **Memory**: nothing is read ahead but the piece of each connection that is at hand. Who does not poll makes the
    ///   servers wait. There are no tasks: dropping the stream ends everything.
    pub fn stream(self) -> LogStream {
        LogStream::new(self)
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub(super) fn follows(&self) -> bool {
        self.follow && !self.previous
    }

    /// The list of the pods that are meant, and perhaps of some more: names are looked at later.
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

    /// Whether a pod is one of those that are named, if any are.
    pub(super) fn names(&self, pod: &Pod) -> bool {
        self.pods.is_empty() || pod.metadata.name.as_ref().is_some_and(|name| self.pods.contains(name))
    }

    /// The log of one container; `later` if it was not there at the start.
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
