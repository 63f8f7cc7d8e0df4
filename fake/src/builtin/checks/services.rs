//! Checks of services.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/service/>

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::addresses::{legacy_address, problems_of_range};
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
    if let Some(class) = old.and_then(|old| old["spec"].get("loadBalancerClass"))
        && kind == "LoadBalancer"
        && old.is_some_and(|old| old["spec"]["type"] == "LoadBalancer")
        && spec.get("loadBalancerClass") != Some(class)
    {
        found.invalid("spec.loadBalancerClass", &spec["loadBalancerClass"], "may not change once set");
    }
    let is_headless = text(&spec["clusterIP"]) == "None";
    if is_headless && matches!(kind, "NodePort" | "LoadBalancer") {
        let why = format!("may not be set to 'None' for {kind} services");
        found.invalid("spec.clusterIPs[0]", &json!("None"), &why);
    }
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
    if kind == "ExternalName" {
        let single = spec.get("clusterIP").is_some_and(|address| *address != "");
        if single && spec.get("clusterIPs").is_none() {
            found.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        }
        for name in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if spec.get(name).is_some_and(|value| *value != json!([""]) && *value != json!([])) {
                found.forbidden(format!("spec.{name}"), "may not be set for ExternalName services");
            }
        }
    }
    let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    found.one_of("spec.ipFamilyPolicy", &spec["ipFamilyPolicy"], &policies);
    for (index, address) in items(&spec["clusterIPs"]).iter().enumerate() {
        let address = text(address);
        if address != "None" {
            legacy_address(address, &format!("spec.clusterIPs[{index}]"), found);
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
    of_outside(spec, kind, found);
    found.one_of("spec.internalTrafficPolicy", &spec["internalTrafficPolicy"], &["Cluster", "Local"]);
}

/// Checks how a service is reached from outside.
fn of_outside(spec: &Value, kind: &str, found: &mut Findings) {
    let addresses = items(&spec["externalIPs"]);
    for (index, address) in addresses.iter().enumerate() {
        let (field, text) = (format!("spec.externalIPs[{index}]"), text(address));
        legacy_address(text, &field, found);
        if let Some(why) = text.parse().ok().and_then(of_no_host) {
            found.invalid(field, address, why);
        }
    }
    let is_balanced = kind == "LoadBalancer";
    let only_balanced = "may only be used when `type` is 'LoadBalancer'";
    // Its name in errors begins with a capital letter.
    let ranges = "spec.LoadBalancerSourceRanges";
    for (index, range) in items(&spec["loadBalancerSourceRanges"]).iter().enumerate() {
        found.problems(format_args!("{ranges}[{index}]"), text(range), problems_of_range(text(range).trim()));
    }
    if !is_balanced && !items(&spec["loadBalancerSourceRanges"]).is_empty() {
        found.forbidden(ranges, only_balanced);
    }
    for name in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if !is_balanced && spec.get(name).is_some() {
            found.forbidden(format!("spec.{name}"), only_balanced);
        }
    }
    let class = text(&spec["loadBalancerClass"]);
    if is_balanced && spec.get("loadBalancerClass").is_some() {
        found.problems("spec.loadBalancerClass", class, texts::qualified_name(class));
    }
    if let Some(policy) = spec.get("externalTrafficPolicy") {
        if is_balanced || kind == "NodePort" || (kind == "ClusterIP" && !addresses.is_empty()) {
            found.one_of("spec.externalTrafficPolicy", policy, &["Cluster", "Local"]);
        } else {
            let why = "may only be set for externally-accessible services";
            found.invalid("spec.externalTrafficPolicy", policy, why);
        }
    }
    if let Some(port) = spec.get("healthCheckNodePort").filter(|port| **port != 0) {
        if is_balanced && spec["externalTrafficPolicy"] == "Local" {
            found.port("spec.healthCheckNodePort", port);
        } else {
            let why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
            found.invalid("spec.healthCheckNodePort", port, why);
        }
    }
    let distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
    found.one_of("spec.trafficDistribution", &spec["trafficDistribution"], &distributions);
}

/// Why an address is none that a host outside of the cluster has.
fn of_no_host(address: IpAddr) -> Option<&'static str> {
    let (is_local, is_local_group) = match address {
        IpAddr::V4(address) => (address.is_link_local(), address.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(address) => (address.is_unicast_link_local(), address.segments()[0] & 0xff0f == 0xff02),
    };
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Some("may not be unspecified (0.0.0.0)"),
        IpAddr::V6(address) if address.is_unspecified() => Some("may not be unspecified (::)"),
        _ if address.is_loopback() => Some("may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        _ if is_local => Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        _ if is_local_group => Some("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"),
        _ => None,
    }
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
    if let Some(protocol) = port.get("appProtocol") {
        let protocol = text(protocol);
        found.problems(format_args!("{path}.appProtocol"), protocol, texts::qualified_name(protocol));
    }
    if !is_headless {
        port_or_name(&port["targetPort"], format_args!("{path}.targetPort"), found);
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
            legacy_address(address, &format!("{field}[{index}].ip"), found);
        }
        let name = text(&point["hostname"]);
        if !name.is_empty() {
            found.problems(format_args!("{field}[{index}].hostname"), name, texts::subdomain(name));
        }
    }
}
