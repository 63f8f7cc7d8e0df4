//! Merges many logs into one stream.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream, SelectAll};
use futures_util::{Stream, StreamExt as _};
use kubewright::core::v1::Pod;
use kubewright_runtime::log::{FollowEvent, Instance, Position};
use kubewright_runtime::{CompactString, Result, Time};
use tokio::time::Instant;

use super::containers::{self, State, Watched};
use super::event::{LogEvent, LogLine, LogSource};
use super::feed::{self, Feed};
use super::request::LogsRequest;

/// Stream of the logs of many containers; see [`LogsRequest::stream`]. Dropping it closes all connections.
#[must_use = "a stream does nothing until it is polled"]
pub struct LogStream(BoxStream<'static, Result<LogEvent>>);

impl LogStream {
    pub(super) fn new(request: LogsRequest) -> Self {
        let merge = Merge::new(request);
        let events = stream::unfold(merge, |mut merge| async move { merge.next().await.map(|event| (event, merge)) });
        Self(events.fuse().boxed())
    }
}

impl Stream for LogStream {
    type Item = Result<LogEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for LogStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogStream").finish_non_exhaustive()
    }
}

/// One log: its events, then `None`.
type Log = BoxStream<'static, (Arc<LogSource>, Option<Result<FollowEvent>>)>;

/// Namespace and name.
type PodKey = (CompactString, CompactString);

struct Merge {
    request: LogsRequest,
    follow: bool,
    /// When the stream was first polled.
    began: Option<Instant>,
    /// Changes to the pods; `None` once there are no more.
    feed: Option<BoxStream<'static, Feed>>,
    /// Whether the first list of pods was processed.
    synced: bool,
    pods: HashMap<PodKey, KnownPod>,
    /// Pods that the current re-list has not reported yet.
    unseen: HashSet<PodKey>,
    logs: SelectAll<Log>,
    /// Number of logs that have not ended.
    reading: usize,
    /// Logs that wait for a permit.
    queue: VecDeque<Job>,
    ready: VecDeque<Result<LogEvent>>,
    over: bool,
}

struct KnownPod {
    uid: Option<CompactString>,
    /// It was deleted, or is no longer selected. It is kept while a log of it is being read.
    is_gone: bool,
    containers: HashMap<CompactString, Known>,
}

/// A container with a log that is or was read.
struct Known {
    watched: Watched,
    run: i32,
    position: Position,
    /// The run that is being read, or waits for that.
    current: Option<Arc<LogSource>>,
    /// The runs after it.
    next: VecDeque<Job>,
}

struct Job {
    source: Arc<LogSource>,
    watched: Watched,
    position: Position,
    /// Start time of the run.
    started: Option<Time>,
    follow: bool,
    /// Whether it was added after the start.
    later: bool,
}

enum Next {
    Feed(Feed),
    Log(Arc<LogSource>, Option<Result<FollowEvent>>),
    End,
}

impl Merge {
    fn new(request: LogsRequest) -> Self {
        let follow = request.follows();
        let feed = if follow { feed::watched(&request).boxed() } else { feed::once(&request).boxed() };
        Self {
            request,
            follow,
            began: None,
            feed: Some(feed),
            synced: false,
            pods: HashMap::new(),
            unseen: HashSet::new(),
            logs: SelectAll::new(),
            reading: 0,
            queue: VecDeque::new(),
            ready: VecDeque::new(),
            over: false,
        }
    }

