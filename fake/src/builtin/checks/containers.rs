//! Checks of a pod's containers.

use std::collections::BTreeSet;
use std::fmt;

use kubewright_core::types::Quantity;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{claims_of_pods, security, volumes};
use crate::objects::texts;

/// Checks the containers of all sorts of a pod or a template.
pub(super) fn check(spec: &Value, volumes: &BTreeSet<&str>, field: fmt::Arguments<'_>, found: &mut Findings) {
    let containers = items(&spec["containers"]);
    if containers.is_empty() {
        found.required(format_args!("{field}.containers"));
    }
    let mut names = BTreeSet::new();
    let mut host_ports = BTreeSet::new();
    let mut conflicts = Findings::default();
    for (index, container) in containers.iter().enumerate() {
        let path = format_args!("{field}.containers[{index}]");
        common(container, spec, volumes, path, found);
        if !names.insert(text(&container["name"])) {
            found.duplicate(format_args!("{path}.name"), &container["name"]);
        }
        lifecycle(container, spec, path, found);
        probes(container, path, found);
        own_host_ports(container, &mut host_ports, path, &mut conflicts);
    }
    found.append(conflicts);
    for (index, container) in items(&spec["initContainers"]).iter().enumerate() {
        let path = format_args!("{field}.initContainers[{index}]");
        common(container, spec, volumes, path, found);
        let name = text(&container["name"]);
        if !names.insert(name) {
            found.duplicate(format_args!("{path}.name"), &container["name"]);
        }
        if text(&container["restartPolicy"]) == "Always" {
            lifecycle(container, spec, path, found);
            probes(container, path, found);
            continue;
        }
        for part in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if container.get(part).is_some() {
                let why = "may not be set for init containers without restartPolicy=Always";
                found.forbidden(format_args!("{path}.{part}"), why);
            }
        }
    }
    for (index, container) in items(&spec["ephemeralContainers"]).iter().enumerate() {
        let path = format_args!("{field}.ephemeralContainers[{index}]");
        common(container, spec, volumes, path, found);
        if !names.insert(text(&container["name"])) {
            found.duplicate(format_args!("{path}.name"), &container["name"]);
        }
        for part in ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] {
            if container.get(part).is_some() {
                found.forbidden(format_args!("{path}.{part}"), "cannot be set for an Ephemeral Container");
            }
        }
        let target = text(&container["targetContainerName"]);
        let is_target = |list: &str| items(&spec[list]).iter().any(|other| other["name"] == target);
        if !target.is_empty() && !is_target("containers") && !is_target("initContainers") {
            found.missing(format_args!("{path}.targetContainerName"), &json!(target));
        }
    }
}

