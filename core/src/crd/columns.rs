//! Values of printer columns.
//!
//! <https://kubernetes.io/docs/reference/kubectl/jsonpath/>

use serde_json::Value as Json;

use super::{Defined, JsonPath, PrinterColumn};
use crate::json;

/// A path of a printer column that can't be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path {path:?} of the column {column:?} can't be followed: {what}")]
pub struct ColumnError {
    column: &'static str,
    path: &'static str,
    what: String,
}

/// Returns the values of an object's printer columns, in the order of [`CrdDesc::columns`](super::CrdDesc::columns): what
/// `kubectl get -o wide` prints of it, without the name and the age.
///
/// Of a path that leads to several values (`.spec.hosts[*]`), the first counts, as for kube-apiserver 1.37.1. A column of type
/// `string` is text, `<no value>` for null; of type `integer`, a fraction loses what is behind the point. `None` is an
/// absent value, one of another type, or one that the path doesn't fit, such as an index beyond the end. Times are not made to ages.
///
/// # Errors
/// If the object can't be encoded as JSON, or a path is malformed.
pub fn cells<K: Defined>(object: &K) -> Result<Vec<Option<Json>>, ColumnError> {
    let encode = || -> Result<Json, String> {
        let text = json::to_vec(object).map_err(|error| error.to_string())?;
        serde_json::from_slice(&text).map_err(|error| error.to_string())
    };
    let object = encode().map_err(|what| ColumnError { column: "", path: "", what })?;
    K::CRD.columns.iter().map(|column| column.value(&object)).collect()
}

impl PrinterColumn {
    /// Returns the value of the column for an object.
    ///
    /// # Errors
    /// If the path is malformed.
    pub fn value(&self, object: &Json) -> Result<Option<Json>, ColumnError> {
        let path = JsonPath::parse(self.json_path);
        let path = path.map_err(|error| ColumnError { column: self.name, path: self.json_path, what: error.what })?;
        Ok(path.cell(self.kind, object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn column(kind: &'static str, json_path: &'static str) -> PrinterColumn {
        PrinterColumn { name: "C", kind, json_path, description: None, format: None, priority: 0 }
    }

    #[test]
    fn paths_lead_where_they_lead_for_kubectl() {
        let object = json!({
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}, "creationTimestamp": "2026-11-22T10:00:00Z"},
            "spec": {"replicas": 3, "hosts": ["a", "b"], "on": true, "share": 1.5},
            "status": {"conditions": [
                {"type": "Ready", "status": "True", "reason": null}, {"type": "Synced", "status": "False", "reason": "Done"},
            ]},
        });
        for (kind, path, expected) in [
            ("integer", ".spec.replicas", json!(3)),
            ("string", ".spec.replicas", json!("3")),
            ("string", ".spec.hosts[*]", json!("a")),
            ("string", ".status.conditions[*].reason", json!("<no value>")),
            ("integer", ".spec.share", json!(1)),
            ("string", ".spec.hosts[-1]", json!("b")),
            ("string", r".metadata.labels.app\.kubernetes\.io/name", json!("web")),
            ("string", r".metadata.labels['app\.kubernetes\.io/name']", json!("web")),
            ("string", ".spec.hosts[0:1]", json!("a")),
            ("string", ".spec.hosts[::2]", json!("a")),
            ("string", ".spec.hosts[-2:-1]", json!("a")),
            ("string", ".spec.hosts[1,0]", json!("b")),
            ("string", "..hosts[1]", json!("b")),
            ("string", ".spec['share','replicas']", json!("1.5")),
            ("string", ".status.conditions[?(@.reason)].type", json!("Ready")),
            ("string", r#".status.conditions[?(@.type=="Ready")].status"#, json!("True")),
            ("string", ".status.conditions[?(@.type != 'Ready')].status", json!("False")),
            ("date", ".metadata.creationTimestamp", json!("2026-11-22T10:00:00Z")),
            ("boolean", ".spec.on", json!(true)),
        ] {
            assert_eq!(column(kind, path).value(&object), Ok(Some(expected)), "{path}");
        }
        for path in [
            ".spec.absent",
            ".spec.hosts[2]",
            ".spec.hosts[1:0]",
            ".spec[*]",
            ".spec.hosts[?(@.x==1)].y",
            ".metadata.labels['app.kubernetes.io/name']",
            ".status.conditions[?(@.type==1)].status",
        ] {
            assert_eq!(column("string", path).value(&object), Ok(None), "{path}");
        }
        assert_eq!(column("integer", ".spec.on").value(&object), Ok(None), "of another type");
    }

    #[test]
    fn a_path_that_is_malformed_is_an_error_that_says_so() {
        let error = column("string", ".spec.hosts[a]").value(&json!({})).expect_err("no index");
        assert!(error.to_string().contains("invalid array index a"), "{error}");
        for path in [
            ".a[",
            ".a[?(@.b",
            ".a[?(@.b)",
            "....x",
            ".a['b",
            "*",
            ".a[0:1:2:3]",
            ".a[-]",
            ".a\n",
            ".a[?(@.b==\"\\q\")]",
        ] {
            assert!(column("string", path).value(&json!({})).is_err(), "{path}");
        }
    }
}
