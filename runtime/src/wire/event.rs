//! One event of a watch.

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::CompactString;
use crate::Object;
use crate::error::{BoxError, Error, Result};
use crate::json::{self, Learned, Options};
use crate::message::MessageType;
use crate::meta::v1::Status;
use crate::protobuf;
use crate::types::Map;
use crate::wire::Codec;
use crate::wire::ResourceRef;
use crate::wire::response;

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
    /// The object was deleted, or no longer matches the selectors; this is how it last was, when it did match, with the
    /// resource version of the change.
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
struct Wire<'a> {
    kind: std::borrow::Cow<'a, str>,
    object: Raw<'a>,
    frame: &'a Bytes,
}

/// An object as it is on the wire.
#[derive(Clone, Copy)]
enum Raw<'a> {
    Json(&'a str),
    Protobuf(&'a [u8]),
}

/// The same in JSON.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl<'a> Wire<'a> {
    fn read(frame: &'a Bytes, codec: Codec) -> Result<Self> {
        let read = match codec {
            Codec::Json => serde_json::from_slice::<Line<'_>>(frame)
                .map(|line| Wire { kind: line.kind, object: Raw::Json(line.object.get()), frame })
                .map_err(BoxError::from),
            Codec::Protobuf => protobuf::watch::Event::read(frame)
                .map(|event| Wire { kind: event.kind.into(), object: Raw::Protobuf(event.object), frame })
                .map_err(BoxError::from),
        };
        read.map_err(|error| {
            let message = format!("expected a watch event as {}, got: {}", codec.name(), response::excerpt(frame));
            Error::response(message, Some(frame.clone())).with_source(error)
        })
    }

    fn object<T: MessageType>(&self, options: &Options, learned: &mut Learned) -> Result<T> {
        let mut message = T::default();
        let (codec, read) = match self.object {
            Raw::Json(text) => {
                (Codec::Json, json::decode_next(&mut message, text, options, learned).map_err(BoxError::from))
            }
            Raw::Protobuf(bytes) => {
                (Codec::Protobuf, protobuf::decode_next(&mut message, bytes, options, learned).map_err(BoxError::from))
            }
        };
        read.map(|()| message).map_err(|error| {
            let message = format!("expected a watch event with a {} as {}: {error}", T::table().name, codec.name());
            Error::response(message, Some(self.frame.clone())).with_source(error)
        })
    }
}

/// The event in a frame. `None` for a type that this version does not know, which is logged.
pub(crate) fn decode<K: Object>(
    frame: &Bytes,
    codec: Codec,
    resource: &ResourceRef,
    options: &Options,
    learned: &mut Learned,
) -> Result<Option<WatchEvent<K>>> {
    let wire = Wire::read(frame, codec)?;
    let event: fn(K) -> WatchEvent<K> = match &*wire.kind {
        "ADDED" => WatchEvent::Added,
        "MODIFIED" => WatchEvent::Modified,
        "DELETED" => WatchEvent::Deleted,
        "BOOKMARK" => {
            // An object of the kind that is watched, with nothing but this in it: whatever the caller leaves out of objects.
            let mut object: K = wire.object(&Options::default(), learned)?;
            let metadata = std::mem::take(object.metadata_mut());
            return Ok(Some(WatchEvent::Bookmark(Bookmark {
                resource_version: metadata.resource_version.map(Into::into).unwrap_or_default(),
                annotations: metadata.annotations,
            })));
        }
        "ERROR" => {
            let status: Status = wire.object(&Options::default(), learned)?;
            let code =
                status.code.and_then(|code| u16::try_from(code).ok()).and_then(|code| StatusCode::from_u16(code).ok());
            return Err(Error::api(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), status));
        }
        other => {
            tracing::warn!(event = other, "the API server sent a watch event of a type that this client does not know");
            return Ok(None);
        }
    };
    let mut object: K = wire.object(options, learned)?;
    crate::wire::complete(&mut object, resource);
    Ok(Some(event(object)))
}

/// The resource version of the object in a frame, whatever is left out of the objects that are given.
pub(crate) fn version<K: Object>(frame: &Bytes, codec: Codec) -> Option<CompactString> {
    let object: K = Wire::read(frame, codec).ok()?.object(&Options::default(), &mut Learned::default()).ok()?;
    object.metadata().resource_version.clone()
}
