//! What is done to which object, and what must then be the same.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::json::Json;
use super::kind::{Case, Kind};
use super::kubectl::Outcomes;
use super::program;
use super::report::{Failure, Report};
use super::server::{Stored, content};
use super::target::Target;

/// How many objects of each kind are stored under its schema as it was.
const EARLIER: usize = 8;

const CREATE: &[&str] = &["create", "--field-manager=m"];
const APPLY: &[&str] = &["apply", "--server-side", "--field-manager=m"];
const REPLACE: &[&str] = &["replace", "--field-manager=m"];
const REPLACE_STATUS: &[&str] = &["replace", "--field-manager=m", "--subresource=status"];
const APPLY_STATUS: &[&str] = &["apply", "--server-side", "--field-manager=m", "--subresource=status"];

/// What is done to objects of random kinds.
pub const ALL: &[&str] = &["create", "apply", "replace", "change", "keep", "replace-status", "apply-status", "earlier"];

/// Everything that is done to a kind's objects.
pub struct Plan<'a> {
    target: &'a Target,
    cases: Vec<Case>,
    /// Objects that are stored under the schema as it was.
    earlier: Vec<Json>,
    /// What is done to them.
    verbs: &'static [&'static str],
    /// What the CRD is, to repeat a failure by hand.
    crd: String,
}

/// What is done to one object by kubectl, and to another one or two by the program.
struct Step<'a> {
    verb: &'static str,
    /// What the object is at first, if it is there.
    base: Option<Json>,
    /// What kubectl is told, and the manifests for it: of this object, without a name.
    kubectl: Option<&'static [&'static str]>,
    manifests: Vec<Json>,
    /// What the program does: the ends of its objects' names.
    by: &'static [&'static str],
    change: Option<&'a (String, Json)>,
    /// The beginning of the objects' names.
    name: String,
}

impl Step<'_> {
    /// The name of the object that this one writes.
    fn object(&self, by: &str) -> String {
        format!("{}-{}-{by}", self.name, self.verb)
    }

    /// Whether what it is about is there.
    fn is_due(&self, before: &Stored) -> bool {
        let writers = self.kubectl.iter().map(|_| "k").chain(self.by.iter().copied());
        self.base.is_none() || writers.into_iter().all(|by| before.contains_key(&self.object(by)))
    }
}

impl<'a> Plan<'a> {
    /// All that can be done to a random kind's objects.
    pub fn of(kind: &'a Kind, objects: usize) -> Self {
        let cases = (0..objects).map(|index| kind.case(index)).collect();
        let earlier = (0..EARLIER).map(|index| kind.earlier_object(index)).collect();
        let crd = format!("the CRD as it was: {}\nCRD: {}", kind.crd(false), kind.crd(true));
        Self { target: &kind.target, cases, earlier, verbs: ALL, crd }
    }

    /// These verbs alone, of these objects.
    pub fn with(target: &'a Target, cases: Vec<Case>, verbs: &'static [&'static str], crd: String) -> Self {
        Self { target, cases, earlier: Vec::new(), verbs, crd }
    }

    /// The objects that are stored under the schema as it was, each with the path of its collection.
    pub fn earlier(&self) -> Vec<(String, Json)> {
        self.create(self.steps().into_iter().filter(|step| step.verb == "earlier"))
    }

    /// The objects that others are made of, each with the path of its collection.
    pub fn bases(&self) -> Vec<(String, Json)> {
        self.create(self.steps().into_iter().filter(|step| step.verb != "earlier"))
    }

    fn create<'s>(&self, steps: impl Iterator<Item = Step<'s>>) -> Vec<(String, Json)> {
        let mut objects = Vec::new();
        for step in steps {
            let Some(base) = &step.base else { continue };
            for by in step.kubectl.iter().map(|_| "k").chain(step.by.iter().copied()) {
                objects.push((self.target.path(), self.target.object(&step.object(by), base)));
            }
        }
        objects
    }

