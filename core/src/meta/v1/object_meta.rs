//! Convenience constructors of an object's metadata, and what is most often read of it.

use super::ObjectMeta;
use crate::CompactString;

impl ObjectMeta {
    /// Creates metadata with only a name.
    pub fn named(name: impl Into<CompactString>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Sets the namespace.
    pub fn in_namespace(mut self, namespace: impl Into<CompactString>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Adds a label.
    pub fn label(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }

    /// Adds an annotation.
    pub fn annotation(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.annotations.insert(key.into(), value.into());
        self
    }

    /// Returns the name; empty if the object has none yet, as before the server generates it.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Returns the namespace, if the object is in one: `None` if it is absent or empty.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref().filter(|namespace| !namespace.is_empty())
    }

    /// Returns the uid that the server gave the object: `None` before it was created.
    pub fn uid(&self) -> Option<&str> {
        self.uid.as_deref().filter(|uid| !uid.is_empty())
    }

    /// Whether the object is being deleted: it has a deletion timestamp, and exists until its finalizers have been removed and its
    /// grace period is over.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>
    pub fn is_terminating(&self) -> bool {
        self.deletion_timestamp.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectMeta;

    #[test]
    fn what_is_absent_and_what_is_empty_are_alike() {
        let (absent, named) = (ObjectMeta::default(), ObjectMeta::named("web").in_namespace("shop"));
        assert_eq!((absent.name(), absent.namespace(), absent.uid()), ("", None, None));
        assert_eq!((named.name(), named.namespace(), named.uid()), ("web", Some("shop"), None));
        let empty = ObjectMeta { uid: Some("".into()), ..ObjectMeta::named("").in_namespace("") };
        assert_eq!((empty.name(), empty.namespace(), empty.uid()), ("", None, None));
        assert!(!named.is_terminating());
    }
}
