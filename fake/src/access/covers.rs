//! Whether some rules allow all that others allow, and what is left.

use super::rule::{Rule, is_within};

use crate::quoted::quoted;

/// The smallest rules, of one verb and one resource each, that are not allowed by the rules that somebody has.
pub(super) fn uncovered(held: &[&Rule], wanted: &[Rule]) -> Vec<Rule> {
    let parts = wanted.iter().flat_map(parts);
    parts.filter(|part| !held.iter().any(|rule| covers(rule, part))).collect()
}

/// A rule as rules of one verb, one group, one resource and one name, or of one verb and one path.
fn parts(rule: &Rule) -> Vec<Rule> {
    let one = |value: &String| vec![value.clone()];
    let mut parts = Vec::new();
    for group in &rule.groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let part = Rule { verbs: one(verb), groups: one(group), resources: one(resource), ..Rule::default() };
                if rule.names.is_empty() {
                    parts.push(part);
                    continue;
                }
                parts.extend(rule.names.iter().map(|name| Rule { names: one(name), ..part.clone() }));
            }
        }
    }
    for url in &rule.urls {
        parts.extend(rule.verbs.iter().map(|verb| Rule { verbs: one(verb), urls: one(url), ..Rule::default() }));
    }
    parts
}

/// Whether a rule allows all of a part.
fn covers(rule: &Rule, part: &Rule) -> bool {
    let has = |list: &[String], value: &str| list.iter().any(|known| known == value);
    let has_all = |list: &[String], wanted: &[String]| has(list, "*") || wanted.iter().all(|one| has(list, one));
    let has_resource = |wanted: &String| {
        let of_all = wanted.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
        has(&rule.resources, "*")
            || has(&rule.resources, wanted)
            || of_all.is_some_and(|all| has(&rule.resources, &all))
    };
    let has_names = match part.names.as_slice() {
        [] => rule.names.is_empty(),
        names => rule.names.is_empty() || names.iter().all(|name| has(&rule.names, name)),
    };
    has_all(&rule.verbs, &part.verbs)
        && has_all(&rule.groups, &part.groups)
        && part.resources.iter().all(has_resource)
        && has_names
        && part.urls.iter().all(|path| rule.urls.iter().any(|url| is_within(path, url)))
}

/// Rules as errors list them: in order, those of one resource together.
pub(super) fn listed(rules: &[Rule]) -> String {
    let mut compact: Vec<Rule> = Vec::new();
    for rule in rules {
        let is_same = |other: &&mut Rule| {
            Rule { verbs: Vec::new(), ..(**other).clone() } == Rule { verbs: Vec::new(), ..rule.clone() }
        };
        match compact.iter_mut().find(is_same).filter(|_| rule.urls.is_empty()) {
            Some(known) => known.verbs.extend(rule.verbs.iter().cloned()),
            None => compact.push(rule.clone()),
        }
    }
    let mut lines: Vec<String> = compact.iter().map(line).collect();
    lines.sort();
    lines.dedup();
    lines.join("\n")
}

fn line(rule: &Rule) -> String {
    let fields = [
        ("APIGroups", &rule.groups),
        ("Resources", &rule.resources),
        ("NonResourceURLs", &rule.urls),
        ("ResourceNames", &rule.names),
        ("Verbs", &rule.verbs),
    ];
    let said: Vec<String> = fields
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| format!("{name}:{}", all_quoted(values)))
        .collect();
    format!("{{{}}}", said.join(", "))
}

/// Texts, as Go prints a slice of them.
pub(super) fn all_quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("{}", quoted(text))).collect();
    format!("[{}]", texts.join(" "))
}
