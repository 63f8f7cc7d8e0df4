//! Sets of fields, as in `managedFields`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::path::PathElement;
use crate::schema::Schema;

/// A set of the fields of an object.
///
/// A field's path is in it as a *member* of the set of its parent. That a field is in it says nothing of the fields inside
/// it, and the other way round.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldSet {
    members: BTreeSet<PathElement>,
    /// Those that have fields in the set. None of these is empty.
    children: BTreeMap<PathElement, FieldSet>,
}

impl FieldSet {
    /// Reads `fieldsV1`. What is no path element is left out, as by the server.
    pub fn parse(fields: &Value) -> Self {
        let mut set = Self::default();
        let Value::Object(fields) = fields else { return set };
        for (key, inner) in fields {
            let Some(element) = PathElement::parse(key) else { continue };
            let child = Self::parse(inner);
            if child.is_empty() || inner.get(".").is_some() {
                set.members.insert(element.clone());
            }
            set.put(element, child);
        }
        set
    }

    /// Writes `fieldsV1`.
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        for element in &self.members {
            fields.insert(element.to_text(), Value::Object(Map::new()));
        }
        for (element, child) in &self.children {
            let mut inner = child.to_json();
            if let (true, Value::Object(inner)) = (self.members.contains(element), &mut inner) {
                inner.insert(".".to_owned(), Value::Object(Map::new()));
            }
            fields.insert(element.to_text(), inner);
        }
        Value::Object(fields)
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.is_empty()
    }

    /// Adds a path. The empty path, the object as a whole, is in no set.
    pub fn insert(&mut self, path: &[PathElement]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// A set of one path, by the names of its fields.
    pub fn of_names(names: &[String]) -> Self {
        let path: Vec<PathElement> = names.iter().map(|name| PathElement::Field(name.clone())).collect();
        let mut set = Self::default();
        set.insert(&path);
        set
    }

    /// Whether a path is a member, by the names of its fields.
    pub fn has_names(&self, names: &[String]) -> bool {
        match names {
            [] => false,
            [last] => self.members.contains(&PathElement::Field(last.clone())),
            [first, rest @ ..] => {
                self.children.get(&PathElement::Field(first.clone())).is_some_and(|child| child.has_names(rest))
            }
        }
    }

    /// Whether the element itself is a member.
    pub fn has(&self, element: &PathElement) -> bool {
        self.members.contains(element)
    }

    /// The fields inside an element.
    pub fn below(&self, element: &PathElement) -> Option<&Self> {
        self.children.get(element)
    }

    pub fn union(&self, other: &Self) -> Self {
        let mut set = self.clone();
        set.members.extend(other.members.iter().cloned());
        for (element, child) in &other.children {
            let merged = match set.children.get(element) {
                Some(own) => own.union(child),
                None => child.clone(),
            };
            set.children.insert(element.clone(), merged);
        }
        set
    }

    pub fn intersection(&self, other: &Self) -> Self {
        let mut set = Self { members: self.members.intersection(&other.members).cloned().collect(), ..Self::default() };
        for (element, child) in &self.children {
            if let Some(theirs) = other.children.get(element) {
                set.put(element.clone(), child.intersection(theirs));
            }
        }
        set
    }

    /// Without the members of another set; what is inside these stays.
    pub fn difference(&self, other: &Self) -> Self {
        let mut set = Self { members: self.members.difference(&other.members).cloned().collect(), ..Self::default() };
        for (element, child) in &self.children {
            let left = other.children.get(element).map(|theirs| child.difference(theirs));
            set.put(element.clone(), left.unwrap_or_else(|| child.clone()));
        }
        set
    }

    /// Without the members of another set and all that is inside these.
    pub fn difference_with_all_below(&self, other: &Self) -> Self {
        let mut set = Self { members: self.members.difference(&other.members).cloned().collect(), ..Self::default() };
        for (element, child) in self.children.iter().filter(|(element, _)| !other.members.contains(element)) {
            let left = other.children.get(element).map(|theirs| child.difference_with_all_below(theirs));
            set.put(element.clone(), left.unwrap_or_else(|| child.clone()));
        }
        set
    }

    /// With the parents of its fields, as far as these are fields by name in the schema; items of lists and keys of maps are
    /// not added.
    pub fn with_named_parents(&self, schema: Schema<'_>) -> Self {
        let mut set = Self { members: self.members.clone(), ..Self::default() };
        for (element, child) in &self.children {
            if matches!(element, PathElement::Field(name) if schema.has_property(name)) {
                set.members.insert(element.clone());
            }
            set.put(element.clone(), child.with_named_parents(below(schema, element)));
        }
        set
    }

    /// The paths, in the server's order: the members of a set come before what is inside of others.
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, parent: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        for element in &self.members {
            let mut path = parent.clone();
            path.push(element.clone());
            paths.push(path);
        }
        for (element, child) in &self.children {
            parent.push(element.clone());
            child.collect(parent, paths);
            parent.pop();
        }
    }

    fn put(&mut self, element: PathElement, child: Self) {
        if !child.is_empty() {
            self.children.insert(element, child);
        }
    }
}

/// The schema of what an element leads to.
pub(super) fn below<'a>(schema: Schema<'a>, element: &PathElement) -> Schema<'a> {
    match element {
        PathElement::Field(name) => schema.field(name),
        _ => schema.item(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(fields: Value) -> FieldSet {
        FieldSet::parse(&fields)
    }

    #[test]
    fn a_set_is_read_and_written_as_the_server_writes_it() {
        let fields = json!({
            "f:data": {".": {}, "f:a": {}},
            "f:metadata": {"f:labels": {"f:app": {}}},
            "f:spec": {r#"k:{"name":"web"}"#: {".": {}, "f:image": {}}},
        });
        assert_eq!(set(fields.clone()).to_json(), fields);
        assert_eq!(set(json!({})).to_json(), json!({}));
    }

    #[test]
    fn a_member_and_what_is_inside_it_are_apart() {
        let whole = set(json!({"f:a": {".": {}, "f:b": {}}, "f:c": {}}));
        let alone = set(json!({"f:a": {}}));
        assert_eq!(whole.difference(&alone), set(json!({"f:a": {"f:b": {}}, "f:c": {}})));
        assert_eq!(whole.difference_with_all_below(&alone), set(json!({"f:c": {}})));
        assert_eq!(whole.intersection(&alone), alone);
        assert_eq!(whole.difference(&whole), FieldSet::default());
        assert_eq!(set(json!({"f:a": {"f:b": {}}})).union(&set(json!({"f:a": {}, "f:c": {}}))), whole);
        assert!(whole.intersection(&set(json!({"f:a": {"f:x": {}}}))).is_empty());
    }

    #[test]
    fn paths_are_shown_in_order() {
        let paths = set(json!({"f:c": {}, "f:b": {"f:x": {}}, "f:a": {".": {}, "f:y": {}}})).paths();
        let shown: Vec<String> =
            paths.iter().map(|path| path.iter().map(ToString::to_string).collect::<String>()).collect();
        assert_eq!(shown, [".a", ".c", ".a.y", ".b.x"]);
    }
}
