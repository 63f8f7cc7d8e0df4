//! Faults that a test injects.

mod body;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

use crate::requests::{RecordedRequest, Verb};
use crate::status::{About, Status};

pub(crate) use body::{change, no_answer};

/// The faults of a [`FakeCluster`](crate::FakeCluster). Clones share them.
///
/// ```
/// use std::time::Duration;
/// use kubewright_fake::{FakeCluster, Verb};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cluster = FakeCluster::builder().build()?;
/// // The second update of a config map conflicts with another one.
/// cluster.faults().on(Verb::Update).of("configmaps").nth(2).conflict();
/// // Every watch breaks after three events.
/// cluster.faults().on(Verb::Watch).always().cut_after(3);
/// // The next two requests are too many.
/// cluster.faults().on_any().times(2).too_many_requests(Duration::from_secs(1));
/// # Ok(())
/// # }
/// ```
///
/// Of several faults that match a request, the one that was added first occurs. The requests of
/// [`FakeClusterBuilder::with`](crate::FakeClusterBuilder::with) have none.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Rule>>>,
}

/// Which requests a fault is for, and then which fault it is. It occurs once, with the next such request, unless [`nth`](Self::nth),
/// [`times`](Self::times) or [`always`](Self::always) say otherwise.
#[must_use = "a fault is added by one of the methods that name it, such as `conflict`"]
#[derive(Clone, Debug)]
pub struct FaultBuilder {
    faults: Faults,
    rule: Rule,
}

/// A fault and when it occurs.
#[derive(Clone, Debug)]
struct Rule {
    verb: Option<Verb>,
    resource: Option<String>,
    subresource: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    /// How many requests that match come before.
    skip: u64,
    /// How often it occurs; `None` for always.
    left: Option<u64>,
    fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The request is answered with an error and changes nothing.
    Answer(Box<Status>),
    /// The connection breaks before the request is read.
    Refuse,
    /// The request is done, and the connection breaks before the answer.
    LoseAnswer,
    /// The answer comes late.
    Delay(Duration),
    /// Reads see the objects as of this many changes ago.
    Stale(u64),
    /// `sendInitialEvents` and what belongs to it are ignored.
    WithoutInitialEvents,
    /// The answer ends after this many events, or pieces of its body.
    Body(u64, End),
    /// The body comes in pieces of this many bytes, with a pause before each.
    Slow(usize, Duration),
}

/// How an answer ends too early.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum End {
    /// The connection breaks.
    Cut,
    /// The answer ends as if it were complete.
    Close,
    /// Nothing comes, and the connection stays.
    Stall,
    /// An event `ERROR`.
    Error(Box<Status>),
}

impl Faults {
    /// Faults of requests with a verb.
    pub fn on(&self, verb: Verb) -> FaultBuilder {
        let builder = self.on_any();
        FaultBuilder { rule: Rule { verb: Some(verb), ..builder.rule }, ..builder }
    }

    /// Faults of any requests.
    pub fn on_any(&self) -> FaultBuilder {
        let rule = Rule {
            verb: None,
            resource: None,
            subresource: None,
            namespace: None,
            name: None,
            skip: 0,
            left: Some(1),
            fault: Fault::Refuse,
        };
        FaultBuilder { faults: self.clone(), rule }
    }

    /// Removes all faults that are still to occur. Those of answers that are under way stay.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// Whether all faults have occurred as often as they were to, but for those that [always](FaultBuilder::always) do: a test that
    /// ends without has not seen them all.
    pub fn is_done(&self) -> bool {
        self.rules().iter().all(|rule| rule.left.is_none())
    }

    /// Checks that all faults have occurred as often as they were to; those that [always](FaultBuilder::always) do are not counted. A fault of a
    /// resource or name that no request has, as with a typing error, is found by that.
    ///
    /// # Panics
    ///
    /// If one has not: with all those in the message.
    #[track_caller]
    pub fn assert_done(&self) {
        let left: Vec<String> = self.rules().iter().filter(|rule| rule.left.is_some()).map(Rule::to_string).collect();
        assert!(left.is_empty(), "faults that have not occurred:\n{}", left.join("\n"));
    }

