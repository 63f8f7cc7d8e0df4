//! Selects the pods: the existing ones, and with `follow` also later additions, changes and deletions.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use kubewright::ApiGroups as _;
use kubewright::core::v1::Pod;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::watch::WatcherEvent;
use kubewright_runtime::{CompactString, Error};

use super::request::LogsRequest;

/// First delay before the pods are listed and watched again.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// Longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// A change to the set of selected pods.
#[derive(Debug)]
pub(super) enum Feed {
    /// A complete list of the pods starts here.
    Begin,
    /// A pod's current state.
    Pod(Box<Pod>),
    /// A pod was deleted, or is no longer selected.
    Gone(Box<Pod>),
    /// The list of pods is complete.
    Synced,
    /// A named pod was not found, or is not selected.
    Missing(CompactString, Option<Error>),
    /// The pods are watched again after this delay.
    Unwatched(Error, Duration),
    /// A final error.
    Failed(Error),
}

/// Reads the existing pods once.
pub(super) fn once(request: &LogsRequest) -> impl Stream<Item = Feed> + Send + use<> {
    let (pods, named) = (request.list().stream(), request.clone());
    let found = pods.map(|pod| pod.map_or_else(Feed::Failed, |pod| Feed::Pod(Box::new(pod))));
    // Named pods that were not listed are read one by one, to learn the reason.
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
                None => Some(Error::aborted(format!(
                    "no pod {name} in any namespace matches the label and field selectors: check its name, or use \
                     its namespace"
                ))),
            };
            return Some((Feed::Missing(name, error), (found, missing, request, synced)));
        }
        (!synced).then_some((Feed::Synced, (found, Vec::new(), request, true)))
    })
}

/// Reads the existing pods, then watches them without end.
pub(super) fn watched(request: &LogsRequest) -> impl Stream<Item = Feed> + Send + use<> {
    let backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY).reset_after(LONGEST_DELAY);
    // Until the first response, errors are final: it is not known whether this is an API server, and whether pods
    // can be read.
    let watcher = request.list().watcher().backoff(backoff).end_on_permanent_errors().initial_attempts(1);
    watcher.filter_map(async |event| match event {
        Ok(WatcherEvent::Initial(pod) | WatcherEvent::Applied(pod)) => Some(Feed::Pod(Box::new(pod))),
        Ok(WatcherEvent::Deleted(pod)) => Some(Feed::Gone(Box::new(pod))),
        Ok(WatcherEvent::Restarted) => Some(Feed::Begin),
        Ok(WatcherEvent::Synced { .. }) => Some(Feed::Synced),
        // An expired resource version needs no report: all pods are listed again.
        Ok(WatcherEvent::Interrupted { error: Some(error), pause }) if !error.is_expired() => {
            Some(Feed::Unwatched(error, pause))
        }
        Ok(_) => None,
        Err(error) => Some(Feed::Failed(error)),
    })
}
