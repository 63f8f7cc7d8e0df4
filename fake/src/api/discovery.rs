//! Discovery: which resources there are.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::has_protobuf;
use super::negotiate::{Encoding, Form, View};
use crate::catalog::{Resource, Subresource};
use crate::priority::priority;
use crate::status::Status;

/// The groups in order, each with its versions in the order of preference and their resources.
type Groups<'a> = Vec<(&'a str, Vec<(&'a str, Vec<&'a Resource>)>)>;

/// The resources by group and version, those of CustomResourceDefinitions behind the built-in ones.
pub(crate) fn groups<'a>(resources: impl Iterator<Item = &'a Resource>) -> Groups<'a> {
    let mut groups: Groups<'a> = Vec::new();
    for resource in resources {
        let index = groups.iter().position(|(name, _)| *name == resource.group).unwrap_or_else(|| {
            groups.push((&resource.group, Vec::new()));
            groups.len() - 1
        });
        let versions = &mut groups[index].1;
        let index = versions.iter().position(|(name, _)| *name == resource.version).unwrap_or_else(|| {
            versions.push((&resource.version, Vec::new()));
            versions.len() - 1
        });
        versions[index].1.push(resource);
    }
    for (_, versions) in &mut groups {
        if versions.iter().all(|(_, resources)| resources.iter().all(|resource| resource.custom().is_some())) {
            versions.sort_by_key(|(name, _)| priority(name));
        }
    }
    groups
}

/// The groups with the versions that clients have registered, and that no resource here is of.
pub(crate) fn with_registered<'a>(mut groups: Groups<'a>, registered: &'a [(String, String, bool)]) -> Groups<'a> {
    for (group, version, _) in registered {
        let index = groups.iter().position(|(name, _)| name == group).unwrap_or_else(|| {
            groups.push((group, Vec::new()));
            groups.len() - 1
        });
        let versions = &mut groups[index].1;
        if !versions.iter().any(|(name, _)| name == version) {
            versions.push((version, Vec::new()));
            versions.sort_by_key(|(name, _)| priority(name));
        }
    }
    groups
}

/// The form in which a document that is not aggregated is answered. What has no protobuf here is JSON to those who accept that.
pub(crate) fn form(accept: &str, document: &Value) -> Result<Form, Status> {
    let form = Form::of(accept, |form| form.view == View::Whole)?;
    let kind = document["kind"].as_str().unwrap_or_default();
    let is_written = form.encoding != Encoding::Protobuf || has_protobuf("v1", kind);
    Ok(if is_written { form } else { Form::JSON })
}

/// A document with its own version, which that of the core group lacks in JSON.
pub(crate) fn versioned(mut document: Value) -> Value {
    document["apiVersion"] = json!("v1");
    document
}

/// `APIGroupDiscoveryList`, of the core group or of all others.
pub(crate) fn aggregated(groups: &Groups<'_>, core: bool) -> Value {
    let items: Vec<Value> = groups
        .iter()
        .filter(|(name, _)| name.is_empty() == core)
        .map(|(name, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|(version, resources)| {
                    let resources: Vec<Value> =
                        resources.iter().map(|resource| aggregated_resource(resource)).collect();
                    json!({ "version": version, "resources": resources, "freshness": "Current" })
                })
                .collect();
            let metadata = if core { json!({ "creationTimestamp": null }) } else { json!({ "name": name }) };
            json!({ "metadata": metadata, "versions": versions })
        })
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items,
    })
}

fn aggregated_resource(resource: &Resource) -> Value {
    let mut written = json!({
        "resource": resource.plural,
        "responseKind": { "group": resource.group, "version": resource.version, "kind": resource.kind },
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": resource.verbs,
    });
    if !resource.short_names.is_empty() {
        written["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        written["categories"] = json!(resource.categories);
    }
    if !resource.subresources.is_empty() {
        written["subresources"] = resource
            .subresources
            .iter()
            .map(|(name, Subresource { group, version, kind, verbs })| {
                json!({
                    "subresource": name,
                    "responseKind": { "group": group, "version": version, "kind": kind },
                    "verbs": verbs,
                })
            })
            .collect();
    }
    written
}

/// `APIVersions`, at `/api`.
pub(crate) fn core_versions(groups: &Groups<'_>) -> Value {
    let core = groups.iter().find(|(name, _)| name.is_empty());
    let versions: Vec<&str> =
        core.into_iter().flat_map(|(_, versions)| versions.iter().map(|(name, _)| *name)).collect();
    json!({
        "kind": "APIVersions", "versions": versions,
        "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": "" }],
    })
}

/// `APIGroupList`, at `/apis`.
pub(crate) fn group_list(groups: &Groups<'_>) -> Value {
    let groups: Vec<Value> =
        groups.iter().filter(|(name, _)| !name.is_empty()).map(|(name, versions)| group(name, versions)).collect();
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
}

/// `APIGroup`, at `/apis/GROUP`.
pub(crate) fn one_group(groups: &Groups<'_>, wanted: &str) -> Option<Value> {
    let (name, versions) = groups.iter().find(|(name, _)| *name == wanted)?;
    let mut written = group(name, versions);
    written["kind"] = json!("APIGroup");
    written["apiVersion"] = json!("v1");
    Some(written)
}

fn group(name: &str, versions: &[(&str, Vec<&Resource>)]) -> Value {
    let written: Vec<Value> = versions
        .iter()
        .map(|(version, _)| json!({ "groupVersion": format!("{name}/{version}"), "version": version }))
        .collect();
    json!({ "name": name, "preferredVersion": written.first(), "versions": written })
}

/// `APIResourceList`, at `/apis/GROUP/VERSION`.
pub(crate) fn resource_list(groups: &Groups<'_>, wanted: (&str, &str)) -> Option<Value> {
    let (_, versions) = groups.iter().find(|(name, _)| *name == wanted.0)?;
    let (version, resources) = versions.iter().find(|(name, _)| *name == wanted.1)?;
    let group_version = if wanted.0.is_empty() { (*version).to_owned() } else { format!("{}/{version}", wanted.0) };
    let mut written: BTreeMap<String, Value> = BTreeMap::new();
    for resource in resources {
        let mut entry = json!({
            "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced,
            "kind": resource.kind, "verbs": resource.verbs,
        });
        if !resource.short_names.is_empty() {
            entry["shortNames"] = json!(resource.short_names);
        }
        if !resource.categories.is_empty() {
            entry["categories"] = json!(resource.categories);
        }
        written.insert(resource.plural.clone(), entry);
        for (name, subresource) in &resource.subresources {
            let name = format!("{}/{name}", resource.plural);
            let mut entry = json!({
                "name": name, "singularName": "", "namespaced": resource.namespaced, "kind": subresource.kind,
                "verbs": subresource.verbs,
            });
            if subresource.group != resource.group || subresource.version != resource.version {
                entry["group"] = json!(subresource.group);
                entry["version"] = json!(subresource.version);
            }
            written.insert(name, entry);
        }
    }
    let resources: Vec<Value> = written.into_values().collect();
    Some(
        json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources }),
    )
}
