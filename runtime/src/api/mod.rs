//! Resources and the handles through which they are used.

mod all_namespaces;
mod conversions;
mod generic;
mod handle;
mod modify;

pub use all_namespaces::AllNamespaces;
pub use generic::{Api, Scope};
pub use handle::Handle;
pub use kubewright_core::resource::{
    DynamicObject, DynamicResource, Object, Resource, ResourceDesc, Served, extract, extract_subresource, verbs,
};
