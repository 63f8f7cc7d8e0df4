//! CustomResourceDefinitions: the resources that they define.

mod deprecation;
mod siblings;

use std::collections::BTreeMap;
use std::sync::Arc;

use kubewright_core::validate;
use serde_json::{Map, Value, json};

use crate::catalog::{Known, Resource, Source, Subresource};
use crate::documents::Documents;
use crate::schema::{Schema, Schemas};
use crate::webhooks::ConversionWebhook;
use siblings::Siblings;

/// The name that the schema of a custom resource has among its own.
const OBJECT: &str = "object";
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// A version of a CustomResourceDefinition.
#[derive(Debug)]
pub(crate) struct CustomVersion {
    /// The schema as the definition has it.
    pub written: Value,
    /// What it checks; or why that can't be read.
    pub checks: Result<validate::Schema, String>,
    /// The same with the metadata that every object has, and what that refers to.
    schemas: Schemas,
    /// Whether its objects may have others in them.
    pub has_embedded: bool,
    /// Whether objects are stored in this version.
    pub is_stored: bool,
    /// The version that they are stored in, with its group.
    pub stored_version: String,
    /// What converts objects between versions; `None` if they differ in their version alone.
    pub conversion: Option<Arc<ConversionWebhook>>,
    /// The versions, if their schemas differ and no webhook converts.
    pub siblings: Siblings,
    /// What clients of the version are warned of, if it is deprecated.
    pub deprecation: Option<String>,
    /// The paths of fields that can be selected by, such as `.spec.color`.
    pub selectable: Vec<String>,
    /// The columns of tables, as the definition has them.
    pub columns: Vec<Value>,
    /// Where the scale is, for each version of the definition; `None` for one without.
    pub scales: BTreeMap<String, Option<ScalePaths>>,
}

/// Where an object has what its scale tells.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource>
#[derive(Clone, Debug)]
pub(crate) struct ScalePaths {
    /// The names of the fields that lead to the replicas that are asked for.
    pub spec: Vec<String>,
    /// The same of the replicas that there are.
    pub status: Vec<String>,
    /// The same of the selector as text, if there is one.
    pub selector: Option<Vec<String>>,
}

impl ScalePaths {
    fn of(scale: &Value) -> Option<Self> {
        let path = |name: &str| -> Option<Vec<String>> {
            let path = scale[name].as_str().filter(|path| !path.is_empty())?;
            Some(path.trim_start_matches('.').split('.').map(str::to_owned).collect())
        };
        let (spec, status) = (path("specReplicasPath")?, path("statusReplicasPath")?);
        Some(Self { spec, status, selector: path("labelSelectorPath") })
    }
}

impl CustomVersion {
    /// The schema of an object.
    /// The schema of the metadata of objects.
    pub fn metadata_schema(&self) -> Schema<'_> {
        Schema::named(&self.schemas, OBJECT_META).unwrap_or_else(Schema::anything)
    }

    pub fn schema(&self) -> Schema<'_> {
        Schema::named(&self.schemas, OBJECT).unwrap_or_else(Schema::anything)
    }
}

