//! A resource that can't be emitted is omitted, and the others are generated.

use std::collections::BTreeMap;

use crate::Tree;
use crate::documents::GroupVersion;
use crate::error::Error;
use crate::model::Model;

/// Generates a tree with `run`. A resource whose text is not valid Rust is omitted, and is in the tree's problems.
///
/// Such a text is a fault of the generator. Only then is each resource generated alone, which finds those that have it,
/// whether it is in their own files or in what they share.
///
/// # Errors
/// What `run` returns otherwise, and if no resource is left, or the fault is of none of them alone.
pub fn generate(mut model: Model, run: impl Fn(&Model) -> Result<Tree, Error>) -> Result<Tree, Error> {
    let error = match run(&model) {
        Err(error @ Error::Emitted { .. }) => error,
        outcome => return outcome,
    };
    let mut omitted: BTreeMap<(GroupVersion, String), String> = BTreeMap::new();
    let mut is_any_left = false;
    for (group_version, version) in &model.versions {
        for resource in version.resources.values() {
            match run(&model.only(group_version, resource)) {
                Err(error @ Error::Emitted { .. }) => {
                    let problem = format!("{group_version} {} is omitted: {error}", resource.kind.kind);
                    omitted.insert((group_version.clone(), resource.plural.clone()), problem);
                }
                _ => is_any_left = true,
            }
        }
    }
    if omitted.is_empty() || !is_any_left {
        return Err(error);
    }
    model.remove(|group_version, resource| omitted.contains_key(&(group_version.clone(), resource.plural.clone())));
    let mut tree = run(&model)?;
    tree.problems.extend(omitted.into_values());
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::crds::Crds;
    use crate::{Options, Target, generate_from, merged};

    fn crd(kind: &str, size: &str) -> Value {
        let plural = format!("{}s", kind.to_lowercase());
        let keel = json!({"type": "object", "properties": {size: {"type": "integer"}}});
        let spec = json!({"type": "object", "properties": {"keel": keel}});
        let schema = json!({"type": "object", "properties": {"spec": spec}});
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.example.com")},
            "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]}})
    }

    /// Generates these kinds with a generator that fails on what `is_faulty` finds in a file.
    fn tree(crds: &[Value], is_faulty: impl Fn(&str) -> bool) -> Result<Tree, Error> {
        let mut read = Crds::default();
        crds.iter().for_each(|crd| read.add("a test", crd));
        let (model, facts) = merged(&[read.documents()])?;
        let options = Options::new(Target::Tree, "kubewright_runtime", "a test");
        generate(model, |model| {
            let tree = generate_from(model, &facts, &options)?;
            match tree.files.iter().find(|(_, text)| is_faulty(text)) {
                Some((path, _)) => Err(Error::Emitted { path: path.clone(), message: "expected `;`".to_owned() }),
                None => Ok(tree),
            }
        })
    }

    #[test]
    fn a_kind_that_can_not_be_emitted_is_omitted_and_reported_and_the_others_are_generated() {
        let crds = [crd("Boat", "depth"), crd("Raft", "width"), crd("Ship", "depth")];
        let whole = tree(&crds[..1], |_| false).expect("a tree");
        let left = tree(&crds, |text| text.contains("width") || text.contains("\"Ship\"")).expect("the rest");
        assert_eq!(left.files, whole.files, "nothing is left of the others, not even a module");
        assert_eq!(left.problems.len(), 2, "{:?}", left.problems);
        let problem = "example.com/v1 Raft is omitted: the text emitted for example_com/v1/rafts.rs is not valid Rust";
        assert!(left.problems[0].starts_with(problem), "{:?}", left.problems);
        assert!(left.problems[1].starts_with("example.com/v1 Ship is omitted: "), "{:?}", left.problems);
    }

    #[test]
    fn kinds_that_share_a_type_that_can_not_be_emitted_are_omitted_with_it() {
        let crds = [crd("Boat", "depth"), crd("Raft", "width"), crd("Ship", "depth")];
        let left = tree(&crds, |text| text.contains("depth")).expect("the rest");
        assert_eq!(left.problems.len(), 2, "{:?}", left.problems);
        assert!(left.files.contains_key("example_com/v1/rafts.rs"), "{:?}", left.files.keys());
        assert!(!left.files.contains_key("example_com/shared.rs"), "{:?}", left.files.keys());
    }

    #[test]
    fn a_fault_of_every_kind_or_of_none_alone_is_an_error() {
        let crds = [crd("Boat", "depth"), crd("Raft", "width")];
        assert!(matches!(tree(&crds, |_| true), Err(Error::Emitted { .. })));
        let together = |text: &str| text.contains("boats") && text.contains("rafts");
        assert!(matches!(tree(&crds, together), Err(Error::Emitted { .. })));
    }
}
