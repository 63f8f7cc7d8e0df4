//! What both codecs share.

pub(crate) mod field_path;
