//! The fields of a schema by name.

/// The fields that a schema has by name, each with its place.
///
/// Names are compared at every field of every object that is written. They are found by numbers that they begin with: nearly all names
/// of a schema have different ones, and to search these needs no look at the names.
#[derive(Debug, Default)]
pub(super) struct Properties {
    fields: Box<[Property]>,
    /// Where the fields are, by a hash of their numbers: the place of a field and one, or 0 for none. What has the hash of another follows
    /// it. At least half of the slots are free.
    slots: Box<[u32]>,
}

#[derive(Debug)]
struct Property {
    start: u64,
    name: Box<str>,
    place: u32,
}

/// The length of a name and its first letters, as a number.
fn start(name: &str) -> u64 {
    let letters = match name.as_bytes().first_chunk() {
        Some(first) => u64::from_be_bytes(*first) >> 8,
        None => name.bytes().fold(0, |letters, letter| letters << 8 | u64::from(letter)) & (u64::MAX >> 8),
    };
    (name.len() as u64) << 56 | letters
}

impl Properties {
    /// The place of a field.
    pub fn get(&self, name: &str) -> Option<u32> {
        let start = start(name);
        let found = self.slots_of(start).map_while(|slot| self.fields.get((self.slots[slot] as usize).checked_sub(1)?));
        let mut same = found.filter(|field| field.start == start);
        same.find(|field| *field.name == *name).map(|field| field.place)
    }

    /// The slots where a number may be, in order.
    fn slots_of(&self, start: u64) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        // Fibonacci's hash: the upper bits depend on all others.
        let first = start.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        (0..count).map(move |step| (first as usize).wrapping_add(step) & (count - 1))
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.fields.iter().map(|field| (&*field.name, field.place))
    }
}

impl FromIterator<(Box<str>, u32)> for Properties {
    fn from_iter<I: IntoIterator<Item = (Box<str>, u32)>>(fields: I) -> Self {
        let fields: Box<[_]> =
            fields.into_iter().map(|(name, place)| Property { start: start(&name), name, place }).collect();
        let slots = if fields.is_empty() { 0 } else { (2 * fields.len()).next_power_of_two() };
        let mut properties = Self { fields, slots: vec![0; slots].into() };
        for (number, field) in (1..).zip(&properties.fields) {
            if let Some(slot) = properties.slots_of(field.start).find(|slot| properties.slots[*slot] == 0) {
                properties.slots[slot] = number;
            }
        }
        properties
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_found_by_its_name_alone() {
        let names = ["b", "a", "", "ab", "spec", "status", "kind", "secretName", "secretNode"];
        let properties: Properties = names.iter().zip(0..).map(|(name, place)| (Box::from(*name), place)).collect();
        for (name, place) in names.iter().zip(0..) {
            assert_eq!(properties.get(name), Some(place), "{name}");
        }
        assert_eq!((properties.get("c"), properties.get("ba"), properties.get("statuses")), (None, None, None));
        assert_eq!(properties.iter().count(), names.len());
    }
}
