//! Checks of ingresses, network policies and endpoint slices.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::addresses::legacy_address;
use super::containers::port_or_name;
use super::findings::{Findings, items, text};
use super::selectors;
use crate::objects::texts;

/// <https://kubernetes.io/docs/concepts/services-networking/ingress/>
pub(super) fn ingress(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let class = text(&spec["ingressClassName"]);
    let annotation = &object["metadata"]["annotations"]["kubernetes.io/ingress.class"];
    if old.is_none() && !annotation.is_null() && spec.get("ingressClassName").is_some() && *annotation != class {
        let why = "must match `ingressClassName` when both are specified";
        found.invalid("annotations.kubernetes.io/ingress.class", annotation, why);
    }
    if spec.get("ingressClassName").is_some() {
        found.problems("spec.ingressClassName", class, texts::subdomain_name(class));
    }
    let rules = items(&spec["rules"]);
    if rules.is_empty() && spec.get("defaultBackend").is_none() {
        found.invalid("spec", &Value::Null, "either `defaultBackend` or `rules` must be specified");
    }
    if let Some(backend) = spec.get("defaultBackend") {
        check_backend(backend, "spec.defaultBackend", found);
    }
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("spec.rules[{index}]");
        check_host(text(&rule["host"]), &format!("{path}.host"), found);
        let Some(http) = rule.get("http") else { continue };
        if items(&http["paths"]).is_empty() {
            found.required(format!("{path}.http.paths"));
        }
        for (index, entry) in items(&http["paths"]).iter().enumerate() {
            check_path(entry, &format!("{path}.http.paths[{index}]"), found);
        }
    }
    for (index, tls) in items(&spec["tls"]).iter().enumerate() {
        for (host, name) in items(&tls["hosts"]).iter().enumerate() {
            check_name(text(name), &format!("spec.tls[{index}].hosts[{host}]"), found);
        }
        let secret = text(&tls["secretName"]);
        if old.is_none() && !secret.is_empty() {
            found.problems(format_args!("spec.tls[{index}].secretName"), secret, texts::subdomain_name(secret));
        }
    }
}

/// Checks what a controller says of where an ingress is reached.
pub(super) fn ingress_status(object: &Value, found: &mut Findings) {
    for (index, point) in items(&object["status"]["loadBalancer"]["ingress"]).iter().enumerate() {
        let path = format!("status.loadBalancer.ingress[{index}]");
        let (address, name) = (text(&point["ip"]), text(&point["hostname"]));
        if !address.is_empty() {
            legacy_address(address, &format!("{path}.ip"), found);
        }
        if !name.is_empty() {
            found.problems(format_args!("{path}.hostname"), name, texts::subdomain(name));
        }
    }
}

fn check_path(entry: &Value, path: &str, found: &mut Findings) {
    let place = text(&entry["path"]);
    let is_absolute = place.starts_with('/');
    match text(&entry["pathType"]) {
        "" => {
            found.required_because(format!("{path}.pathType"), "pathType must be specified");
            return;
        }
        "Exact" | "Prefix" if !is_absolute => {
            found.invalid(format!("{path}.path"), &json!(place), "must be an absolute path");
        }
        "ImplementationSpecific" if !place.is_empty() && !is_absolute => {
            found.invalid(format!("{path}.path"), &json!(place), "must be an absolute path");
        }
        "Exact" | "Prefix" => {
            for part in ["//", "/./", "/../", "%2f", "%2F"].into_iter().filter(|part| place.contains(part)) {
                found.invalid(format!("{path}.path"), &json!(place), &format!("must not contain '{part}'"));
            }
            for end in ["/..", "/."].into_iter().filter(|end| place.ends_with(end)) {
                found.invalid(format!("{path}.path"), &json!(place), &format!("cannot end with '{end}'"));
            }
        }
        "ImplementationSpecific" => {}
        _ => {
            let supported = ["Exact", "ImplementationSpecific", "Prefix"];
            found.not_supported(format!("{path}.pathType"), &entry["pathType"], &supported);
        }
    }
    check_backend(&entry["backend"], &format!("{path}.backend"), found);
}

