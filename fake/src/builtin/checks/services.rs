//! Checks of services.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/service/>

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::containers::port_or_name;
use super::findings::{Findings, items, text};
use super::metadata;
use crate::objects::texts;

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];

/// Checks a service.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let kind = text(&spec["type"]);
    if let Some(old) = old {
        let was = &old["spec"];
        let is_fixed = kind != "ExternalName" && text(&was["type"]) != "ExternalName";
        let (new, known) = (&spec["clusterIPs"], &was["clusterIPs"]);
        if is_fixed && !known[0].is_null() && new[0] != known[0] {
            found.invalid("spec.clusterIPs[0]", new, "may not change once set");
        }
    }
    let is_headless = text(&spec["clusterIP"]) == "None";
    let ports = items(&spec["ports"]);
    if ports.is_empty() && !is_headless && kind != "ExternalName" {
        found.required("spec.ports");
    }
    match kind {
        "LoadBalancer" | "ClusterIP" | "NodePort" => {}
        "ExternalName" => {
            let name = text(&spec["externalName"]);
            if name.is_empty() {
                found.required("spec.externalName");
            } else {
                let without_dot = name.strip_suffix('.').unwrap_or(name);
                found.problems("spec.externalName", name, texts::subdomain(without_dot));
            }
        }
        _ => {}
    }
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        check_port(port, ports.len() > 1, is_headless, &mut names, &format!("spec.ports[{index}]"), found);
    }
    metadata::labels(&spec["selector"], format_args!("spec.selector"), found);
    if text(&spec["sessionAffinity"]).is_empty() {
        found.required("spec.sessionAffinity");
    } else {
        found.one_of("spec.sessionAffinity", &spec["sessionAffinity"], &["ClientIP", "None"]);
    }
    let is_possible = |timeout: &Value| timeout.as_i64().is_some_and(|seconds| (1..=86400).contains(&seconds));
    let timeout = spec["sessionAffinityConfig"]["clientIP"].get("timeoutSeconds");
    if let Some(timeout) = timeout.filter(|timeout| !is_possible(timeout)) {
        let why = "must be greater than 0 and less than 86400";
        found.invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, why);
    }
    for (index, address) in items(&spec["clusterIPs"]).iter().enumerate() {
        let address = text(address);
        if address != "None" {
            check_address(address, &format!("spec.clusterIPs[{index}]"), found);
        }
    }
    if kind.is_empty() {
        found.required("spec.type");
    } else {
        found.one_of("spec.type", &spec["type"], &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    }
    if kind == "ClusterIP" {
        for (index, port) in ports.iter().enumerate() {
            if port["nodePort"].as_i64().is_some_and(|number| number != 0) {
                let why = "may not be used when `type` is 'ClusterIP'";
                found.forbidden(format!("spec.ports[{index}].nodePort"), why);
            }
        }
    }
    let mut known = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let (number, protocol) = (port["port"].as_i64().unwrap_or(0), text(&port["protocol"]));
        if !known.insert((number, protocol)) {
            // As Go prints its struct.
            let printed = format!(
                "{{\"Name\":\"\",\"Protocol\":{},\"AppProtocol\":null,\"Port\":{number},\"TargetPort\":0,\"NodePort\":0}}",
                json!(protocol)
            );
            found.duplicate_text(format!("spec.ports[{index}]"), &printed);
        }
    }
    if let Some(policy) = spec.get("externalTrafficPolicy") {
        found.one_of("spec.externalTrafficPolicy", policy, &["Cluster", "Local"]);
    }
    found.one_of("spec.internalTrafficPolicy", &spec["internalTrafficPolicy"], &["Cluster", "Local"]);
}

fn check_port<'p>(
    port: &'p Value,
    needs_name: bool,
    is_headless: bool,
    names: &mut BTreeSet<&'p str>,
    path: &str,
    found: &mut Findings,
) {
    let name = text(&port["name"]);
    if name.is_empty() {
        if needs_name {
            found.required(format!("{path}.name"));
        }
    } else {
        found.problems(format_args!("{path}.name"), name, texts::label(name));
        if !names.insert(name) {
            found.duplicate(format!("{path}.name"), &port["name"]);
        }
    }
    found.port(format!("{path}.port"), &json!(port["port"].as_i64().unwrap_or(0)));
    found.one_of(format!("{path}.protocol"), &port["protocol"], PROTOCOLS);
    if !is_headless {
        port_or_name(&port["targetPort"], format_args!("{path}.targetPort"), found);
    }
}

fn check_address(address: &str, field: &str, found: &mut Findings) {
    if address.parse::<IpAddr>().is_err() {
        let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        found.invalid(field, &json!(address), why);
    }
}

/// Checks what a controller says of a load balancer.
pub(super) fn status(object: &Value, found: &mut Findings) {
    let points = items(&object["status"]["loadBalancer"]["ingress"]);
    if points.is_empty() {
        return;
    }
    let field = "status.loadBalancer.ingress";
    if text(&object["spec"]["type"]) != "LoadBalancer" {
        found.forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'");
        return;
    }
    for (index, point) in points.iter().enumerate() {
        let address = text(&point["ip"]);
        if !address.is_empty() {
            check_address(address, &format!("{field}[{index}].ip"), found);
        }
        let name = text(&point["hostname"]);
        if !name.is_empty() {
            found.problems(format_args!("{field}[{index}].hostname"), name, texts::subdomain(name));
        }
    }
}
