//! Incremental lists: page by page, item by item, and of one shard if requested.

mod page_reader;
mod pages;
pub(crate) mod shard;

pub use pages::ListStream;

pub(crate) use pages::Pages;