    /// The fault of a request, which counts as occurred.
    pub(crate) fn take(&self, request: &RecordedRequest) -> Option<Fault> {
        let mut rules = self.rules();
        let mut found = None;
        for rule in rules.iter_mut().filter(|rule| rule.matches(request)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if found.is_none() {
                rule.left = rule.left.map(|left| left.saturating_sub(1));
                found = Some(rule.fault.clone());
            }
        }
        rules.retain(|rule| rule.left != Some(0));
        found
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    fn matches(&self, request: &RecordedRequest) -> bool {
        let is = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        self.verb.is_none_or(|verb| request.verb == Some(verb))
            && self.resource.as_ref().is_none_or(|resource| request.is_of(resource))
            && is(&self.subresource, &request.subresource)
            && is(&self.namespace, &request.namespace)
            && self.name.as_ref().is_none_or(|name| request.is_named(name))
    }
}

/// Which requests it is for, what goes wrong with them, and how often that is still to come: `update of "configmaps" named "a": refuse`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.map_or("any request", Verb::as_str))?;
        let parts = [
            ("of", &self.resource),
            ("subresource", &self.subresource),
            ("in namespace", &self.namespace),
            ("named", &self.name),
        ];
        for (word, part) in parts {
            if let Some(part) = part {
                write!(f, " {word} {part:?}")?;
            }
        }
        write!(f, ": {}", self.fault)?;
        match (self.left, self.skip) {
            (Some(1), 0) | (None, _) => Ok(()),
            (Some(1), skip) => write!(f, ", after {skip} more such requests"),
            (Some(left), 0) => write!(f, ", {left} times"),
            (Some(left), skip) => write!(f, ", {left} times, after {skip} more such requests"),
        }
    }
}

/// The method that adds it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(status) => write!(f, "answer {}: {}", status.code.as_u16(), status.message),
            Self::Refuse => f.write_str("refuse"),
            Self::LoseAnswer => f.write_str("lose_answer"),
            Self::Delay(by) => write!(f, "delay by {by:?}"),
            Self::Stale(changes) => write!(f, "stale by {changes} changes"),
            Self::WithoutInitialEvents => f.write_str("without_initial_events"),
            Self::Body(events, End::Cut) => write!(f, "cut_after {events}"),
            Self::Body(events, End::Close) => write!(f, "end_after {events}"),
            Self::Body(events, End::Stall) => write!(f, "stall_after {events}"),
            Self::Body(events, End::Error(_)) => write!(f, "expire_after {events}"),
            Self::Slow(bytes, pause) => write!(f, "slow, {bytes} bytes each {pause:?}"),
        }
    }
}

/// Which requests.
impl FaultBuilder {
    /// Requests about a resource, by its plural name: `configmaps`, or with the group `deployments.apps`.
    pub fn of(mut self, resource: &str) -> Self {
        self.rule.resource = Some(resource.to_owned());
        self
    }

    /// Requests about a subresource, such as `status`.
    pub fn subresource(mut self, subresource: &str) -> Self {
        self.rule.subresource = Some(subresource.to_owned());
        self
    }

    /// Requests in a namespace.
    pub fn in_namespace(mut self, namespace: &str) -> Self {
        self.rule.namespace = Some(namespace.to_owned());
        self
    }

    /// Requests about an object of this name, its creation included.
    pub fn named(mut self, name: &str) -> Self {
        self.rule.name = Some(name.to_owned());
        self
    }

    /// The n-th of these requests from now on, from 1; with [`times`](Self::times) those after it too. 0 is as 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.rule.skip = n.saturating_sub(1);
        self
    }

    /// This many of these requests [default: 1].
    pub fn times(mut self, times: u64) -> Self {
        self.rule.left = Some(times);
        self
    }

    /// All of these requests, until [`Faults::clear`].
    pub fn always(mut self) -> Self {
        self.rule.left = None;
        self
    }
}

