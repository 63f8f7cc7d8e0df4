//! The fields of a schema by name.

/// The fields that a schema has by name, each with its place.
///
/// Names are compared at every field of every object that is written. They are found by numbers: nearly all names of a schema have
/// different ones, and to search these needs no look at the names.
#[derive(Debug, Default)]
pub(super) struct Properties {
    fields: Box<[Property]>,
    /// Where the fields are, by the upper bits of their numbers: the place of a field and one, or 0 for none. What has the slot of another
    /// follows it. At least half of the slots are free.
    slots: Box<[u32]>,
}

#[derive(Debug)]
struct Property {
    number: u64,
    name: Box<str>,
    place: u32,
}

/// A name as a number. Its upper bits depend on all letters.
fn number(name: &str) -> u64 {
    // As many as a golden section of all numbers, which spreads them.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (whole, rest) = name.as_bytes().as_chunks();
    let rest = rest.iter().fold(rest.len() as u64, |letters, letter| letters << 8 | u64::from(*letter));
    whole.iter().fold(rest.wrapping_mul(SPREAD), |number, letters| {
        (number.rotate_left(29) ^ u64::from_le_bytes(*letters)).wrapping_mul(SPREAD)
    })
}

impl Properties {
    /// The place of a field.
    pub fn get(&self, name: &str) -> Option<u32> {
        let number = number(name);
        let slots = self.slots_of(number);
        let mut found = slots.map_while(|slot| self.fields.get((self.slots[slot] as usize).checked_sub(1)?));
        found.find(|field| field.number == number && *field.name == *name).map(|field| field.place)
    }

    /// The slots where a field with a number may be, in order.
    fn slots_of(&self, number: u64) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        // There are a power of two of them; of none, nothing is shifted by more bits than there are.
        let first = number.checked_shr(u64::BITS - count.trailing_zeros()).unwrap_or_default() as usize;
        (0..count).map(move |step| (first + step) & (count - 1))
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
            fields.into_iter().map(|(name, place)| Property { number: number(&name), name, place }).collect();
        let slots = if fields.is_empty() { 0 } else { (2 * fields.len()).next_power_of_two() };
        let mut properties = Self { fields, slots: vec![0; slots].into() };
        for (place, field) in (1..).zip(&properties.fields) {
            if let Some(slot) = properties.slots_of(field.number).find(|slot| properties.slots[*slot] == 0) {
                properties.slots[slot] = place;
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
        assert_eq!(Properties::default().get("a"), None);
    }

    #[test]
    fn names_that_are_nearly_the_same_have_slots_of_their_own() {
        for names in [
            (0..20_000).map(|index| format!("field{index:07}")).collect::<Vec<_>>(),
            (0..20_000).map(|index| format!("{index:07}OfTheField")).collect(),
            (0..20_000).map(|index| format!("theField{index:07}OfThem")).collect(),
            (0..200).map(|index| "a".repeat(index)).collect(),
        ] {
            let properties: Properties =
                names.iter().zip(0..).map(|(name, place)| (Box::from(&**name), place)).collect();
            let steps = |name: &String| {
                let slots = properties.slots_of(number(name)).map(|slot| properties.slots[slot] as usize);
                slots.take_while(|slot| *slot > 0 && *properties.fields[slot - 1].name != **name).count()
            };
            let steps: usize = names.iter().map(steps).sum();
            assert!(steps < 2 * names.len(), "{steps} for {} names like {}", names.len(), names[1]);
        }
    }
}
