//! Checks of the versions in which an API server stores objects, and of their migrations.
//!
//! <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/storage-version-migration/>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;
use crate::quoted::quoted;

/// The version in which migrations have other fields than later.
const FIRST: &str = "v1alpha1";
/// The most bytes of the reason of a condition, and of its message.
const MAX_REASON: usize = 1 << 10;
const MAX_MESSAGE: usize = 32 << 10;

const REASON: &str = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

const VERSION: &str = "an apiVersion is a DNS-1035 label, which must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyVersion')";

/// Checks a StorageVersionMigration, but for its status.
pub(super) fn migration(object: &Value, old: Option<&Value>, version: &str, found: &mut Findings) {
    let of = |object: &Value, name: &str| text(&object["spec"]["resource"][name]).to_owned();
    if version == FIRST {
        // It names a version of the resource too.
        for name in ["resource", "version"] {
            if of(object, name).is_empty() {
                found.required_because(format!("spec.resource.{name}"), &format!("{name} is required"));
            }
        }
        for name in ["group", "version", "resource"] {
            if let Some(old) = old {
                found.immutable(name, &json!(of(object, name)), &json!(of(old, name)));
            }
        }
        return;
    }
    let (group, plural) = (of(object, "group"), of(object, "resource"));
    if plural.is_empty() {
        found.required_because("spec.resource.resource", "resource is required to be set");
    } else {
        joined("spec.resource.resource", &plural, texts::label_with_letter(&plural), found);
    }
    if !group.is_empty() {
        joined("spec.resource.group", &group, texts::subdomain(&group), found);
    }
    if old.is_some_and(|old| (of(old, "group"), of(old, "resource")) != (group.clone(), plural.clone())) {
        let spec = format!("{{\"Resource\":{{\"group\":{},\"resource\":{}}}}}", json!(group), json!(plural));
        found.invalid_text("spec", &spec, "field is immutable");
    }
}

/// Checks the status of one.
pub(super) fn migration_status(object: &Value, old: &Value, in_version: &str, found: &mut Findings) {
    let is_first = in_version == FIRST;
    let version = |object: &Value| text(&object["status"]["resourceVersion"]).to_owned();
    let (new, known) = (version(object), version(old));
    match new.parse::<i64>() {
        _ if !is_first || new.is_empty() => {}
        Ok(number) => found.not_negative("status.resourceVersion", &json!(number)),
        Err(_) => {
            let why = format!(
                "failed to parse resource version {}: strconv.ParseInt: parsing {}: invalid syntax",
                quoted(&new),
                quoted(&new)
            );
            found.invalid("status.resourceVersion", &json!(new), &why);
        }
    }
    let is_well_formed = is_first || !new.starts_with('0') && new.bytes().all(|byte| byte.is_ascii_digit());
    if !new.is_empty() && !is_well_formed {
        let why = format!("resource version is not well formed: {new}");
        found.invalid("status.resourceVersion", &json!(new), &why);
    }
    let all = items(&object["status"]["conditions"]);
    conditions(all, is_first, found);
    if !known.is_empty() && known != new {
        found.invalid("status.resourceVersion", &json!(new), "field is immutable");
    }
    let is = |object: &Value, kind: &str| {
        let first = items(&object["status"]["conditions"]).iter().find(|condition| condition["type"] == kind);
        first.is_some_and(|condition| condition["status"] == "True")
    };
    let mut refuse = |why: &str| {
        let shown = if is_first { printed_first(all) } else { printed(all) };
        found.invalid_text("status.conditions", &shown, why);
    };
    if is(object, "Succeeded") && is(object, "Failed") {
        refuse("Both success and failed conditions cannot be true at the same time");
    }
    for ended in ["Succeeded", "Failed"].into_iter().filter(|ended| is_first && is(object, ended)) {
        if is(object, "Running") {
            let said = if ended == "Failed" { "failed" } else { "success" };
            refuse(&format!("Running condition cannot be true when {said} condition is true"));
        }
    }
    if is(old, "Succeeded") && !is(object, "Succeeded") {
        refuse("Success condition cannot be set to false once it is true");
    }
    if is(old, "Failed") && !is(object, "Failed") {
        refuse("Failed condition cannot be set to false once it is true");
    }
}

/// Checks `Condition`s; in the first version those are of a kind of their own.
fn conditions(conditions: &[Value], is_first: bool, found: &mut Findings) {
    let mut kinds = BTreeSet::new();
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("status.conditions[{index}]");
        let kind = text(&condition["type"]);
        if !kinds.insert(kind) {
            found.duplicate(if is_first { format!("{path}.type") } else { path.clone() }, &json!(kind));
        }
        if kind.is_empty() {
            found.required_because(format!("{path}.type"), "is required");
        } else {
            found.problems(format_args!("{path}.type"), kind, texts::qualified_name(kind));
        }
        match text(&condition["status"]) {
            "" => found.required(format!("{path}.status")),
            _ => found.one_of(format!("{path}.status"), &condition["status"], &["False", "True", "Unknown"]),
        }
        let generation = &condition["observedGeneration"];
        if generation.as_i64().is_some_and(|number| number < 0) {
            let why = "must be greater than or equal to zero";
            found.invalid(format!("{path}.observedGeneration"), generation, why);
        }
        if condition[if is_first { "lastUpdateTime" } else { "lastTransitionTime" }].is_null() {
            found.required(format!("{path}.lastTransitionTime"));
        }
        let (field, reason) = (format!("{path}.reason"), text(&condition["reason"]));
        if reason.is_empty() {
            found.required(&field);
        } else if !is_reason(reason) {
            found.invalid(&field, &json!(reason), REASON);
        }
        if reason.len() > MAX_REASON {
            found.too_long(field, MAX_REASON);
        }
        if text(&condition["message"]).len() > MAX_MESSAGE {
            found.too_long(format!("{path}.message"), MAX_MESSAGE);
        }
    }
}

