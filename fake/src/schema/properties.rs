//! The fields of a schema by name.

/// The fields that a schema has by name, each with its place.
///
/// Names are compared at every field of every object that is written. They are sorted by their lengths before their letters: most names
/// in a search differ in length, which is a comparison of numbers.
#[derive(Debug, Default)]
pub(super) struct Properties(Box<[(Box<str>, u32)]>);

impl Properties {
    /// The place of a field.
    pub fn get(&self, name: &str) -> Option<u32> {
        let order = |known: &str| known.len().cmp(&name.len()).then_with(|| known.cmp(name));
        let at = self.0.binary_search_by(|(known, _)| order(known)).ok()?;
        self.0.get(at).map(|(_, place)| *place)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(name, place)| (&**name, *place))
    }
}

impl FromIterator<(Box<str>, u32)> for Properties {
    fn from_iter<I: IntoIterator<Item = (Box<str>, u32)>>(fields: I) -> Self {
        let mut fields: Box<[_]> = fields.into_iter().collect();
        fields.sort_by(|(one, _), (other, _)| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        Self(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_found_by_its_name_alone() {
        let names = ["b", "a", "", "ab", "spec", "status", "kind"];
        let properties: Properties = names.iter().zip(0..).map(|(name, place)| (Box::from(*name), place)).collect();
        for (name, place) in names.iter().zip(0..) {
            assert_eq!(properties.get(name), Some(place), "{name}");
        }
        assert_eq!((properties.get("c"), properties.get("ba"), properties.get("statuses")), (None, None, None));
        assert_eq!(properties.iter().count(), names.len());
    }
}
