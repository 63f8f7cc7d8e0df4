//! The `spec/` folders: what a server of one Kubernetes minor said, reduced to facts, and read back.
//!
//! A folder holds `version.json`, `discovery.json`, `protobuf.json` (see [`Facts`]) and one `openapi/*.json` for each
//! group-version. [`normalize`] makes the first, second and last of them from a live server's answers: sorted, without
//! descriptions, hashes or build specifics, so that the same server version always gives the same bytes.

mod facts;
mod load;
mod normalize;

pub use facts::{FactField, FactKind, FactType, Facts, Lifecycle};
pub use load::load;
pub use normalize::{Answers, normalize};

use crate::documents::GroupVersion;

/// The file of a document: `openapi/apps_v1.json` for `apis/apps/v1`, `openapi/core_v1.json` for `api/v1`, and for a
/// document of no group-version its path: `openapi/apis.json`.
fn file_name(document: &str) -> String {
    match GroupVersion::from_document(document) {
        Some(GroupVersion { group, version }) if group.is_empty() => format!("openapi/core_{version}.json"),
        Some(GroupVersion { group, version }) => format!("openapi/{group}_{version}.json"),
        None => format!("openapi/{}.json", document.replace('/', "_")),
    }
}

/// The document of a file: the inverse of [`file_name`], without folder and extension.
fn document_name(stem: &str) -> String {
    match stem.rsplit_once('_') {
        Some(("core", version)) => GroupVersion::new("", version).document(),
        Some((group, version)) => GroupVersion::new(group, version).document(),
        None => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_and_document_lead_to_each_other() {
        for document in ["api/v1", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1beta1", "apis"] {
            let file = file_name(document);
            let stem = file.strip_prefix("openapi/").and_then(|name| name.strip_suffix(".json")).expect("a stem");
            assert_eq!(document_name(stem), document);
        }
    }
}
