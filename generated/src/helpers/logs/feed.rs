//! The pods that are meant: those that are there, and with `follow` those that come, change and go.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use kubewright_runtime::retry::{Backoff, RetryState};
use kubewright_runtime::watch::{ListWatch, ListWatchEvent};
use kubewright_runtime::{CompactString, Error, WatchEvent};
use tokio::time::sleep;

use super::request::LogsRequest;
use crate::ApiGroups as _;
use crate::core::v1::Pod;

/// The first pause before the pods are listed and watched again.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What is told of the pods.
#[derive(Debug)]
pub(super) enum Feed {
    /// All pods are told again from here on.
    Begin,
    /// A pod as it is now.
    Pod(Box<Pod>),
    /// A pod is no more, or is not meant any more.
    Gone(Box<Pod>),
    /// Every pod that is there was told.
    Synced,
    /// A pod that was named is not there, or not meant.
    Missing(CompactString, Option<Error>),
    /// The pods are watched again after this pause.
    Unwatched(Error, Duration),
    /// There is no going on.
    Failed(Error),
}

/// Once through the pods that are there.
pub(super) fn once(request: &LogsRequest) -> impl Stream<Item = Feed> + Send + use<> {
    let (pods, named) = (request.list().stream(), request.clone());
    let found = pods.map(|pod| pod.map_or_else(Feed::Failed, |pod| Feed::Pod(Box::new(pod))));
    // Those that were named and not found are asked for, to know why.
    let state = (found.boxed(), named.pods.clone(), named, false);
    stream::unfold(state, |(mut found, mut missing, request, synced)| async move {
        if let Some(feed) = found.next().await {
            if let Feed::Pod(pod) = &feed {
                missing.retain(|name| pod.metadata.name.as_ref() != Some(name));
            }
            return Some((feed, (found, missing, request, synced)));
        }
        if let Some(name) = missing.pop() {
            let error = match request.namespace() {
                Some(namespace) => request.client.core_v1().pods(namespace).get(&name).await.err(),
                None => Some(Error::abandoned(format!(
                    "no pod {name} in any namespace has the labels and fields that are asked for: check its name, or ask in \
                     its namespace"
                ))),
            };
            return Some((Feed::Missing(name, error), (found, missing, request, synced)));
        }
        (!synced).then_some((Feed::Synced, (found, Vec::new(), request, true)))
    })
}

/// The pods that are there, and then what happens to them, for ever.
pub(super) fn watched(request: &LogsRequest) -> impl Stream<Item = Feed> + Send + use<> {
    let watcher = Watcher {
        request: request.clone(),
        events: None,
        delay: None,
        // Until something came, it is not known that the server is one, and that pods can be read.
        retry: RetryState::new(Backoff::new(FIRST_DELAY, LONGEST_DELAY)).initial_attempts(1),
        ready: VecDeque::new(),
        over: false,
    };
    stream::unfold(watcher, |mut watcher| async move { watcher.next().await.map(|feed| (feed, watcher)) })
}

struct Watcher {
    request: LogsRequest,
    events: Option<ListWatch<Pod>>,
    delay: Option<Duration>,
    retry: RetryState,
    ready: VecDeque<Feed>,
    over: bool,
}

impl Watcher {
    async fn next(&mut self) -> Option<Feed> {
        loop {
            if let Some(feed) = self.ready.pop_front() {
                return Some(feed);
            }
            if self.over {
                return None;
            }
            if let Some(delay) = self.delay.take() {
                sleep(delay).await;
            }
            let Some(events) = &mut self.events else {
                self.events = Some(self.request.list().then_watch());
                return Some(Feed::Begin);
            };
            match events.next().await {
                Some(Ok(event)) => {
                    let told = self.told(event);
                    self.ready.extend(told);
                }
                // A server ends a watch now and then.
                None => {
                    self.events = None;
                    self.delay = Some(self.retry.ended());
                }
                Some(Err(error)) => self.failed(error),
            }
        }
    }

    fn told(&mut self, event: ListWatchEvent<Pod>) -> Option<Feed> {
        self.retry.connected();
        match event {
            ListWatchEvent::Initial(pod) => Some(Feed::Pod(Box::new(pod))),
            ListWatchEvent::Restarted => Some(Feed::Begin),
            ListWatchEvent::Synced { .. } => {
                self.retry.progressed();
                Some(Feed::Synced)
            }
            ListWatchEvent::Changed(WatchEvent::Added(pod) | WatchEvent::Modified(pod)) => {
                Some(Feed::Pod(Box::new(pod)))
            }
            ListWatchEvent::Changed(WatchEvent::Deleted(pod)) => Some(Feed::Gone(Box::new(pod))),
            _ => None,
        }
    }

    fn failed(&mut self, error: Error) {
        self.events = None;
        if error.is_expired() {
            // The list is too old to watch from: from a new one on, it can be.
            self.delay = Some(self.retry.ended());
            return;
        }
        let Some(delay) = self.retry.failed(&error) else {
            self.over = true;
            self.ready.push_back(Feed::Failed(error));
            return;
        };
        self.delay = Some(delay);
        self.ready.push_back(Feed::Unwatched(error, delay));
    }
}
