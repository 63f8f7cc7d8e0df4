//! Position of a watch, from which it can resume without losing or repeating anything.

use compact_str::CompactString;

use crate::Object;
use crate::wire::{Call, WatchEvent};

/// Position of a watch.
#[derive(Debug)]
pub(super) struct Position {
    /// Whether the watch requested the initial events, with a bookmark at their end.
    with_mark: bool,
    progress: Progress,
}

#[derive(Debug)]
enum Progress {
    /// Nothing was returned: the watch can be restarted.
    Start,
    /// The initial events are being returned, which are not ordered by version: there is no version to resume from.
    Initial,
    /// Everything up to this version was returned.
    At(CompactString),
}

impl Position {
    pub(super) fn of(call: &Call) -> Self {
        let with_mark = call.has_query("sendInitialEvents", "true");
        let progress = match call.parameter("resourceVersion") {
            Some(version) if !with_mark && !matches!(version, "" | "0") => Progress::At(version.into()),
            _ => Progress::Start,
        };
        Self { with_mark, progress }
    }

    /// Records an event; `version` reads its version if the event was decoded without it.
    pub(super) fn advance<K: Object>(
        &mut self,
        event: &WatchEvent<K>,
        version: impl FnOnce() -> Option<CompactString>,
    ) {
        let of = |object: &K| object.metadata().resource_version.clone().or_else(version);
        let at = match event {
            WatchEvent::Bookmark(mark) if mark.initial_events_end() => {
                self.with_mark = false;
                Some(mark.resource_version.as_str().into())
            }
            _ if self.with_mark => None,
            WatchEvent::Bookmark(mark) => Some(mark.resource_version.as_str().into()),
            // Initial objects are `Added` events; any other event comes after all of them.
            WatchEvent::Added(object) if matches!(self.progress, Progress::At(_)) => of(object),
            WatchEvent::Added(_) => None,
            WatchEvent::Modified(object) | WatchEvent::Deleted(object) => of(object),
        };
        self.progress = at.filter(|version| !version.is_empty()).map_or(Progress::Initial, Progress::At);
    }

    /// Returns the version up to which everything was returned.
    pub(super) fn version(&self) -> Option<&str> {
        match &self.progress {
            Progress::At(version) => Some(version),
            Progress::Start | Progress::Initial => None,
        }
    }

    /// Makes a call resume from here. False if that is impossible.
    pub(super) fn resume(&self, call: &mut Call) -> bool {
        match &self.progress {
            Progress::Start => true,
            Progress::Initial => false,
            Progress::At(version) => {
                call.set_query("resourceVersion", Some(version));
                call.set_query("resourceVersionMatch", None);
                call.set_query("sendInitialEvents", None);
                true
            }
        }
    }
}
