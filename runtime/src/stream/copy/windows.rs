//! Paths in a Windows container, where `\` separates as `/` does.
//!
//! `kubectl cp` treats every `\` as `/`, for any container, and so can't copy a file of a Linux container whose name
//! has one, as those of systemd's units (`dev-sda\x2d1.device`). This determines which of the two applies, as far as
//! possible.

use serde_json::Value;

use super::copier::Copier;

/// A path in a container, with `/` between its components.
pub(super) struct Slashed {
    pub(super) path: String,
    /// Whether the container runs Windows, as far as known.
    pub(super) windows: bool,
}

/// Interprets a path as the container's operating system does.
pub(super) async fn slashed(copier: &mut Copier, path: String) -> Slashed {
    let windows = match copier.windows {
        Some(windows) => windows,
        None if has_drive(&path) || path.starts_with('\\') => true,
        // It is the same path on both.
        None if !path.contains('\\') => false,
        None => match copier.read_pod().await.ok().and_then(|pod| runs_windows(&pod)) {
            Some(windows) => windows,
            // The pod's operating system is unknown. An absolute Unix path is one; any other is interpreted as by
            // kubectl.
            None => !path.starts_with('/'),
        },
    };
    Slashed { path: if windows { path.replace('\\', "/") } else { path }, windows }
}

/// Whether a path starts at the root of a drive: `C:\` or `C:/`.
fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

/// Whether a pod is for Windows, if it declares its operating system.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/#pod-os>
fn runs_windows(pod: &Value) -> Option<bool> {
    let says = |pointer| pod.pointer(pointer).and_then(Value::as_str).filter(|name| !name.is_empty());
    let name = says("/spec/os/name").or_else(|| says("/spec/nodeSelector/kubernetes.io~1os"))?;
    Some(name == "windows")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_says_by_its_os_or_its_node_selector_for_what_it_is() {
        assert_eq!(runs_windows(&json!({ "spec": { "os": { "name": "windows" } } })), Some(true));
        assert_eq!(runs_windows(&json!({ "spec": { "os": { "name": "linux" } } })), Some(false));
        assert_eq!(runs_windows(&json!({ "spec": { "nodeSelector": { "kubernetes.io/os": "windows" } } })), Some(true));
        let both = json!({ "spec": { "os": { "name": "linux" }, "nodeSelector": { "kubernetes.io/os": "windows" } } });
        assert_eq!(runs_windows(&both), Some(false), "what the pod says of itself counts");
        for silent in [json!({}), json!({ "spec": { "os": null, "nodeSelector": {} } }), json!("text"), json!(null)] {
            assert_eq!(runs_windows(&silent), None, "{silent}");
        }
    }

    #[test]
    fn a_drive_is_a_letter_and_a_colon_before_a_separator() {
        for path in [r"C:\a", "c:/a", "D:/", r"z:\"] {
            assert!(has_drive(path), "{path}");
        }
        for path in ["/C:/a", "C:", "C:a", "1:/a", "CD:/a", "/a", ""] {
            assert!(!has_drive(path), "{path}");
        }
    }
}
