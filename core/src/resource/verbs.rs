//! Marker traits for the verbs of a resource, as bounds of generic code.
//!
//! A generic function declares the verbs that it requires, and a kind that does not support them does not compile:
//!
//! ```
//! use kubewright_core::resource::{Resource, verbs};
//!
//! fn path_of_deletable<K: Resource + verbs::Delete>() -> &'static str {
//!     K::RESOURCE.plural
//! }
//! ```
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#api-verbs>

macro_rules! marker {
    ($(#[$meta:meta])* $verb:ident, $message:literal) => {
        $(#[$meta])*
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "this resource does not support the verb",
            note = "a resource has exactly the verbs of the API server's OpenAPI documents"
        )]
        pub trait $verb {}
    };
}

marker!(/// Objects can be read by name.
    Get, "the API server has no verb `get` for `{Self}`");
marker!(/// Objects can be listed.
    List, "the API server has no verb `list` for `{Self}`");
marker!(/// Changes can be watched.
    Watch, "the API server has no verb `watch` for `{Self}`");
marker!(/// Objects can be created.
    Create, "the API server has no verb `create` for `{Self}`");
marker!(/// Objects can be replaced as a whole (the server calls it `update`).
    Replace, "the API server has no verb `update` for `{Self}`");
marker!(/// Objects can be patched and applied.
    Patch, "the API server has no verb `patch` for `{Self}`");
marker!(/// Objects can be deleted by name.
    Delete, "the API server has no verb `delete` for `{Self}`");
marker!(/// All objects, or those that a selector picks, can be deleted at once.
    DeleteCollection, "the API server has no verb `deletecollection` for `{Self}`");

/// Implements the marker traits of [`verbs`](mod@crate::verbs) for a kind: `verbs!(Pod: Get, List);`.
#[macro_export]
macro_rules! verbs {
    ($kind:ty: $($verb:ident),* $(,)?) => {
        $(impl $crate::resource::verbs::$verb for $kind {})*
    };
}
