//! What containers may do as users of their node, and as root.

use std::collections::BTreeSet;

use serde_json::Value;

use super::capabilities::WITHOUT_WINDOWS;
use super::checks::{Violation, containers, quoted, setters};
use super::template::Template;

/// The first minor for which a pod may do more that has users of its own: its root is none on the node.
const WITH_OWN_USERS: u32 = 35;

pub(super) fn privileged(pod: Template<'_>, _: u32) -> Option<Violation> {
    let names = pod.named(|container| container["securityContext"]["privileged"] == true);
    let detail = || format!("{} must not set securityContext.privileged=true", containers(&names));
    (!names.is_empty()).then(|| Violation { reason: "privileged", detail: detail() })
}

pub(super) fn escalation(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if minor >= WITHOUT_WINDOWS && pod.is_of_windows() {
        return None;
    }
    let names = pod.named(|container| container["securityContext"]["allowPrivilegeEscalation"] != false);
    let detail = || format!("{} must set securityContext.allowPrivilegeEscalation=false", containers(&names));
    (!names.is_empty()).then(|| Violation { reason: "allowPrivilegeEscalation != false", detail: detail() })
}

/// What of `/proc` is masked, unless the pod has users of its own.
pub(super) fn proc_mount(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if is_relaxed(pod, minor) { None } else { any_proc_mount(pod, minor) }
}

/// The same of any pod.
pub(super) fn any_proc_mount(pod: Template<'_>, _: u32) -> Option<Violation> {
    let of = |container: &Value| -> Option<String> {
        container["securityContext"]["procMount"].as_str().filter(|mount| *mount != "Default").map(str::to_owned)
    };
    let names = pod.named(|container| of(container).is_some());
    let mounts: BTreeSet<String> = pod.containers().filter_map(of).collect();
    let detail = || format!("{} must not set securityContext.procMount to {}", containers(&names), quoted(&mounts));
    (!names.is_empty()).then(|| Violation { reason: "procMount", detail: detail() })
}

pub(super) fn non_root(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if is_relaxed(pod, minor) {
        return None;
    }
    let of = |holder: &Value| holder["securityContext"]["runAsNonRoot"].as_bool();
    let of_pod = of(pod.spec);
    let may_be_root = pod.named(|container| of(container) == Some(false));
    let detail = match setters(of_pod == Some(false), &may_be_root) {
        Some(setters) => format!("{setters} must not set securityContext.runAsNonRoot=false"),
        None => {
            let silent = pod.named(|container| of(container).is_none() && of_pod.is_none());
            if silent.is_empty() {
                return None;
            }
            format!("pod or {} must set securityContext.runAsNonRoot=true", containers(&silent))
        }
    };
    Some(Violation { reason: "runAsNonRoot != true", detail })
}

pub(super) fn user(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if is_relaxed(pod, minor) {
        return None;
    }
    let is_root = |holder: &Value| holder["securityContext"]["runAsUser"] == 0;
    let setters = setters(is_root(pod.spec), &pod.named(|container| is_root(container)))?;
    Some(Violation { reason: "runAsUser=0", detail: format!("{setters} must not set runAsUser=0") })
}

fn is_relaxed(pod: Template<'_>, minor: u32) -> bool {
    minor >= WITH_OWN_USERS && pod.has_users_of_its_own()
}
