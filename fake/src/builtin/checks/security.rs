//! Checks of the security contexts of pods and containers.
//!
//! <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};

const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

/// The context of a pod.
pub(super) fn of_pod(spec: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let context = &spec["securityContext"];
    let path = format_args!("{field}.securityContext");
    for name in ["fsGroup", "runAsGroup", "runAsUser"] {
        id(&context[name], format_args!("{path}.{name}"), found);
    }
    for (index, group) in items(&context["supplementalGroups"]).iter().enumerate() {
        id(group, format_args!("{path}.supplementalGroups[{index}]"), found);
    }
    if spec["shareProcessNamespace"] == true && spec["hostPID"] == true {
        let why = "ShareProcessNamespace and HostPID cannot both be enabled";
        found.invalid(format_args!("{field}.shareProcessNamespace"), &json!(true), why);
    }
    let mut names = BTreeSet::new();
    for (index, sysctl) in items(&context["sysctls"]).iter().enumerate() {
        let (place, name) = (format_args!("{path}.sysctls[{index}].name"), text(&sysctl["name"]));
        if name.is_empty() {
            found.required(place);
        } else if !is_sysctl(name) {
            let why = r"must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            found.invalid(place, &sysctl["name"], why);
        } else if !names.insert(name) {
            found.duplicate(place, &sysctl["name"]);
        }
    }
    let policies: [(&str, &[&str]); 3] = [
        ("fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
        ("supplementalGroupsPolicy", &["Merge", "Strict"]),
        ("seLinuxChangePolicy", &["MountOption", "Recursive"]),
    ];
    for (name, supported) in policies {
        found.one_of(format_args!("{path}.{name}"), &context[name], supported);
    }
    profiles(context, path, found);
}

/// The context of a container.
pub(super) fn of_container(context: &Value, path: fmt::Arguments<'_>, uses_host_users: bool, found: &mut Findings) {
    for name in ["runAsUser", "runAsGroup"] {
        id(&context[name], format_args!("{path}.{name}"), found);
    }
    found.one_of(format_args!("{path}.procMount"), &context["procMount"], &["Default", "Unmasked"]);
    if context["procMount"] == "Unmasked" && uses_host_users {
        let why = "`hostUsers` must be false to use `Unmasked`";
        found.invalid(format_args!("{path}.procMount"), &context["procMount"], why);
    }
    profiles(context, path, found);
    if context["allowPrivilegeEscalation"] != false {
        return;
    }
    if context["privileged"] == true {
        let why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        found.invalid(path, context, why);
    }
    if items(&context["capabilities"]["add"]).iter().any(|name| name == "CAP_SYS_ADMIN") {
        let why = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
        found.invalid(path, context, why);
    }
}

/// The id of a user or a group, if it is there.
fn id(value: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    if value.as_i64().is_some_and(|id| !(0..=i64::from(i32::MAX)).contains(&id)) {
        found.invalid(field, value, "must be between 0 and 2147483647, inclusive");
    }
}

/// Profiles of seccomp and AppArmor.
fn profiles(context: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    if let Some(profile) = context.get("seccompProfile") {
        let path = format_args!("{path}.seccompProfile");
        let (kind, local) = (text(&profile["type"]), profile.get("localhostProfile"));
        match kind {
            "" => found.required_because(format_args!("{path}.type"), "type is required when seccompProfile is set"),
            "Localhost" => match local {
                None => found.required_because(
                    format_args!("{path}.localhostProfile"),
                    "must be set when seccomp type is Localhost",
                ),
                Some(local) => descending(local, format_args!("{path}.localhostProfile"), found),
            },
            _ => {
                found.one_of(format_args!("{path}.type"), &profile["type"], PROFILES);
                if let Some(local) = local {
                    let printed = format!("{{\"Type\":{},\"LocalhostProfile\":{local}}}", profile["type"]);
                    let why = "can only be set when seccomp type is Localhost";
                    found.invalid_text(format_args!("{path}.localhostProfile"), &printed, why);
                }
            }
        }
    }
    if let Some(profile) = context.get("appArmorProfile") {
        let path = format_args!("{path}.appArmorProfile");
        let (place, local) = (format_args!("{path}.localhostProfile"), profile.get("localhostProfile"));
        match (text(&profile["type"]), local) {
            ("Localhost", None) => found.required_because(place, "must be set when AppArmor type is Localhost"),
            ("Localhost", Some(local)) if text(local) != text(local).trim() => {
                found.invalid(place, local, "must not be padded with whitespace");
            }
            ("Localhost", Some(_)) => {}
            (_, Some(local)) => found.invalid(place, local, "can only be set when AppArmor type is Localhost"),
            (_, None) => {}
        }
        if text(&profile["type"]).is_empty() {
            found.required_because(format_args!("{path}.type"), "type is required when appArmorProfile is set");
        } else {
            found.one_of(format_args!("{path}.type"), &profile["type"], PROFILES);
        }
    }
}

/// A path below a folder of the node.
fn descending(path: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let text = text(path);
    if text.starts_with('/') {
        found.invalid(field, path, "must be a relative path");
    }
    if text.split('/').any(|part| part == "..") {
        found.invalid(field, path, "must not contain '..'");
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_outer = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.iter().all(|byte| is_outer(*byte) || matches!(byte, b'-' | b'_'))
            && bytes.first().is_some_and(|byte| is_outer(*byte))
            && bytes.last().is_some_and(|byte| is_outer(*byte))
    };
    name.len() <= 253 && name.split(['.', '/']).all(is_part)
}
