//! What the nested types of one custom kind are called in its module.
//!
//! A name depends on the kind's own schema alone, never on what else a cluster has. It is made of the fewest words that say
//! what the thing is: those of the field that it stands in, with what the field is part of in front where the field's name is
//! a single word. Where two structures of a kind would have one name, the one that stands nearer to the root has it, and the
//! other has one more word of its way in front. A number is the last resort.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase as _;

use super::{Step, singular::singular};
use crate::plan::names;

/// Fields whose names say where something stands and not what it is.
const FRAME: &[&str] = &["metadata", "spec", "status", "template"];

/// How long a name may get before shorter ones are tried.
const LONG: usize = 60;

/// Names the structures of a kind, by where they stand in it; some have names that the user gave them.
pub fn local(
    kind: &str,
    reserved: &BTreeSet<String>,
    places: &[(&[Step], usize)],
    given: BTreeMap<usize, String>,
) -> BTreeMap<usize, String> {
    let mut places = places.to_vec();
    places.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    let mut taken = reserved.clone();
    taken.extend(given.values().cloned());
    let mut named = given;
    for (steps, structure) in places {
        if named.contains_key(&structure) {
            continue;
        }
        let candidates = candidates(kind, steps);
        let free = |name: &&String| !taken.contains(*name);
        let short = candidates.iter().filter(|name| name.len() <= LONG).find(free);
        let name = short.or_else(|| candidates.iter().find(free)).cloned();
        let name = match name {
            Some(name) => {
                taken.insert(name.clone());
                name
            }
            None => names::unique(&mut taken, candidates.first().cloned().unwrap_or_else(|| "Unnamed".to_owned())),
        };
        named.insert(structure, name);
    }
    named
}

/// The names that are tried for what stands here, the best one first.
fn candidates(kind: &str, steps: &[Step]) -> Vec<String> {
    let words: Vec<String> = steps
        .iter()
        .map(|step| names::pascal(&if step.items { singular(&step.json) } else { step.json.clone() }))
        .collect();
    // The whole way: a kind's spec is the kind itself, so that `CertificateKeystores` is one word shorter.
    let all = |from: usize| words[from..].concat();
    let name = |text: String| names::type_name(&text);
    let [.., own] = steps else { return vec![name(kind.to_owned())] };
    let last = steps.len() - 1;
    if last == 0 {
        // Not in the singular: `spec` and its like are no lists, and the field is the kind's own.
        return vec![
            name(format!("{kind}{}", names::pascal(&own.json))),
            name(format!("{kind}{}Value", names::pascal(&own.json))),
        ];
    }
    let frame = |at: usize| FRAME.contains(&steps[at].json.as_str());
    let several_words = own.json.to_snake_case().contains('_');
    let mut start = last;
    if frame(last) {
        while start > 0 && frame(start) {
            start -= 1;
        }
    } else if !several_words && (last == 1 || !frame(last - 1)) {
        start -= 1;
    }
    let mut tried = Vec::new();
    // The root field belongs to the kind: `CertificateKeystores` for the keystores in the spec.
    for from in (1..=start).rev() {
        tried.push(name(all(from)));
    }
    let short = all(1);
    tried.push(name(format!("{kind}{short}")));
    tried.push(name(format!("{kind}{}", all(0))));
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `spec.ports[]` as steps.
    fn steps(way: &str) -> Vec<Step> {
        way.split('.')
            .map(|step| Step { json: step.trim_end_matches("[]").to_owned(), items: step.ends_with("[]") })
            .collect()
    }

    fn named(kind: &str, ways: &[&str]) -> Vec<String> {
        let ways: Vec<Vec<Step>> = ways.iter().map(|way| steps(way)).collect();
        let places: Vec<(&[Step], usize)> =
            ways.iter().enumerate().map(|(index, way)| (way.as_slice(), index)).collect();
        local(kind, &BTreeSet::from([kind.to_owned()]), &places, BTreeMap::new()).into_values().collect()
    }

    #[test]
    fn a_name_says_what_a_thing_is_and_not_the_way_to_it() {
        for (way, expected) in [
            ("spec", "CertificateSpec"),
            ("status", "CertificateStatus"),
            ("spec.issuerRef", "IssuerRef"),
            ("spec.keystores", "CertificateKeystores"),
            ("spec.keystores.jks", "KeystoresJks"),
            ("spec.keystores.jks.passwordSecretRef", "PasswordSecretRef"),
            ("status.conditions[]", "CertificateCondition"),
            ("spec.template", "CertificateTemplate"),
            ("spec.template.spec", "CertificateTemplateSpec"),
            ("spec.template.spec.containers[]", "Container"),
            ("spec.template.spec.containers[].ports[]", "ContainerPort"),
            ("spec.template.spec.containers[].env[].valueFrom.secretKeyRef", "SecretKeyRef"),
            ("spec.jobTemplate.spec", "JobTemplateSpec"),
            ("spec.jobTemplate.metadata", "JobTemplateMetadata"),
            ("data[]", "CertificateData"),
        ] {
            assert_eq!(named("Certificate", &[way]), [expected], "{way}");
        }
    }

    #[test]
    fn of_two_structures_the_one_nearer_to_the_root_has_the_shorter_name() {
        let ways = ["spec.source.hook.secretRef", "spec.secretRef", "status.secretRef"];
        assert_eq!(named("Repo", &ways), ["HookSecretRef", "SecretRef", "RepoSecretRef"]);
        let ways = ["spec.conditions[]", "status.conditions[]"];
        assert_eq!(named("Repo", &ways), ["RepoCondition", "RepoStatusCondition"]);
    }

    #[test]
    fn what_is_added_further_down_renames_nothing() {
        let before = ["spec.a.port", "spec.a.tls.secretRef"];
        let after = ["spec.a.port", "spec.a.tls.secretRef", "spec.b.port", "spec.a.tls.ca.secretRef", "spec.z"];
        let (before, after) = (named("Repo", &before), named("Repo", &after));
        assert_eq!(before, after[..2]);
    }

    #[test]
    fn names_are_identifiers_whatever_the_fields_are_called() {
        let names = named("Self", &["spec", "spec.3d", "spec.ünï", "spec.self", "spec.x.y"]);
        for name in &names {
            assert!(syn::parse_str::<syn::Ident>(name).is_ok(), "{name}");
        }
        assert_eq!(names[0], "SelfSpec");
    }
}
