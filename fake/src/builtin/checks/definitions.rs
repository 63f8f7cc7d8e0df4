//! Checks of CustomResourceDefinitions.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{schema_defaults, schema_rules, structural};
use crate::objects::texts;

const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS: &[&str] = &["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
const APPROVAL: &str = "api-approved.kubernetes.io";

/// Checks a definition, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let (spec, names) = (&object["spec"], &object["spec"]["names"]);
    let (group, plural) = (text(&spec["group"]), text(&names["plural"]));
    if old.is_none() && text(&object["metadata"]["name"]) != format!("{plural}.{group}") {
        let why = "must be spec.names.plural+\".\"+spec.group";
        found.invalid("metadata.name", &object["metadata"]["name"], why);
    }
    let problems = texts::subdomain(group);
    if group.is_empty() {
        found.required("spec.group");
    } else if !problems.is_empty() {
        found.invalid("spec.group", &json!(group), &problems.join(","));
    } else if !group.contains('.') {
        found.invalid("spec.group", &json!(group), "should be a domain with at least one dot");
    }
    match text(&spec["scope"]) {
        "" => found.required("spec.scope"),
        _ => found.one_of("spec.scope", &spec["scope"], &["Cluster", "Namespaced"]),
    }
    check_versions(spec, found);
    for name in ["plural", "singular", "kind", "listKind"] {
        if text(&names[name]).is_empty() {
            found.required(format!("spec.names.{name}"));
        }
    }
    check_names(names, found);
    check_common(spec, found);
    check_conversion(&spec["conversion"], found);
    if let Some(old) = old {
        check_update(object, old, found);
    }
    check_stored(object, found);
    check_approval(object, old, group, found);
    if spec["preserveUnknownFields"] == true && old.is_none_or(|old| old["spec"]["preserveUnknownFields"] != true) {
        let why =
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
        found.invalid("spec.preserveUnknownFields", &json!(true), why);
    }
}

/// A part that all versions have, and have alike. The API server keeps it for all of them, and says so in paths.
fn common<'v>(spec: &'v Value, part: &str) -> Option<&'v Value> {
    let versions = items(&spec["versions"]);
    let first = versions.first()?.get(part).filter(|part| !part.is_null() && **part != json!([]))?;
    versions.iter().all(|version| version.get(part) == Some(first)).then_some(first)
}

fn check_versions(spec: &Value, found: &mut Findings) {
    let versions = items(&spec["versions"]);
    for (index, version) in versions.iter().enumerate() {
        if version["schema"]["openAPIV3Schema"].is_null() {
            found.required(format!("spec.versions[{index}].schema.openAPIV3Schema"));
        }
    }
    let [schema, subresources, columns] =
        ["schema", "subresources", "additionalPrinterColumns"].map(|part| common(spec, part).is_some());
    let mut names = BTreeSet::new();
    let mut are_unique = true;
    for (index, version) in versions.iter().enumerate() {
        let path = format!("spec.versions[{index}]");
        let name = text(&version["name"]);
        are_unique &= names.insert(name);
        let problems = texts::label_with_letter(name);
        if !problems.is_empty() {
            found.invalid(format!("{path}.name"), &json!(name), &problems.join(","));
        }
        check_deprecation(version, &path, found);
        if !schema {
            let has_status = version["subresources"].get("status").is_some();
            check_schema(&version["schema"], &format!("{path}.schema"), has_status, found);
        }
        if !subresources {
            check_scale(&version["subresources"]["scale"], &format!("{path}.subresources"), found);
        }
        if !columns {
            check_columns(&version["additionalPrinterColumns"], &path, found);
        }
    }
    if !are_unique {
        found.invalid("spec.versions", &spec["versions"], "must contain unique version names");
    }
    if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
        let why = "must have exactly one version marked as storage version";
        found.invalid("spec.versions", &spec["versions"], why);
    }
    // The first is the one that the API server has apart too.
    let first = versions.first().map_or("", |version| text(&version["name"]));
    let problems = texts::label_with_letter(first);
    if !first.is_empty() && !problems.is_empty() {
        found.invalid("spec.version", &json!(first), &problems.join(","));
    }
}

fn check_common(spec: &Value, found: &mut Findings) {
    if let Some(schema) = common(spec, "schema") {
        let has_status = items(&spec["versions"]).iter().any(|version| version["subresources"].get("status").is_some());
        check_schema(schema, "spec.validation", has_status, found);
    }
    if let Some(subresources) = common(spec, "subresources") {
        check_scale(&subresources["scale"], "spec.subresources", found);
    }
    if let Some(columns) = common(spec, "additionalPrinterColumns") {
        check_columns(columns, "spec", found);
    }
}

