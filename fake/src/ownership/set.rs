//! Sets of fields, as in `managedFields`.

use serde_json::{Map, Value};

use super::path::PathElement;
use crate::schema::Schema;

/// A set of the fields of an object.
///
/// A field's path is in it as a *member* of the set of its parent. That a field is in it says nothing of the fields inside
/// it, and the other way round.
///
/// Each set is one list, since a write makes and drops a set for every object and list in an object: trees would be many allocations.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FieldSet {
    /// In the order of the elements, each of them once. None is empty.
    entries: Vec<Entry>,
}

/// What a set has of an element.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    element: PathElement,
    is_member: bool,
    below: FieldSet,
}

impl Entry {
    fn is_empty(&self) -> bool {
        !self.is_member && self.below.is_empty()
    }
}

impl FieldSet {
    /// Reads `fieldsV1`. What is no path element is left out, as by the server.
    pub fn parse(fields: &Value) -> Self {
        let mut set = Self::default();
        let Value::Object(fields) = fields else { return set };
        for (key, inner) in fields {
            let Some(element) = PathElement::parse(key) else { continue };
            let below = Self::parse(inner);
            let is_member = below.is_empty() || inner.get(".").is_some();
            set.add(element, is_member, below);
        }
        set
    }

    /// Writes `fieldsV1`.
    pub fn to_json(&self) -> Value {
        let fields = self.entries.iter().map(|Entry { element, is_member, below }| {
            let mut inner = below.to_json();
            if let (true, false, Value::Object(inner)) = (is_member, below.is_empty(), &mut inner) {
                inner.insert(".".to_owned(), Value::Object(Map::new()));
            }
            (element.to_text(), inner)
        });
        Value::Object(fields.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a path. The empty path, the object as a whole, is in no set.
    pub fn insert(&mut self, path: &[PathElement]) {
        match path {
            [] => {}
            [last] => self.entry(last).is_member = true,
            [first, rest @ ..] => self.entry(first).below.insert(rest),
        }
    }

    /// Makes room for elements that are to be added.
    pub(super) fn reserve(&mut self, count: usize) {
        self.entries.reserve_exact(count);
    }

    /// Adds an element, as a member or not, and fields inside it.
    pub(super) fn add(&mut self, element: PathElement, is_member: bool, below: Self) {
        if !is_member && below.is_empty() {
            return;
        }
        // Mostly they come in order.
        if self.entries.last().is_none_or(|last| last.element < element) {
            return self.entries.push(Entry { element, is_member, below });
        }
        let entry = self.entry(&element);
        entry.is_member |= is_member;
        entry.below.extend(below);
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
            [last] => self.has(&PathElement::Field(last.into())),
            [first, rest @ ..] => {
                self.below(&PathElement::Field(first.into())).is_some_and(|child| child.has_names(rest))
            }
        }
    }

    /// Whether the element itself is a member.
    pub fn has(&self, element: &PathElement) -> bool {
        self.get(element).is_some_and(|entry| entry.is_member)
    }

    /// The fields inside an element.
    pub fn below(&self, element: &PathElement) -> Option<&Self> {
        self.get(element).map(|entry| &entry.below).filter(|below| !below.is_empty())
    }

    fn position(&self, element: &PathElement) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.element.cmp(element))
    }

    fn get(&self, element: &PathElement) -> Option<&Entry> {
        self.position(element).ok().and_then(|at| self.entries.get(at))
    }

    /// The entry of an element, an empty one if there was none.
    fn entry(&mut self, element: &PathElement) -> &mut Entry {
        let at = self.position(element).unwrap_or_else(|at| {
            let entry = Entry { element: element.clone(), is_member: false, below: Self::default() };
            self.entries.insert(at, entry);
            at
        });
        &mut self.entries[at]
    }

    pub fn union(mut self, other: &Self) -> Self {
        self.extend(other.clone());
        self
    }

    /// Adds the fields of another set.
    pub(super) fn extend(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        for Entry { element, is_member, below } in other.entries {
            self.add(element, is_member, below);
        }
    }

    pub fn intersection(&self, other: &Self) -> Self {
        let mut set = Self::default();
        for Entry { element, is_member, below } in &self.entries {
            if let Some(theirs) = other.get(element) {
                set.add(element.clone(), *is_member && theirs.is_member, below.intersection(&theirs.below));
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
        for theirs in &other.entries {
            let Ok(at) = self.position(&theirs.element) else { continue };
            let entry = &mut self.entries[at];
            if theirs.is_member {
                entry.is_member = false;
                if with_all_below {
                    entry.below = Self::default();
                }
            }
            entry.below.subtract(&theirs.below, with_all_below);
            if entry.is_empty() {
                self.entries.remove(at);
            }
        }
    }

    /// With the parents of its fields, as far as these are fields by name in the schema; items of lists and keys of maps are
    /// not added.
    pub fn with_named_parents(&self, schema: Schema<'_>) -> Self {
        let with_parents = |entry: &Entry| {
            let is_named = || matches!(&entry.element, PathElement::Field(name) if schema.has_property(name));
            Entry {
                element: entry.element.clone(),
                is_member: entry.is_member || !entry.below.is_empty() && is_named(),
                below: entry.below.with_named_parents(below(schema, &entry.element)),
            }
        };
        Self { entries: self.entries.iter().map(with_parents).collect() }
    }

    /// The paths, in the server's order: the members of a set come before what is inside of others.
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, parent: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        for entry in self.entries.iter().filter(|entry| entry.is_member) {
            let mut path = parent.clone();
            path.push(entry.element.clone());
            paths.push(path);
        }
        for entry in &self.entries {
            parent.push(entry.element.clone());
            entry.below.collect(parent, paths);
            parent.pop();
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
