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
            [first, rest @ ..] => match self.children.get_mut(first) {
                Some(child) => child.insert(rest),
                None => self.children.entry(first.clone()).or_default().insert(rest),
            },
        }
    }

    /// A set of one path, by the names of its fields.
    pub fn of_names(names: &[String]) -> Self {
        let path: Vec<PathElement> = names.iter().map(|name| PathElement::Field(name.into())).collect();
        let mut set = Self::default();
        set.insert(&path);
        set
    }

    /// Whether a path is a member, by the names of its fields.
    pub fn has_names(&self, names: &[String]) -> bool {
        match names {
            [] => false,
            [last] => self.members.contains(&PathElement::Field(last.into())),
            [first, rest @ ..] => {
                self.children.get(&PathElement::Field(first.into())).is_some_and(|child| child.has_names(rest))
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

    pub fn union(mut self, other: &Self) -> Self {
        self.extend(other);
        self
    }

    fn extend(&mut self, other: &Self) {
        for element in other.members.iter().filter(|element| !self.members.contains(element)).collect::<Vec<_>>() {
            self.members.insert(element.clone());
        }
        for (element, child) in &other.children {
            match self.children.get_mut(element) {
                Some(own) => own.extend(child),
                None => {
                    self.children.insert(element.clone(), child.clone());
                }
            }
        }
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
    pub fn difference(mut self, other: &Self) -> Self {
        self.subtract(other, false);
        self
    }

    /// Without the members of another set and all that is inside these.
    pub fn difference_with_all_below(mut self, other: &Self) -> Self {
        self.subtract(other, true);
        self
    }

    /// Takes the members of another set out, and perhaps what is inside these. What the other doesn't have is not touched: it is small,
    /// mostly.
    fn subtract(&mut self, other: &Self, with_all_below: bool) {
        for element in &other.members {
            self.members.remove(element);
            if with_all_below {
                self.children.remove(element);
            }
        }
        for (element, theirs) in &other.children {
            if let Some(child) = self.children.get_mut(element) {
                child.subtract(theirs, with_all_below);
                if child.is_empty() {
                    self.children.remove(element);
                }
            }
        }
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
        assert_eq!(whole.clone().difference(&alone), set(json!({"f:a": {"f:b": {}}, "f:c": {}})));
        assert_eq!(whole.clone().difference_with_all_below(&alone), set(json!({"f:c": {}})));
        assert_eq!(whole.intersection(&alone), alone);
        assert_eq!(whole.clone().difference(&whole), FieldSet::default());
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