fn check_schema(schema: &Value, path: &str, has_status: bool, found: &mut Findings) {
    let schema = &schema["openAPIV3Schema"];
    if schema.is_null() {
        return;
    }
    let path = format!("{path}.openAPIV3Schema");
    if has_status && schema["type"] != "object" && !text(&schema["type"]).is_empty() {
        let why =
            "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        found.invalid(format!("{path}.type"), &schema["type"], why);
    }
    if schema["nullable"] == true {
        found.forbidden(format!("{path}.nullable"), "nullable cannot be true at the root");
    }
    let before = found.count();
    structural::check(schema, &path, found);
    if found.count() == before {
        schema_defaults::check(schema, &path, found);
        schema_rules::check(schema, &path, found);
    }
}

fn check_deprecation(version: &Value, path: &str, found: &mut Findings) {
    let Some(warning) = version["deprecationWarning"].as_str() else { return };
    let field = format!("{path}.deprecationWarning");
    if version["deprecated"] != true {
        found.invalid(field, &json!(warning), "can only be set for deprecated versions");
    } else if warning.is_empty() {
        found.invalid(field, &json!(warning), "must not be an empty string");
    } else if warning.len() > 256 {
        found.invalid(field, &json!(warning), "must be <= 256 characters long");
    }
}

fn check_names(names: &Value, found: &mut Findings) {
    for name in ["plural", "singular"] {
        let value = text(&names[name]);
        let problems = texts::label_with_letter(value);
        if !value.is_empty() && !problems.is_empty() {
            found.invalid(format!("spec.names.{name}"), &json!(value), &problems.join(","));
        }
    }
    for name in ["kind", "listKind"] {
        let value = text(&names[name]);
        let problems = texts::label_with_letter(&value.to_lowercase());
        if !value.is_empty() && !problems.is_empty() {
            let why = format!("may have mixed case, but should otherwise match: {}", problems.join(","));
            found.invalid(format!("spec.names.{name}"), &json!(value), &why);
        }
    }
    let list = |list: &str, found: &mut Findings| {
        for (index, name) in items(&names[list]).iter().enumerate() {
            let problems = texts::label_with_letter(text(name));
            if !problems.is_empty() {
                found.invalid(format!("spec.names.{list}[{index}]"), name, &problems.join(","));
            }
        }
    };
    list("shortNames", found);
    if !text(&names["kind"]).is_empty() && names["kind"] == names["listKind"] {
        found.invalid("spec.names.listKind", &names["listKind"], "kind and listKind may not be the same");
    }
    list("categories", found);
}

fn check_scale(scale: &Value, path: &str, found: &mut Findings) {
    if scale.is_null() {
        return;
    }
    for (name, under, is_required) in [
        ("specReplicasPath", &[".spec."][..], true),
        ("statusReplicasPath", &[".status."], true),
        ("labelSelectorPath", &[".spec.", ".status."], false),
    ] {
        let (field, value) = (format!("{path}.scale.{name}"), text(&scale[name]));
        if value.is_empty() {
            if is_required {
                found.required(field);
            }
        } else if !value.starts_with('.') {
            found.invalid(field, &json!(value), "must be a simple json path starting with .");
        } else if !under.iter().any(|under| value.starts_with(under)) {
            let why = match under {
                [one] => format!("should be a json path under {}", one.trim_end_matches('.')),
                _ => "should be a json path under either .spec or .status".to_owned(),
            };
            found.invalid(field, &json!(value), &why);
        }
    }
}

fn check_columns(columns: &Value, path: &str, found: &mut Findings) {
    for (index, column) in items(columns).iter().enumerate() {
        let path = format!("{path}.additionalPrinterColumns[{index}]");
        if text(&column["name"]).is_empty() {
            found.required(format!("{path}.name"));
        }
        let (kind, format) = (text(&column["type"]), text(&column["format"]));
        let types = format!("must be one of {}", COLUMN_TYPES.join(","));
        if kind.is_empty() {
            found.required_because(format!("{path}.type"), &types);
        } else if !COLUMN_TYPES.contains(&kind) {
            found.invalid(format!("{path}.type"), &json!(kind), &types);
        }
        if !format.is_empty() && !COLUMN_FORMATS.contains(&format) {
            let why = format!("must be one of {}", COLUMN_FORMATS.join(","));
            found.invalid(format!("{path}.format"), &json!(format), &why);
        }
        let place = text(&column["jsonPath"]);
        if place.is_empty() {
            found.required(format!("{path}.JSONPath"));
        } else if !place.starts_with('.') {
            found.invalid(format!("{path}.JSONPath"), &json!(place), "must be a simple json path starting with .");
        }
    }
}

