//! Support for generated code, in one `use`. Not public API.

pub use self::handles::*;
pub use kubewright_core::codegen::*;

/// Support for generated handles, without that for types.
pub mod handles {
    pub use crate::api::{AllNamespaces, Handle};
    pub use crate::client::Client;
    pub use crate::conversions;
    #[cfg(feature = "streams")]
    pub use crate::copy_methods;
    pub use crate::error::Result;
    #[cfg(feature = "logs")]
    pub use crate::log::{Lines, TextReader};
    #[cfg(feature = "logs")]
    pub use crate::request::TextRequest;
    pub use crate::request::{
        ApplyRequest, Change, CreateRequest, DeleteCollectionRequest, DeleteRequest, GetRequest, ListRequest,
        ModifyRequest, PatchRequest, ReplaceRequest, ResponseFuture, ScaleRequest, WatchRequest,
    };
    pub use crate::retry::NoRetryOn429;
    #[cfg(feature = "streams")]
    pub use crate::stream::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
    pub use crate::wait::Wait;
    pub use bytes::Bytes;
    pub use http::Request;
    pub use kubewright_core::Patch;
}
