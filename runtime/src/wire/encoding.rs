//! JSON or protobuf: content negotiation, and the kinds for which the server has no protobuf.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::Call;
use crate::config::Encoding;
use crate::error::Result;
use crate::message::{Descriptor, Gvk};
use crate::protobuf;

/// The encoding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Json,
    Protobuf,
}

impl Codec {
    /// Returns the encoding of a response by its media type. Anything but protobuf is treated as JSON, whose decoder
    /// reports best what it is instead.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let media_type = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if essence.eq_ignore_ascii_case(protobuf::MEDIA_TYPE.as_bytes()) { Self::Protobuf } else { Self::Json }
    }

    /// Returns the name for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Protobuf => "protobuf",
        }
    }
}

/// The kinds for which a client uses protobuf.
#[derive(Debug, Default)]
pub(crate) struct Negotiation {
    encoding: Encoding,
    /// The kinds that the server declined in protobuf.
    declined: Mutex<HashSet<Gvk>>,
}

impl Negotiation {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, declined: Mutex::default() }
    }

    /// Returns the kind of a table's objects, if protobuf should be used for them.
    pub(crate) fn offer(&self, table: &'static Descriptor) -> Option<Gvk> {
        let kind = table.gvk.filter(|_| self.encoding == Encoding::Auto && protobuf::is_supported(table))?;
        let declined = self.declined.lock().unwrap_or_else(PoisonError::into_inner);
        (!declined.contains(&kind)).then_some(kind)
    }

    /// Converts a call to JSON if its kinds were declined since it was built.
    pub(crate) fn revise(&self, call: &mut Call) -> Result<()> {
        if !call.is_protobuf() {
            return Ok(());
        }
        let declined = self.declined.lock().unwrap_or_else(PoisonError::into_inner);
        let late = !declined.is_empty() && call.kinds().iter().any(|kind| declined.contains(kind));
        drop(declined);
        if late { call.settle_for_json() } else { Ok(()) }
    }

    /// Records that the server has no protobuf for this kind.
    pub(crate) fn decline(&self, kind: Gvk) {
        self.declined.lock().unwrap_or_else(PoisonError::into_inner).insert(kind);
    }
}