    fn steps(&self) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        for (index, case) in self.cases.iter().enumerate() {
            let step = |verb, base: Option<&Json>, kubectl, manifests| Step {
                verb,
                base: base.cloned(),
                kubectl: Some(kubectl),
                manifests,
                by: &["yaml", "fields"],
                change: None,
                name: format!("{}-{}", self.target.prefix, case.name),
            };
            let with_status = |object: &Json| {
                let mut object = object.clone();
                *object.field_mut("status") = case.status.clone();
                object
            };
            let (first, second) = (case.first.clone(), case.second.clone());
            steps.push(step("create", None, CREATE, vec![first.clone()]));
            let applied =
                if index.is_multiple_of(2) { vec![first.clone()] } else { vec![first.clone(), second.clone()] };
            steps.push(step("apply", None, APPLY, applied));
            steps.push(step("replace", Some(&first), REPLACE, vec![second]));
            if let Some(change) = &case.change {
                let changed =
                    Step { by: &["get"], change: Some(change), ..step("change", Some(&first), REPLACE, vec![]) };
                steps.push(changed);
            }
            let kept = step("keep", Some(&first), REPLACE, vec![]);
            steps.push(Step { kubectl: None, by: &["get", "list"], ..kept });
            if self.target.status {
                let manifest = vec![with_status(&first)];
                steps.push(match index % 2 {
                    0 => step("replace-status", Some(&first), REPLACE_STATUS, manifest),
                    _ => step("apply-status", Some(&first), APPLY_STATUS, manifest),
                });
            }
        }
        for (index, earlier) in self.earlier.iter().enumerate() {
            steps.push(Step {
                verb: "earlier",
                base: Some(earlier.clone()),
                kubectl: Some(REPLACE),
                manifests: Vec::new(),
                by: &["get"],
                change: None,
                name: format!("{}-e{index}", self.target.prefix),
            });
        }
        steps.retain(|step| self.verbs.contains(&step.verb));
        steps
    }

    /// What the program is to do.
    pub fn actions(&self, before: &Stored) -> Vec<Value> {
        let mut actions = Vec::new();
        for step in self.steps().into_iter().filter(|step| step.is_due(before)) {
            for by in step.by {
                let name = step.object(by);
                let manifest = |fields: &Json| {
                    let object = self.target.object(&name, fields);
                    // Both are text: serde_json would make other numbers of some.
                    json!({ "yaml": document(&object), "json": object.to_string() })
                };
                let mut action = json!({ "kind": self.target.id(), "name": name, "verb": step.verb, "from": by });
                match (step.verb, *by) {
                    // All of a kind in one.
                    ("keep", "list") => continue,
                    ("earlier", _) => action["verb"] = json!("keep"),
                    _ => {}
                }
                if let Some(first) = step.manifests.first() {
                    action["manifest"] = manifest(first);
                }
                if let Some(second) = step.manifests.get(1) {
                    action["then"] = manifest(second);
                }
                if let Some((field, value)) = step.change {
                    action["path"] = json!(["spec", field]);
                    action["value"] = json!(value.to_string());
                }
                actions.push(action);
            }
        }
        if self.verbs.contains(&"keep") {
            actions.push(json!({ "kind": self.target.id(), "name": "-keep-list", "verb": "keep-listed" }));
        }
        actions
    }

    /// What kubectl got stored, for the program to read and to write back as it is.
    pub fn write_back(&self, stored: &Stored) -> Vec<Value> {
        let names = self.by_kubectl(stored);
        names.map(|name| json!({ "kind": self.target.id(), "name": name, "verb": "keep", "from": "get" })).collect()
    }

    /// The names of the objects of this kind that kubectl got stored.
    fn by_kubectl<'s>(&self, stored: &'s Stored) -> impl Iterator<Item = &'s String> {
        let prefix = format!("{}-", self.target.prefix);
        stored.keys().filter(move |name| name.starts_with(&prefix) && name.ends_with("-k"))
    }

    /// Compares what kubectl got stored with what it is once the program has written it back: nothing may differ, not even
    /// the generation. The version does where the server stores a default that it only read before, such as one of a status.
    pub fn compare_written_back(
        &self,
        before: &Stored,
        after: &Stored,
        outcomes: &program::Outcomes,
        report: &mut Report,
    ) {
        for name in self.by_kubectl(before) {
            let (verb, by) = ("keep", "kubectl");
            let error = self.error(outcomes, name);
            let differences = match after.get(name) {
                Some(found) => {
                    let mut differences = before[name].differences(found);
                    differences.retain(|(path, ..)| path != ".metadata.resourceVersion");
                    differences
                }
                None => vec![(String::new(), before.get(name).cloned(), None)],
            };
            report.compared(verb, by, false);
            if error.is_none() && differences.is_empty() {
                continue;
            }
            let refusal = error.map(|error| format!("the program is refused: {error}"));
            let details = format!("right: {}\n{}\n", before[name], self.crd);
            report.failed(Failure { verb, by, kind: self.target.id(), refusal, differences, details });
        }
    }

    /// Compares what kubectl got stored with what the program did.
    pub fn compare(
        &self,
        before: &Stored,
        after: &Stored,
        outcomes: &program::Outcomes,
        kubectl: &Outcomes,
        report: &mut Report,
    ) {
        for step in self.steps() {
            if !step.is_due(before) {
                continue;
            }
            let reference = step.object("k");
            let refused = kubectl.refusal(&reference);
            if step.verb == "create" {
                report.created(after.contains_key(&reference));
            }
            for by in step.by {
                let name = step.object(by);
                let error = self.error(outcomes, if *by == "list" { "-keep-list" } else { &name });
                let mut failure = Failure { verb: step.verb, by, kind: self.target.id(), ..Default::default() };
                match (step.kubectl, &refused, &error) {
                    (None, _, Some(error)) => failure.refusal = Some(format!("the program is refused: {error}")),
                    (Some(_), None, Some(error)) => {
                        failure.refusal = Some(format!("kubectl is not refused, and the program is: {error}"));
                    }
                    (Some(_), Some(error), None) => {
                        failure.refusal = Some(format!("the program is not refused, and kubectl is: {error}"));
                    }
                    _ => {}
                }
                let (wanted, found) = match step.kubectl {
                    Some(_) => (after.get(&reference).map(content), after.get(&name).map(content)),
                    None => (before.get(&name).cloned(), after.get(&name).cloned()),
                };
                failure.differences = match (&wanted, &found) {
                    (Some(wanted), Some(found)) => wanted.differences(found),
                    (wanted, found) if wanted.is_some() == found.is_some() => Vec::new(),
                    (wanted, found) => vec![(String::new(), wanted.clone(), found.clone())],
                };
                report.compared(step.verb, by, refused.is_some() && error.is_some());
                if failure.refusal.is_none() && failure.differences.is_empty() {
                    continue;
                }
                failure.details = self.details(&step, &name, &wanted, &found);
                failure.details.push_str(&format!("kubectl: {refused:?}\nthe program: {error:?}\n"));
                report.failed(failure);
            }
        }
    }

    fn error(&self, outcomes: &program::Outcomes, name: &str) -> Option<String> {
        let outcome = outcomes.get(&(self.target.id(), name.to_owned()));
        outcome.expect("every action has an outcome").clone()
    }

    /// The case, so that it can be repeated by hand.
    fn details(&self, step: &Step<'_>, name: &str, wanted: &Option<Json>, found: &Option<Json>) -> String {
        let mut text = String::new();
        let show = |value: &Option<Json>| value.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        if let Some(base) = &step.base {
            writeln!(text, "stored at first:\n{}", document(&self.target.object(name, base))).expect("text");
        }
        for manifest in &step.manifests {
            writeln!(text, "manifest:\n{}", document(&self.target.object(name, manifest))).expect("text");
        }
        if let Some((field, value)) = step.change {
            writeln!(text, "change: spec, {field}: {value}").expect("text");
        }
        writeln!(text, "right: {}\nfound: {}\n{}", show(wanted), show(found), self.crd).expect("text");
        text
    }
}

