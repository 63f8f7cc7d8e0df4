//! Checks of the claims of devices that a pod refers to.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/>

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts;

/// The claims of a pod.
pub(super) fn check(claims: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, claim) in items(claims).iter().enumerate() {
        let path = format_args!("{field}[{index}]");
        let name = text(&claim["name"]);
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
        } else if !names.insert(name) {
            found.duplicate(format_args!("{path}.name"), &claim["name"]);
        } else {
            found.problems(format_args!("{path}.name"), name, texts::label(name));
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        let why = match sources.iter().filter(|name| claim.get(**name).is_some()).count() {
            0 => Some("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"),
            1 => None,
            _ => Some("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"),
        };
        if let Some(why) = why {
            // As Go prints its struct.
            let printed = format!(
                "{{\"Name\":{},\"ResourceClaimName\":{},\"ResourceClaimTemplateName\":{}}}",
                json!(name),
                claim[sources[0]],
                claim[sources[1]]
            );
            found.invalid_text(path, &printed, why);
        }
        for source in sources {
            if let Some(name) = claim.get(source).map(text) {
                found.problems(format_args!("{path}.{source}"), name, texts::subdomain(name));
            }
        }
    }
}

/// Those of them that a container uses.
pub(super) fn of_container(used: &Value, claims: &Value, path: fmt::Arguments<'_>, found: &mut Findings) {
    let known: Vec<&str> = items(claims).iter().map(|claim| text(&claim["name"])).collect();
    let mut names = BTreeSet::new();
    for (index, claim) in items(used).iter().enumerate() {
        let (path, name) = (format_args!("{path}[{index}]"), text(&claim["name"]));
        if name.is_empty() {
            found.required(format_args!("{path}.name"));
            continue;
        }
        if !names.insert((name, text(&claim["request"]))) {
            found.duplicate(path, &claim["name"]);
        } else if !known.contains(&name) {
            let which = if known.is_empty() { " which is empty".to_owned() } else { format!(": {}", known.join(", ")) };
            let why = format!("must be one of the names in pod.spec.resourceClaims{which}");
            found.missing_because(path, &claim["name"], &why);
        }
    }
}
