//! Request builders, one for each verb. A builder sends nothing until it is awaited.
//!
//! Every builder implements [`IntoFuture`], so `.await` sends it; its options are the parameters of the verb in the API
//! server's OpenAPI document. `request()` returns the HTTP request without sending it.

#[macro_use]
mod macros;

mod apply;
mod create;
mod delete;
mod delete_collection;
mod get;
mod list;
#[cfg(feature = "logs")]
mod log;
mod modify;
mod options;
mod patch;
mod replace;
mod scale;
mod table;
mod undeclared;
mod watch;

pub use crate::client::ResponseFuture;
pub use crate::list::ListStream;
pub use apply::ApplyRequest;
pub use create::CreateRequest;
pub use delete::{DeleteRequest, Deleted};
pub use delete_collection::DeleteCollectionRequest;
pub use get::{GetRequest, OptionalGetRequest};
pub use kubewright_core::Patch;
pub use list::ListRequest;
#[cfg(feature = "logs")]
pub use log::TextRequest;
pub use modify::{Change, ModifyOutcome, ModifyRequest};
pub use options::{FieldValidation, PropagationPolicy, ResourceVersionMatch};
pub use patch::PatchRequest;
pub use replace::ReplaceRequest;
pub use scale::ScaleRequest;
pub use table::TableRequest;
pub use watch::WatchRequest;

use crate::Client;
use crate::error::Result;
use crate::wire::Call;
use crate::wire::response::Payload;

/// Sends a call, reads the whole response and decodes it. An error names the operation.
pub(crate) fn respond<T: 'static>(
    client: Client,
    mut call: Call,
    decode: impl Fn(Payload) -> Result<T> + Send + 'static,
) -> ResponseFuture<T> {
    Box::pin(async move { client.fetch(&mut call, decode).await })
}
