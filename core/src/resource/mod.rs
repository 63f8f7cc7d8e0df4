//! Resources and their objects: descriptions as data, and the traits of kinds.

mod desc;
mod dynamic;
mod extract;
#[doc(hidden)]
pub mod name;
mod object;
mod registry;
mod served;
pub mod verbs;

pub use desc::{DynamicResource, ResourceDesc};
pub use dynamic::DynamicObject;
pub use extract::{ExtractError, extract, extract_subresource};
pub use object::{Object, Resource};
pub use registry::{RegisteredResource, RegisteredSubresource, RegisteredType, Registry};
pub use served::Served;
