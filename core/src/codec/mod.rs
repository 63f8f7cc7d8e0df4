//! Parts shared by both codecs.

pub(crate) mod field_path;
