//! YAML: manifests in and out, through the serde shims.
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

use std::fmt;

use crate::message::MessageType;

/// YAML that is not what was expected; it names the line.
#[derive(Debug)]
pub struct Error {
    what: &'static str,
    name: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} a {} as YAML: {}", self.what, self.name, self.source)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

/// Reads one document, such as a manifest. What is lenient about JSON is lenient here too.
///
/// Scalars mean what they mean to kubectl, which is YAML 1.1: `defaultMode: 0400` is octal, and `yes` is true where no
/// string is expected.
///
/// # Errors
/// If the text is not YAML, holds more than one document, or is of another kind or shape than `T`.
pub fn from_str<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, Error> {
    serde_saphyr::from_str_with_options(text, options()).map_err(failed::<T, _>("read"))
}

/// Reads every document of a file, all of one kind; [`DynamicObject`](crate::DynamicObject) takes any.
///
/// # Errors
/// As [`from_str`].
pub fn from_multiple<T: MessageType + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Vec<T>, Error> {
    serde_saphyr::from_multiple_with_options(text, options()).map_err(failed::<T, _>("read"))
}

/// Writes one document.
///
/// # Errors
/// If raw JSON in it is not JSON.
pub fn to_string<T: MessageType + serde::Serialize>(object: &T) -> Result<String, Error> {
    serde_saphyr::to_string(object).map_err(failed::<T, _>("write"))
}

/// YAML as kubectl reads it: `defaultMode: 0400` is the octal number that it is in YAML 1.1.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { legacy_octal_numbers: true }
}

fn failed<T, E>(what: &'static str) -> impl FnOnce(E) -> Error
where
    T: MessageType,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |error: E| Error { what, name: T::table().name, source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DynamicObject;
    use crate::meta::v1::PartialObjectMetadata;

    #[test]
    fn a_manifest_is_read_and_written_back() {
        let manifest =
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  labels: {x: 'yes'}\nstringData:\n  k: v\n";
        let object: DynamicObject = from_str(manifest).expect("a manifest");
        assert_eq!((&*object.kind, &*object.metadata.labels["x"]), ("Secret", "yes"));
        let again: DynamicObject = from_str(&to_string(&object).expect("YAML")).expect("a manifest");
        assert_eq!(again, object);
    }

    #[test]
    fn a_file_may_hold_many_documents() {
        let objects: Vec<DynamicObject> = from_multiple("kind: A\n---\nkind: B\n").expect("two");
        assert_eq!(objects.len(), 2);
        assert!(from_str::<DynamicObject>("kind: A\n---\nkind: B\n").is_err());
    }

    #[test]
    fn scalars_mean_what_they_mean_to_kubectl() {
        let manifest = "kind: A\nspec: {mode: 0400, hex: 0x10, on: yes, text: '0400', version: 1.10.0}\n";
        let object: DynamicObject = from_str(manifest).expect("a manifest");
        let text = crate::json::to_vec(&object).expect("JSON");
        let text = String::from_utf8(text).expect("text");
        assert!(text.contains(r#"{"hex":16,"mode":256,"on":true,"text":"0400","version":"1.10.0"}"#), "{text}");
        let typed = "metadata: {name: 0400, generation: 0400}\n";
        let typed: PartialObjectMetadata = from_str(typed).expect("a manifest");
        assert_eq!((typed.metadata.name.as_deref(), typed.metadata.generation), (Some("0400"), Some(256)));
        let written = to_string(&typed).expect("YAML");
        assert!(written.contains("name: \"0400\"") && written.contains("generation: 256"), "{written}");
    }

    #[test]
    fn another_kind_and_a_wrong_shape_are_told_with_their_place() {
        let error = from_str::<PartialObjectMetadata>("apiVersion: v1\nkind: Pod\n").expect_err("a Pod").to_string();
        assert!(error.contains("Pod"), "{error}");
        let error = from_str::<DynamicObject>("kind: A\nmetadata:\n  name: [1]\n").expect_err("a list").to_string();
        assert!(error.contains('3'), "the line: {error}");
    }
}
