//! Linux capabilities of containers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::checks::{Violation, containers, quoted};
use super::template::{Template, items, name};

/// Those that containers have by default.
const DEFAULT: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The first minor for which pods of Windows need not drop what they do not have.
pub(super) const WITHOUT_WINDOWS: u32 = 25;

/// No other capabilities than those of the default are added.
pub(super) fn of_baseline(pod: Template<'_>, _: u32) -> Option<Violation> {
    let detail = added(pod, &DEFAULT)?;
    Some(Violation { reason: "non-default capabilities", detail })
}

/// All capabilities are dropped, and one may be added.
pub(super) fn of_restricted(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if minor >= WITHOUT_WINDOWS && pod.is_of_windows() {
        return None;
    }
    let keeps = |container: &&Value| !items(&capabilities(container)["drop"]).any(|name| name == "ALL");
    let kept = pod.named(keeps);
    let kept = (!kept.is_empty())
        .then(|| format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", containers(&kept)));
    let details: Vec<String> = kept.into_iter().chain(added(pod, &["NET_BIND_SERVICE"])).collect();
    (!details.is_empty()).then(|| Violation { reason: "unrestricted capabilities", detail: details.join("; ") })
}

/// What is said of containers that add others than the allowed capabilities.
fn added(pod: Template<'_>, allowed: &[&str]) -> Option<String> {
    let (mut names, mut forbidden) = (Vec::new(), BTreeSet::new());
    for container in pod.containers() {
        let added = items(&capabilities(container)["add"]).filter_map(Value::as_str);
        let others: Vec<&str> = added.filter(|capability| !allowed.contains(capability)).collect();
        if !others.is_empty() {
            names.push(name(container));
            forbidden.extend(others);
        }
    }
    let said = || {
        format!("{} must not include {} in securityContext.capabilities.add", containers(&names), quoted(&forbidden))
    };
    (!names.is_empty()).then(said)
}

fn capabilities(container: &Value) -> &Value {
    &container["securityContext"]["capabilities"]
}
