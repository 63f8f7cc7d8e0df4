//! What a strict decoder finds in a body: fields that the kind doesn't have, and keys that are there twice.
//!
//! The findings are in the words and in the order of the API server's decoders.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>

mod json;
mod merged;
mod yaml;

use crate::quoted::quoted;
use crate::schema::Schema;

pub(crate) use json::{duplicates, has_duplicates, in_json_patch, in_object};
pub(crate) use merged::merged;
pub(crate) use yaml::duplicates as duplicates_in_yaml;

/// A field that the kind doesn't have, as decoders into Go's types say it.
pub(crate) fn unknown_field(path: &str) -> String {
    format!("unknown field {}", quoted(path))
}

/// Schemas of the values that Go's types decode by themselves: strict decoders don't look into them.
const OPAQUE: [&str; 6] = [
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
];

fn is_opaque(schema: Schema<'_>) -> bool {
    schema.name().is_some_and(|name| OPAQUE.contains(&name))
}