fn check_backend(backend: &Value, path: &str, found: &mut Findings) {
    match (backend.get("service"), backend.get("resource")) {
        (None, None) => found.invalid(path, &json!(""), "resource or service backend is required"),
        (Some(_), Some(_)) => found.invalid(path, &json!(""), "cannot set both resource and service backends"),
        (None, Some(_)) => {}
        (Some(service), None) => {
            let name = text(&service["name"]);
            if name.is_empty() {
                found.required(format!("{path}.service.name"));
            } else {
                found.problems(format_args!("{path}.service.name"), name, texts::label(name));
            }
            let (port, number) = (text(&service["port"]["name"]), service["port"]["number"].as_i64().unwrap_or(0));
            match (port.is_empty(), number) {
                (false, 0) => found.problems(format_args!("{path}.service.port.name"), port, texts::port_name(port)),
                (false, _) => found.invalid(path, &json!(""), "cannot set both port name & port number"),
                (true, 0) => found.required_because(path, "port name or number is required"),
                (true, _) => found.port(format!("{path}.service.port.number"), &service["port"]["number"]),
            }
        }
    }
}

fn check_host(host: &str, field: &str, found: &mut Findings) {
    if host.parse::<IpAddr>().is_ok() {
        found.invalid(field, &json!(host), "must be a DNS name, not an IP address");
    } else if !host.is_empty() {
        check_name(host, field, found);
    }
}

fn check_name(host: &str, field: &str, found: &mut Findings) {
    match host.strip_prefix("*.") {
        Some(rest) => found.problems(field, host, texts::subdomain(rest)),
        None => found.problems(field, host, texts::subdomain(host)),
    }
}

/// <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
pub(super) fn network_policy(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    selectors::check(&spec["podSelector"], "spec.podSelector", found);
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for (index, rule) in items(&spec[direction]).iter().enumerate() {
            let path = format!("spec.{direction}[{index}]");
            for (index, port) in items(&rule["ports"]).iter().enumerate() {
                let path = format!("{path}.ports[{index}]");
                found.one_of(format!("{path}.protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
                if port.get("port").is_some() {
                    port_or_name(&port["port"], format_args!("{path}.port"), found);
                }
            }
            for (index, peer) in items(&rule[peers]).iter().enumerate() {
                check_peer(peer, &format!("{path}.{peers}[{index}]"), found);
            }
        }
    }
    if items(&spec["policyTypes"]).len() > 2 {
        found.invalid("spec.policyTypes", &spec["policyTypes"], "may not specify more than two policyTypes");
        return;
    }
    for (index, kind) in items(&spec["policyTypes"]).iter().enumerate() {
        found.one_of(format!("spec.policyTypes[{index}]"), kind, &["Ingress", "Egress"]);
    }
}

fn check_peer(peer: &Value, path: &str, found: &mut Findings) {
    for name in ["podSelector", "namespaceSelector"] {
        if let Some(selector) = peer.get(name) {
            selectors::check(selector, &format!("{path}.{name}"), found);
        }
    }
    let selects = peer.get("podSelector").is_some() || peer.get("namespaceSelector").is_some();
    match peer.get("ipBlock") {
        Some(block) if !is_network(text(&block["cidr"])) => {
            let why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            found.invalid(format!("{path}.ipBlock.cidr"), &block["cidr"], why);
        }
        Some(_) if selects => found.forbidden(path, "may not specify both ipBlock and another peer"),
        None if !selects => found.required_because(path, "must specify a peer"),
        _ => {}
    }
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let bits: Option<u8> = bits.parse().ok();
    let is_v4 = address.parse::<Ipv4Addr>().is_ok() && bits.is_some_and(|bits| bits <= 32);
    is_v4 || (address.parse::<Ipv6Addr>().is_ok() && bits.is_some_and(|bits| bits <= 128))
}

/// <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>
pub(super) fn endpoint_slice(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let kind = text(&object["addressType"]);
    if kind.is_empty() {
        found.required("addressType");
    } else {
        found.one_of("addressType", &object["addressType"], &["FQDN", "IPv4", "IPv6"]);
    }
    for (index, endpoint) in items(&object["endpoints"]).iter().enumerate() {
        let field = format!("endpoints[{index}].addresses");
        let addresses = items(&endpoint["addresses"]);
        if addresses.is_empty() {
            found.required_because(&field, "must contain at least 1 address");
        }
        for (index, address) in addresses.iter().enumerate() {
            let address = text(address);
            let is_valid = match kind {
                "IPv4" => address.parse::<Ipv4Addr>().is_ok(),
                "IPv6" => address.parse::<Ipv6Addr>().is_ok(),
                _ => texts::subdomain(address).is_empty(),
            };
            if !is_valid {
                let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
                found.invalid(format!("{field}[{index}]"), &json!(address), why);
            }
        }
    }
    if old.is_some_and(|old| old["addressType"] != object["addressType"]) {
        // The value isn't told.
        found.invalid("addressType", &Value::Null, "field is immutable");
    }
}
