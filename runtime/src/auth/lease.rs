//! What one attempt is sent with.

use std::sync::Arc;

use http::HeaderMap;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::cached::Held;
use crate::config::ClientIdentity;

/// The credential of one attempt.
#[derive(Clone)]
pub(crate) struct Lease {
    header: Option<HeaderValue>,
    held: Option<Arc<Held>>,
}

impl Lease {
    pub(super) fn of_header(header: Option<HeaderValue>) -> Self {
        Self { header, held: None }
    }

    pub(super) fn of_held(held: Arc<Held>) -> Self {
        Self { header: held.header().cloned(), held: Some(held) }
    }

    /// Adds the `Authorization` header, if there is one: a client certificate alone has none.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        if let Some(header) = &self.header {
            headers.insert(AUTHORIZATION, header.clone());
        }
    }

    /// The client certificate that belongs to it. `None` outside: its source never has one.
    pub(crate) fn identity(&self) -> Option<Option<&Arc<ClientIdentity>>> {
        self.held.as_ref().map(|held| held.identity())
    }

    /// The server took it.
    pub(crate) fn accepted(&self) {
        if let Some(held) = &self.held {
            held.accepted();
        }
    }

    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    pub(super) fn held(&self) -> Option<&Arc<Held>> {
        self.held.as_ref()
    }
}
