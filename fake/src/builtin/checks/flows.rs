//! Checks of flow schemas and priority levels.
//!
//! <https://kubernetes.io/docs/concepts/cluster-administration/flow-control/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::builtin::flows;
use crate::catalog::{Resource, Source};
use crate::objects::texts;
use crate::status::Cause;

const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
const MAX_PRECEDENCE: i64 = 10_000;
const MAX_QUEUES: i64 = 10_000_000;
/// The bits of the hash by which queues are dealt.
const MAX_HASH_BITS: f64 = 60.0;

/// Checks a flow schema.
pub(super) fn schema(object: &Value, found: &mut Findings) {
    let (spec, name) = (&object["spec"], text(&object["metadata"]["name"]));
    let field = "spec.matchingPrecedence";
    let precedence = spec["matchingPrecedence"].as_i64().unwrap_or(0);
    if precedence <= 0 {
        found.invalid(field, &json!(precedence), "must be a positive value");
    }
    if precedence > MAX_PRECEDENCE {
        found.invalid(field, &json!(precedence), "must not be greater than 10000");
    }
    if precedence == 1 && name != "exempt" {
        found.invalid(field, &json!(precedence), "only the schema named 'exempt' may have matchingPrecedence 1");
    }
    let method = &spec["distinguisherMethod"];
    if !method.is_null() && !matches!(text(&method["type"]), "ByUser" | "ByNamespace") {
        let value = json!({ "Type": text(&method["type"]) });
        found.not_supported("spec.distinguisherMethod.type", &value, &["ByNamespace", "ByUser"]);
    }
    let level = text(&spec["priorityLevelConfiguration"]["name"]);
    let field = "spec.priorityLevelConfiguration.name";
    if level.is_empty() {
        found.required_because(field, "must reference a priority level");
    } else {
        found.problems(field, level, texts::subdomain_name(level));
    }
    for (index, rule) in items(&spec["rules"]).iter().enumerate() {
        rules(rule, &format!("spec.rules[{index}]"), found);
    }
    if flows::fixed_schema(name).is_some_and(|fixed| fixed != spec) {
        found.invalid("spec", spec, &format!("spec of '{name}' must equal the fixed value"));
    }
    conditions(&object["status"], found);
}

fn rules(rule: &Value, path: &str, found: &mut Findings) {
    let subjects = items(&rule["subjects"]);
    if subjects.is_empty() {
        found.required_because(format!("{path}.subjects"), "subjects must contain at least one value");
    }
    for (index, of) in subjects.iter().enumerate() {
        subject(of, &format!("{path}.subjects[{index}]"), found);
    }
    let (resources, others) = (items(&rule["resourceRules"]), items(&rule["nonResourceRules"]));
    if resources.is_empty() && others.is_empty() {
        let why = "at least one of resourceRules and nonResourceRules has to be non-empty";
        found.required_because(path, why);
    }
    for (index, rule) in resources.iter().enumerate() {
        resource_rule(rule, &format!("{path}.resourceRules[{index}]"), found);
    }
    for (index, rule) in others.iter().enumerate() {
        let path = format!("{path}.nonResourceRules[{index}]");
        verbs(rule, &path, found);
        let (field, urls) = (format!("{path}.nonResourceURLs"), &rule["nonResourceURLs"]);
        if items(urls).is_empty() {
            found.required_because(field, "nonResourceURLs must contain at least one value");
        } else if has_all(urls) {
            alone(urls, field, "non-resource URLs", found);
        } else {
            for (index, url) in items(urls).iter().enumerate() {
                if let Some(why) = problem_of_url(text(url)) {
                    found.invalid(format!("{field}[{index}]"), url, why);
                }
            }
        }
    }
}

fn subject(subject: &Value, path: &str, found: &mut Findings) {
    // Each kind with the field that it is in.
    const KINDS: [(&str, &str); 3] = [("ServiceAccount", "serviceAccount"), ("User", "user"), ("Group", "group")];
    let kind = text(&subject["kind"]);
    let Some((_, own)) = KINDS.iter().find(|(known, _)| *known == kind) else {
        return found.not_supported(format!("{path}.kind"), &json!(kind), &["Group", "ServiceAccount", "User"]);
    };
    let (named, field) = (&subject[*own], format!("{path}.{own}"));
    if named.is_null() {
        found.required_because(&field, &format!("{own} is required when subject kind is '{kind}'"));
    } else {
        let name = text(&named["name"]);
        if name.is_empty() {
            found.required(format!("{field}.name"));
        } else if *own == "serviceAccount" && name != "*" {
            found.problems(format_args!("{field}.name"), name, texts::subdomain_name(name));
        }
        if *own == "serviceAccount" {
            let (field, namespace) = (format!("{field}.namespace"), text(&named["namespace"]));
            if namespace.is_empty() {
                found.required_because(field, "must specify namespace for service account");
            } else {
                found.problems(&field, namespace, texts::label_name(namespace));
            }
        }
    }
    for (other, field) in KINDS.iter().filter(|(other, field)| *other != kind && !subject[*field].is_null()) {
        let why = format!("{field} is forbidden when subject kind is not '{other}'");
        found.forbidden(format!("{path}.{field}"), &why);
    }
}

