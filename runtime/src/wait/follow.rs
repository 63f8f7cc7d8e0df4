//! Reads and watches the object until it meets the condition.

use std::time::Duration;

use compact_str::CompactString;
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::request::WaitEvent;
use super::{Unmet, Verdict, WhyUnmet, conditions};
use crate::api::{Handle, Object};
use crate::error::{Error, Result};
use crate::retry::Backoff;
use crate::watch::{INITIAL_EVENTS_TIMEOUT, WatcherEvent};

/// Delays before the object is watched again.
const BACKOFF: Backoff =
    Backoff::new(Duration::from_millis(100), Duration::from_secs(10)).reset_after(Duration::from_secs(10));

/// Callback for events of the wait.
type OnEvent<'a, K> = Box<dyn FnMut(&WaitEvent<'_, K>) + Send + 'a>;

/// Checks whether the object meets the condition.
type Check<'a, K> = Box<dyn FnMut(&K) -> Verdict + Send + 'a>;

/// Settings of a wait.
pub(super) struct Waiting<'a, K> {
    handle: Handle<K>,
    name: CompactString,
    pub(super) uid: Option<CompactString>,
    pub(super) absent: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) goal: Option<String>,
    pub(super) on_event: Option<OnEvent<'a, K>>,
    /// Without one, the object is to be deleted.
    pub(super) check: Option<Check<'a, K>>,
}

/// State of a wait.
#[derive(Default)]
struct WaitState {
    /// The UID of the object, if it existed when last observed.
    present: Option<Option<CompactString>>,
    /// Whether it existed and was deleted: it may be recreated.
    deleted: bool,
    goal: Option<String>,
    last_observed: String,
}

/// Why a wait fails.
enum Failure {
    Unmet(WhyUnmet),
    Error(Error),
}

/// Result of a wait: the object, unless it was to be deleted.
struct Reached<K>(Option<K>);

