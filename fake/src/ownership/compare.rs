//! What changed between two objects.

use serde_json::Value;

use super::elements::{elements, is_empty, items, keys, merging_of, same};
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::{Merging, Schema};

/// The fields that differ between two objects, each in one of the sets.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    pub removed: FieldSet,
    pub modified: FieldSet,
    pub added: FieldSet,
}

/// What differs between two values: whether they do themselves, and what is inside them. Sets are made from the inside out, so that no
/// path is walked from the top for each of its fields.
#[derive(Default)]
struct Difference {
    is_removed: bool,
    is_modified: bool,
    is_added: bool,
    inside: Comparison,
}

impl Comparison {
    pub fn of(old: &Value, new: &Value, schema: Schema<'_>) -> Self {
        Difference::of(Some(old), Some(new), schema).inside
    }

    /// Leaves out fields and all that is inside these.
    pub fn without(self, fields: &FieldSet) -> Self {
        Self {
            removed: self.removed.difference_with_all_below(fields),
            modified: self.modified.difference_with_all_below(fields),
            added: self.added.difference_with_all_below(fields),
        }
    }

    /// Adds what differs at an element.
    fn add(&mut self, element: PathElement, difference: Difference) {
        let Difference { is_removed, is_modified, is_added, inside } = difference;
        // Few differ in more than one way, so that the element is mostly copied for none of these.
        if is_removed || !inside.removed.is_empty() {
            self.removed.add(element.clone(), is_removed, inside.removed);
        }
        if is_modified || !inside.modified.is_empty() {
            self.modified.add(element.clone(), is_modified, inside.modified);
        }
        self.added.add(element, is_added, inside.added);
    }

    fn compare_items(&mut self, old: &[Value], new: &[Value], merging: Merging<'_>, schema: Schema<'_>) {
        let sorted = |list| {
            let mut items = elements(list, merging, schema);
            items.sort_by(|(one, _), (other, _)| one.cmp(other));
            items
        };
        let (old, new) = (sorted(old), sorted(new));
        let (mut old, mut new) = (old.as_slice(), new.as_slice());
        while let Some((element, _)) = first(old, new) {
            let (mine, theirs) = (take(&mut old, element), take(&mut new, element));
            self.add(element.clone(), Difference::of_items(mine, theirs, schema));
        }
    }
}

/// An item of a list with what tells it from others.
type Item<'v> = (PathElement, &'v Value);

fn value<'v>(list: &[Item<'v>]) -> Option<&'v Value> {
    list.first().map(|(_, value)| *value)
}

/// The item of two sorted lists that comes first.
fn first<'i, 'v>(old: &'i [Item<'v>], new: &'i [Item<'v>]) -> Option<&'i Item<'v>> {
    match (old.first(), new.first()) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Takes the items of an element from the beginning of a sorted list.
fn take<'i, 'v>(list: &mut &'i [Item<'v>], element: &PathElement) -> &'i [Item<'v>] {
    let (taken, left) = list.split_at(list.iter().take_while(|(other, _)| other == element).count());
    *list = left;
    taken
}

impl Difference {
    fn of(old: Option<&Value>, new: Option<&Value>, schema: Schema<'_>) -> Self {
        let mut found = Self::default();
        if let (Some(was), Some(is)) = (old, new) {
            let is_other_sort = was.is_object() != is.is_object() || was.is_array() != is.is_array();
            if is_other_sort && !was.is_null() && !is.is_null() {
                // All of the one is removed, and all of the other added.
                return Self::of(Some(was), None, schema).and(Self::of(None, Some(is), schema));
            }
        }
        let merging = merging_of(schema, old, new);
        if merging == Merging::Whole || (is_empty(old) && is_empty(new)) {
            match (old, new) {
                (None, _) => found.is_added = true,
                (_, None) => found.is_removed = true,
                (Some(old), Some(new)) => found.is_modified = !same(old, new),
            }
            return found;
        }
        if merging == Merging::ByKey {
            for name in keys(old, new) {
                let (was, is) = (old.and_then(|old| old.get(name)), new.and_then(|new| new.get(name)));
                let difference = Self::of(was, is, schema.field(name));
                if !difference.is_none() {
                    found.inside.add(PathElement::Field(name.into()), difference);
                }
            }
        } else {
            found.inside.compare_items(items(old), items(new), merging, schema.item());
        }
        (found.is_added, found.is_removed) = (old.is_none(), old.is_some() && new.is_none());
        found
    }

    /// What differs between the items of an element.
    fn of_items(old: &[Item<'_>], new: &[Item<'_>], schema: Schema<'_>) -> Self {
        match (old.len(), new.len()) {
            (..=1, ..=1) => Self::of(value(old), value(new), schema),
            // Items that can't be told apart are one thing, which changes as a whole.
            (2.., 2..) => {
                let is_same = old.len() == new.len() && old.iter().zip(new).all(|((_, old), (_, new))| same(old, new));
                Self { is_modified: !is_same, ..Self::default() }
            }
            (2.., _) => {
                let added = value(new).map(|new| Self::of(None, Some(new), schema)).unwrap_or_default();
                Self { is_removed: true, ..added }
            }
            _ => {
                let removed = value(old).map(|old| Self::of(Some(old), None, schema)).unwrap_or_default();
                Self { is_added: true, ..removed }
            }
        }
    }

    fn is_none(&self) -> bool {
        let Comparison { removed, modified, added } = &self.inside;
        let is_same = !self.is_removed && !self.is_modified && !self.is_added;
        is_same && removed.is_empty() && modified.is_empty() && added.is_empty()
    }

    fn and(mut self, other: Self) -> Self {
        self.is_removed |= other.is_removed;
        self.is_modified |= other.is_modified;
        self.is_added |= other.is_added;
        self.inside.removed.extend(other.inside.removed);
        self.inside.modified.extend(other.inside.modified);
        self.inside.added.extend(other.inside.added);
        self
    }
}