    async fn next(&mut self) -> Option<Result<LogEvent>> {
        self.began.get_or_insert_with(Instant::now);
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if self.reading < self.request.max_streams
                && let Some(job) = self.queue.pop_front()
            {
                self.start(job);
                continue;
            }
            match poll_fn(|cx| self.poll(cx)).await {
                Next::Feed(feed) => self.told(feed),
                Next::Log(source, event) => self.came(source, event),
                Next::End => return None,
            }
        }
    }

    /// Pods before lines: the state of a pod decides whether its logs are resumed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        if let Some(feed) = &mut self.feed {
            match feed.as_mut().poll_next(cx) {
                Poll::Ready(Some(feed)) => return Poll::Ready(Next::Feed(feed)),
                Poll::Ready(None) => self.feed = None,
                Poll::Pending => {}
            }
        }
        match self.logs.poll_next_unpin(cx) {
            Poll::Ready(Some((source, event))) => Poll::Ready(Next::Log(source, event)),
            Poll::Ready(None) if self.feed.is_none() => Poll::Ready(Next::End),
            _ => Poll::Pending,
        }
    }

    fn start(&mut self, job: Job) {
        let Job { source, watched, position, started, follow, later } = job;
        let run = source.run;
        let mut log = self.request.log(&source.namespace, &source.pod, &source.container, follow, later);
        if !self.request.previous {
            match watched.instance(run) {
                // While it waited, the next run started.
                Instance::Replaced => log = log.previous(),
                Instance::Gone => {
                    self.ready.push_back(Ok(LogEvent::NoLog(source.clone())));
                    return self.ended(&source);
                }
                _ => {}
            }
        }
        self.ready.push_back(Ok(LogEvent::Started(source.clone())));
        let lines = log.into_inner().follow_lines(move || watched.instance(run));
        // The log of the previous run may have turned out to be that of this run, which was known only later.
        if position.last().zip(started).is_some_and(|(last, started)| last < started) {
            position.reset();
        }
        let mut lines = lines.position(&position).began(self.began.map(|began| began.elapsed()).unwrap_or_default());
        if let Some(bytes) = self.request.max_line_bytes {
            lines = lines.max_line_bytes(bytes);
        }
        if let Some(attempts) = self.request.max_attempts {
            lines = lines.max_attempts(attempts);
        }
        let events = lines.map(Some).chain(stream::iter([None]));
        self.reading += 1;
        self.logs.push(events.map(move |event| (source.clone(), event)).boxed());
    }

    /// Starts the next run of a container.
    fn ended(&mut self, source: &Arc<LogSource>) {
        let key = (source.namespace.clone(), source.pod.clone());
        let Some(pod) = self.pods.get_mut(&key) else { return };
        if let Some(known) = pod.containers.get_mut(&source.container)
            && known.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, source))
        {
            let next = known.next.pop_front();
            known.current = next.as_ref().map(|job| job.source.clone());
            self.queue.extend(next);
            if pod.is_over() {
                self.pods.remove(&key);
            }
        }
    }

    fn came(&mut self, source: Arc<LogSource>, event: Option<Result<FollowEvent>>) {
        let event = match event {
            Some(Ok(FollowEvent::Line(line))) => LogEvent::Line(LogLine { source, line }),
            Some(Ok(FollowEvent::Gap { after })) => LogEvent::Gap { source, after },
            Some(Ok(FollowEvent::Retrying { error, delay })) => LogEvent::Retrying { source, error, delay },
            Some(Ok(_)) => return,
            Some(Err(error)) => LogEvent::Failed { source, error },
            None => {
                self.reading -= 1;
                self.ended(&source);
                LogEvent::Ended(source)
            }
        };
        self.ready.push_back(Ok(event));
    }

    fn told(&mut self, feed: Feed) {
        match feed {
            Feed::Begin => self.unseen = self.pods.keys().cloned().collect(),
            Feed::Pod(pod) => {
                if self.request.names(&pod) {
                    self.unseen.remove(&key(&pod));
                    self.pod(&pod);
                }
            }
            Feed::Gone(pod) => self.gone(&key(&pod)),
            Feed::Synced => {
                self.synced = true;
                for key in std::mem::take(&mut self.unseen) {
                    self.gone(&key);
                }
            }
            Feed::Missing(name, error) => {
                let namespace = self.request.namespace().unwrap_or_default().into();
                let source = LogSource { namespace, pod: name, container: CompactString::default(), run: 0 };
                let source = Arc::new(source);
                self.ready.push_back(Ok(match error {
                    Some(error) => LogEvent::Failed { source, error },
                    None => LogEvent::NoLog(source),
                }));
            }
            Feed::Unwatched(error, delay) => self.ready.push_back(Ok(LogEvent::Unwatched { error, delay })),
            Feed::Failed(error) => {
                self.over = true;
                self.ready.push_back(Err(error));
            }
        }
    }

    /// Updates a pod's state and reads its new runs.
    fn pod(&mut self, pod: &Pod) {
        let key = key(pod);
        match self.pods.get_mut(&key) {
            // Another pod of the same name.
            Some(known) if known.uid != pod.metadata.uid => self.replaced(&key),
            Some(known) => known.is_gone = false,
            None => {}
        }
        let containers = containers::of(pod, &self.request);
        if !self.follow {
            for name in self.request.containers.iter().filter(|name| containers.iter().all(|(own, _)| own != *name)) {
                self.ready.push_back(Ok(LogEvent::NoLog(source(&key, name, 0))));
            }
        }
        for (name, state) in containers {
            self.container(&key, pod, name, state);
        }
    }

    fn container(&mut self, key: &PodKey, pod: &Pod, name: CompactString, state: Option<State>) {
        let has_log = |state: &State| if self.request.previous { state.previous.is_some() } else { state.has_log };
        let Some(state) = state.filter(has_log) else {
            if !self.follow {
                self.ready.push_back(Ok(LogEvent::NoLog(source(key, &name, 0))));
            }
            return;
        };
        let known = self.pods.entry(key.clone()).or_insert_with(|| KnownPod {
            uid: pod.metadata.uid.clone(),
            is_gone: false,
            containers: HashMap::new(),
        });
        let later = self.synced;
        let run = state.previous.filter(|_| self.request.previous).unwrap_or(state.run);
        let source = source(key, &name, run);
        let known = match known.containers.entry(name) {
            Entry::Vacant(vacant) => vacant.insert(Known {
                watched: Watched::new(state),
                run: state.run,
                position: Position::default(),
                current: None,
                next: VecDeque::new(),
            }),
            Entry::Occupied(known) => {
                let known = known.into_mut();
                known.watched.set(Some(state));
                if known.run >= state.run {
                    return;
                }
                let runs = state.run - known.run - 1;
                if runs > 0 {
                    self.ready.push_back(Ok(LogEvent::RunsMissed { source: source.clone(), runs }));
                }
                known.run = state.run;
                known
            }
        };
        let job = Job {
            source: source.clone(),
            watched: known.watched.clone(),
            position: known.position.clone(),
            started: state.started,
            follow: self.follow && state.running,
            later,
        };
        if known.current.is_some() {
            return known.next.push_back(job);
        }
        known.current = Some(source.clone());
        if self.follow && self.reading + self.queue.len() >= self.request.max_streams {
            self.ready.push_back(Ok(LogEvent::Waiting(source)));
        }
        self.queue.push_back(job);
    }

    /// Removes a pod that was deleted or is no longer selected. Logs being read end by themselves at their current end,
    /// and each waiting run is reported when its turn comes. If the pod is selected again before that, its logs are
    /// resumed.
    fn gone(&mut self, key: &PodKey) {
        let Some(pod) = self.pods.get_mut(key) else { return };
        pod.is_gone = true;
        for container in pod.containers.values() {
            container.watched.set(None);
        }
        if pod.is_over() {
            self.pods.remove(key);
        }
    }

    /// Replaces a deleted pod by another one of the same name.
    fn replaced(&mut self, key: &PodKey) {
        for container in self.pods.remove(key).into_iter().flat_map(|pod| pod.containers.into_values()) {
            container.watched.set(None);
            self.ready.extend(container.next.into_iter().map(|job| Ok(LogEvent::NoLog(job.source))));
        }
    }
}

impl KnownPod {
    /// Forgets a pod and all its containers.
    fn is_over(&self) -> bool {
        self.is_gone && self.containers.values().all(|container| container.current.is_none())
    }
}

fn key(pod: &Pod) -> PodKey {
    (pod.metadata.namespace.clone().unwrap_or_default(), pod.metadata.name.clone().unwrap_or_default())
}

fn source(key: &PodKey, container: &CompactString, run: i32) -> Arc<LogSource> {
    let (namespace, pod) = key.clone();
    Arc::new(LogSource { namespace, pod, container: container.clone(), run })
}
