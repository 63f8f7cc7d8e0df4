//! Conversion webhooks: custom resources of one version in, of another one out.

mod conversions;
mod handler;
mod metadata;

pub use conversions::{ConversionError, Conversions};

pub(super) use handler::Converting;
