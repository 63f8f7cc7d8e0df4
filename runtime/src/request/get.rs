//! Reading one object by name.

use std::future::IntoFuture;

use crate::error::Result;
use crate::message::MessageType;
use crate::meta::v1::{PartialObjectMetadata, Table};
use crate::request::{Response, TableRequest};

builder! {
    /// Reads one object by its name.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>
    GetRequest<K>
}

impl<K> GetRequest<K> {
    /// Any version at least as new as this one will do; `"0"` is whatever the server has in its cache.
    /// By default the read is of the newest version.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
    pub fn resource_version(mut self, version: &str) -> Self {
        self.call.query("resourceVersion", version);
        self
    }

    /// Answers pretty-printed. For people who look at the wire; it changes nothing that is decoded.
    pub fn pretty(mut self) -> Self {
        self.call.query("pretty", "true");
        self
    }

    /// Makes an object that does not exist `None` instead of an error.
    pub fn optional(self) -> OptionalGetRequest<K> {
        OptionalGetRequest(self)
    }

    /// Asks for the metadata alone: the server leaves spec and status out.
    pub fn metadata_only(mut self) -> GetRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        GetRequest::new(&self.client, &self.resource, self.call)
    }

    /// Asks for what `kubectl get` shows: the columns that the server prints.
    pub fn table(mut self) -> TableRequest {
        self.call.accept(Table::ACCEPT);
        TableRequest { client: self.client, call: self.call }
    }
}

one_message!(GetRequest);
decode_options!(GetRequest);

/// A [`GetRequest`] for which an object that does not exist is `None`.
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct OptionalGetRequest<K>(GetRequest<K>);

impl<K: MessageType> IntoFuture for OptionalGetRequest<K> {
    type Output = Result<Option<K>>;
    type IntoFuture = Response<Option<K>>;

    fn into_future(self) -> Self::IntoFuture {
        let response = self.0.into_future();
        Box::pin(async move {
            match response.await {
                Ok(object) => Ok(Some(object)),
                // Of a kind that the server does not have nothing is known.
                Err(error) if error.is_not_found() && !error.is_not_served() => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}
