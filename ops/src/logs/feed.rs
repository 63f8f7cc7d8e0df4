//! The pods that are meant: those that are there, and with `follow` those that come, change and go.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use kubewright::ApiGroups as _;
use kubewright::core::v1::Pod;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::watch::WatcherEvent;
use kubewright_runtime::{CompactString, Error};

use super::request::LogsRequest;

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
    let backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY).reset_after(LONGEST_DELAY);
    // Until something came, it is not known that the server is one, and that pods can be read.
    let watcher = request.list().watcher().backoff(backoff).end_on_permanent_errors().initial_attempts(1);
    watcher.filter_map(async |event| match event {
        Ok(WatcherEvent::Initial(pod) | WatcherEvent::Applied(pod)) => Some(Feed::Pod(Box::new(pod))),
        Ok(WatcherEvent::Deleted(pod)) => Some(Feed::Gone(Box::new(pod))),
        Ok(WatcherEvent::Restarted) => Some(Feed::Begin),
        Ok(WatcherEvent::Synced { .. }) => Some(Feed::Synced),
        // That a version is too old is of no concern to anybody: all pods are read again.
        Ok(WatcherEvent::Interrupted { error: Some(error), pause }) if !error.is_expired() => {
            Some(Feed::Unwatched(error, pause))
        }
        Ok(_) => None,
        Err(error) => Some(Feed::Failed(error)),
    })
}
