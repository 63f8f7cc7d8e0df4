//! Sets of CustomResourceDefinitions, as files have them, and what one breaks of another.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::{Finding, diff};
use crate::crds::{Found, each, read};
use crate::error::{DocumentError, Error};

/// CustomResourceDefinitions of any number of files, whole.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// By name, `certificates.cert-manager.io`.
    all: BTreeMap<String, Json>,
    problems: Vec<DocumentError>,
}

impl Definitions {
    /// Takes every definition of a text of YAML or JSON, of any number of documents. Of two with one name the last counts, with
    /// the versions that only the first has: each may stand in a file of its own.
    pub fn read_text(&mut self, source: &str, text: &str) {
        for document in read::documents(source, text) {
            match document {
                Ok(document) => each(&document, &mut |found| {
                    if let Found::Definition { object, version } = found {
                        self.insert(object, version);
                    }
                }),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// Takes every definition of a file; of a folder, those of all YAML and JSON files in it and below it.
    ///
    /// # Errors
    /// If the path can't be read. A file in a folder that can't be, and what is wrong inside a file, is in
    /// [`problems`](Self::problems).
    pub fn read_path(&mut self, path: &Path) -> Result<(), Error> {
        for file in read::files(path)? {
            match file {
                Ok((name, text)) => self.read_text(&name, &text),
                Err(problem) => self.problems.push(problem),
            }
        }
        Ok(())
    }

    fn insert(&mut self, object: &Json, version: &str) {
        let mut object = object.clone();
        // The items of a list need not say what they are.
        object["apiVersion"] = format!("apiextensions.k8s.io/{version}").into();
        object["kind"] = "CustomResourceDefinition".into();
        let text = |path: &str| object.pointer(path).and_then(Json::as_str).filter(|text| !text.is_empty());
        let name = text("/metadata/name").map(str::to_owned).unwrap_or_else(|| {
            let [plural, group] = ["/spec/names/plural", "/spec/group"].map(|path| text(path).unwrap_or("?"));
            format!("{plural}.{group}")
        });
        if let Some(known) = self.all.get_mut(&name).and_then(|known| versions(known)).map(std::mem::take)
            && let Some(versions) = versions(&mut object)
        {
            let others =
                known.into_iter().filter(|known| versions.iter().all(|version| version["name"] != known["name"]));
            let others: Vec<Json> = others.collect();
            versions.extend(others);
        }
        self.all.insert(name, object);
    }

    /// The definitions, by name.
    pub fn objects(&self) -> impl Iterator<Item = &Json> {
        self.all.values()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// What could not be read.
    pub fn problems(&self) -> &[DocumentError] {
        &self.problems
    }
}

fn versions(definition: &mut Json) -> Option<&mut Vec<Json>> {
    definition.pointer_mut("/spec/versions").and_then(Json::as_array_mut)
}

/// What a set of definitions breaks of an older one.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// Definitions that the new set lacks. Deleting a definition deletes its objects.
    pub removed: Vec<String>,
    /// Definitions that the old set lacks.
    pub added: Vec<String>,
    /// What is broken of those that both have, by name; nothing where they are compatible.
    pub changed: BTreeMap<String, Vec<Finding>>,
    /// Definitions that can't be compared, and why.
    pub problems: Vec<String>,
}

impl Comparison {
    /// Whether somebody suffers from it.
    pub fn is_breaking(&self) -> bool {
        !self.removed.is_empty() || self.changed.values().any(|findings| !findings.is_empty())
    }
}

/// What a set of definitions breaks of an older one. Where each has one definition, these are compared, whatever they are
/// called.
pub fn diff_all(old: &Definitions, new: &Definitions) -> Comparison {
    let mut comparison = Comparison::default();
    let mut compare = |name: &str, old: &Json, new: &Json| match diff(old, new) {
        Ok(findings) => drop(comparison.changed.insert(name.to_owned(), findings)),
        Err(error) => comparison.problems.push(format!("{name}: {error}")),
    };
    if let (1, 1, Some((name, old)), Some(new)) =
        (old.all.len(), new.all.len(), old.all.first_key_value(), new.all.values().next())
    {
        compare(name, old, new);
        return comparison;
    }
    for (name, old) in &old.all {
        if let Some(new) = new.all.get(name) {
            compare(name, old, new);
        }
    }
    let lacking = |of: &Definitions, other: &Definitions| -> Vec<String> {
        other.all.keys().filter(|name| !of.all.contains_key(*name)).cloned().collect()
    };
    comparison.removed = lacking(new, old);
    comparison.added = lacking(old, new);
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd(name: &str, field: &str) -> String {
        format!(
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {name}s.example.com}}\n\
             spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: {name}, plural: {name}s}}\n  versions:\n  \
             - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, properties: {{{field}: \
             {{type: string}}}}}}}}}}\n"
        )
    }

    fn read(text: &str) -> Definitions {
        let mut definitions = Definitions::default();
        definitions.read_text("a text", text);
        assert!(definitions.problems().is_empty(), "{:?}", definitions.problems());
        definitions
    }

    #[test]
    fn definitions_are_compared_by_name_and_one_with_one_whatever_its_name() {
        let old = read(&(crd("boat", "a") + &crd("ship", "a") + &crd("raft", "a")));
        let new = read(&(crd("ferry", "a") + &crd("ship", "b") + &crd("raft", "a")));
        let comparison = diff_all(&old, &new);
        assert_eq!(comparison.removed, ["boats.example.com"]);
        assert_eq!(comparison.added, ["ferrys.example.com"]);
        assert_eq!(comparison.changed["ships.example.com"].len(), 1);
        assert_eq!(comparison.changed["rafts.example.com"].len(), 0);
        assert!(comparison.is_breaking());
        let renamed = diff_all(&read(&crd("boat", "a")), &read(&crd("ship", "a")));
        assert!(renamed.removed.is_empty() && renamed.is_breaking(), "{renamed:?}");
        assert!(!diff_all(&new, &new).is_breaking());
    }

    #[test]
    fn versions_in_files_of_their_own_are_versions_of_one_definition() {
        let beta = crd("boat", "a").replace("name: v1,", "name: v1beta1,").replace("storage: true", "storage: false");
        let both = read(&(beta.clone() + &crd("boat", "a")));
        let comparison = diff_all(&both, &read(&crd("boat", "a")));
        let findings = &comparison.changed["boats.example.com"];
        assert_eq!(findings.len(), 1, "{comparison:?}");
        assert_eq!(findings[0].to_string(), "v1beta1: the version is removed: its clients get 404");
        assert!(!diff_all(&read(&(crd("boat", "a") + &beta)), &both).is_breaking());
        let last = diff_all(&both, &read(&(beta + &crd("boat", "a") + &crd("boat", "b"))));
        assert_eq!(
            last.changed["boats.example.com"][0].to_string(),
            "v1 .a: the field is removed: its values are dropped"
        );
    }

    #[test]
    fn an_older_form_of_definitions_is_told_of_and_not_passed_over() {
        let old = crd("boat", "a").replace("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1");
        let comparison = diff_all(&read(&old), &read(&crd("boat", "a")));
        assert_eq!(comparison.problems.len(), 1);
        assert!(comparison.problems[0].contains("old document"), "{comparison:?}");
    }
}
