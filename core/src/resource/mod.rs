//! Resources and the objects that they hold: what discovery says of a resource, as data, and the traits of the kinds.

mod desc;
mod dynamic;
mod extract;
mod object;
mod served;
pub mod verbs;

pub use desc::{DynamicResource, ResourceDesc};
pub use dynamic::DynamicObject;
pub use extract::{ExtractError, extract, extract_subresource};
pub use object::{Object, Resource};
pub use served::Served;
