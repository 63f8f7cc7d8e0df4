//! YAML codec: decodes and encodes manifests.
//!
//! ```
//! use kubewright_core::meta::v1::PartialObjectMetadata;
//! use kubewright_core::yaml;
//!
//! # type ConfigMap = PartialObjectMetadata;
//! # let manifest = "apiVersion: meta.k8s.io/v1\nkind: PartialObjectMetadata\nmetadata: {name: prices}\n";
//! let prices: ConfigMap = yaml::from_str(manifest)?;
//! assert_eq!(prices.metadata.name.as_deref(), Some("prices"));
//! # Ok::<(), yaml::Error>(())
//! ```
//!
//! Decoding accepts what kubectl accepts, with the same meaning: see [`from_str`]. Errors have the line, the column and
//! the field path, and never quote the text, which may contain a password. Limits are [`Options`].

mod deserializer;
mod document;
mod error;
mod json;
mod options;
mod read;
mod scalar;
#[cfg(test)]
mod tests;
mod text;
mod totals;

pub use self::error::Error;
pub use self::error::Problem;
pub use self::options::{DuplicateKeys, Options};
#[doc(hidden)]
pub use self::read::{each, every, first};
pub use self::text::decode;

use crate::message::MessageType;

/// Decodes one document, such as a manifest, as leniently as JSON.
///
/// Scalars have the same meaning as in kubectl, which is YAML 1.1 and a little more: `defaultMode: 0400` is octal,
/// `1e+06`, `1.0` and `08` are integers, and `yes`, `on` and `y` are true, as values and as keys. If a field accepts
/// only strings, an unquoted scalar is the string as written (kubectl rejects it).
///
/// Empty documents (a `---` at the end, only comments, `null`) do not count. Of a duplicate key in one object the last
/// value is used, with a `tracing` event: [`DuplicateKeys`].
///
/// # Errors
/// If the text is not YAML, contains no document or more than one, is of another kind or type than `T`, or exceeds the
/// default limits of [`Options`].
pub fn from_str<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, Error> {
    Options::default().read(text)
}

/// Decodes every document of a file, all of one kind; [`DynamicObject`](crate::DynamicObject) accepts any.
///
/// Scalars and empty documents are those of [`from_str`]; a text without any document is an empty list. JSON objects
/// need no `---` between them.
///
/// # Errors
/// As [`from_str`].
pub fn from_multiple<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Vec<T>, Error> {
    Options::default().read_multiple(text)
}

/// Encodes one document.
///
/// # Errors
/// If raw JSON in it is not JSON.
pub fn to_string<T: MessageType + serde::Serialize>(object: &T) -> Result<String, Error> {
    write(object).map_err(|message| Error::write(T::table().name, message))
}

/// Encodes anything that serde can serialize as YAML.
#[doc(hidden)]
pub fn write(value: &impl serde::Serialize) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|error| match error {
        // // The value's own error.
        serde_saphyr::ser_error::Error::Message { msg } => msg,
        _ => "it contains something that YAML can't represent".to_owned(),
    })
}
