//! Profiles of the security modules of a kernel: AppArmor, SELinux and seccomp.

use std::collections::BTreeSet;

use serde_json::Value;

use super::capabilities::WITHOUT_WINDOWS;
use super::checks::{Violation, containers, count, quoted, setters};
use super::template::{Template, name};

/// The types of profiles that do not widen what the runtime allows.
const NARROW: [&str; 2] = ["RuntimeDefault", "Localhost"];

/// Profiles of AppArmor, in fields and in the annotations before there were fields.
pub(super) fn app_armor(pod: Template<'_>, _: u32) -> Option<Violation> {
    const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
    let (mut setters, types) =
        Wide::of(pod, "appArmorProfile").map_or_else(Default::default, |wide| (vec![wide.setters], wide.types));
    let mut values: Vec<String> = types.into_iter().collect();
    let annotations = pod.annotations.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with(PREFIX));
    let wide = annotations.filter_map(|(key, value)| {
        let value = value.as_str().unwrap_or_default();
        let is_narrow = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        (!is_narrow).then(|| format!("{key}={}", crate::quoted::quoted(value)))
    });
    let wide: BTreeSet<String> = wide.collect();
    if !wide.is_empty() {
        setters.push(count(wide.len(), "annotation", "annotations").to_owned());
    }
    values.extend(wide);
    let detail = || format!("{} must not set AppArmor profile type to {}", setters.join(" and "), quoted(&values));
    let reason = count(values.len(), "forbidden AppArmor profile", "forbidden AppArmor profiles");
    (!setters.is_empty()).then(|| Violation { reason, detail: detail() })
}

