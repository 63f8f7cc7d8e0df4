//! One CustomResourceDefinition.

use serde::Deserialize;
use serde_json::Value;

use crate::documents::{Column, Definition, ScalePaths};

/// What matters of a CustomResourceDefinition.
#[derive(Clone, Debug)]
pub struct Crd {
    pub name: String,
    pub group: String,
    pub plural: String,
    pub singular: String,
    pub kind: String,
    pub list_kind: String,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub namespaced: bool,
    pub versions: Vec<Version>,
}

/// A version of it.
#[derive(Clone, Debug)]
pub struct Version {
    pub name: String,
    pub served: bool,
    pub schema: Option<Value>,
    /// What no published document has of it.
    pub definition: Definition,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    metadata: Metadata,
    spec: Spec,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    group: String,
    names: Names,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    versions: Option<Vec<VersionObject>>,
    /// Of `v1beta1`, as are the others below: what all versions have, and the only version where none is listed.
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    validation: Option<Validation>,
    #[serde(default)]
    subresources: Option<Subresources>,
    #[serde(default)]
    additional_printer_columns: Option<Vec<ColumnObject>>,
    #[serde(default)]
    selectable_fields: Option<Vec<SelectableField>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    kind: String,
    plural: String,
    #[serde(default)]
    singular: Option<String>,
    #[serde(default)]
    list_kind: Option<String>,
    #[serde(default)]
    short_names: Option<Vec<String>>,
    #[serde(default)]
    categories: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionObject {
    name: String,
    #[serde(default = "yes")]
    served: bool,
    #[serde(default)]
    storage: bool,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    deprecation_warning: Option<String>,
    #[serde(default)]
    schema: Option<Validation>,
    #[serde(default)]
    subresources: Option<Subresources>,
    #[serde(default)]
    additional_printer_columns: Option<Vec<ColumnObject>>,
    #[serde(default)]
    selectable_fields: Option<Vec<SelectableField>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ColumnObject {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    priority: i32,
    /// Of `v1beta1` in capitals.
    #[serde(alias = "JSONPath")]
    json_path: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SelectableField {
    json_path: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scale {
    #[serde(default)]
    spec_replicas_path: String,
    #[serde(default)]
    status_replicas_path: String,
    #[serde(default)]
    label_selector_path: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Validation {
    #[serde(default, rename = "openAPIV3Schema")]
    schema: Option<Value>,
}

#[derive(Clone, Deserialize)]
struct Subresources {
    #[serde(default)]
    status: Option<Value>,
    #[serde(default)]
    scale: Option<Scale>,
}

fn yes() -> bool {
    true
}

impl VersionObject {
    /// The only version of a definition that lists none.
    fn only(name: String) -> Self {
        Self {
            name,
            served: true,
            storage: true,
            deprecated: false,
            deprecation_warning: None,
            schema: None,
            subresources: None,
            additional_printer_columns: None,
            selectable_fields: None,
        }
    }
}

impl ColumnObject {
    fn column(self) -> Column {
        let Self { name, kind, format, description, priority, json_path } = self;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Column { name, kind, format: given(format), description: given(description), priority, path: json_path }
    }
}

impl Crd {
    /// Reads an object of a version of `apiextensions.k8s.io`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(object: &Value, version: &str) -> Result<Self, String> {
        if !matches!(version, "v1" | "v1beta1") {
            return Err(format!("a CustomResourceDefinition of the version {version:?}: v1 and v1beta1 are known"));
        }
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("(without a name)");
        let Object { metadata, spec } =
            Object::deserialize(object).map_err(|error| format!("CustomResourceDefinition {name}: {error}"))?;
        let Spec {
            group,
            names,
            scope,
            versions,
            version,
            validation,
            subresources,
            additional_printer_columns: columns,
            selectable_fields: selectable,
        } = spec;
        let mut versions = versions.unwrap_or_default();
        if let (true, Some(name)) = (versions.is_empty(), version) {
            versions.push(VersionObject::only(name));
        }
        if versions.is_empty() {
            return Err(format!("CustomResourceDefinition {name} has no versions"));
        }
        let Names { kind, plural, singular, list_kind, short_names, categories } = names;
        let versions = versions.into_iter().map(|version| {
            let warning = version.deprecation_warning.filter(|warning| !warning.is_empty());
            // The API server's own words, if the definition has none.
            let warning = warning.unwrap_or_else(|| format!("{group}/{} {kind} is deprecated", version.name));
            let schema = version.schema.or_else(|| validation.clone()).and_then(|validation| validation.schema);
            let below = version.subresources.or_else(|| subresources.clone());
            let (status, scale) = below.map(|below| (below.status.is_some(), below.scale)).unwrap_or_default();
            let columns = version.additional_printer_columns.or_else(|| columns.clone()).unwrap_or_default();
            let selectable = version.selectable_fields.or_else(|| selectable.clone()).unwrap_or_default();
            let definition = Definition {
                storage: version.storage,
                deprecated: version.deprecated.then_some(warning),
                columns: columns.into_iter().map(ColumnObject::column).collect(),
                selectable: selectable.into_iter().map(|field| field.json_path).collect(),
                status,
                scale: scale.map(|scale| ScalePaths {
                    spec: scale.spec_replicas_path,
                    status: scale.status_replicas_path,
                    selector: scale.label_selector_path,
                }),
            };
            Version { name: version.name, served: version.served, schema, definition }
        });
        let versions = versions.collect();
        let given = |name: Option<String>| name.filter(|name| !name.is_empty());
        let name = if metadata.name.is_empty() { format!("{plural}.{group}") } else { metadata.name };
        Ok(Self {
            name,
            singular: given(singular).unwrap_or_else(|| kind.to_lowercase()),
            list_kind: given(list_kind).unwrap_or_else(|| format!("{kind}List")),
            short_names: short_names.unwrap_or_default(),
            categories: categories.unwrap_or_default(),
            // The default of v1beta1; v1 has none.
            namespaced: scope != "Cluster",
            versions,
            group,
            plural,
            kind,
        })
    }

    /// Takes the versions of another one of the same name; gives those that it had.
    pub fn merge(&mut self, other: Self) -> Vec<String> {
        let mut twice = Vec::new();
        let mut merged = Self { versions: std::mem::take(&mut self.versions), ..other };
        for version in other.versions {
            match merged.versions.iter_mut().find(|known| known.name == version.name) {
                Some(known) => {
                    twice.push(version.name.clone());
                    *known = version;
                }
                None => merged.versions.push(version),
            }
        }
        *self = merged;
        twice
    }
}
