//! What a new version of a CustomResourceDefinition breaks: what stored objects, and their clients, would suffer.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/>

mod definitions;
mod schema;
#[cfg(test)]
mod tests;

pub use definitions::{Comparison, Definitions, diff_all};

use std::fmt;

use serde_json::Value as Json;

/// Something in which a CRD differs from an older one, and that somebody suffers from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The version of the CRD, such as `v1`; empty for what concerns all of them.
    pub version: String,
    /// The field of the objects, such as `.spec.containers[].image`; empty for the whole of them.
    pub path: String,
    /// What changed.
    pub change: Change,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The group, the plural, the kind or the scope is another: it is another CRD.
    Identity {
        /// Which of them, such as `scope`.
        what: &'static str,
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// A version is gone. If it was the one that objects are stored in, the API server refuses the change for as long as
    /// it stands in `status.storedVersions`.
    VersionRemoved {
        /// Whether objects were stored in it.
        stored: bool,
    },
    /// A version is no longer served.
    VersionNotServed,
    /// A field is gone, and what it held is dropped.
    FieldRemoved,
    /// Fields that the schema does not name were kept, and are dropped.
    UnknownFieldsDropped,
    /// The value must be of another type.
    TypeChanged {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// Null was a value, and is none.
    NullRefused,
    /// A field is required, and has no default.
    Required,
    /// A value of an enum is gone.
    EnumValueRemoved {
        /// The value, as JSON.
        value: String,
    },
    /// The value is bound more closely.
    Tightened {
        /// The keyword of the schema, such as `maxLength`.
        keyword: String,
        /// What it said, as JSON; `None` if it was not there.
        from: Option<String>,
        /// What it says, as JSON.
        to: String,
    },
    /// A validation rule is new.
    RuleAdded {
        /// The expression.
        rule: String,
    },
    /// Objects without the field have another value in it than they had.
    DefaultChanged {
        /// What it was, as JSON; `None` if there was none.
        from: Option<String>,
        /// What it is, as JSON; `None` if there is none.
        to: Option<String>,
    },
    /// Server-side apply merges the field otherwise.
    MergeChanged {
        /// The keyword, such as `x-kubernetes-list-type`.
        keyword: &'static str,
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// A subresource is gone, or is new where there was none.
    Subresource {
        /// Its name, such as `status`.
        name: &'static str,
        /// Whether it is new.
        added: bool,
    },
    /// A field can't be selected any more.
    NotSelectable,
}

/// Who suffers from a change, and how; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Harm {
    /// The API server refuses the change.
    Refused,
    /// What stored objects hold is dropped when they are next read or written.
    Lost,
    /// Stored objects may be invalid: they can't be changed but to valid ones. Since Kubernetes 1.33 what an update leaves
    /// alone is not checked anew
    /// ([ratcheting](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting)).
    Invalid,
    /// Calls that worked fail.
    Clients,
    /// Objects and calls stay valid, and mean something else.
    Meaning,
}

/// As one word, for people.
impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Harm::Refused => "refused",
            Harm::Lost => "lost",
            Harm::Invalid => "invalid",
            Harm::Clients => "clients",
            Harm::Meaning => "meaning",
        })
    }
}

impl Change {
    /// Who suffers from it, and how.
    pub fn harm(&self) -> Harm {
        match self {
            Change::Identity { .. } | Change::VersionRemoved { stored: true } => Harm::Refused,
            Change::FieldRemoved | Change::UnknownFieldsDropped => Harm::Lost,
            Change::TypeChanged { .. }
            | Change::NullRefused
            | Change::Required
            | Change::EnumValueRemoved { .. }
            | Change::Tightened { .. }
            | Change::RuleAdded { .. } => Harm::Invalid,
            Change::VersionRemoved { stored: false }
            | Change::VersionNotServed
            | Change::NotSelectable
            | Change::Subresource { added: false, .. } => Harm::Clients,
            Change::DefaultChanged { .. } | Change::MergeChanged { .. } | Change::Subresource { added: true, .. } => {
                Harm::Meaning
            }
        }
    }
}

