//! Extraction of the fields of a field manager.

use super::Object;
use crate::reflect;

/// The `managedFields` of an object could not be parsed, so that nothing can be extracted.
#[derive(Debug, thiserror::Error)]
#[error("cannot parse the managedFields of the {kind} {name}")]
pub struct ExtractError {
    kind: &'static str,
    name: String,
    source: reflect::ExtractError,
}

/// Extracts the fields that a field manager applied, as an object of the same type: the starting point of the next
/// apply.
///
/// Change it and apply it again; fields that are no longer set are given up by the manager. If the manager owns
/// nothing, the result has only the name and namespace.
///
/// Of a custom resource it includes zeros that the manager owns, and a required field that it does not own is [marked
/// as absent](crate::message::UnknownFields::is_absent): a zero in one is sent after `mark_present`.
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>
///
/// # Errors
/// If the object's managedFields can't be parsed.
pub fn extract<K: Object>(object: &K, field_manager: &str) -> Result<K, ExtractError> {
    extract_of(object, field_manager, None)
}

/// Same for what was applied through a subresource, such as `status`.
///
/// # Errors
/// If the object's managedFields can't be parsed.
pub fn extract_subresource<K: Object>(object: &K, field_manager: &str, subresource: &str) -> Result<K, ExtractError> {
    extract_of(object, field_manager, Some(subresource))
}

fn extract_of<K: Object>(object: &K, field_manager: &str, subresource: Option<&str>) -> Result<K, ExtractError> {
    let mut own = K::default();
    reflect::extract(object, field_manager, subresource, &mut own).map_err(|source| ExtractError {
        kind: K::table().name,
        name: object.metadata().name.as_deref().unwrap_or("(unnamed)").to_owned(),
        source,
    })?;
    Ok(own)
}
