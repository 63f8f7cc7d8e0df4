//! What a field manager owns of an object.

use super::Object;
use crate::reflect;

/// The `managedFields` of an object that can't be understood, so that nothing can be extracted.
#[derive(Debug, thiserror::Error)]
#[error("the managedFields of the {kind} {name} can't be read")]
pub struct ExtractError {
    kind: &'static str,
    name: String,
    source: reflect::ExtractError,
}

/// The part of an object that a field manager applied, as an object of the same type: the start of the next apply.
///
/// Change it and apply it again, and what is no longer set is given up. An object on which the manager owns nothing
/// gives an object with nothing but its name and namespace.
///
/// Of a custom resource it holds the zeros that the manager owns, too, and a required field that it does not own is
/// [marked as absent](crate::message::UnknownFields::is_absent): a zero put into one is sent after `mark_present`.
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>
///
/// # Errors
/// If the object's managedFields can't be understood.
pub fn extract<K: Object>(object: &K, field_manager: &str) -> Result<K, ExtractError> {
    extract_of(object, field_manager, None)
}

/// The same for what was applied through a subresource, such as `status`.
///
/// # Errors
/// If the object's managedFields can't be understood.
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
