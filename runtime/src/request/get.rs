//! Reading one object by name.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::{PartialObjectMetadata, Table};
use crate::request::{ResponseFuture, TableRequest};

builder! {
    /// Reads the named object.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    GetRequest<K>
}

impl<K> GetRequest<K> {
    /// Accepts any version at least as new as this one; `"0"` is any version in the server's cache. By default the most
    /// recent version is read.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
    pub fn resource_version(mut self, version: &str) -> Self {
        self.call.query("resourceVersion", version);
        self
    }

    /// Requests pretty-printed output, for inspecting the wire; decoding is unaffected.
    pub fn pretty(mut self) -> Self {
        self.call.query("pretty", "true");
        self
    }

    /// Returns `None` instead of an error if the object does not exist.
    pub fn optional(self) -> OptionalGetRequest<K> {
        OptionalGetRequest(self)
    }

    /// Requests only the metadata: the server omits spec and status.
    pub fn metadata_only(mut self) -> GetRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        GetRequest::new(&self.client, &self.resource, self.call)
    }

    /// Requests the table that `kubectl get` shows, with columns printed by the server.
    pub fn table(mut self) -> TableRequest {
        self.call.accept(Table::ACCEPT);
        TableRequest { client: self.client, call: self.call }
    }
}

one_message!(GetRequest);
decode_options!(GetRequest);

/// A [`GetRequest`] that returns `None` if the object does not exist.
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct OptionalGetRequest<K>(GetRequest<K>);

impl<K: MessageType> IntoFuture for OptionalGetRequest<K> {
    type Output = Result<Option<K>>;
    type IntoFuture = ResponseFuture<Option<K>>;

    fn into_future(self) -> Self::IntoFuture {
        let response = self.0.into_future();
        Box::pin(async move {
            match response.await {
                Ok(object) => Ok(Some(object)),
                // A 404 for a kind that the server does not serve says nothing about the object.
                Err(error) if error.is_not_found() && !error.is_not_served() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}