/// The types of processes that containers may be for SELinux, and the first minor for which they may.
const SELINUX_TYPES: [(&str, u32); 5] =
    [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

pub(super) fn selinux(pod: Template<'_>, minor: u32) -> Option<Violation> {
    let options = |holder: &Value| holder["securityContext"]["seLinuxOptions"].clone();
    let text = |options: &Value, field: &str| options[field].as_str().unwrap_or_default().to_owned();
    let of_type = |options: &Value| {
        let is_known = |found: &str| SELINUX_TYPES.iter().any(|(known, since)| *known == found && minor >= *since);
        Some(text(options, "type")).filter(|found| !is_known(found))
    };
    let sets = |options: &Value, field: &str| !text(options, field).is_empty();
    let is_wrong = |holder: &Value| {
        let options = options(holder);
        of_type(&options).is_some() || sets(&options, "user") || sets(&options, "role")
    };
    let setters = setters(is_wrong(pod.spec), &pod.named(|container| is_wrong(container)))?;
    let all: Vec<Value> = std::iter::once(pod.spec).chain(pod.containers()).map(options).collect();
    let types: BTreeSet<String> = all.iter().filter_map(of_type).collect();
    let mut wrong = Vec::new();
    if !types.is_empty() {
        wrong.push(format!("{} {}", count(types.len(), "type", "types"), quoted(&types)));
    }
    for field in ["user", "role"] {
        if all.iter().any(|options| sets(options, field)) {
            wrong.push(format!("{field} may not be set"));
        }
    }
    let detail = format!("{setters} set forbidden securityContext.seLinuxOptions: {}", wrong.join("; "));
    Some(Violation { reason: "seLinuxOptions", detail })
}

/// The first minor that has fields for profiles of seccomp: before them, there were annotations.
const WITH_SECCOMP_FIELDS: u32 = 19;

pub(super) fn seccomp(pod: Template<'_>, minor: u32) -> Option<Violation> {
    let detail = if minor < WITH_SECCOMP_FIELDS { seccomp_of_annotations(pod)? } else { wide_seccomp(pod)? };
    Some(Violation { reason: "seccompProfile", detail })
}

/// All containers have a profile, that of the pod if they have none of their own.
pub(super) fn seccomp_of_restricted(pod: Template<'_>, minor: u32) -> Option<Violation> {
    if minor >= WITHOUT_WINDOWS && pod.is_of_windows() {
        return None;
    }
    let detail = wide_seccomp(pod).or_else(|| {
        let has = |holder: &Value| holder["securityContext"]["seccompProfile"].is_object();
        let silent = pod.named(|container| !has(container) && !has(pod.spec));
        let allowed = "\"RuntimeDefault\" or \"Localhost\"";
        (!silent.is_empty()).then(|| {
            format!("pod or {} must set securityContext.seccompProfile.type to {allowed}", containers(&silent))
        })
    });
    detail.map(|detail| Violation { reason: "seccompProfile", detail })
}

fn wide_seccomp(pod: Template<'_>) -> Option<String> {
    let Wide { setters, types } = Wide::of(pod, "seccompProfile")?;
    Some(format!("{setters} must not set securityContext.seccompProfile.type to {}", quoted(&types)))
}

fn seccomp_of_annotations(pod: Template<'_>) -> Option<String> {
    let of_pod = "seccomp.security.alpha.kubernetes.io/pod".to_owned();
    let of_containers =
        pod.containers().map(|container| format!("container.seccomp.security.alpha.kubernetes.io/{}", name(container)));
    let wide = std::iter::once(of_pod).chain(of_containers).filter_map(|key| {
        let value = pod.annotations.get(&key)?.as_str()?;
        let is_narrow = matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/");
        (!is_narrow).then(|| format!("{key}={}", crate::quoted::quoted(value)))
    });
    let wide: BTreeSet<String> = wide.collect();
    let word = count(wide.len(), "annotation", "annotations");
    (!wide.is_empty()).then(|| format!("forbidden {word} {}", wide.into_iter().collect::<Vec<_>>().join(", ")))
}

/// Profiles that allow more than those of the runtime, and who has them.
struct Wide {
    setters: String,
    types: BTreeSet<String>,
}

impl Wide {
    fn of(pod: Template<'_>, field: &str) -> Option<Self> {
        let of = |holder: &Value| -> Option<String> {
            let profile = holder["securityContext"].get(field).filter(|profile| profile.is_object())?;
            let found = profile["type"].as_str().unwrap_or_default();
            (!NARROW.contains(&found)).then(|| found.to_owned())
        };
        let setters = setters(of(pod.spec).is_some(), &pod.named(|container| of(container).is_some()))?;
        let types = std::iter::once(pod.spec).chain(pod.containers()).filter_map(of).collect();
        Some(Self { setters, types })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(check: fn(Template<'_>, u32) -> Option<Violation>, annotations: Value, minor: u32) -> Option<String> {
        let spec = json!({ "containers": [{ "name": "c" }, { "name": "d" }] });
        check(Template { annotations: &annotations, spec: &spec }, minor).map(|found| found.detail)
    }

    #[test]
    fn annotations_of_templates_are_checked_as_fields_are() {
        const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/c";
        assert_eq!(detail(app_armor, json!({ APP_ARMOR: "localhost/a" }), 37), None);
        let said = format!("annotation must not set AppArmor profile type to \"{APP_ARMOR}=\"unconfined\"\"");
        assert_eq!(detail(app_armor, json!({ APP_ARMOR: "unconfined" }), 37), Some(said));
    }

    #[test]
    fn seccomp_was_in_annotations_before_there_were_fields() {
        const POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
        const CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/d";
        let wide = json!({ POD: "unconfined", CONTAINER: "unconfined", format!("{CONTAINER}x"): "unconfined" });
        let said = format!("forbidden annotations {CONTAINER}=\"unconfined\", {POD}=\"unconfined\"");
        assert_eq!(detail(seccomp, wide.clone(), 18), Some(said));
        assert_eq!(detail(seccomp, wide, 19), None);
        assert_eq!(detail(seccomp, json!({ POD: "docker/default", CONTAINER: "localhost/a" }), 0), None);
    }
}
