//! Lists as they come in: page after page, item after item, and of one shard where that is asked for.

mod page_reader;
mod pages;
pub(crate) mod shard;

pub use pages::ListStream;

pub(crate) use pages::Pages;