fn check_conversion(conversion: &Value, found: &mut Findings) {
    let path = "spec.conversion";
    match text(&conversion["strategy"]) {
        _ if conversion.is_null() => return,
        "" => return found.required(format!("{path}.strategy")),
        "None" | "Webhook" => {}
        _ => found.not_supported(format!("{path}.strategy"), &conversion["strategy"], &["None", "Webhook"]),
    }
    let (webhook, is_webhook) = (&conversion["webhook"], conversion["strategy"] == "Webhook");
    let client = webhook.get("clientConfig").filter(|client| !client.is_null());
    let versions = items(&webhook["conversionReviewVersions"]);
    if !is_webhook {
        let why = "should not be set when strategy is not set to Webhook";
        if client.is_some() {
            found.forbidden(format!("{path}.webhookClientConfig"), why);
        }
        if !versions.is_empty() {
            found.forbidden(format!("{path}.conversionReviewVersions"), why);
        }
        return;
    }
    let field = format!("{path}.webhookClientConfig");
    match client {
        None => found.required_because(field, "required when strategy is set to Webhook"),
        Some(client) if client.get("url").is_some() == client.get("service").is_some() => {
            found.required_because(field, "exactly one of url or service is required");
        }
        Some(_) => {}
    }
    if versions.is_empty() {
        found.required(format!("{path}.conversionReviewVersions"));
    } else if !versions.iter().any(|version| matches!(text(version), "v1" | "v1beta1")) {
        let why = "must include at least one of v1, v1beta1";
        found.invalid(format!("{path}.conversionReviewVersions"), &webhook["conversionReviewVersions"], why);
    }
}

fn check_update(object: &Value, old: &Value, found: &mut Findings) {
    let (spec, known) = (&object["spec"], &old["spec"]);
    let is_established = items(&old["status"]["conditions"])
        .iter()
        .any(|condition| condition["type"] == "Established" && condition["status"] == "True");
    if is_established {
        found.immutable("spec.scope", &spec["scope"], &known["scope"]);
        found.immutable("spec.names.kind", &spec["names"]["kind"], &known["names"]["kind"]);
    }
    found.immutable("spec.group", &spec["group"], &known["group"]);
    found.immutable("spec.names.plural", &spec["names"]["plural"], &known["names"]["plural"]);
}

/// What objects may be stored in has to be there.
fn check_stored(object: &Value, found: &mut Findings) {
    let (stored, field) = (&object["status"]["storedVersions"], "status.storedVersions");
    if items(stored).is_empty() {
        return found.invalid(field, &json!([]), "must have at least one stored version");
    }
    let versions = items(&object["spec"]["versions"]);
    for version in versions.iter().filter(|version| version["storage"] == true) {
        if !items(stored).contains(&version["name"]) {
            found.invalid(field, stored, &format!("must have the storage version {}", text(&version["name"])));
        }
    }
    for (index, name) in items(stored).iter().enumerate() {
        if !versions.iter().any(|version| version["name"] == *name) {
            let name = text(name);
            let why = format!(
                "missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions"
            );
            found.invalid(format!("{field}[{index}]"), &json!(name), &why);
        }
    }
}

/// Groups of Kubernetes itself are approved.
fn check_approval(object: &Value, old: Option<&Value>, group: &str, found: &mut Findings) {
    let is_protected = ["k8s.io", "kubernetes.io"]
        .iter()
        .any(|owner| group.strip_suffix(owner).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    let annotation = |object: &Value| text(&object["metadata"]["annotations"][APPROVAL]).to_owned();
    let approval = annotation(object);
    if !is_protected || old.is_some_and(|old| annotation(old) == approval) {
        return;
    }
    let see = "see https://github.com/kubernetes/enhancements/pull/1111";
    let field = format!("metadata.annotations[{APPROVAL}]");
    if approval.is_empty() {
        let why = format!("protected groups must have approval annotation {APPROVAL:?}, {see}");
        found.required_because(field, &why);
    } else if !approval.starts_with("unapproved") && !approval.contains("://") {
        let why = format!(
            "protected groups must have approval annotation {APPROVAL:?} with either a URL or a reason starting with \"unapproved\", {see}"
        );
        found.invalid(field, &json!(approval), &why);
    }
}
