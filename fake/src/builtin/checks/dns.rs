//! Checks of a pod's DNS, and of the names that it has of its own.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config>

use std::fmt;

use serde_json::Value;

use super::addresses::legacy_address;
use super::findings::{Findings, items, text};
use crate::objects::texts;

const MAX_SERVERS: usize = 3;
const MAX_SEARCHES: usize = 32;
const MAX_LETTERS: usize = 2048;

pub(super) fn config(spec: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let (config, path) = (spec.get("dnsConfig"), format_args!("{field}.dnsConfig"));
    if spec["dnsPolicy"] == "None" {
        match config {
            None => {
                found.required_because(path, "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }
            Some(config) if items(&config["nameservers"]).is_empty() => {
                let why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
                found.required_because(format_args!("{path}.nameservers"), why);
                return;
            }
            Some(_) => {}
        }
    }
    let Some(config) = config else { return };
    let servers = items(&config["nameservers"]);
    if servers.len() > MAX_SERVERS {
        let why = format!("must not have more than {MAX_SERVERS} nameservers");
        found.invalid(format_args!("{path}.nameservers"), &config["nameservers"], &why);
    }
    for (index, server) in servers.iter().enumerate() {
        legacy_address(text(server), &format!("{path}.nameservers[{index}]"), found);
    }
    let searches = items(&config["searches"]);
    if searches.len() > MAX_SEARCHES {
        let why = format!("must not have more than {MAX_SEARCHES} search paths");
        found.invalid(format_args!("{path}.searches"), &config["searches"], &why);
    }
    let letters = searches.iter().map(|search| text(search).len() + 1).sum::<usize>().saturating_sub(1);
    if letters > MAX_LETTERS {
        let why = format!("must not have more than {MAX_LETTERS} characters (including spaces) in the search list");
        found.invalid(format_args!("{path}.searches"), &config["searches"], &why);
    }
    for (index, search) in searches.iter().enumerate() {
        let search = text(search);
        if search != "." {
            let name = search.strip_suffix('.').unwrap_or(search);
            found.problems(format_args!("{path}.searches[{index}]"), name, texts::subdomain_of_search(name));
        }
    }
    for (index, option) in items(&config["options"]).iter().enumerate() {
        if text(&option["name"]).is_empty() {
            found.required_because(format_args!("{path}.options[{index}]"), "must not be empty");
        }
    }
}

pub(super) fn host_aliases(aliases: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    for (index, alias) in items(aliases).iter().enumerate() {
        legacy_address(text(&alias["ip"]), &format!("{field}[{index}].ip"), found);
        for (at, name) in items(&alias["hostnames"]).iter().enumerate() {
            let name = text(name);
            found.problems(format_args!("{field}[{index}].hostnames[{at}]"), name, texts::subdomain(name));
        }
    }
}
