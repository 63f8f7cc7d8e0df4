//! An object in the store, decoded or encoded.

use std::sync::Arc;

use kubewright::Object;
use kubewright::meta::v1::ObjectMeta;
use kubewright::selector::Selector;

use super::packed::Packed;
use super::uid::Uid;

/// An object in the store. Cheap to clone.
pub(crate) enum Slot<K> {
    Plain(Arc<K>),
    Packed(Arc<Packed>),
}

impl<K: Object> Slot<K> {
    /// Returns the object. `None`, with an error in the log, if a packed one can't be decoded.
    pub(crate) fn object(&self) -> Option<Arc<K>> {
        match self {
            Self::Plain(object) => Some(object.clone()),
            Self::Packed(packed) => packed.decode().map(Arc::new),
        }
    }

    pub(crate) fn uid(&self) -> Option<Uid> {
        match self {
            Self::Plain(object) => Uid::of(object.metadata()),
            Self::Packed(packed) => packed.uid(),
        }
    }

    pub(crate) fn version(&self) -> Option<&str> {
        match self {
            Self::Plain(object) => object.metadata().resource_version.as_deref(),
            Self::Packed(packed) => packed.version(),
        }
    }

    /// Whether the object with this metadata is the same one, at the same version.
    pub(crate) fn is_at(&self, metadata: &ObjectMeta) -> bool {
        let version = metadata.resource_version.as_deref();
        version.is_some() && self.version() == version && self.uid() == Uid::of(metadata)
    }

    pub(crate) fn is_selected(&self, selector: &Selector) -> bool {
        match self {
            Self::Plain(object) => selector.matches(&object.metadata().labels),
            Self::Packed(packed) => packed.metadata::<K>().is_some_and(|metadata| selector.matches(&metadata.labels)),
        }
    }
}

impl<K> Clone for Slot<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Plain(object) => Self::Plain(object.clone()),
            Self::Packed(packed) => Self::Packed(packed.clone()),
        }
    }
}
