//! The names of definitions: one that another definition of the group has is not accepted, and what has such a name is not served until it
//! is free.
//!
//! A real server has controllers for that, which take some time; here it is done with the write.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::documents::Documents;
use crate::quoted::quoted;
use crate::schema::Schema;

/// The schema of definitions.
pub(crate) fn schema(documents: &Documents) -> Schema<'_> {
    const NAME: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition";
    documents.schema("apiextensions.k8s.io", "v1", NAME)
}

/// Whether a definition is served.
pub(crate) fn is_established(definition: &Value) -> bool {
    conditions(definition).iter().any(|condition| condition["type"] == "Established" && condition["status"] == "True")
}

/// A definition with the names that are accepted among the definitions of its group, itself included. `None` if that changes nothing.
pub(crate) fn settled<'v>(definition: &Value, of_group: impl Iterator<Item = &'v Value>, now: &str) -> Option<Value> {
    let (requested, accepted) = (&definition["spec"]["names"], &definition["status"]["acceptedNames"]);
    if requested == accepted {
        return None;
    }
    let (mut resources, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for other in of_group {
        let names = &other["status"]["acceptedNames"];
        resources.extend([text(names, "plural"), text(names, "singular")]);
        resources.extend(short_names(names));
        kinds.extend([text(names, "kind"), text(names, "listKind")]);
    }
    let mut decision = Decision { requested, accepted, names: accepted.clone(), conflict: None };
    decision.decide("plural", "PluralConflict", &resources);
    decision.decide("singular", "SingularConflict", &resources);
    decision.decide_short_names(&resources);
    decision.decide("kind", "KindConflict", &kinds);
    decision.decide("listKind", "ListKindConflict", &kinds);
    decision.accept("categories");
    let Decision { names, conflict, .. } = decision;
    let mut settled = definition.clone();
    settled["status"]["acceptedNames"] = names;
    let are_accepted = conflict.is_none();
    let (reason, message) = conflict.unwrap_or(("NoConflicts", "no conflicts found".to_owned()));
    set_condition(&mut settled, now, ("NamesAccepted", are_accepted), (reason, &message));
    if !is_established(definition) {
        let (reason, message) = match are_accepted {
            true => ("InitialNamesAccepted", "the initial names have been accepted"),
            false => ("NotAccepted", "not all names are accepted"),
        };
        set_condition(&mut settled, now, ("Established", are_accepted), (reason, message));
    }
    (settled != *definition).then_some(settled)
}

/// Which names are accepted.
struct Decision<'v> {
    requested: &'v Value,
    accepted: &'v Value,
    /// Those that are accepted now.
    names: Value,
    /// The last conflict, which is the one that is reported: its reason and what is said of it.
    conflict: Option<(&'static str, String)>,
}

impl Decision<'_> {
    fn decide(&mut self, field: &str, reason: &'static str, used: &BTreeSet<&str>) {
        let wanted = text(self.requested, field);
        if wanted != text(self.accepted, field) && used.contains(wanted) {
            self.conflict = Some((reason, in_use(wanted)));
        } else {
            self.accept(field);
        }
    }

    fn decide_short_names(&mut self, used: &BTreeSet<&str>) {
        let own: BTreeSet<&str> = short_names(self.accepted).collect();
        let taken = short_names(self.requested).filter(|name| !own.contains(name) && used.contains(name));
        let taken: Vec<String> = taken.map(in_use).collect();
        let said = match taken.as_slice() {
            [] => return self.accept("shortNames"),
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        self.conflict = Some(("ShortNamesConflict", said));
    }

    /// Takes a name over as it is requested.
    fn accept(&mut self, field: &str) {
        let Value::Object(names) = &mut self.names else { return };
        match self.requested.get(field) {
            Some(name) => names.insert(field.to_owned(), name.clone()),
            None => names.remove(field),
        };
    }
}

fn in_use(name: &str) -> String {
    format!("{} is already in use", quoted(name))
}

/// Sets a condition of a definition. One of the same status keeps its time.
pub(super) fn set_condition(
    definition: &mut Value,
    now: &str,
    (kind, is_true): (&str, bool),
    (reason, message): (&str, &str),
) {
    let status = if is_true { "True" } else { "False" };
    let mut all = conditions(definition).to_vec();
    let time = all
        .iter()
        .find(|known| known["type"] == kind && known["status"] == status)
        .map_or_else(|| json!(now), |known| known["lastTransitionTime"].clone());
    let condition =
        json!({ "type": kind, "status": status, "lastTransitionTime": time, "reason": reason, "message": message });
    match all.iter_mut().find(|known| known["type"] == kind) {
        Some(known) => *known = condition,
        None => all.push(condition),
    }
    definition["status"]["conditions"] = Value::Array(all);
}

fn conditions(definition: &Value) -> &[Value] {
    definition["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(names: &'v Value, field: &str) -> &'v str {
    names[field].as_str().unwrap_or_default()
}

fn short_names(names: &Value) -> impl Iterator<Item = &str> {
    names["shortNames"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(plural: &str, kind: &str, short: &[&str]) -> Value {
        json!({
            "spec": { "names": { "plural": plural, "singular": plural, "kind": kind, "listKind": format!("{kind}List"), "shortNames": short } },
            "status": { "conditions": null, "acceptedNames": { "plural": "", "kind": "" } },
        })
    }

    #[test]
    fn a_name_that_is_taken_is_not_accepted_until_it_is_free() {
        let first = settled(&definition("as", "A", &["x"]), std::iter::empty(), "now").expect("it is new");
        assert!(is_established(&first));
        assert_eq!(settled(&first, [&first].into_iter(), "later"), None);

        let second = settled(&definition("bs", "B", &["x", "y"]), [&first].into_iter(), "now").expect("it is new");
        assert!(!is_established(&second));
        assert_eq!(second["status"]["conditions"][0]["reason"], "ShortNamesConflict");
        assert_eq!(second["status"]["conditions"][0]["message"], "\"x\" is already in use");
        assert_eq!(second["status"]["acceptedNames"]["plural"], "bs");

        let second = settled(&second, [&second].into_iter(), "later").expect("it is free");
        assert!(is_established(&second));
        assert_eq!(second["status"]["acceptedNames"], second["spec"]["names"]);
    }
}
