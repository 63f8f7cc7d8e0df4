//! Which objects are marked as the default of their kind, behind their names.

use serde_json::Value;

use crate::catalog::Resource;

const CLASS_OF_INGRESSES: &[&str] = &["ingressclass.kubernetes.io/is-default-class"];
const STORAGE_CLASS: &[&str] =
    &["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// The objects that are marked.
#[derive(Debug)]
pub(in super::super) enum Marks {
    /// No object of the kind.
    None,
    /// Each that has one of these annotations.
    Annotated(&'static [&'static str]),
    /// The one of a list that is the default, by its name.
    Named(Option<String>),
}

impl Marks {
    /// Finds what is marked, for the objects of a list or a single one.
    pub fn among(items: Option<&[Value]>, resource: &Resource, minor: u32) -> Self {
        if resource.custom().is_some() {
            return Self::None;
        }
        match (resource.group.as_str(), resource.plural.as_str(), items) {
            ("networking.k8s.io", "ingressclasses", _) if minor >= 36 => Self::Annotated(CLASS_OF_INGRESSES),
            ("storage.k8s.io", "storageclasses", _) if minor < 37 => Self::Annotated(STORAGE_CLASS),
            // Which class is the default can't be said of a single one.
            ("storage.k8s.io", "storageclasses", items) => Self::Named(items.and_then(effective)),
            _ => Self::None,
        }
    }

    /// The name of an object as it is shown.
    pub fn name(&self, object: &Value) -> String {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let is_marked = match self {
            Self::None => false,
            Self::Annotated(annotations) => is_annotated(object, annotations),
            Self::Named(default) => default.as_deref() == Some(name),
        };
        if is_marked { format!("{name} (default)") } else { name.to_owned() }
    }
}

fn is_annotated(object: &Value, annotations: &[&str]) -> bool {
    annotations.iter().any(|annotation| object["metadata"]["annotations"][*annotation] == "true")
}

/// The class that claims without one get: the newest of those that are annotated; of two, the one whose name comes first.
fn effective(classes: &[Value]) -> Option<String> {
    let text = |class: &Value, field: &str| class["metadata"][field].as_str().unwrap_or_default().to_owned();
    let annotated = classes.iter().filter(|class| is_annotated(class, STORAGE_CLASS));
    annotated
        .map(|class| (text(class, "creationTimestamp"), text(class, "name")))
        .max_by(|(one, first), (other, second)| one.cmp(other).then_with(|| second.cmp(first)))
        .map(|(_, name)| name)
}
