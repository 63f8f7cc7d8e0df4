//! Everything that generated code stands on, in one `use`. It is for generated code, and not for people.

pub use crate::api::{AllNamespaces, Handle};
pub use crate::client::Client;
pub use crate::conversions;
pub use crate::copy_methods;
pub use crate::error::Result;
pub use crate::log::{Lines, TextReader};
pub use crate::request::{
    ApplyRequest, Change, CreateRequest, DeleteCollectionRequest, DeleteRequest, GetRequest, ListRequest,
    ModifyRequest, PatchRequest, ReplaceRequest, Response, ScaleRequest, TextRequest, WatchRequest,
};
pub use crate::retry::NoRetryOn429;
pub use crate::stream::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
pub use crate::wait::Wait;
pub use bytes::Bytes;
pub use http::Request;
pub use kubewright_core::Patch;
pub use kubewright_core::codegen::*;