/// Which fault.
impl FaultBuilder {
    /// 409 `Conflict`, as if another client had written the object in the meantime. Nothing is changed.
    pub fn conflict(self) {
        let resource = self.rule.resource.clone().unwrap_or_else(|| "objects".to_owned());
        let name = self.rule.name.clone().unwrap_or_default();
        let (kind, group) = resource.split_once('.').unwrap_or((&resource, ""));
        let status = Status::stale(About { group, kind, name: &name });
        self.answer(status);
    }

    /// 429 `TooManyRequests`, with the header `Retry-After`, in whole seconds.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/>
    pub fn too_many_requests(self, retry_after: Duration) {
        let message = "the server has received too many requests and has asked us to try again later";
        let status = Status::new(StatusCode::TOO_MANY_REQUESTS, Some("TooManyRequests"), message);
        let seconds = u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX);
        self.answer(Status {
            retry_after: Some(seconds),
            details: serde_json::json!({ "retryAfterSeconds": seconds }),
            ..status
        });
    }

    /// 500 `InternalError`.
    pub fn internal_error(self) {
        let message = "Internal error occurred: injected by a test";
        self.answer(Status::new(StatusCode::INTERNAL_SERVER_ERROR, Some("InternalError"), message));
    }

    /// 410 `Expired`: the resourceVersion, or the token of a page, is too old. For an open watch there is
    /// [`expire_after`](Self::expire_after).
    pub fn gone(self) {
        self.answer(Status::expired("The resourceVersion for the provided list is too old."));
    }

    /// An error with any status, reason (such as `Forbidden`) and message. Nothing is changed.
    pub fn error(self, status: StatusCode, reason: &'static str, message: &str) {
        self.answer(Status::new(status, Some(reason), message));
    }

    /// The connection breaks before the request is done: nothing is changed.
    pub fn refuse(self) {
        self.add(Fault::Refuse);
    }

    /// The request is done, but the connection breaks before the answer: the client can't know.
    pub fn lose_answer(self) {
        self.add(Fault::LoseAnswer);
    }

    /// The request is done only after a while, in Tokio's time.
    pub fn delay(self, by: Duration) {
        self.add(Fault::Delay(by));
    }

    /// A get or list is answered as of `changes` changes (of any object) ago, as from the cache of a server that lags behind.
    /// Beyond what the cluster remembers, it is answered as of now.
    pub fn stale(self, changes: u64) {
        self.add(Fault::Stale(changes));
    }

    /// A watch is served as by a server that doesn't know `sendInitialEvents` and `resourceVersionMatch`, and sends no bookmarks.
    pub fn without_initial_events(self) {
        self.add(Fault::WithoutInitialEvents);
    }

    /// A watch breaks after this many events; another answer's body after this many pieces: 0 is after the headers.
    pub fn cut_after(self, events: u64) {
        self.add(Fault::Body(events, End::Cut));
    }

    /// A watch ends without an error after this many events, as all do after some minutes.
    pub fn end_after(self, events: u64) {
        self.add(Fault::Body(events, End::Close));
    }

    /// A watch ends with an event `ERROR` of status 410 after this many events.
    pub fn expire_after(self, events: u64) {
        let status = Status::expired("too old resource version: injected by a test");
        self.add(Fault::Body(events, End::Error(Box::new(status))));
    }

    /// A watch has no more events after so many, but stays open, as of a peer that vanished; another answer's body never ends.
    pub fn stall_after(self, events: u64) {
        self.add(Fault::Body(events, End::Stall));
    }

    /// The body comes slowly: in pieces of `bytes` (at least one), with a pause in Tokio's time before each.
    pub fn slow(self, bytes: usize, pause: Duration) {
        self.add(Fault::Slow(bytes.max(1), pause));
    }

    fn answer(self, status: Status) {
        self.add(Fault::Answer(Box::new(status)));
    }

    fn add(self, fault: Fault) {
        self.faults.rules().push(Rule { fault, ..self.rule });
    }
}

/// The error of a connection that a fault breaks.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection reset: injected by a test")
    }
}

impl std::error::Error for Broken {}