fn common(container: &Value, spec: &Value, volumes: &BTreeSet<&str>, path: fmt::Arguments<'_>, found: &mut Findings) {
    let name = text(&container["name"]);
    if name.is_empty() {
        found.required(format_args!("{path}.name"));
    } else {
        found.problems(format_args!("{path}.name"), name, texts::label(name));
    }
    let image = text(&container["image"]);
    if image.is_empty() {
        found.required(format_args!("{path}.image"));
    }
    let policy = &container["terminationMessagePolicy"];
    found.one_of(format_args!("{path}.terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    ports(container, path, found);
    variables(container, path, found);
    volumes::mounts(container, volumes, path, found);
    let policy = &container["imagePullPolicy"];
    found.one_of(format_args!("{path}.imagePullPolicy"), policy, &["Always", "IfNotPresent", "Never"]);
    volumes::devices(container, spec, path, found);
    resize_policies(&container["resizePolicy"], format_args!("{path}.resizePolicy"), found);
    resources(&container["resources"], format_args!("{path}.resources"), found);
    claims_of_pods::of_container(
        &container["resources"]["claims"],
        &spec["resourceClaims"],
        format_args!("{path}.resources.claims"),
        found,
    );
    let uses_host_users = spec["hostUsers"] != false;
    security::of_container(
        &container["securityContext"],
        format_args!("{path}.securityContext"),
        uses_host_users,
        found,
    );
    if spec["hostNetwork"] == true {
        for (index, port) in items(&container["ports"]).iter().enumerate() {
            let number = &port["hostPort"];
            if number.as_i64().is_some_and(|number| number != 0) && *number != port["containerPort"] {
                let why = "must match `containerPort` when `hostNetwork` is true";
                found.invalid(format_args!("{path}.ports[{index}].hostPort"), number, why);
            }
        }
    }
}

/// <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>
fn resize_policies(policies: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let mut known = BTreeSet::new();
    for (index, policy) in items(policies).iter().enumerate() {
        let name = text(&policy["resourceName"]);
        if !known.insert(name) {
            found.duplicate(format_args!("{path}[{index}]"), &policy["resourceName"]);
        }
        for (value, supported) in [
            (&policy["resourceName"], ["cpu", "memory"]),
            (&policy["restartPolicy"], ["NotRequired", "RestartContainer"]),
        ] {
            match text(value) {
                "" => found.required(path),
                _ => found.one_of(path, value, &supported),
            }
        }
    }
}

/// What runs when a container starts and before it stops.
///
/// <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/>
fn lifecycle(container: &Value, spec: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    for name in ["postStart", "preStop"] {
        let Some(hook) = container["lifecycle"].get(name) else { continue };
        let path = format_args!("{path}.lifecycle.{name}");
        handler(hook, path, found);
        let grace = spec["terminationGracePeriodSeconds"].as_i64().unwrap_or_default();
        if let Some(sleep) = hook.get("sleep") {
            let seconds = sleep["seconds"].as_i64().unwrap_or_default();
            if !(0..=grace).contains(&seconds) {
                let why = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                found.invalid(format_args!("{path}.sleep"), &json!(seconds), &why);
            }
        }
    }
}

fn ports(container: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, port) in items(&container["ports"]).iter().enumerate() {
        let path = format_args!("{path}.ports[{index}]");
        let name = text(&port["name"]);
        let problems = texts::port_name(name);
        if !name.is_empty() && !problems.is_empty() {
            found.problems(format_args!("{path}.name"), name, problems);
        } else if !name.is_empty() && !names.insert(name) {
            found.duplicate(format_args!("{path}.name"), &port["name"]);
        }
        match port["containerPort"].as_i64() {
            None | Some(0) => found.required(format_args!("{path}.containerPort")),
            Some(_) => found.port(format_args!("{path}.containerPort"), &port["containerPort"]),
        }
        if port["hostPort"].as_i64().is_some_and(|number| number != 0) {
            found.port(format_args!("{path}.hostPort"), &port["hostPort"]);
        }
        found.one_of(format_args!("{path}.protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
    }
}

fn own_host_ports(container: &Value, known: &mut BTreeSet<String>, path: fmt::Arguments<'_>, found: &mut Findings) {
    for (index, port) in items(&container["ports"]).iter().enumerate() {
        let Some(number) = port["hostPort"].as_i64().filter(|number| *number != 0) else { continue };
        let place = format!("{}/{}/{number}", text(&port["protocol"]), text(&port["hostIP"]));
        if !known.insert(place.clone()) {
            found.duplicate(format_args!("{path}.ports[{index}].hostPort"), &json!(place));
        }
    }
}

fn variables(container: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    for (index, variable) in items(&container["env"]).iter().enumerate() {
        let path = format_args!("{path}.env[{index}]");
        let name = text(&variable["name"]);
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
        } else if name.contains('=') {
            let why =
                "a valid environment variable name must consist only of printable ASCII characters other than '='";
            found.invalid(format_args!("{path}.name"), &variable["name"], why);
        }
        let Some(from) = variable.get("valueFrom") else { continue };
        let path = format_args!("{path}.valueFrom");
        let sources: Vec<&String> = from.as_object().into_iter().flat_map(|fields| fields.keys()).collect();
        for source in &sources {
            let path = format_args!("{path}.{source}");
            for required in match source.as_str() {
                "configMapKeyRef" | "secretKeyRef" => ["name", "key"].as_slice(),
                "fieldRef" => &["fieldPath"],
                "resourceFieldRef" => &["resource"],
                _ => &[],
            } {
                if text(&from[source.as_str()][*required]).is_empty() {
                    found.required(format_args!("{path}.{required}"));
                }
            }
            let place = text(&from[source.as_str()]["fieldPath"]);
            if *source == "fieldRef" && !place.is_empty() && !is_of_pod(place) {
                let why = format!("error converting fieldPath: field label not supported: {place}");
                found.invalid(format_args!("{path}.fieldPath"), &json!(place), &why);
            }
        }
        let why = match sources.len() {
            0 => {
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            }
            _ if !text(&variable["value"]).is_empty() => "may not be specified when `value` is not empty",
            1 => continue,
            _ => "may not have more than one field specified at a time",
        };
        found.invalid(path, &json!(""), why);
    }
    for (index, source) in items(&container["envFrom"]).iter().enumerate() {
        let path = format_args!("{path}.envFrom[{index}]");
        let refs: Vec<&str> =
            ["configMapRef", "secretRef"].into_iter().filter(|name| source.get(name).is_some()).collect();
        for name in &refs {
            if text(&source[*name]["name"]).is_empty() {
                found.required(format_args!("{path}.{name}.name"));
            }
        }
        match refs.len() {
            0 => found.invalid(path, &json!(""), "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => found.invalid(path, &json!(""), "may not have more than one field specified at a time"),
        }
    }
}

/// Whether a container may read a field of its pod by this path.
fn is_of_pod(path: &str) -> bool {
    let known = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    known.contains(&path) || path.starts_with("metadata.labels[") || path.starts_with("metadata.annotations[")
}

/// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
pub(super) fn resources(resources: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let amounts = |part: &str| resources[part].as_object().into_iter().flatten();
    for (name, limit) in amounts("limits") {
        amount(name, limit, format_args!("{path}.limits[{name}]"), found);
    }
    for (name, request) in amounts("requests") {
        amount(name, request, format_args!("{path}.requests[{name}]"), found);
        let Some(limit) = resources["limits"].get(name) else { continue };
        let (Ok(wanted), Ok(most)) = (Quantity::parse(text(request)), Quantity::parse(text(limit))) else { continue };
        if wanted > most {
            let why = format!("must be less than or equal to {name} limit of {}", text(limit));
            found.invalid(format_args!("{path}.requests"), request, &why);
        }
    }
}

fn amount(name: &str, value: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let known = ["cpu", "memory", "ephemeral-storage"];
    if !known.contains(&name) && !name.starts_with("hugepages-") && !name.contains('/') {
        found.invalid(path, &json!(name), "must be a standard resource type or fully qualified");
        found.invalid(path, &json!(name), "must be a standard resource for containers");
    }
    if Quantity::parse(text(value)).is_ok_and(|quantity| quantity.signum().is_ok_and(|sign| sign < 0)) {
        found.invalid(path, value, "must be greater than or equal to 0");
    }
}

/// <https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/>
fn probes(container: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get(name) else { continue };
        let path = format_args!("{path}.{name}");
        handler(probe, path, found);
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            found.not_negative(format_args!("{path}.{field}"), &probe[field]);
        }
        if name != "readinessProbe" && probe["successThreshold"] != 1 {
            found.invalid(format_args!("{path}.successThreshold"), &probe["successThreshold"], "must be 1");
        }
    }
}

/// What a probe asks, or what a hook does.
fn handler(handler: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let all = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];
    let kinds: Vec<&str> = all.into_iter().filter(|kind| handler.get(kind).is_some()).collect();
    for (index, kind) in kinds.iter().enumerate() {
        let (place, action) = (format_args!("{path}.{kind}"), &handler[*kind]);
        if index > 0 {
            found.forbidden(place, "may not specify more than 1 handler type");
            continue;
        }
        match *kind {
            "exec" if items(&action["command"]).is_empty() => found.required(format_args!("{place}.command")),
            "httpGet" => {
                port_or_name(&action["port"], format_args!("{place}.port"), found);
                found.one_of(format_args!("{place}.scheme"), &action["scheme"], &["HTTP", "HTTPS"]);
                for header in items(&action["httpHeaders"]) {
                    let name = text(&header["name"]);
                    let is_header = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
                    if name.is_empty() || !name.bytes().all(is_header) {
                        let why = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
                        found.invalid(format_args!("{place}.httpHeaders"), &json!(name), why);
                    }
                }
            }
            "tcpSocket" => port_or_name(&action["port"], format_args!("{place}.port"), found),
            "grpc" => found.port(format_args!("{place}.port"), &action["port"]),
            _ => {}
        }
    }
    if kinds.is_empty() {
        found.required_because(path, "must specify a handler type");
    }
}

/// A port by its number or its name.
pub(super) fn port_or_name(port: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    match port {
        Value::String(name) => found.problems(path, name, texts::port_name(name)),
        Value::Null => found.port(path, &json!(0)),
        number => found.port(path, number),
    }
}