impl Finding {
    /// Who suffers from it, and how.
    pub fn harm(&self) -> Harm {
        self.change.harm()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [self.version.as_str(), self.path.as_str()];
        let place: Vec<_> = place.into_iter().filter(|part| !part.is_empty()).collect();
        write!(f, "{}{}{}", place.join(" "), if place.is_empty() { "" } else { ": " }, self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Identity { what, from, to } => write!(f, "the {what} is {to}, and was {from}: it is another CRD"),
            Change::VersionRemoved { stored: true } => f.write_str(
                "the version in which objects are stored is removed: the API server refuses that until none is",
            ),
            Change::VersionRemoved { stored: false } => f.write_str("the version is removed: its clients get 404"),
            Change::VersionNotServed => f.write_str("the version is no longer served: its clients get 404"),
            Change::FieldRemoved => f.write_str("the field is removed: its values are dropped"),
            Change::UnknownFieldsDropped => f.write_str("fields that the schema does not name are dropped"),
            Change::TypeChanged { from, to } => {
                write!(f, "the type is {to}, and was {from}: stored values are invalid")
            }
            Change::NullRefused => f.write_str("null is no longer a value: a stored one is dropped or invalid"),
            Change::Required => {
                f.write_str("the field is required, without a default: objects that lack it are invalid")
            }
            Change::EnumValueRemoved { value } => {
                write!(f, "the value {value} is removed: objects that have it are invalid")
            }
            Change::Tightened { keyword, from: Some(from), to } => {
                write!(f, "{keyword} is {to}, and was {from}: objects beyond it are invalid")
            }
            Change::Tightened { keyword, from: None, to } => {
                write!(f, "{keyword} is {to}, and was not bound: objects beyond it are invalid")
            }
            Change::RuleAdded { rule } => write!(f, "the rule `{rule}` is new: objects that break it are invalid"),
            Change::DefaultChanged { from, to } => {
                let [from, to] = [from, to].map(|value| value.as_deref().unwrap_or("none"));
                write!(f, "the default is {to}, and was {from}: objects that rely on it change")
            }
            Change::MergeChanged { keyword, from, to } => {
                write!(f, "{keyword} is {to}, and was {from}: server-side apply merges it otherwise")
            }
            Change::Subresource { name, added: true } => {
                write!(f, "the subresource {name} is new: writes of the object no longer change what it holds")
            }
            Change::Subresource { name, added: false } => {
                write!(f, "the subresource {name} is removed: its clients get 404")
            }
            Change::NotSelectable => f.write_str("the field can't be selected any more: such lists and watches fail"),
        }
    }
}

/// What is given is no CustomResourceDefinition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {which} document is no CustomResourceDefinition of apiextensions.k8s.io/v1")]
pub struct NoCrd {
    which: &'static str,
}

/// What the new version of a CRD breaks of the old one, version by version, and field by field.
///
/// What only adds or loosens is not listed. It looks at each version for itself; what conversion between versions does is
/// beyond it.
///
/// # Errors
/// If one of the two is no CRD.
pub fn diff(old: &Json, new: &Json) -> Result<Vec<Finding>, NoCrd> {
    for (which, crd) in [("old", old), ("new", new)] {
        if crd["apiVersion"] != "apiextensions.k8s.io/v1" || crd["kind"] != "CustomResourceDefinition" {
            return Err(NoCrd { which });
        }
    }
    let mut found = Vec::new();
    for (what, path) in [
        ("group", "/spec/group"),
        ("plural", "/spec/names/plural"),
        ("kind", "/spec/names/kind"),
        ("scope", "/spec/scope"),
    ] {
        let text = |crd: &Json| crd.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (from, to) = (text(old), text(new));
        if from != to {
            let change = Change::Identity { what, from, to };
            found.push(Finding { version: String::new(), path: String::new(), change });
        }
    }
    for old in versions(old) {
        let name = old["name"].as_str().unwrap_or_default();
        let mut version = Version { name, found: &mut found };
        match versions(new).find(|new| new["name"] == name) {
            None => version.add("", Change::VersionRemoved { stored: old["storage"] == true }),
            Some(new) => version.compare(old, new),
        }
    }
    Ok(found)
}

fn versions(crd: &Json) -> impl Iterator<Item = &Json> {
    crd.pointer("/spec/versions").and_then(Json::as_array).into_iter().flatten()
}

/// A version that both have, and where what is found goes.
struct Version<'a> {
    name: &'a str,
    found: &'a mut Vec<Finding>,
}

impl Version<'_> {
    fn add(&mut self, path: &str, change: Change) {
        self.found.push(Finding { version: self.name.to_owned(), path: path.to_owned(), change });
    }

    fn compare(&mut self, old: &Json, new: &Json) {
        if old["served"] == true && new["served"] != true {
            self.add("", Change::VersionNotServed);
        }
        for name in ["status", "scale"] {
            let [had, has] = [old, new].map(|version| !version["subresources"][name].is_null());
            // A scale that is new takes nothing from anybody.
            if had && !has || !had && has && name == "status" {
                self.add("", Change::Subresource { name, added: has });
            }
        }
        let selectable = |version: &Json| -> Vec<String> {
            let all = version["selectableFields"].as_array().into_iter().flatten();
            all.filter_map(|field| field["jsonPath"].as_str().map(str::to_owned)).collect()
        };
        let still = selectable(new);
        for path in selectable(old).into_iter().filter(|path| !still.contains(path)) {
            self.add(&path, Change::NotSelectable);
        }
        let [old, new] = [old, new].map(|version| &version["schema"]["openAPIV3Schema"]);
        self.schemas(old, new, "");
    }
}
