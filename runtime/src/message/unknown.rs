//! Fields that were read but are not in the table: kept, and written back.

use compact_str::CompactString;

use crate::types::RawJson;

/// The fields of a message that its table does not know.
///
/// A server may be newer than the client. What the client reads and does not know it keeps here and writes back, so
/// that a read-modify-write strips nothing. One pointer wide; empty, it allocates nothing.
///
/// A custom resource may hold a value that its field's type can't: its CRD had another schema when it was stored, or
/// the server takes what the schema's words don't say (a null, an integer beyond 64 bits). Such a value is kept here too,
/// under the field's name, and the field is absent or at its default. It is written back unless the field has been set
/// since; to write the field's default in its place, [`remove`](Self::remove) it.
#[derive(Clone, Default)]
pub struct UnknownFields(Option<Box<Inner>>);

#[derive(Clone, Default)]
struct Inner {
    json: Vec<(CompactString, RawJson)>,
    protobuf: Vec<u8>,
}

impl UnknownFields {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|inner| inner.json.is_empty() && inner.protobuf.is_empty())
    }

    /// The value of an unknown field that was read from JSON.
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The fields that were read from JSON, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().flat_map(|inner| inner.json.iter().map(|(name, value)| (name.as_str(), value)))
    }

    /// Puts a JSON field, and gives back what stood there under the same name.
    pub fn insert(&mut self, name: impl Into<CompactString>, value: RawJson) -> Option<RawJson> {
        let name = name.into();
        let inner = self.0.get_or_insert_default();
        match inner.json.iter_mut().find(|(known, _)| *known == name) {
            Some((_, place)) => Some(std::mem::replace(place, value)),
            None => {
                inner.json.push((name, value));
                None
            }
        }
    }

    /// Appends a JSON field without a look at the others: a reader does so, and calls
    /// [`keep_last_of_each`](Self::keep_last_of_each) at the end.
    pub(crate) fn push(&mut self, name: CompactString, value: RawJson) {
        let json = &mut self.0.get_or_insert_default().json;
        if json.len() == json.capacity() {
            json.reserve_exact(json.len().max(1));
        }
        json.push((name, value));
    }

    /// Of JSON fields of the same name, keeps the last, whatever their number in less than quadratic time.
    pub(crate) fn keep_last_of_each(&mut self) {
        let Some(inner) = &mut self.0 else { return };
        let mut order: Vec<usize> = (0..inner.json.len()).collect();
        order.sort_by(|a, b| inner.json[*a].0.cmp(&inner.json[*b].0).then(a.cmp(b)));
        let mut stale: Vec<usize> = order
            .windows(2)
            .filter(|pair| inner.json[pair[0]].0 == inner.json[pair[1]].0)
            .map(|pair| pair[0])
            .collect();
        if stale.is_empty() {
            return;
        }
        stale.sort_unstable();
        let mut index = 0;
        inner.json.retain(|_| {
            index += 1;
            stale.binary_search(&(index - 1)).is_err()
        });
    }

    /// Keeps those JSON fields whose names are wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let Some(inner) = &mut self.0 else { return };
        inner.json.retain(|(name, _)| wanted(name));
        if self.is_empty() {
            self.0 = None;
        }
    }

    /// Takes a JSON field out.
    pub fn remove(&mut self, name: &str) -> Option<RawJson> {
        let inner = self.0.as_mut()?;
        let index = inner.json.iter().position(|(known, _)| known == name)?;
        let (_, value) = inner.json.remove(index);
        if self.is_empty() {
            self.0 = None;
        }
        Some(value)
    }

    /// Forgets every unknown field.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    /// The fields that were read from protobuf, tag and value as they stood on the wire.
    pub fn protobuf(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |inner| &inner.protobuf)
    }

    /// Appends a protobuf field, tag and value as they stand on the wire.
    pub fn push_protobuf(&mut self, bytes: &[u8]) {
        self.0.get_or_insert_default().protobuf.extend_from_slice(bytes);
    }
}

/// Equal where the same fields have the same values, whatever their order.
impl PartialEq for UnknownFields {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |fields: &UnknownFields| {
            let mut json: Vec<_> = fields.0.iter().flat_map(|inner| &inner.json).collect();
            json.sort_by(|(a, _), (b, _)| a.cmp(b));
            json.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        self.protobuf() == other.protobuf() && (self.iter().eq(other.iter()) || sorted(self) == sorted(other))
    }
}

impl std::fmt::Debug for UnknownFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut map = f.debug_map();
        map.entries(self.iter());
        if !self.protobuf().is_empty() {
            map.entry(&"(protobuf)", &format_args!("{} bytes", self.protobuf().len()));
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_costs_one_pointer() {
        assert_eq!(size_of::<UnknownFields>(), size_of::<usize>());
    }
}
