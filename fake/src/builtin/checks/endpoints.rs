//! Checks of the endpoints of services.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/>

use std::net::IpAddr;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;

/// Checks endpoints. Subsets that stay as they are are not checked again.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    if old.is_some_and(|old| old["subsets"] == object["subsets"]) {
        return;
    }
    for (index, subset) in items(&object["subsets"]).iter().enumerate() {
        let path = format!("subsets[{index}]");
        if items(&subset["addresses"]).is_empty() && items(&subset["notReadyAddresses"]).is_empty() {
            found.required_because(&path, "must specify `addresses` or `notReadyAddresses`");
        }
        for list in ["addresses", "notReadyAddresses"] {
            for (index, address) in items(&subset[list]).iter().enumerate() {
                check_address(address, &format!("{path}.{list}[{index}]"), found);
            }
        }
        let ports = items(&subset["ports"]);
        for (index, port) in ports.iter().enumerate() {
            check_port(port, ports.len() > 1, &format!("{path}.ports[{index}]"), found);
        }
    }
}

fn check_address(address: &Value, path: &str, found: &mut Findings) {
    let field = format!("{path}.ip");
    let ip = text(&address["ip"]).parse::<IpAddr>();
    if ip.is_err() {
        let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        found.invalid(&field, &json!(text(&address["ip"])), why);
    }
    let hostname = text(&address["hostname"]);
    if !hostname.is_empty() {
        found.problems(format_args!("{path}.hostname"), hostname, texts::label(hostname));
    }
    if let Some(node) = address["nodeName"].as_str() {
        found.problems(format_args!("{path}.nodeName"), node, texts::subdomain_name(node));
    }
    let (is_link_local, is_link_local_multicast) = match &ip {
        Ok(IpAddr::V4(ip)) => (ip.is_link_local(), ip.octets()[..3] == [224, 0, 0]),
        Ok(IpAddr::V6(ip)) => (ip.segments()[0] & 0xffc0 == 0xfe80, ip.segments()[0] & 0xff0f == 0xff02),
        Err(_) => (false, false),
    };
    match ip {
        Err(_) => found.invalid(&field, &json!(text(&address["ip"])), "must be a valid IP address"),
        Ok(ip) if ip.is_unspecified() => {
            found.invalid(&field, &address["ip"], &format!("may not be unspecified ({})", text(&address["ip"])));
        }
        Ok(ip) if ip.is_loopback() => {
            found.invalid(&field, &address["ip"], "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        Ok(_) if is_link_local => {
            found.invalid(&field, &address["ip"], "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        Ok(_) if is_link_local_multicast => {
            let why = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
            found.invalid(&field, &address["ip"], why);
        }
        Ok(_) => {}
    }
}

fn check_port(port: &Value, needs_name: bool, path: &str, found: &mut Findings) {
    let name = text(&port["name"]);
    if name.is_empty() {
        if needs_name {
            found.required(format!("{path}.name"));
        }
    } else {
        found.problems(format_args!("{path}.name"), name, texts::label(name));
    }
    let number = port["port"].as_i64().unwrap_or(0);
    found.port(format!("{path}.port"), &json!(number));
    found.one_of(format!("{path}.protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
    if let Some(protocol) = port["appProtocol"].as_str() {
        found.problems(format_args!("{path}.appProtocol"), protocol, texts::qualified_name(protocol));
    }
}
