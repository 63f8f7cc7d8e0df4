//! A list and watches of the objects that this replica owns.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use kubewright::request::ListRequest;
use kubewright::watch::{Watcher, WatcherEvent};
use kubewright::{Object, Result};
use tokio::time::{Instant, sleep_until};

use crate::coverage::{Coverage, Shard};
use crate::gate::{Gate, GateChanges};
use crate::reflector::Reflector;
use crate::ring::HashRange;

/// After a change of the ranges, further ones are awaited for this time, and in all for the other: slots come one by one.
const QUIET: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);

/// Stream of the objects in the ranges for which a gate is open, and of their changes: a
/// [`Watcher`] that follows the ranges.
///
/// - If the server shards ([KEP-5866](https://www.kubernetes.dev/resources/keps/5866/)), it sends only these objects.
///   Otherwise it sends all, and the others are skipped here by their identity, [before they are
///   decoded](ListRequest::retain).
/// - A [`Controller`](crate::Controller) of it is one call: `Controller::new(ShardWatcher::new(&gate, list))`.
/// - When the ranges change, everything is listed again, as after an expired version: [`WatcherEvent::Restarted`], the
///   objects of the new ranges, [`WatcherEvent::Synced`]. An object that is not among them is another replica's, or no
///   longer exists. Changes within a short time (0.2 s, at most 2 s) are one.
/// - While the gate is closed for all objects, there are no events, and nothing is watched.
///
/// Owning a range is not known from this stream: it is late. What acts on an object needs a [permit](crate::Permit).
#[must_use = "a stream does nothing until it is polled"]
pub struct ShardWatcher<K> {
    events: Pin<Box<dyn Stream<Item = Result<WatcherEvent<K>>> + Send>>,
    shard: Shard,
}

struct State<K> {
    gate: Gate,
    changes: GateChanges,
    list: Box<dyn Fn() -> ListRequest<K> + Send>,
    /// Whether objects are selected here.
    filters: bool,
    /// The watcher of these ranges.
    watcher: Option<Watcher<K>>,
    ranges: Vec<HashRange>,
    /// When the first and the last of the changes since then were observed.
    changed: Option<(Instant, Instant)>,
    /// Whether any event was returned since the start or the last `Restarted`.
    given: bool,
    restarted: bool,
    coverage: Coverage,
    /// Whether `Synced` was returned last: it has reached the cache when the next event is requested.
    synced: bool,
}

impl<K: Object> ShardWatcher<K> {
    /// Creates the stream. The function makes the list request, with its selectors; it is called when the ranges change.
    pub fn new(gate: &Gate, list: impl Fn() -> ListRequest<K> + Send + 'static) -> Self {
        Self::start(gate, Box::new(list), false)
    }

    /// Creates a stream that does not ask the server for shards, which is an alpha feature of Kubernetes 1.37.
    pub fn filtered(gate: &Gate, list: impl Fn() -> ListRequest<K> + Send + 'static) -> Self {
        Self::start(gate, Box::new(list), true)
    }

    fn start(gate: &Gate, list: Box<dyn Fn() -> ListRequest<K> + Send>, filters: bool) -> Self {
        let shard = Shard { gate: gate.clone(), coverage: Coverage::default() };
        let state = State {
            coverage: shard.coverage.clone(),
            synced: false,
            changes: gate.changes(),
            gate: gate.clone(),
            list,
            filters,
            watcher: None,
            ranges: Vec::new(),
            changed: None,
            given: false,
            restarted: false,
        };
        let events = stream::unfold(state, |mut state| async move { Some((state.next().await?, state)) });
        Self { events: Box::pin(events), shard }
    }

    /// Creates a reflector of the objects that this replica owns, which can be [packed](Reflector::packed). A
    /// [`Controller`](crate::Controller) of it has the gate of this watch.
    ///
    /// An object that becomes another replica's is deleted from the store, as for its subscribers.
    pub fn reflector(self) -> Reflector<K, Self> {
        let shard = self.shard.clone();
        let mut reflector = Reflector::new(self);
        reflector.shard = Some(shard);
        reflector
    }
}

impl<K: Object> State<K> {
    async fn next(&mut self) -> Option<Result<WatcherEvent<K>>> {
        if std::mem::take(&mut self.synced) {
            self.coverage.complete(&self.ranges);
        }
        loop {
            if std::mem::take(&mut self.restarted) {
                return Some(Ok(WatcherEvent::Restarted));
            }
            let Some(watcher) = &mut self.watcher else {
                self.gate.opened().await;
                self.restart();
                continue;
            };
            let due = self.changed.map(|(first, last)| (first + LONGEST).min(last + QUIET));
            let is_due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                biased;
                () = is_due => {
                    self.changed = None;
                    if self.gate.ranges() != self.ranges {
                        self.restart();
                    }
                    continue;
                }
                () = self.changes.changed() => {
                    let now = Instant::now();
                    self.changed = Some((self.changed.map_or(now, |(first, _)| first), now));
                    continue;
                }
                event = watcher.next() => event?,
            };
            match event {
                Ok(event) => {
                    self.given = !matches!(event, WatcherEvent::Restarted);
                    self.synced = matches!(event, WatcherEvent::Synced { .. });
                    return Some(Ok(event));
                }
                // The server ignores the selector, or does not know it.
                Err(error) if error.is_not_served() && !self.filters => {
                    tracing::debug!(%error, "filtering the objects of other replicas here");
                    self.filters = true;
                    self.restart();
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Watches the current ranges, if there are any.
    fn restart(&mut self) {
        self.ranges = self.gate.ranges();
        self.coverage.restart(&self.ranges);
        self.restarted = std::mem::take(&mut self.given);
        // An empty selector would select everything.
        self.watcher = self.gate.key().selector(&self.ranges).map(|selector| {
            let list = (self.list)();
            if self.ranges[..] == [HashRange::ALL] {
                return list.watcher();
            }
            // What the server has selected is checked, too.
            let (key, ranges) = (self.gate.key(), self.ranges.clone());
            let list = list.retain(move |metadata| {
                let hash = key.hash(metadata);
                ranges.iter().any(|range| range.contains(hash))
            });
            if self.filters { list.watcher() } else { list.shard_selector(&selector).watcher() }
        });
    }
}

impl<K> Stream for ShardWatcher<K> {
    type Item = Result<WatcherEvent<K>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.as_mut().poll_next(cx)
    }
}

impl<K> fmt::Debug for ShardWatcher<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardWatcher").finish_non_exhaustive()
    }
}