impl<K: Object> Waiting<'_, K> {
    pub(super) fn new(handle: &Handle<K>, name: &str) -> Self {
        let (handle, name) = (handle.clone(), name.into());
        Self { handle, name, uid: None, absent: false, timeout: None, goal: None, on_event: None, check: None }
    }

    pub(super) async fn run(mut self) -> Result<Option<K>> {
        // An empty name would select everything.
        self.handle.get(&self.name).request()?;
        let (started, timeout) = (Instant::now(), self.timeout);
        let mut memory = WaitState::default();
        let following = self.follow(&mut memory);
        let end = match timeout {
            None => following.await,
            Some(timeout) => {
                let in_time = tokio::time::timeout(timeout, following).await;
                in_time.unwrap_or(Err(Failure::Unmet(WhyUnmet::TimedOut)))
            }
        };
        match end {
            Ok(Reached(object)) => Ok(object),
            Err(Failure::Error(error)) => Err(error),
            Err(Failure::Unmet(why)) => {
                let waited = match (&why, timeout) {
                    (WhyUnmet::TimedOut, Some(timeout)) => timeout,
                    _ => started.elapsed(),
                };
                let goal = self.goal.clone().or(memory.goal).unwrap_or_default();
                let object = self.label();
                Err(Error::of_ending(Unmet { object, goal, why, waited, last_observed: memory.last_observed }))
            }
        }
    }

    /// Watches the object, starting with its current state, so that nothing before is missed.
    async fn follow(&mut self, memory: &mut WaitState) -> Result<Reached<K>, Failure> {
        let watcher = self.handle.list().fields(&selector(&self.name)).watcher();
        let mut events = watcher.backoff(BACKOFF).end_on_permanent_errors();
        if let Some(timeout) = self.timeout {
            // A server that ignores the request for initial events must be detected in time for a list.
            events = events.initial_events_timeout(INITIAL_EVENTS_TIMEOUT.min(timeout / 4));
        }
        let (mut synced, mut there, mut observed) = (false, None, false);
        loop {
            let event = match events.next().await {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Err(Failure::Error(error)),
                None => return Err(Failure::Error(Error::response("the watch ended", None))),
            };
            let first = matches!(event, WatcherEvent::Synced { .. });
            // Whether the object exists; before the initial events are complete, only a deletion tells that it does
            // not.
            let mut known = first || synced;
            match event {
                WatcherEvent::Restarted => {
                    (synced, there, observed) = (false, None, false);
                    continue;
                }
                WatcherEvent::Synced { .. } => synced = true,
                WatcherEvent::Initial(object) | WatcherEvent::Applied(object) => {
                    if !self.has_name(&object) {
                        continue;
                    }
                    there = Some(object).filter(|object| self.is_meant(object));
                }
                WatcherEvent::Deleted(object) if self.has_name(&object) => {
                    (there, known) = (None, known || self.is_meant(&object));
                }
                WatcherEvent::Interrupted { error, pause } => {
                    tracing::debug!(?error, ?pause, object = self.label(), "watching the object was interrupted");
                    if let Some(error) = error.as_ref().filter(|_| memory.present.is_none()) {
                        memory.last_observed = format!("it could not be read: {error}");
                    }
                    self.notify(WaitEvent::Interrupted { error: error.as_ref(), pause });
                    continue;
                }
                WatcherEvent::Deleted(_) | WatcherEvent::Bookmark { .. } => continue,
            }
            let reached = match there.take() {
                Some(object) => {
                    observed = true;
                    self.see(object, memory)?
                }
                // It was observed, and nothing has changed since.
                None if first && observed => None,
                None if known => {
                    observed = false;
                    self.miss(memory)?
                }
                None => None,
            };
            if let Some(reached) = reached {
                return Ok(reached);
            }
        }
    }

    /// Handles an existing object.
    fn see(&mut self, object: K, memory: &mut WaitState) -> Result<Option<Reached<K>>, Failure> {
        let uid = object.metadata().uid.clone();
        if self.check.is_none() && memory.present.as_ref().is_some_and(|known| *known != uid) {
            return Ok(Some(Reached(None)));
        }
        memory.present = Some(uid);
        let verdict = match &mut self.check {
            Some(check) => check(&object),
            None => Verdict::not_yet(held(&object)),
        };
        if let Some(goal) = verdict.wanted() {
            memory.goal = Some(goal.to_owned());
        }
        let observed = [verdict.text(), &conditions::summary(&object)[..]];
        // A verdict on a condition includes it.
        let observed = if observed[0].contains(observed[1]) { &observed[..1] } else { &observed[..] };
        memory.last_observed = observed.iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join("; ");
        self.notify(WaitEvent::Observed { object: &object, verdict: &verdict });
        if verdict.is_never() {
            return Err(Failure::Unmet(WhyUnmet::Never));
        }
        Ok(verdict.is_met().then_some(Reached(Some(object))))
    }

    /// Handles an object that does not exist.
    fn miss(&mut self, memory: &mut WaitState) -> Result<Option<Reached<K>>, Failure> {
        self.notify(WaitEvent::Absent);
        let was_there = memory.present.take().is_some();
        match (&self.check, self.absent, was_there) {
            (None, ..) => return Ok(Some(Reached(None))),
            // No other object has this UID.
            (Some(_), false, true) if self.uid.is_some() => return Err(Failure::Unmet(WhyUnmet::Deleted)),
            (Some(_), false, true) => {
                memory.deleted = true;
                memory.last_observed = match std::mem::take(&mut memory.last_observed) {
                    last if last.is_empty() => "it was deleted".to_owned(),
                    last => format!("it was deleted; before, {last}"),
                };
            }
            (Some(_), false, false) if memory.deleted => {}
            (Some(_), false, false) => return Err(Failure::Unmet(WhyUnmet::NotFound)),
            (Some(_), true, _) => memory.last_observed = "it does not exist".to_owned(),
        }
        Ok(None)
    }

    fn has_name(&self, object: &K) -> bool {
        object.metadata().name.as_deref() == Some(&self.name)
    }

    fn is_meant(&self, object: &K) -> bool {
        self.uid.is_none() || self.uid == object.metadata().uid
    }

    fn notify(&mut self, event: WaitEvent<'_, K>) {
        if let Some(on_event) = &mut self.on_event {
            on_event(&event);
        }
    }
}

impl<K> Waiting<'_, K> {
    pub(super) fn label(&self) -> String {
        self.handle.label(&self.name)
    }
}

/// Selects the object by name. Names of some kinds may contain characters that are special in a selector.
fn selector(name: &str) -> String {
    let mut selector = String::from("metadata.name=");
    for letter in name.chars() {
        if matches!(letter, '\\' | ',' | '=') {
            selector.push('\\');
        }
        selector.push(letter);
    }
    selector
}

/// Describes what delays the deletion of an object.
fn held<K: Object>(object: &K) -> String {
    let metadata = object.metadata();
    match (metadata.deletion_timestamp.is_some(), metadata.finalizers.is_empty()) {
        (false, _) => "it is not marked for deletion".to_owned(),
        (true, true) => "it is shutting down".to_owned(),
        (true, false) => format!("its deletion waits for the finalizers {}", metadata.finalizers.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_itself_in_a_selector() {
        assert_eq!(selector("system:a.b"), "metadata.name=system:a.b");
        assert_eq!(selector(r"a,b=c\d"), r"metadata.name=a\,b\=c\\d");
    }
}
