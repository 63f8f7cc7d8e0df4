//! The fields of a schema by name.

/// The fields that a schema has by name, each with its place.
///
/// Names are compared at every field of every object that is written. They are sorted by numbers that they begin with: nearly all names
/// of a schema have different ones, and to search these needs no look at the names.
#[derive(Debug, Default)]
pub(super) struct Properties {
    starts: Box<[u64]>,
    /// In the order of `starts`.
    fields: Box<[(Box<str>, u32)]>,
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
        let first = self.starts.partition_point(|known| *known < start);
        let rest = self.starts.get(first..)?.iter().zip(self.fields.get(first..)?);
        let mut same = rest.take_while(|(known, _)| **known == start);
        same.find(|(_, (known, _))| **known == *name).map(|(_, (_, place))| *place)
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.fields.iter().map(|(name, place)| (&**name, *place))
    }
}

impl FromIterator<(Box<str>, u32)> for Properties {
    fn from_iter<I: IntoIterator<Item = (Box<str>, u32)>>(fields: I) -> Self {
        let mut fields: Box<[_]> = fields.into_iter().collect();
        fields.sort_by_cached_key(|(name, _)| start(name));
        Self { starts: fields.iter().map(|(name, _)| start(name)).collect(), fields }
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
