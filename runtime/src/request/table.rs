//! Reading objects as a table.

use std::future::IntoFuture;

use bytes::Bytes;
use http::Request;

use crate::Client;
use crate::error::Result;
use crate::list::shard;
use crate::meta::v1::Table;
use crate::request::ResponseFuture;
use crate::wire::Call;
use crate::wire::response;

/// Reads one object or a list as a [`Table`] printed by the server.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>
#[derive(Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct TableRequest {
    pub(crate) client: Client,
    pub(crate) call: Call,
}

impl TableRequest {
    /// Includes the whole object in each row, instead of its metadata.
    pub fn include_object(mut self) -> Self {
        self.call.set_query("includeObject", Some("Object"));
        self
    }

    /// Returns the HTTP request that would be sent.
    ///
    /// # Errors
    /// If the request can't be built, such as for an empty name.
    pub fn request(&self) -> Result<Request<Bytes>> {
        self.call.to_http()
    }
}

impl IntoFuture for TableRequest {
    type Output = Result<Table>;
    type IntoFuture = ResponseFuture<Table>;

    fn into_future(self) -> Self::IntoFuture {
        let table = crate::request::respond(self.client.clone(), self.call.clone(), response::decode);
        if !self.call.is_sharded() {
            return table;
        }
        Box::pin(async move {
            let table: Table = table.await?;
            if table.metadata.shard_info.is_none() {
                shard::prove_by_refusal(&self.client, &self.call).await?;
            }
            Ok(table)
        })
    }
}
