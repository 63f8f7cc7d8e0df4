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
            items.into_iter().peekable()
        };
        let (mut old, mut new) = (sorted(old), sorted(new));
        loop {
            // The element that comes first, and then all items of it.
            let is_of_new = match (old.peek(), new.peek()) {
                (Some((one, _)), Some((other, _))) => other < one,
                (one, _) => one.is_none(),
            };
            let Some((element, item)) = (if is_of_new { new.next() } else { old.next() }) else { return };
            let (mut was, mut is) = if is_of_new { (Vec::new(), vec![item]) } else { (vec![item], Vec::new()) };
            was.extend(std::iter::from_fn(|| old.next_if(|(other, _)| *other == element)).map(|(_, item)| item));
            is.extend(std::iter::from_fn(|| new.next_if(|(other, _)| *other == element)).map(|(_, item)| item));
            self.add(element, Difference::of_items(&was, &is, schema));
        }
    }
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
            let names = keys(old, new);
            if old.is_none() {
                found.inside.added.reserve(names.len());
            }
            for name in names {
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
    fn of_items(old: &[&Value], new: &[&Value], schema: Schema<'_>) -> Self {
        match (old, new) {
            (old, new) if old.len() <= 1 && new.len() <= 1 => {
                Self::of(old.first().copied(), new.first().copied(), schema)
            }
            // Items that can't be told apart are one thing, which changes as a whole.
            (old, new) if old.len() > 1 && new.len() > 1 => {
                let is_same = old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new));
                Self { is_modified: !is_same, ..Self::default() }
            }
            (old, new) if old.len() > 1 => {
                let added = new.first().map(|new| Self::of(None, Some(new), schema));
                Self { is_removed: true, ..added.unwrap_or_default() }
            }
            (old, _) => {
                let removed = old.first().map(|old| Self::of(Some(old), None, schema));
                Self { is_added: true, ..removed.unwrap_or_default() }
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
