//! Checks of configurations of admission webhooks.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-configuration>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::selectors;
use crate::objects::texts;

/// The end of names that are those of files on the machine of a real server.
const STATIC: &str = ".static.k8s.io";

const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/// Checks a configuration, of mutating or of validating webhooks.
pub(super) fn check(object: &Value, plural: &str, is_new: bool, found: &mut Findings) {
    let is_mutating = plural.starts_with("mutating");
    let mut names = BTreeSet::new();
    for (index, hook) in items(&object["webhooks"]).iter().enumerate() {
        let path = format!("webhooks[{index}]");
        webhook(hook, &path, is_mutating, found);
        review_versions(&hook["admissionReviewVersions"], &format!("{path}.admissionReviewVersions"), found);
        let name = text(&hook["name"]);
        if !name.is_empty() && !names.insert(name) {
            found.duplicate(format!("{path}.name"), &hook["name"]);
        }
    }
    let name = text(&object["metadata"]["name"]);
    if is_new && name.ends_with(STATIC) {
        let why = format!(
            "names ending with {STATIC:?} are reserved for static manifest-based configurations and cannot be managed via the API"
        );
        found.invalid("metadata.name", &json!(name), &why);
    }
}

fn webhook(hook: &Value, path: &str, is_mutating: bool, found: &mut Findings) {
    full_name(&hook["name"], &format!("{path}.name"), found);
    for (index, rule) in items(&hook["rules"]).iter().enumerate() {
        self::rule(rule, &format!("{path}.rules[{index}]"), found);
    }
    found.one_of(format!("{path}.failurePolicy"), &hook["failurePolicy"], &["Fail", "Ignore"]);
    found.one_of(format!("{path}.matchPolicy"), &hook["matchPolicy"], &["Equivalent", "Exact"]);
    if hook["sideEffects"].is_null() {
        found.required_because(format!("{path}.sideEffects"), "must specify one of None, NoneOnDryRun");
    }
    found.one_of(format!("{path}.sideEffects"), &hook["sideEffects"], &["None", "NoneOnDryRun"]);
    let timeout = &hook["timeoutSeconds"];
    if timeout.as_i64().is_some_and(|seconds| !(1..=30).contains(&seconds)) {
        found.invalid(format!("{path}.timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds");
    }
    for name in ["namespaceSelector", "objectSelector"] {
        if hook[name].is_object() {
            selectors::check(&hook[name], &format!("{path}.{name}"), found);
        }
    }
    if is_mutating {
        found.one_of(format!("{path}.reinvocationPolicy"), &hook["reinvocationPolicy"], &["IfNeeded", "Never"]);
    }
    client(&hook["clientConfig"], &format!("{path}.clientConfig"), found);
    conditions(items(&hook["matchConditions"]), &format!("{path}.matchConditions"), found);
}

/// A name of at least three parts.
fn full_name(name: &Value, path: &str, found: &mut Findings) {
    let text = text(name);
    let problems = texts::subdomain(text);
    if text.is_empty() {
        found.required(path);
    } else if !problems.is_empty() {
        found.invalid(path, name, &problems.join(","));
    } else if text.split('.').count() < 3 {
        found.invalid(path, name, "should be a domain with at least three segments separated by dots");
    }
}

fn rule(rule: &Value, path: &str, found: &mut Findings) {
    let all = |name: &str| items(&rule[name]).iter().any(|item| item == "*");
    let others = |name: &str, what: &str, found: &mut Findings| {
        if items(&rule[name]).len() > 1 && all(name) {
            found.invalid(
                format!("{path}.{name}"),
                &rule[name],
                &format!("if '*' is present, must not specify other {what}"),
            );
        }
    };
    let some = |name: &str, found: &mut Findings| {
        if items(&rule[name]).is_empty() {
            found.required(format!("{path}.{name}"));
        }
    };
    some("operations", found);
    others("operations", "operations", found);
    for (index, operation) in items(&rule["operations"]).iter().enumerate() {
        found.one_of(format!("{path}.operations[{index}]"), operation, OPERATIONS);
    }
    some("apiGroups", found);
    others("apiGroups", "API groups", found);
    some("apiVersions", found);
    others("apiVersions", "API versions", found);
    for (index, version) in items(&rule["apiVersions"]).iter().enumerate() {
        if text(version).is_empty() {
            found.required(format!("{path}.apiVersions[{index}]"));
        }
    }
    resources(&rule["resources"], &format!("{path}.resources"), found);
    found.one_of(format!("{path}.scope"), &rule["scope"], &["*", "Cluster", "Namespaced"]);
}

fn resources(list: &Value, path: &str, found: &mut Findings) {
    let names = items(list);
    if names.is_empty() {
        found.required(path);
    }
    let (mut with_all_subresources, mut of_all_resources) = (BTreeSet::new(), BTreeSet::new());
    let mut names_one = false;
    for (index, value) in names.iter().enumerate() {
        let field = format!("{path}[{index}]");
        let name = text(value);
        if name.is_empty() {
            found.required(field);
            continue;
        }
        let Some((resource, subresource)) = name.split_once('/') else {
            names_one = name != "*";
            continue;
        };
        if with_all_subresources.contains(resource) {
            found.invalid(&*field, value, &format!("if '{resource}/*' is present, must not specify {name}"));
        }
        if of_all_resources.contains(subresource) {
            found.invalid(&*field, value, &format!("if '*/{subresource}' is present, must not specify {name}"));
        }
        if subresource == "*" {
            with_all_subresources.insert(resource);
        }
        if resource == "*" {
            of_all_resources.insert(subresource);
        }
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if names.len() > 1 && has("*/*") {
        found.invalid(path, list, "if '*/*' is present, must not specify other resources");
    }
    if has("*") && names_one {
        found.invalid(path, list, "if '*' is present, must not specify other resources without subresources");
    }
}

fn review_versions(list: &Value, path: &str, found: &mut Findings) {
    let versions = items(list);
    if versions.is_empty() {
        found.required_because(path, "must specify one of v1, v1beta1");
        return;
    }
    let mut known = BTreeSet::new();
    for (index, version) in versions.iter().enumerate() {
        let field = format!("{path}[{index}]");
        if !known.insert(text(version)) {
            found.invalid(field, version, "duplicate version");
            continue;
        }
        found.problems(&field, text(version), texts::label_with_letter(text(version)));
    }
    if !known.contains("v1") && !known.contains("v1beta1") {
        found.invalid(path, list, "must include at least one of v1, v1beta1");
    }
}

fn client(client: &Value, path: &str, found: &mut Findings) {
    let given = |name: &str| client.get(name).filter(|value| !value.is_null());
    match (given("url"), given("service")) {
        (Some(url), None) => self::url(text(url), &format!("{path}.url"), found),
        (None, Some(service)) => self::service(service, &format!("{path}.service"), found),
        _ => found.required_because(path, "exactly one of url or service is required"),
    }
}

fn url(url: &str, path: &str, found: &mut Findings) {
    const FORM: &str = "; desired format: https://host[/path]";
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = if scheme.is_empty() { "" } else { rest.split('/').next().unwrap_or_default() };
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if scheme != "https" {
        found.invalid(path, &json!(scheme), &format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if host.is_empty() {
        found.invalid(path, &json!(host), &format!("host must be specified{FORM}"));
    }
    if let Some(user) = user {
        found.invalid(path, &json!(user), "user information is not permitted in the URL");
    }
    if !fragment.is_empty() {
        found.invalid(path, &json!(fragment), "fragments are not permitted in the URL");
    }
    if !query.is_empty() {
        found.invalid(path, &json!(query), "query parameters are not permitted in the URL");
    }
}

fn service(service: &Value, path: &str, found: &mut Findings) {
    // The API server takes the one for the other here, unlike in definitions.
    for (name, blamed) in [("namespace", "name"), ("name", "namespace")] {
        if text(&service[name]).is_empty() {
            found.required(format!("{path}.{blamed}"));
        }
    }
    let port = &service["port"];
    if port.as_i64().is_some_and(|port| !(1..=65535).contains(&port)) {
        found.invalid(format!("{path}.port"), port, "port is not valid: must be between 1 and 65535, inclusive");
    }
    let field = format!("{path}.path");
    let value = &service["path"];
    let text = text(value);
    if text.is_empty() || text == "/" {
        return;
    }
    if text == "//" {
        return found.invalid(field, value, "segment[0] may not be empty");
    }
    if !text.starts_with('/') {
        found.invalid(&*field, value, "must start with a '/'");
    }
    let mut rest: String = text.chars().skip(1).collect();
    if rest.ends_with('/') {
        rest.pop();
    }
    for (index, segment) in rest.split('/').enumerate() {
        if segment.is_empty() {
            found.invalid(&*field, value, &format!("segment[{index}] may not be empty"));
            continue;
        }
        for problem in texts::subdomain(segment) {
            found.invalid(&*field, value, &format!("segment[{index}]: {problem}"));
        }
    }
}

/// What is in an expression is seen when it is evaluated.
fn conditions(conditions: &[Value], path: &str, found: &mut Findings) {
    let mut names = BTreeSet::new();
    for (index, condition) in conditions.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if text(&condition["expression"]).trim().is_empty() {
            found.required(format!("{path}.expression"));
        }
        let name = text(&condition["name"]);
        if name.is_empty() {
            found.required(format!("{path}.name"));
            continue;
        }
        found.problems(&format!("{path}.name"), name, texts::qualified_name(name));
        if !names.insert(name) {
            found.duplicate(format!("{path}.name"), &condition["name"]);
        }
    }
}
