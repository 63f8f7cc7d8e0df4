//! Convenience constructors of an object's metadata.

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
}
