//! Checks of workloads: trees of templates of groups.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::parts::{self, Change, Sort};
use crate::builtin::checks::declared;
use crate::builtin::checks::findings::{Findings, items, text};
use crate::objects::texts;

const GROUPS: &str = "podGroupTemplates";
const COMPOSITES: &str = "compositePodGroupTemplates";
const MAX_TEMPLATES: usize = 8;
const MAX_DEPTH: usize = 4;

/// Checks a workload, a new one or one in place of another.
pub(super) fn check(workload: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &workload["spec"];
    let mut names = names(&spec[GROUPS]);
    check_names(spec, "spec", &mut names, found);
    for (index, template) in items(&spec[COMPOSITES]).iter().enumerate() {
        if depth(template) > MAX_DEPTH - 1 {
            let why = format!("maximum template hierarchy depth is {MAX_DEPTH}");
            found.invalid(format!("spec.{COMPOSITES}[{index}]"), &template[COMPOSITES], &why);
        }
    }
    check_priorities(spec, found);
    check_children(spec, "spec", found);
    declare((spec, old.map(|old| &old["spec"])), found);
}

fn names(list: &Value) -> BTreeSet<&str> {
    items(list).iter().map(|template| text(&template["name"])).collect()
}

/// Each name is that of one template of the tree. Those that are there twice in one list are found with the list.
fn check_names<'v>(parent: &'v Value, path: &str, known: &mut BTreeSet<&'v str>, found: &mut Findings) {
    let path = format!("{path}.{COMPOSITES}");
    let composites = items(&parent[COMPOSITES]);
    for (index, template) in composites.iter().enumerate() {
        if known.contains(text(&template["name"])) {
            found.duplicate(format!("{path}[{index}].name"), &template["name"]);
        }
    }
    known.extend(names(&parent[COMPOSITES]));
    for (index, template) in composites.iter().enumerate() {
        let path = format!("{path}[{index}]");
        for (index, group) in items(&template[GROUPS]).iter().enumerate() {
            if known.contains(text(&group["name"])) {
                found.duplicate(format!("{path}.{GROUPS}[{index}].name"), &group["name"]);
            }
        }
        known.extend(names(&template[GROUPS]));
        check_names(template, &path, known, found);
    }
}

/// How many composites are one in another, below this one.
fn depth(template: &Value) -> usize {
    items(&template[COMPOSITES]).iter().map(|inner| depth(inner) + 1).max().unwrap_or(0)
}

/// All templates have the same priority.
fn check_priorities(spec: &Value, found: &mut Findings) {
    let priority = |template: &Value| (text(&template["priorityClassName"]).to_owned(), template["priority"].clone());
    let groups: Vec<_> = items(&spec[GROUPS]).iter().map(priority).collect();
    let mut all = groups.clone();
    items(&spec[COMPOSITES]).iter().for_each(|template| collect(template, &priority, &mut all));
    let are_same = |list: &[(String, Value)]| list.windows(2).all(|pair| pair[0] == pair[1]);
    if !are_same(&groups) {
        found.invalid("spec", &Value::Null, "detected multiple priority configurations");
    } else if !are_same(&all) {
        let why = "all priority and priorityClassName values must be identical, detected multiple values";
        found.invalid("spec", &Value::Null, why);
    }
}

fn collect<T>(template: &Value, of: &impl Fn(&Value) -> T, all: &mut Vec<T>) {
    all.push(of(template));
    items(&template[COMPOSITES]).iter().for_each(|inner| collect(inner, of, all));
    all.extend(items(&template[GROUPS]).iter().map(of));
}

/// A composite is one of something.
fn check_children(parent: &Value, path: &str, found: &mut Findings) {
    for (index, template) in items(&parent[COMPOSITES]).iter().enumerate() {
        let path = format!("{path}.{COMPOSITES}[{index}]");
        if items(&template[GROUPS]).is_empty() && items(&template[COMPOSITES]).is_empty() {
            let why = "must have at least one child PodGroupTemplate or CompositePodGroupTemplate";
            found.invalid(&path, &json!(text(&template["name"])), why);
        }
        check_children(template, &path, found);
    }
}

fn declare((spec, old): Change<'_>, found: &mut Findings) {
    declared::changed_union((spec, old), &[GROUPS, COMPOSITES], "spec", found);
    let (controller, path) = (&spec["controllerRef"], "spec.controllerRef");
    if !declared::is_changed(controller, old.map(|old| &old["controllerRef"]), path, found) && controller.is_object() {
        declared::optional(&controller["apiGroup"], texts::subdomain, &format!("{path}.apiGroup"), found);
        declared::required(&controller["kind"], texts::path_segment, &format!("{path}.kind"), found);
        declared::required(&controller["name"], texts::path_segment, &format!("{path}.name"), found);
    }
    templates((spec, old), Sort::Pods, "spec", found);
    templates((spec, old), Sort::Groups, "spec", found);
}

/// Checks a list of templates, whose names stay.
fn templates((parent, old): Change<'_>, sort: Sort, path: &str, found: &mut Findings) {
    let name = if sort == Sort::Pods { GROUPS } else { COMPOSITES };
    let (list, path) = (&parent[name], format!("{path}.{name}"));
    let before = old.map(|old| items(&old[name]));
    if before.is_some_and(|before| before == items(list)) {
        return;
    }
    let limited = declared::limited(list, MAX_TEMPLATES, &path, found);
    if limited.is_empty() {
        return;
    }
    if let Some(before) = before {
        let has = |list: &[Value], item: &Value| list.iter().any(|other| other["name"] == item["name"]);
        let count = found.count();
        for (index, _) in limited.iter().enumerate().filter(|(_, item)| !has(before, item)) {
            found.forbidden(format!("{path}[{index}]"), "item may not be added");
        }
        for _ in before.iter().filter(|item| !has(limited, item)) {
            found.forbidden(&path, "item may not be removed");
        }
        if found.count() > count {
            return;
        }
    }
    declared::named(list, MAX_TEMPLATES, &path, found);
    for (index, template) in limited.iter().enumerate() {
        let old = before.and_then(|before| before.iter().find(|other| other["name"] == template["name"]));
        if old != Some(template) {
            check_template((template, old), sort, &format!("{path}[{index}]"), found);
        }
    }
}

fn check_template((template, old): Change<'_>, sort: Sort, path: &str, found: &mut Findings) {
    declared::required(&template["name"], texts::label, &format!("{path}.name"), found);
    let policy = (&template["schedulingPolicy"], old.map(|old| &old["schedulingPolicy"]));
    parts::policy(policy, sort, &format!("{path}.schedulingPolicy"), found);
    parts::common((template, old), sort, true, path, found);
    if sort == Sort::Groups {
        templates((template, old), Sort::Pods, path, found);
        templates((template, old), Sort::Groups, path, found);
    }
}
