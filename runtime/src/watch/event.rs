//! One event of a watch.

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::CompactString;
use crate::api::{Object, ResourceRef};
use crate::client::encoding::Codec;
use crate::client::response;
use crate::error::{Error, Result};
use crate::json;
use crate::meta::v1::Status;
use crate::types::Map;

/// What happened to an object. An error that the server sends is not an event but the stream's error.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WatchEvent<K> {
    /// The object was created, or has come to match the selectors, or was there when the watch began.
    Added(K),
    /// The object was changed; this is how it is now.
    Modified(K),
    /// The object was deleted, or no longer matches the selectors; this is how it last was.
    Deleted(K),
    /// Nothing happened up to this resource version.
    Bookmark(Bookmark),
}

impl<K> WatchEvent<K> {
    /// The object, of an event that has one.
    pub fn object(&self) -> Option<&K> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => Some(object),
            Self::Bookmark(_) => None,
        }
    }

    /// The object, taken out of an event that has one.
    pub fn into_object(self) -> Option<K> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => Some(object),
            Self::Bookmark(_) => None,
        }
    }
}

/// How far a watch has come, though nothing happened.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bookmark {
    /// The resource version from which a later watch can go on.
    pub resource_version: String,
    /// The bookmark's annotations.
    pub annotations: Map<CompactString>,
}

impl Bookmark {
    /// Whether everything that was there when the watch began has been sent.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists>
    pub fn initial_events_end(&self) -> bool {
        self.annotations.get("k8s.io/initial-events-end").is_some_and(|value| value == "true")
    }
}

/// An event as it is on the wire: a type, and an object that is taken apart once its type is known.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// The event on a line. `None` for a type that this version does not know, which is logged.
pub(super) fn decode<K: Object>(line: &Bytes, resource: &ResourceRef) -> Result<Option<WatchEvent<K>>> {
    let Wire { kind, object } = serde_json::from_slice(line).map_err(|error| {
        let message = format!("expected a watch event as JSON, got: {}", response::excerpt(line));
        Error::response(message, Some(line.clone())).with_source(error)
    })?;
    let event: fn(K) -> WatchEvent<K> = match &*kind {
        "ADDED" => WatchEvent::Added,
        "MODIFIED" => WatchEvent::Modified,
        "DELETED" => WatchEvent::Deleted,
        "BOOKMARK" => {
            // An object of the kind that is watched, with nothing but this in it.
            let mut object: K = message(object, line)?;
            let metadata = std::mem::take(object.metadata_mut());
            return Ok(Some(WatchEvent::Bookmark(Bookmark {
                resource_version: metadata.resource_version.map(Into::into).unwrap_or_default(),
                annotations: metadata.annotations,
            })));
        }
        "ERROR" => {
            let status: Status = message(object, line)?;
            let code =
                status.code.and_then(|code| u16::try_from(code).ok()).and_then(|code| StatusCode::from_u16(code).ok());
            return Err(Error::api(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), status));
        }
        other => {
            tracing::warn!(event = other, "the API server sent a watch event of a type that this client does not know");
            return Ok(None);
        }
    };
    let mut object: K = message(object, line)?;
    crate::request::complete(&mut object, resource);
    Ok(Some(event(object)))
}

fn message<T: crate::message::MessageType>(object: &RawValue, line: &Bytes) -> Result<T> {
    json::from_str(object.get())
        .map_err(|error| response::not_understood(T::table().name, Codec::Json, error.into(), line.clone()))
}
