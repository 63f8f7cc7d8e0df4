//! `meta/v1`: object and list metadata, `Status`, selectors, conditions, and representations of any kind.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/>

mod generated;
mod list;
mod object_meta;
mod partial;
mod table;

pub use generated::*;
pub use list::List;
pub use partial::PartialObjectMetadata;
pub use table::{Table, TableColumnDefinition, TableRow};
