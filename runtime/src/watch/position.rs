//! How far a watch has come, so that it can be opened again without losing or repeating anything.

use compact_str::CompactString;

use crate::Object;
use crate::wire::{Call, WatchEvent};

/// How far a watch has come.
#[derive(Debug)]
pub(super) struct Position {
    /// Whether the watch asked for the objects that are there, with a mark at their end.
    with_mark: bool,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// It has given nothing yet: it can begin again as it began.
    Start,
    /// It is giving what was there when it began, in no order of versions: there is none from which it can be resumed.
    Initial,
    /// It has given everything up to this version.
    At(CompactString),
}

impl Position {
    pub(super) fn of(call: &Call) -> Self {
        let with_mark = call.has_query("sendInitialEvents", "true");
        let place = match call.parameter("resourceVersion") {
            Some(version) if !with_mark && !matches!(version, "" | "0") => Place::At(version.into()),
            _ => Place::Start,
        };
        Self { with_mark, place }
    }

    /// An event was given; the function reads its version where the event itself was read without.
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
            // What was there at the beginning comes as added; whatever else comes, comes after all of it.
            WatchEvent::Added(object) if matches!(self.place, Place::At(_)) => of(object),
            WatchEvent::Added(_) => None,
            WatchEvent::Modified(object) | WatchEvent::Deleted(object) => of(object),
        };
        self.place = at.filter(|version| !version.is_empty()).map_or(Place::Initial, Place::At);
    }

    /// The version up to which everything was given.
    pub(super) fn version(&self) -> Option<&str> {
        match &self.place {
            Place::At(version) => Some(version),
            Place::Start | Place::Initial => None,
        }
    }

    /// Has a call begin here. False where that can't be.
    pub(super) fn resume(&self, call: &mut Call) -> bool {
        match &self.place {
            Place::Start => true,
            Place::Initial => false,
            Place::At(version) => {
                call.set_query("resourceVersion", Some(version));
                call.set_query("resourceVersionMatch", None);
                call.set_query("sendInitialEvents", None);
                true
            }
        }
    }
}
