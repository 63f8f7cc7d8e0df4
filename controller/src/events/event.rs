//! One event.

use kubewright::core::v1::ObjectReference;
use kubewright::events::v1::Event;
use kubewright::meta::v1::ObjectMeta;
use kubewright::types::MicroTime;
use kubewright::{DynamicObject, Resource};

/// The API server's limits, in bytes.
const MAX_NOTE: usize = 1024;
const MAX_WORD: usize = 128;
const MAX_NAME: usize = 253;

/// Type of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Something happened as it should.
    Normal,
    /// Something that may require attention.
    Warning,
}

impl EventType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// Returns the reference to an object, for the events about it.
pub fn reference<K: Resource>(object: &K) -> ObjectReference {
    let resource = K::RESOURCE;
    reference_to(&resource.gvk().api_version(), resource.kind, object.metadata())
}

/// Returns the reference to an object of a kind known only at run time.
pub fn dynamic_reference(object: &DynamicObject) -> ObjectReference {
    reference_to(&object.api_version, &object.kind, &object.metadata)
}

fn reference_to(api_version: &str, kind: &str, metadata: &ObjectMeta) -> ObjectReference {
    ObjectReference {
        api_version: Some(api_version.into()),
        kind: Some(kind.into()),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone(),
        uid: metadata.uid.clone(),
        resource_version: metadata.resource_version.clone(),
        ..ObjectReference::default()
    }
}

/// What was recorded.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) regarding: ObjectReference,
    pub(super) related: Option<ObjectReference>,
    pub(super) type_: EventType,
    pub(super) reason: String,
    pub(super) action: String,
    pub(super) note: String,
    pub(super) time: MicroTime,
}

/// What is equal among the events of a series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    regarding: [Option<String>; 6],
    related: Option<[Option<String>; 6]>,
    type_: EventType,
    reason: String,
    action: String,
}

impl Recorded {
    /// Returns what the event has in common with others of its series. `None` if it lacks what every event has.
    pub(super) fn key(&self) -> Option<Key> {
        let reason = cut(&self.reason, MAX_WORD);
        let action = if self.action.is_empty() { reason.clone() } else { cut(&self.action, MAX_WORD) };
        let is_complete = !reason.is_empty() && self.regarding.name.as_ref().is_some_and(|name| !name.is_empty());
        is_complete.then(|| Key {
            regarding: identity(&self.regarding),
            related: self.related.as_ref().map(identity),
            type_: self.type_,
            reason,
            action,
        })
    }

    /// Creates the event. The number makes its name unique.
    pub(super) fn into_event(self, key: &Key, controller: &str, instance: &str, number: u64) -> Event {
        let regarding = &self.regarding;
        let namespace = regarding.namespace.as_deref().filter(|namespace| !namespace.is_empty()).unwrap_or("default");
        let name = name(regarding.name.as_deref().unwrap_or_default(), number);
        Event {
            metadata: ObjectMeta::named(name).in_namespace(namespace),
            event_time: Some(self.time),
            reporting_controller: Some(controller.into()),
            reporting_instance: Some(cut(instance, MAX_WORD).into()),
            action: Some(key.action.as_str().into()),
            reason: Some(key.reason.as_str().into()),
            note: Some(cut(&self.note, MAX_NOTE).into()),
            type_: Some(self.type_.as_str().into()),
            related: self.related.map(Box::new),
            regarding: self.regarding,
            ..Event::default()
        }
    }
}

/// The fields that make an object this one. Its resource version is not among them.
fn identity(reference: &ObjectReference) -> [Option<String>; 6] {
    let ObjectReference { api_version, kind, namespace, name, uid, field_path, .. } = reference;
    [api_version, kind, namespace, name, uid, field_path].map(|field| field.as_deref().map(str::to_owned))
}

/// Cuts a text that is longer than this.
fn cut(text: &str, max: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= max {
        return text.to_owned();
    }
    let end = (0..=max - MARK.len()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}{MARK}", &text[..end])
}

/// Returns the name of an event: the object's with a number, as kubectl users know it. Objects may have names that events
/// must not have, such as those of roles.
fn name(object: &str, number: u64) -> String {
    let number = format!("{number:x}");
    let is_word = |part: &str| {
        let is_edge = |letter: &u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let bytes = part.as_bytes();
        bytes.first().is_some_and(is_edge)
            && bytes.last().is_some_and(is_edge)
            && bytes.iter().all(|letter| is_edge(letter) || *letter == b'-')
    };
    if object.len() + 1 + number.len() <= MAX_NAME && object.split('.').all(is_word) {
        format!("{object}.{number}")
    } else {
        format!("event.{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_a_letter_ends() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcdef", 5), "ab…");
        // Two bytes each.
        assert_eq!(cut("äöüä", 7), "äö…");
        assert_eq!(cut(&"x".repeat(2000), MAX_NOTE).len(), MAX_NOTE);
    }

    #[test]
    fn an_event_is_named_after_its_object_if_it_may_be() {
        assert_eq!(name("web-0", 255), "web-0.ff");
        assert_eq!(name("n1.example.com", 255), "n1.example.com.ff");
        for object in ["system:node", "Web", "", "a..b", "-a", &"x".repeat(252)] {
            assert_eq!(name(object, 255), "event.ff", "{object}");
        }
    }
}
