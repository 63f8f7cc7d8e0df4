//! What people write often about an object's metadata.

use super::ObjectMeta;
use crate::CompactString;

impl ObjectMeta {
    /// Metadata with a name and nothing else.
    pub fn named(name: impl Into<CompactString>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// The same with a namespace.
    pub fn in_namespace(mut self, namespace: impl Into<CompactString>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// The same with a label more.
    pub fn label(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }

    /// The same with an annotation more.
    pub fn annotation(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.annotations.insert(key.into(), value.into());
        self
    }
}