/// The resources that a definition makes: one for each version that is served.
pub(crate) fn resources(definition: &Value, documents: &Documents) -> Vec<Resource> {
    let spec = &definition["spec"];
    let accepted = &definition["status"]["acceptedNames"];
    let is_accepted = accepted["plural"].as_str().is_some_and(|plural| !plural.is_empty());
    let names = if is_accepted { accepted } else { &spec["names"] };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |value: &Value| value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    let (group, kind, plural) = (text(&spec["group"]), text(&names["kind"]), text(&names["plural"]));
    let versions = spec["versions"].as_array().into_iter().flatten();
    let scales: BTreeMap<String, Option<ScalePaths>> = versions
        .clone()
        .map(|version| {
            let paths = ScalePaths::of(&version["subresources"]["scale"]);
            (format!("{group}/{}", text(&version["name"])), paths)
        })
        .collect();
    let stored = spec["versions"].as_array().into_iter().flatten().find(|version| version["storage"] == true);
    let stored = stored.map(|version| format!("{group}/{}", text(&version["name"]))).unwrap_or_default();
    let between = Between {
        stored_version: stored,
        conversion: ConversionWebhook::of(&spec["conversion"]).map(Arc::new),
        siblings: Siblings::of(spec, documents),
    };
    versions
        .filter(|version| version["served"] == true)
        .map(|version| {
            let subresources = subresources(&version["subresources"], &group, &text(&version["name"]), &kind);
            Resource {
                group: group.clone(),
                version: text(&version["name"]),
                kind: kind.clone(),
                plural: plural.clone(),
                singular: names["singular"].as_str().map_or_else(|| kind.to_lowercase(), str::to_owned),
                namespaced: spec["scope"] == "Namespaced",
                verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
                    .map(str::to_owned)
                    .to_vec(),
                short_names: texts(&names["shortNames"]),
                categories: texts(&names["categories"]),
                subresources,
                source: Source::Custom(Arc::new(CustomVersion {
                    deprecation: deprecation::of(version, spec),
                    ..custom_version(version, documents, scales.clone(), &between)
                })),
                known: Known::default(),
            }
        })
        .collect()
}

/// What all versions of a definition have.
struct Between {
    stored_version: String,
    conversion: Option<Arc<ConversionWebhook>>,
    siblings: Siblings,
}

fn custom_version(
    version: &Value,
    documents: &Documents,
    scales: BTreeMap<String, Option<ScalePaths>>,
    between: &Between,
) -> CustomVersion {
    let written = version["schema"]["openAPIV3Schema"].clone();
    CustomVersion {
        schemas: schemas_of(&written, documents),
        checks: validate::Schema::new(&written).map_err(|error| error.to_string()),
        has_embedded: written.to_string().contains("\"x-kubernetes-embedded-resource\":true"),
        written,
        is_stored: version["storage"] == true,
        stored_version: between.stored_version.clone(),
        conversion: between.conversion.clone(),
        siblings: between.siblings.clone(),
        deprecation: None,
        selectable: version["selectableFields"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|field| field["jsonPath"].as_str().map(str::to_owned))
            .collect(),
        scales,
        columns: version["additionalPrinterColumns"].as_array().cloned().unwrap_or_default(),
    }
}

fn subresources(written: &Value, group: &str, version: &str, kind: &str) -> BTreeMap<String, Subresource> {
    let verbs = || ["get", "patch", "update"].map(str::to_owned).to_vec();
    let own = |group: &str, version: &str, kind: &str| Subresource {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        verbs: verbs(),
    };
    let mut subresources = BTreeMap::new();
    if written.get("status").is_some_and(|value| !value.is_null()) {
        subresources.insert("status".to_owned(), own(group, version, kind));
    }
    if written.get("scale").is_some_and(|value| !value.is_null()) {
        subresources.insert("scale".to_owned(), own("autoscaling", "v1", "Scale"));
    }
    subresources
}

/// The schemas of a custom resource: its own is named [`OBJECT`].
fn schemas_of(written: &Value, documents: &Documents) -> Schemas {
    Schemas::with_structural(with_metadata(written, documents), OBJECT)
}

/// The schema with `apiVersion`, `kind` and the metadata of the built-in kinds in it.
fn with_metadata(written: &Value, documents: &Documents) -> Map<String, Value> {
    let mut named: Map<String, Value> = Map::new();
    if let Some(built_in) = documents.schemas("", "v1") {
        let meta = built_in.iter().filter(|(name, _)| name.starts_with("io.k8s.apimachinery.pkg.apis.meta.v1."));
        named.extend(meta.map(|(name, schema)| (name.clone(), schema.clone())));
    }
    let mut object = if written.is_object() {
        written.clone()
    } else {
        json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
    };
    if !object["properties"].is_object() {
        object["properties"] = json!({});
    }
    object["properties"]["apiVersion"] = json!({ "type": "string" });
    object["properties"]["kind"] = json!({ "type": "string" });
    object["properties"]["metadata"] = json!({ "$ref": format!("#/components/schemas/{OBJECT_META}") });
    named.insert(OBJECT.to_owned(), object);
    named
}
