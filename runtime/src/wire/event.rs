//! One event of a watch.

use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::CompactString;
use crate::Object;
use crate::error::{BoxError, Error, Result};
use crate::json::{self, DecoderState, Options};
use crate::message::MessageType;
use crate::meta::v1::{PartialObjectMetadata, Status};
use crate::protobuf;
use crate::types::Map;
use crate::wire::Codec;
use crate::wire::ResourceRef;
use crate::wire::identity::{self, Retain};
use crate::wire::response;

/// A change to an object. An error event of the server is not an event, but the stream's error.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WatchEvent<K> {
    /// The object was created, or now matches the selectors, or existed when the watch started.
    Added(K),
    /// The object was modified; this is its current state.
    Modified(K),
    /// The object was deleted, or no longer matches the selectors; this is its last state while it matched, with the
    /// resource version of the change.
    Deleted(K),
    /// A bookmark: there are no further events up to this resource version.
    Bookmark(Bookmark),
}

impl<K> WatchEvent<K> {
    /// Returns the object, unless this is a bookmark.
    pub fn object(&self) -> Option<&K> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => Some(object),
            Self::Bookmark(_) => None,
        }
    }

    /// Converts into the object, unless this is a bookmark.
    pub fn into_object(self) -> Option<K> {
        match self {
            Self::Added(object) | Self::Modified(object) | Self::Deleted(object) => Some(object),
            Self::Bookmark(_) => None,
        }
    }
}

/// Progress of a watch without a change.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bookmark {
    /// The resource version from which a later watch can resume.
    pub resource_version: String,
    /// The bookmark's annotations.
    pub annotations: Map<CompactString>,
}

impl Bookmark {
    /// Whether it marks the end of the initial events.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists>
    pub fn initial_events_end(&self) -> bool {
        self.annotations.get("k8s.io/initial-events-end").is_some_and(|value| value == "true")
    }
}

/// An event in protobuf: a type, and an object that is decoded once its type is known.
struct Wire<'a> {
    kind: std::borrow::Cow<'a, str>,
    object: Raw<'a>,
    frame: &'a Bytes,
}

/// The object in protobuf.
#[derive(Clone, Copy)]
enum Raw<'a> {
    Json(&'a str),
    Protobuf(&'a [u8]),
}

/// An event in JSON.
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

    fn object<T: MessageType>(&self, options: &Options, decoder_state: &mut DecoderState) -> Result<T> {
        let mut message = T::default();
        let (codec, read) = match self.object {
            Raw::Json(text) => {
                (Codec::Json, json::decode_next(&mut message, text, options, decoder_state).map_err(BoxError::from))
            }
            Raw::Protobuf(bytes) => (
                Codec::Protobuf,
                protobuf::decode_next(&mut message, bytes, options, decoder_state).map_err(BoxError::from),
            ),
        };
        read.map(|()| message).map_err(|error| self.not_understood::<T>(codec, error))
    }

    /// Reads the identity of an object of type `T`.
    fn identity<T: MessageType>(&self) -> Result<PartialObjectMetadata> {
        match self.object {
            Raw::Json(text) => identity::of_json(text).map_err(|error| (Codec::Json, BoxError::from(error))),
            Raw::Protobuf(bytes) => identity::of_protobuf(bytes).map_err(|error| (Codec::Protobuf, error.into())),
        }
        .map_err(|(codec, error)| self.not_understood::<T>(codec, error))
    }

    fn not_understood<T: MessageType>(&self, codec: Codec, error: BoxError) -> Error {
        let message = format!("expected a watch event with a {} as {}: {error}", T::table().name, codec.name());
        Error::response(message, Some(self.frame.clone())).with_source(error)
    }
}

/// A decoded frame.
#[allow(clippy::large_enum_variant, reason = "an object has this metadata, too")]
pub(crate) enum Decoded<K> {
    Event(WatchEvent<K>),
    /// The event of an object that is not retained: its identity.
    Skipped(WatchEvent<PartialObjectMetadata>),
    /// An event of an unknown type, which is logged.
    Unknown,
}

/// The type of an event with an object.
enum Change {
    Added,
    Modified,
    Deleted,
}

impl Change {
    fn of<K>(self, object: K) -> WatchEvent<K> {
        match self {
            Self::Added => WatchEvent::Added(object),
            Self::Modified => WatchEvent::Modified(object),
            Self::Deleted => WatchEvent::Deleted(object),
        }
    }
}

/// Decodes the event in a frame, unless its object is not retained.
pub(crate) fn decode<K: Object>(
    frame: &Bytes,
    codec: Codec,
    resource: &ResourceRef,
    options: &Options,
    retain: Option<&Retain>,
    decoder_state: &mut DecoderState,
) -> Result<Decoded<K>> {
    let wire = Wire::read(frame, codec)?;
    let change = match &*wire.kind {
        "ADDED" => Change::Added,
        "MODIFIED" => Change::Modified,
        "DELETED" => Change::Deleted,
        "BOOKMARK" => {
            // An object of the watched kind with nothing else in it, so decoded whole, whatever fields the caller
            // skips.
            let mut object: K = wire.object(&Options::default(), decoder_state)?;
            let metadata = std::mem::take(object.metadata_mut());
            return Ok(Decoded::Event(WatchEvent::Bookmark(Bookmark {
                resource_version: metadata.resource_version.map(Into::into).unwrap_or_default(),
                annotations: metadata.annotations,
            })));
        }
        "ERROR" => {
            let status: Status = wire.object(&Options::default(), decoder_state)?;
            let code =
                status.code.and_then(|code| u16::try_from(code).ok()).and_then(|code| StatusCode::from_u16(code).ok());
            return Err(Error::api(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), status));
        }
        other => {
            tracing::warn!(event = other, "the API server sent a watch event of an unknown type");
            return Ok(Decoded::Unknown);
        }
    };
    if let Some(retain) = retain {
        let identity = wire.identity::<K>()?;
        if !retain.is_retained(&identity) {
            return Ok(Decoded::Skipped(change.of(identity)));
        }
    }
    let mut object: K = wire.object(options, decoder_state)?;
    crate::wire::complete(&mut object, resource);
    Ok(Decoded::Event(change.of(object)))
}

/// Returns the resource version of the object in a frame, whichever fields are skipped.
pub(crate) fn version<K: Object>(frame: &Bytes, codec: Codec) -> Option<CompactString> {
    let object: K = Wire::read(frame, codec).ok()?.object(&Options::default(), &mut DecoderState::default()).ok()?;
    object.metadata().resource_version.clone()
}
