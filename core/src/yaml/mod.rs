//! YAML: manifests in and out.
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
//! What kubectl takes is taken, and means the same: see [`from_str`]. Errors name the line, the column and the field
//! path, and never quote the text, which may hold a password. Limits are [`Options`].

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

/// Reads one document, such as a manifest. What is lenient about JSON is lenient here too.
///
/// Scalars mean what they mean to kubectl, which is YAML 1.1 and a little more: `defaultMode: 0400` is octal, `1e+06`,
/// `1.0` and `08` are integers, and `yes`, `on` and `y` are true, as values and as keys. Where a field takes nothing but
/// strings, a scalar without quotes is the string that is written (kubectl refuses it).
///
/// Documents without content (a `---` at the end, comments alone, `null`) count as none. Of a key that comes twice in one
/// object the last value counts, with a `tracing` event: [`DuplicateKeys`].
///
/// # Errors
/// If the text is not YAML, holds no document or more than one, is of another kind or shape than `T`, or exceeds the
/// default limits of [`Options`].
pub fn from_str<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, Error> {
    Options::default().read(text)
}

/// Reads every document of a file, all of one kind; [`DynamicObject`](crate::DynamicObject) takes any.
///
/// The scalars and the documents without content are those of [`from_str`]; a text without any document is an empty list.
/// JSON objects may follow one another without `---` between them.
///
/// # Errors
/// As [`from_str`].
pub fn from_multiple<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Vec<T>, Error> {
    Options::default().read_multiple(text)
}

/// Writes one document.
///
/// # Errors
/// If raw JSON in it is not JSON.
pub fn to_string<T: MessageType + serde::Serialize>(object: &T) -> Result<String, Error> {
    write(object).map_err(|message| Error::write(T::table().name, message))
}

/// YAML of anything that serde can write.
#[doc(hidden)]
pub fn write(value: &impl serde::Serialize) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|error| match error {
        // What the value itself says is wrong.
        serde_saphyr::ser_error::Error::Message { msg } => msg,
        _ => "it holds something that YAML has no way to write".to_owned(),
    })
}
