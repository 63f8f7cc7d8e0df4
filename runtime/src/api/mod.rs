//! Resources and the handles through which they are used.

mod all_namespaces;
mod connect;
mod copies;
mod dynamic;
mod extract;
mod generic;
mod handle;
mod resource;
mod served;
mod several;

pub use all_namespaces::AllNamespaces;
pub use dynamic::DynamicObject;
pub use extract::{extract, extract_subresource};
pub use generic::{Api, Scope};
pub use handle::Handle;
pub(crate) use resource::ResourceRef;
pub use resource::{DynamicResource, Object, Resource, ResourceDesc, verbs};
pub use served::Served;
