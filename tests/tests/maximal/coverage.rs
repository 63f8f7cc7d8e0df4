//! How much of a kind's tables an object fills.

use std::collections::BTreeSet;

use kubewright::message::{Descriptor, Message, Value};

/// A type and one of its fields.
type Place = (usize, usize);

/// Which fields of a kind's tables are set anywhere in an object, and which there are.
#[derive(Default)]
pub struct Coverage {
    set: BTreeSet<Place>,
    all: BTreeSet<Place>,
    names: Vec<String>,
}

impl Coverage {
    /// Of an object.
    pub fn of(object: &dyn Message) -> Self {
        let mut coverage = Self::default();
        reach(object.descriptor(), &mut coverage.all);
        visit(object, &mut coverage.set);
        let mut seen = BTreeSet::new();
        name(object.descriptor(), &coverage.set, &mut seen, &mut coverage.names);
        coverage
    }

    /// The share in percent, rounded down.
    pub fn percent(&self) -> usize {
        self.set.len() * 100 / self.all.len().max(1)
    }

    /// How many fields are set, and how many there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.set.len(), self.all.len())
    }

    /// The fields that are not set.
    pub fn missing(&self) -> String {
        self.names.join(" ")
    }
}

/// Whether a value is there.
pub fn is_set(value: Value<'_>) -> bool {
    match value {
        Value::Absent | Value::Null => false,
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::StrMap(map) => !map.is_empty(),
        Value::Str(text) => !text.is_empty(),
        Value::Enum(value) => !value.as_str().is_empty(),
        Value::Message(message) => !kubewright::runtime::reflect::is_default(message),
        _ => true,
    }
}

fn id(table: &'static Descriptor) -> usize {
    std::ptr::from_ref(table) as usize
}

/// All fields of a table and of those that it names.
fn reach(table: &'static Descriptor, all: &mut BTreeSet<Place>) {
    for (index, field) in table.fields.iter().enumerate() {
        if all.insert((id(table), index))
            && let Some(inner) = field.message
        {
            reach(inner(), all);
        }
    }
}

fn visit(message: &dyn Message, set: &mut BTreeSet<Place>) {
    let table = message.descriptor();
    for (index, field) in table.fields.iter().enumerate() {
        let value = message.value(index);
        // Of an optional message being there counts, even if it is empty.
        if !(is_set(value) || field.optional && matches!(value, Value::Message(_))) {
            continue;
        }
        set.insert((id(table), index));
        within(value, set);
    }
}

fn within(value: Value<'_>, set: &mut BTreeSet<Place>) {
    match value {
        Value::Message(message) => visit(message, set),
        Value::List(list) => (0..list.len()).for_each(|index| within(list.get(index), set)),
        Value::Map(map) => (0..map.len()).filter_map(|index| map.get(index)).for_each(|(_, value)| within(value, set)),
        _ => {}
    }
}

fn name(table: &'static Descriptor, set: &BTreeSet<Place>, seen: &mut BTreeSet<usize>, names: &mut Vec<String>) {
    if !seen.insert(id(table)) {
        return;
    }
    for (index, field) in table.fields.iter().enumerate() {
        if !set.contains(&(id(table), index)) {
            names.push(format!("{}.{}", table.name, field.name()));
        } else if let Some(inner) = field.message {
            name(inner(), set, seen, names);
        }
    }
}
