//! Which documents to fetch from a server, from its own index of them.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::GroupVersion;
use crate::error::DocumentError;

/// Where a server lists its OpenAPI v3 documents.
///
/// <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3>
pub const INDEX_PATH: &str = "/openapi/v3";
/// Where a server says which version it is.
pub const VERSION_PATH: &str = "/version";
/// Where a server lists its groups, versions and resources, when asked for [`DISCOVERY_ACCEPT`].
pub const DISCOVERY_PATHS: [&str; 2] = ["/api", "/apis"];
/// The `Accept` header that asks for discovery in one piece.
///
/// <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>
pub const DISCOVERY_ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// One document to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The document, such as `apis/apps/v1`.
    pub document: String,
    /// Path and query to get it from.
    pub path: String,
    /// A hash of its content, if the server gives one: the same hash means the same document.
    pub hash: Option<String>,
}

/// Reads a server's index of OpenAPI documents, and lists those to fetch, sorted: of its group-versions, and the two that
/// alone describe discovery itself.
///
/// # Errors
///
/// If the index is not what a Kubernetes server answers at [`INDEX_PATH`].
pub fn plan(index: &[u8]) -> Result<Vec<Fetch>, DocumentError> {
    #[derive(Deserialize)]
    struct Index {
        paths: BTreeMap<String, Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        #[serde(rename = "serverRelativeURL")]
        path: String,
    }

    let index: Index = super::openapi::parse_json(INDEX_PATH, index)?;
    let fetches = index.paths.into_iter().filter(|(document, _)| is_wanted(document));
    Ok(fetches
        .map(|(document, Entry { path })| {
            let query = path.split_once('?').map_or("", |(_, query)| query);
            let hash = query.split('&').find_map(|pair| pair.strip_prefix("hash=")).map(str::to_owned);
            Fetch { document, hash, path }
        })
        .collect())
}

fn is_wanted(document: &str) -> bool {
    document == "api" || document == "apis" || GroupVersion::from_document(document).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_resources_and_discovery_is_fetched() {
        let index = br#"{"paths": {
            "version": {"serverRelativeURL": "/openapi/v3/version?hash=1"},
            "apis": {"serverRelativeURL": "/openapi/v3/apis?hash=4"},
            "apis/apps": {"serverRelativeURL": "/openapi/v3/apis/apps?hash=2"},
            "apis/apps/v1": {"serverRelativeURL": "/openapi/v3/apis/apps/v1?hash=3"},
            "api/v1": {"serverRelativeURL": "/openapi/v3/api/v1"}
        }}"#;
        let fetches = plan(index).expect("an index");
        let found: Vec<_> = fetches.iter().map(|fetch| (fetch.document.as_str(), fetch.hash.as_deref())).collect();
        assert_eq!(found, [("api/v1", None), ("apis", Some("4")), ("apis/apps/v1", Some("3"))]);
    }

    #[test]
    fn an_index_that_is_a_web_page_is_an_error_that_says_so() {
        let error = plan(b"<html>sign in</html>").expect_err("not JSON").to_string();
        assert!(error.contains("/openapi/v3") && error.contains("HTML"), "{error}");
    }
}