fn resource_rule(rule: &Value, path: &str, found: &mut Findings) {
    verbs(rule, path, found);
    for (list, one, many) in [("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")] {
        let (field, values) = (format!("{path}.{list}"), &rule[list]);
        if items(values).is_empty() {
            found.required_because(field, &format!("resource rules must supply at least one {one}"));
        } else if has_all(values) {
            alone(values, field, many, found);
        }
    }
    let (field, namespaces) = (format!("{path}.namespaces"), &rule["namespaces"]);
    if items(namespaces).is_empty() && rule["clusterScope"] != true {
        let why = "resource rules that are not cluster scoped must supply at least one namespace";
        found.required_because(field, why);
    } else if has_all(namespaces) {
        alone(namespaces, field, "namespaces", found);
    } else {
        for (index, namespace) in items(namespaces).iter().enumerate() {
            for problem in texts::label_name(text(namespace)) {
                let why = format!("each member of this list must be '*' or a DNS-1123 label; {problem}");
                found.invalid(format!("{field}[{index}]"), namespace, &why);
            }
        }
    }
}

fn verbs(rule: &Value, path: &str, found: &mut Findings) {
    let (field, verbs) = (format!("{path}.verbs"), &rule["verbs"]);
    if items(verbs).is_empty() {
        found.required_because(field, "verbs must contain at least one value");
    } else if has_all(verbs) {
        alone(verbs, field, "verbs", found);
    } else if items(verbs).iter().any(|verb| !VERBS.contains(&text(verb))) {
        found.not_supported(field, verbs, VERBS);
    }
}

fn has_all(list: &Value) -> bool {
    items(list).iter().any(|value| value == "*")
}

/// Checks that `*` has no others beside it.
fn alone(list: &Value, field: String, what: &str, found: &mut Findings) {
    if items(list).len() > 1 {
        found.invalid(field, list, &format!("if '*' is present, must not specify other {what}"));
    }
}

fn problem_of_url(url: &str) -> Option<&'static str> {
    let stars = url.matches('*').count();
    match url {
        "" => Some("must not be empty"),
        "/" => None,
        _ if !url.starts_with('/') => Some("must start with slash"),
        _ if url.contains(' ') => Some("must not contain white-space"),
        _ if url.contains("//") => Some("must not contain double slash"),
        _ if stars > 1 || (stars == 1 && !url.ends_with("/*")) => Some("wildcard can only do suffix matching"),
        _ => None,
    }
}

