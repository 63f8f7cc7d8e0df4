//! Checks of claims of devices, and of their templates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::found::Found;
use super::{names, parts};
use crate::builtin::checks::findings::{Findings, items, text};
use crate::builtin::checks::metadata;
use crate::objects::texts;

const MAX_REQUESTS: usize = 32;
const MAX_CONSTRAINTS: usize = 32;
const MAX_ALTERNATIVES: usize = 8;
const MODES: &[&str] = &["All", "ExactCount"];

/// The metadata that templates have none of.
const FIXED: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// Checks a claim. Its spec stays as it is.
pub(super) fn check(claim: &Value, old: Option<&Value>, found: &mut Found<'_>) {
    match old {
        None => spec(&claim["spec"], "spec", found),
        Some(old) if old["spec"] == claim["spec"] => {}
        // The value isn't told.
        Some(_) if found.is_declared() => found.both().invalid("spec", &Value::Null, "field is immutable"),
        Some(_) => found.code.invalid("spec", &claim["spec"], "field is immutable"),
    }
}

/// Checks a template of claims. It stays as it is too.
pub(super) fn template(template: &Value, old: Option<&Value>, found: &mut Found<'_>) {
    let inner = &template["spec"];
    let written = &inner["metadata"];
    for key in written["annotations"].as_object().into_iter().flat_map(|annotations| annotations.keys()) {
        found.code.problems("spec.metadata.annotations", key, texts::qualified_name(&key.to_lowercase()));
    }
    metadata::labels(&written["labels"], format_args!("spec.metadata.labels"), found.code);
    for field in FIXED {
        // As Go writes the first letter in lower case.
        let name = if *field == "uid" { "uID" } else { field };
        if written.get(field).is_some_and(|value| !value.is_null()) {
            found.code.forbidden(format!("spec.metadata.{name}"), "cannot be set");
        }
    }
    spec(&inner["spec"], "spec.spec", found);
    if let Some(old) = old {
        found.code.immutable("spec", inner, &old["spec"]);
    }
}

fn spec(spec: &Value, path: &str, found: &mut Found<'_>) {
    let (devices, path) = (&spec["devices"], format!("{path}.devices"));
    let requests = Requests::of(devices);
    let by_name = |request: &Value| json!(text(&request["name"]));
    found.set((&devices["requests"], &format!("{path}.requests")), MAX_REQUESTS, by_name, |request, path, found| {
        check_request(request, path, found);
    });
    let constraints = format!("{path}.constraints");
    for (index, constraint) in found.limited(&devices["constraints"], &constraints, MAX_CONSTRAINTS).iter().enumerate()
    {
        check_constraint(constraint, &requests, &format!("{constraints}[{index}]"), found);
    }
    let config = format!("{path}.config");
    for (index, configuration) in
        found.limited(&devices["config"], &config, parts::MAX_CONFIGURATIONS).iter().enumerate()
    {
        let path = format!("{config}[{index}]");
        requests.check_list(&configuration["requests"], &format!("{path}.requests"), found);
        parts::configuration(configuration, &path, found);
    }
}

fn check_request(request: &Value, path: &str, found: &mut Found<'_>) {
    names::label(&request["name"], &format!("{path}.name"), found.code);
    let alternatives = items(&request["firstAvailable"]);
    match (request["exactly"].is_object(), !alternatives.is_empty()) {
        (false, false) => {
            found.code.required_because(path, "exactly one of `exactly` or `firstAvailable` is required");
        }
        (true, true) => {
            let why = "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set";
            found.code.invalid(path, &Value::Null, why);
            found.declared_alone(|found| {
                exactly(&request["exactly"], path, found);
                first_available(&request["firstAvailable"], path, found);
            });
        }
        (true, false) => exactly(&request["exactly"], path, found),
        (false, true) => first_available(&request["firstAvailable"], path, found),
    }
}

fn exactly(request: &Value, path: &str, found: &mut Found<'_>) {
    let path = format!("{path}.exactly");
    names::class(&request["deviceClassName"], &format!("{path}.deviceClassName"), found.code);
    wanted(request, &path, found);
}

fn first_available(alternatives: &Value, path: &str, found: &mut Found<'_>) {
    let by_name = |request: &Value| json!(text(&request["name"]));
    let path = format!("{path}.firstAvailable");
    found.set((alternatives, &path), MAX_ALTERNATIVES, by_name, |alternative, path, found| {
        names::label(&alternative["name"], &format!("{path}.name"), found.code);
        names::class(&alternative["deviceClassName"], &format!("{path}.deviceClassName"), found.both());
        wanted(alternative, path, found);
    });
}

/// What devices a request wants, and how many.
fn wanted(request: &Value, path: &str, found: &mut Found<'_>) {
    parts::selectors(&request["selectors"], &format!("{path}.selectors"), found);
    let count = request["count"].as_i64().unwrap_or(0);
    match text(&request["allocationMode"]) {
        "All" if count != 0 => {
            let why = "must not be specified when allocationMode is 'All'";
            found.code.invalid(format!("{path}.count"), &json!(count), why);
        }
        "ExactCount" if count <= 0 => {
            found.code.invalid(format!("{path}.count"), &json!(count), "must be greater than zero");
        }
        "All" | "ExactCount" => {}
        other => found.both().not_supported(format!("{path}.allocationMode"), &json!(other), MODES),
    }
    parts::tolerations(&request["tolerations"], &format!("{path}.tolerations"), found);
}

fn check_constraint(constraint: &Value, requests: &Requests<'_>, path: &str, found: &mut Found<'_>) {
    requests.check_list(&constraint["requests"], &format!("{path}.requests"), found);
    // Of both, code checks one, and the types declare both.
    let names: Vec<&str> =
        ["matchAttribute", "distinctAttribute"].into_iter().filter(|name| !constraint[name].is_null()).collect();
    if names.is_empty() {
        let why = "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set";
        found.code.required_because(path, why);
    }
    let count = if found.is_declared() { names.len() } else { 1 };
    for name in names.into_iter().take(count) {
        names::fully_qualified(&constraint[name], &format!("{path}.{name}"), found);
    }
}

/// The names of the requests of a claim, each with those of its alternatives.
pub(super) struct Requests<'v>(BTreeMap<&'v str, Vec<&'v str>>);

impl<'v> Requests<'v> {
    pub fn of(devices: &'v Value) -> Self {
        let names = |list: &'v Value| items(list).iter().map(|item| text(&item["name"])).collect();
        let requests = items(&devices["requests"]).iter();
        Self(requests.map(|request| (text(&request["name"]), names(&request["firstAvailable"]))).collect())
    }

    fn has(&self, name: &str) -> bool {
        match name.split_once('/') {
            None => self.0.contains_key(name),
            Some((request, alternative)) => {
                self.0.get(request).is_some_and(|alternatives| alternatives.contains(&alternative))
            }
        }
    }

    /// Checks a reference to a request, or to an alternative of one.
    pub fn check(&self, value: &Value, field: &str, found: &mut Findings) {
        const WHY: &str =
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
        let name = text(value);
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > 2 {
            found.invalid(field, value, WHY);
            return;
        }
        for part in parts {
            names::label(&json!(part), field, found);
        }
        if !self.has(name) {
            found.invalid(field, &json!(name), WHY);
        }
    }

    /// Checks a list of such references.
    pub fn check_list(&self, list: &Value, path: &str, found: &mut Found<'_>) {
        found.set((list, path), MAX_REQUESTS, Value::clone, |name, field, found| self.check(name, field, found.code));
    }
}
