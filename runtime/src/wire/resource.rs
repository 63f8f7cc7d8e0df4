//! A handle's resource.

use std::sync::Arc;

use crate::message::MessageType;
use crate::{DynamicResource, ResourceDesc, Served};

/// The resource of a handle, static or dynamic.
#[derive(Clone, Debug)]
pub(crate) enum ResourceRef {
    Known(&'static ResourceDesc),
    Dynamic(Arc<DynamicResource>),
}

impl ResourceRef {
    pub(crate) fn group(&self) -> &str {
        match self {
            Self::Known(known) => known.group,
            Self::Dynamic(dynamic) => &dynamic.group,
        }
    }

    pub(crate) fn version(&self) -> &str {
        match self {
            Self::Known(known) => known.version,
            Self::Dynamic(dynamic) => &dynamic.version,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Known(known) => known.kind,
            Self::Dynamic(dynamic) => &dynamic.kind,
        }
    }

    pub(crate) fn plural(&self) -> &str {
        match self {
            Self::Known(known) => known.plural,
            Self::Dynamic(dynamic) => &dynamic.plural,
        }
    }

    pub(crate) fn served(&self) -> Served {
        match self {
            Self::Known(known) => known.served,
            Self::Dynamic(_) => Served::ALWAYS,
        }
    }

    pub(crate) fn namespaced(&self) -> bool {
        match self {
            Self::Known(known) => known.namespaced,
            Self::Dynamic(dynamic) => dynamic.namespaced,
        }
    }
}

impl From<&ResourceRef> for DynamicResource {
    fn from(resource: &ResourceRef) -> Self {
        match resource {
            ResourceRef::Known(known) => (*known).into(),
            ResourceRef::Dynamic(dynamic) => (**dynamic).clone(),
        }
    }
}

/// Fills in fields that the server omits.
pub(crate) fn complete<K: MessageType>(object: &mut K, resource: &ResourceRef) {
    let api_version = match resource.group() {
        "" => resource.version().to_owned(),
        group => format!("{group}/{}", resource.version()),
    };
    object.complete(&api_version, resource.kind());
}