fn is_reason(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b',' | b':');
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && bytes.iter().all(|byte| is_inner(*byte))
}

/// Conditions of the first version as Go prints them, field by field in its order.
fn printed_first(conditions: &[Value]) -> String {
    let conditions = conditions.iter().map(|condition| {
        let field = |name: &str| json!(text(&condition[name])).to_string();
        format!(
            "{{\"Type\":{},\"Status\":{},\"LastUpdateTime\":{},\"Reason\":{},\"Message\":{}}}",
            field("type"),
            field("status"),
            condition["lastUpdateTime"],
            field("reason"),
            field("message")
        )
    });
    format!("[{}]", conditions.collect::<Vec<_>>().join(","))
}

/// The same of later versions.
fn printed(conditions: &[Value]) -> String {
    if conditions.is_empty() {
        return "null".to_owned();
    }
    let one = |condition: &Value| {
        let names = ["type", "status", "observedGeneration", "lastTransitionTime", "reason", "message"];
        let present = names.iter().filter(|name| **name != "observedGeneration" || !condition[**name].is_null());
        let fields: Vec<String> = present.map(|name| format!("{}:{}", quoted(name), condition[*name])).collect();
        format!("{{{}}}", fields.join(","))
    };
    format!("[{}]", conditions.iter().map(one).collect::<Vec<_>>().join(","))
}

/// Checks the status of a StorageVersion: all that there is of it.
pub(super) fn version(object: &Value, found: &mut Findings) {
    let status = &object["status"];
    let servers = items(&status["storageVersions"]);
    let mut names = BTreeSet::new();
    for (index, server) in servers.iter().enumerate() {
        let path = format!("status.storageVersions[{index}]");
        let name = text(&server["apiServerID"]);
        if !names.insert(name) {
            found.duplicate(format!("{path}.apiServerID"), &json!(name));
        }
        of_server(server, &path, found);
    }
    common_version(servers, &status["commonEncodingVersion"], found);
    let mut kinds = BTreeMap::new();
    for (index, condition) in items(&status["conditions"]).iter().enumerate() {
        // The path has no `conditions`.
        let path = format!("status[{index}]");
        let kind = text(&condition["type"]);
        if let Some(first) = kinds.insert(kind, index) {
            let why = format!("the type of the condition is not unique, it also appears in conditions[{first}]");
            found.invalid(format!("{path}.type"), &json!(kind), &why);
        }
        for name in ["type", "status"] {
            let value = text(&condition[name]);
            found.problems(format_args!("{path}.{name}"), value, texts::qualified_name(value));
        }
        for name in ["reason", "message"] {
            if text(&condition[name]).is_empty() {
                found.required(format!("{path}.{name}"));
            }
        }
    }
}

/// Checks what one API server says.
fn of_server(server: &Value, path: &str, found: &mut Findings) {
    let name = text(&server["apiServerID"]);
    found.problems(format_args!("{path}.apiServerID"), name, texts::subdomain_name(name));
    let encoding = text(&server["encodingVersion"]);
    joined(&format!("{path}.encodingVersion"), encoding, version_problems(encoding), found);
    let decodable: Vec<&str> = items(&server["decodableVersions"]).iter().map(text).collect();
    for (index, version) in decodable.iter().enumerate() {
        joined(&format!("{path}.decodableVersions[{index}]"), version, version_problems(version), found);
    }
    if !decodable.contains(&encoding) {
        let why = format!("decodableVersions must include encodingVersion {encoding}");
        found.invalid(format!("{path}.decodableVersions"), &server["decodableVersions"], &why);
    }
    for (index, version) in items(&server["servedVersions"]).iter().map(text).enumerate() {
        let field = format!("{path}.servedVersions[{index}]");
        joined(&field, version, version_problems(version), found);
        if !decodable.contains(&version) {
            let all = decodable.join(" ");
            let why = format!("individual served version : {version} must be included in decodableVersions : [{all}]");
            found.invalid(field, &json!(version), &why);
        }
    }
}

/// Checks the version that all API servers store objects in.
fn common_version(servers: &[Value], told: &Value, found: &mut Findings) {
    let mut versions: Vec<&str> = servers.iter().map(|server| text(&server["encodingVersion"])).collect();
    versions.dedup();
    let why = match (versions.as_slice(), told.as_str()) {
        ([common], None) => format!("the common encoding version is {common}"),
        ([common], Some(told)) if told != *common => format!("the actual common encoding version is {common}"),
        ([_], Some(_)) | (_, None) => return,
        (_, Some(_)) => "should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet".to_owned(),
    };
    found.invalid("status.commonEncodingVersion", told, &why);
}

fn version_problems(version: &str) -> Vec<String> {
    let parts: Vec<&str> = version.split('/').collect();
    let (group, version) = match parts.as_slice() {
        [version] => (None, *version),
        [group, version] => (Some(*group), *version),
        _ => return vec![VERSION.to_owned()],
    };
    let of_part = |part: &str, text: &str, problems: fn(&str) -> Vec<String>| -> Vec<String> {
        let problems = if text.is_empty() { vec!["must be non-empty".to_owned()] } else { problems(text) };
        problems.into_iter().map(|problem| format!("{part} part: {problem}")).collect()
    };
    let mut problems = group.map(|group| of_part("group", group, texts::subdomain)).unwrap_or_default();
    problems.extend(of_part("version", version, texts::label_with_letter));
    problems
}

/// A text with all of its problems in one.
fn joined(field: &str, text: &str, problems: Vec<String>, found: &mut Findings) {
    if !problems.is_empty() {
        found.invalid(field, &json!(text), &problems.join(","));
    }
}