/// What kubectl is run with.
pub type Run = (&'static [&'static str], Vec<(String, String)>);

/// What kubectl is run with, and on which documents, each with its object's name: what it does to one object is in order.
pub fn kubectl(plans: &[Plan<'_>], before: &[Stored]) -> Vec<Run> {
    let mut runs: Vec<Run> =
        [CREATE, APPLY, REPLACE, REPLACE_STATUS, APPLY_STATUS].map(|arguments| (arguments, Vec::new())).into();
    for (plan, before) in plans.iter().zip(before) {
        for step in plan.steps().into_iter().filter(|step| step.is_due(before)) {
            let name = step.object("k");
            let Some((_, run)) = runs.iter_mut().find(|(known, _)| Some(*known) == step.kubectl) else { continue };
            if step.manifests.is_empty() {
                let mut object = before.get(&name).expect("it is due").clone();
                if let Some((field, value)) = step.change {
                    *object.field_mut("spec").field_mut(field) = value.clone();
                }
                run.push((name.clone(), document(&object)));
            }
            run.extend(
                step.manifests.iter().map(|fields| (name.clone(), document(&plan.target.object(&name, fields)))),
            );
        }
    }
    runs
}

/// An object as a YAML document: a block of its fields, and JSON in each.
fn document(object: &Json) -> String {
    let Json::Map(fields) = object else { return object.to_string() };
    fields.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}
