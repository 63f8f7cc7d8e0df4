//! One CustomResourceDefinition of those of several versions.

use serde_json::Value as Json;

use super::{CrdError, of_json};
use crate::json;
use crate::message::MessageType;

/// Makes one CRD of those of a kind's versions, each of which has one version or more, with objects stored in the version
/// that is named.
///
/// Versions come in the order in which Kubernetes prefers them (`v2`, `v1`, `v1beta1`). Short names and categories are
/// those of all of them, once each; so are labels and annotations, of which the storage version's win. Conversion is left
/// at `None`: the versions must have one schema, or one that takes the others' objects, unless you add a
/// [webhook](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion).
///
/// # Errors
/// If the CRDs differ in their names or their scope, a version comes twice, or none is the storage version.
pub fn merge<T: MessageType>(crds: &[T], storage: &str) -> Result<T, CrdError> {
    let mut all: Vec<Json> = Vec::new();
    for crd in crds {
        let text = json::to_vec(crd).map_err(|error| CrdError::at("", error.to_string()))?;
        all.push(serde_json::from_slice(&text).map_err(|error| CrdError::at("", error.to_string()))?);
    }
    let versions = |crd: &Json| crd.pointer("/spec/versions").and_then(Json::as_array).cloned().unwrap_or_default();
    let has = |crd: &&Json| versions(crd).iter().any(|version| version["name"] == storage);
    let Some(base) = all.iter().find(has) else {
        return Err(CrdError::at(".spec.versions", format!("no version is called {storage:?}")));
    };
    let mut merged = base.clone();
    let mut served: Vec<Json> = Vec::new();
    for crd in &all {
        for path in [
            "/spec/group",
            "/spec/scope",
            "/spec/names/kind",
            "/spec/names/plural",
            "/spec/names/singular",
            "/spec/names/listKind",
        ] {
            if crd.pointer(path) != base.pointer(path) {
                let [own, base] = [crd, base].map(|crd| crd.pointer(path).cloned().unwrap_or_default());
                return Err(CrdError::at(
                    &path.replace('/', "."),
                    format!("{own} in one version and {base} in another"),
                ));
            }
        }
        for path in ["/spec/names/shortNames", "/spec/names/categories"] {
            add_list(&mut merged, crd, path);
        }
        for key in ["labels", "annotations"] {
            let own = crd["metadata"][key].as_object().cloned().unwrap_or_default();
            for (name, value) in own {
                if merged["metadata"][key].get(&name).is_none() {
                    merged["metadata"][key][name] = value;
                }
            }
        }
        for mut version in versions(crd) {
            if served.iter().any(|known| known["name"] == version["name"]) {
                return Err(CrdError::at(".spec.versions", format!("the version {} comes twice", version["name"])));
            }
            version["storage"] = (version["name"] == storage).into();
            served.push(version);
        }
    }
    served.sort_by_cached_key(|version| std::cmp::Reverse(priority(version["name"].as_str().unwrap_or_default())));
    merged["spec"]["versions"] = served.into();
    of_json(&merged)
}

fn add_list(merged: &mut Json, crd: &Json, path: &str) {
    let Some(own) = crd.pointer(path).and_then(Json::as_array) else { return };
    let names = &mut merged["spec"]["names"];
    let key = path.rsplit('/').next().unwrap_or_default();
    if names[key].is_null() {
        names[key] = Json::Array(Vec::new());
    }
    if let Json::Array(all) = &mut names[key] {
        let new: Vec<_> = own.iter().filter(|name| !all.contains(name)).cloned().collect();
        all.extend(new);
    }
}

/// How much Kubernetes prefers a version; greater is more.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
fn priority(name: &str) -> (u8, u64, u64, std::cmp::Reverse<String>) {
    let last = (0, 0, 0, std::cmp::Reverse(name.to_owned()));
    let Some(rest) = name.strip_prefix('v') else { return last };
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (major, rest) = rest.split_at(digits);
    let Ok(major) = major.parse::<u64>() else { return last };
    let (level, minor) = match (rest, rest.strip_prefix("beta"), rest.strip_prefix("alpha")) {
        ("", ..) => (3, "0"),
        (_, Some(minor), _) => (2, minor),
        (.., Some(minor)) => (1, minor),
        _ => return last,
    };
    minor.parse().map_or(last.clone(), |minor| (level, major, minor, last.3))
}
