//! The types that every API shares: `meta/v1`.

pub mod v1;