/// Why a field of another type may not be there, or has to be. Kubernetes 1.37 and later don't say so.
fn because(why: &'static str, minor: u32) -> &'static str {
    if minor < 37 { why } else { "" }
}

/// Checks that a type is one of a few. Before Kubernetes 1.36, none is an unknown one.
fn unknown_type(field: &str, kind: &str, known: &[&str], minor: u32, found: &mut Findings) {
    if kind.is_empty() && minor >= 36 {
        found.required(field);
    } else {
        found.not_supported(field, &json!(kind), known);
    }
}

/// Checks a priority level.
pub(super) fn level(object: &Value, resource: &Resource, found: &mut Findings) {
    const PRESERVED: &str = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
    let Source::BuiltIn { documents, .. } = &resource.source else { return };
    let minor = documents.minor;
    let (spec, name) = (&object["spec"], text(&object["metadata"]["name"]));
    if object["metadata"]["annotations"].get(PRESERVED).is_some() {
        found.forbidden("metadata.annotations", &format!("annotation '{PRESERVED}' is forbidden"));
    }
    let kind = text(&spec["type"]);
    if (name == "exempt") != (kind == "Exempt") {
        found.invalid("spec.type", &json!(kind), "must be 'Exempt' if and only if `name` is 'exempt'");
    }
    match kind {
        "Exempt" => {
            if !spec["limited"].is_null() {
                forbidden(found, "spec.limited", because("must be nil if the type is not Limited", minor));
            }
            shares(&spec["exempt"], "spec.exempt", minor, found);
        }
        "Limited" => {
            if !spec["exempt"].is_null() {
                forbidden(found, "spec.exempt", because("must be nil if the type is Limited", minor));
            }
            if spec["limited"].is_null() {
                found.required_because("spec.limited", because("must not be empty when type is Limited", minor));
            } else {
                limited(&spec["limited"], minor, found);
            }
        }
        _ => unknown_type("spec.type", kind, &["Exempt", "Limited"], minor, found),
    }
    if let Some(fixed) = flows::fixed_level(name) {
        // The shares of the exempt level may be changed.
        let is_exempt = name == "exempt";
        let without = |spec: &Value| {
            let mut spec = spec.clone();
            if let (true, Value::Object(fields)) = (is_exempt, &mut spec) {
                fields.remove("exempt");
            }
            spec
        };
        if without(fixed) != without(spec) {
            let except = if is_exempt { " except the 'spec.exempt' field" } else { "" };
            found.invalid("spec", spec, &format!("spec of '{name}'{except} must equal the fixed value"));
        }
    }
    conditions(&object["status"], found);
}

fn shares(of: &Value, path: &str, minor: u32, found: &mut Findings) {
    let share = &of["nominalConcurrencyShares"];
    if share.as_i64().is_some_and(|share| share < 0) {
        found.invalid(format!("{path}.nominalConcurrencyShares"), share, "must be a non-negative integer");
    }
    if path == "spec.limited" {
        response(&of["limitResponse"], minor, found);
    }
    let percent = &of["lendablePercent"];
    if percent.as_i64().is_some_and(|percent| !(0..=100).contains(&percent)) {
        found.invalid(format!("{path}.lendablePercent"), percent, "must be between 0 and 100, inclusive");
    }
}

fn limited(limited: &Value, minor: u32, found: &mut Findings) {
    shares(limited, "spec.limited", minor, found);
    let percent = &limited["borrowingLimitPercent"];
    if percent.as_i64().is_some_and(|percent| percent < 0) {
        let why = "if specified, must be a non-negative integer";
        found.invalid("spec.limited.borrowingLimitPercent", percent, why);
    }
}

fn response(response: &Value, minor: u32, found: &mut Findings) {
    let (queuing, field) = (&response["queuing"], "spec.limited.limitResponse.queuing");
    match text(&response["type"]) {
        "Reject" if !queuing.is_null() => {
            forbidden(found, field, because("must be nil if limited.limitResponse.type is not Limited", minor));
        }
        "Reject" => {}
        "Queue" if queuing.is_null() => {
            found.required_because(field, because("must not be empty if limited.limitResponse.type is Limited", minor));
        }
        "Queue" => queues(queuing, field, found),
        kind => unknown_type("spec.limited.limitResponse.type", kind, &["Queue", "Reject"], minor, found),
    }
}

fn queues(queuing: &Value, path: &str, found: &mut Findings) {
    let number = |name: &str| queuing[name].as_i64().unwrap_or(0);
    let (limit, queues, hand) = (number("queueLengthLimit"), number("queues"), number("handSize"));
    if limit <= 0 {
        found.invalid(format!("{path}.queueLengthLimit"), &json!(limit), "must be positive");
    }
    if queues <= 0 {
        found.invalid(format!("{path}.queues"), &json!(queues), "must be positive");
    } else if queues > MAX_QUEUES {
        found.invalid(format!("{path}.queues"), &json!(queues), &format!("must not be greater than {MAX_QUEUES}"));
    }
    let field = format!("{path}.handSize");
    // Of numbers of 32 bits, which have exact values as floats.
    #[allow(clippy::cast_precision_loss)]
    let bits = ((queues.max(1) as f64).log2() * hand as f64).ceil();
    if hand <= 0 {
        found.invalid(field, &json!(hand), "must be positive");
    } else if hand > queues {
        found.invalid(field, &json!(hand), &format!("should not be greater than queues ({queues})"));
    } else if bits > MAX_HASH_BITS {
        let why = format!(
            "required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {MAX_HASH_BITS}"
        );
        found.invalid(field, &json!(hand), &why);
    }
}

/// A field that may not be there, perhaps without a reason.
fn forbidden(found: &mut Findings, field: &str, why: &str) {
    if why.is_empty() {
        let cause = Cause { reason: "FieldValueForbidden", message: "Forbidden".to_owned(), field: field.to_owned() };
        found.push(cause);
    } else {
        found.forbidden(field, why);
    }
}

/// Checks the conditions of either kind.
pub(super) fn conditions(status: &Value, found: &mut Findings) {
    let mut known = BTreeSet::new();
    for (index, condition) in items(&status["conditions"]).iter().enumerate() {
        let (field, kind) = (format!("status.conditions[{index}].type"), text(&condition["type"]));
        if !known.insert(kind) {
            found.duplicate(&field, &json!(kind));
        }
        if kind.is_empty() {
            found.required(field);
        }
    }
}
