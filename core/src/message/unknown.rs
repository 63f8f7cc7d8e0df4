//! Unknown fields, which are preserved and written back; and marks of required fields that were absent, which stay
//! omitted.

use compact_str::CompactString;

use crate::types::RawJson;

/// The fields of a message that its table does not contain.
///
/// A server may be newer than the client. Fields that the client decodes but does not know are preserved here and
/// written back, so that a read-modify-write drops nothing. One pointer wide; empty, it allocates nothing.
///
/// Of a custom resource, it also records which required fields were [absent](Self::is_absent) when the object was
/// decoded, so that a read-modify-write adds nothing either.
///
/// A custom resource may contain a value that its field's type can't represent: its CRD had another schema when it was
/// stored, or the server accepts values beyond the schema (a null, an integer beyond 64 bits). Such a value is
/// preserved here too, under the field's name, and the field is absent or at its default. It is written back unless the
/// field has been set since; to write the field's default in its place, [`mark_present`](Self::mark_present) it, or set
/// an `Option` to `Some` of the default.
#[derive(Clone, Default)]
pub struct UnknownFields(Option<Box<Inner>>);

#[derive(Clone, Default)]
struct Inner {
    json: Vec<(CompactString, RawJson)>,
    protobuf: Vec<u8>,
    /// The JSON names of required fields that were absent.
    absent: Vec<CompactString>,
    /// What was read of fields whose types stand on serde, by JSON name, where those types write something else of it.
    as_read: Vec<(&'static str, RawJson)>,
}

impl UnknownFields {
    /// Whether it is empty. Fields that are marked as absent do not count.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|inner| inner.json.is_empty() && inner.protobuf.is_empty())
    }

    /// Returns the value of an unknown field from JSON.
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Iterates over the fields from JSON, in their original order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().flat_map(|inner| inner.json.iter().map(|(name, value)| (name.as_str(), value)))
    }

    /// Inserts a JSON field, and returns the previous value of this name.
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

    /// Appends a JSON field without checking for duplicates: a decoder calls
    /// [`keep_last_of_each`](Self::keep_last_of_each) at the end.
    pub(crate) fn push(&mut self, name: CompactString, value: RawJson) {
        let json = &mut self.0.get_or_insert_default().json;
        if json.len() == json.capacity() {
            json.reserve_exact(json.len().max(1));
        }
        json.push((name, value));
    }

    /// Removes all but the last JSON field of each name, in less than quadratic time.
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

    /// Retains the JSON fields with these names.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let Some(inner) = &mut self.0 else { return };
        inner.json.retain(|(name, _)| wanted(name));
        self.shrink();
    }

    /// Removes a JSON field.
    pub fn remove(&mut self, name: &str) -> Option<RawJson> {
        let inner = self.0.as_mut()?;
        let index = inner.json.iter().position(|(known, _)| known == name)?;
        let (_, value) = inner.json.remove(index);
        self.shrink();
        Some(value)
    }

    /// Forgets every unknown field, with what is unknown inside a field that stands on serde. Fields that are marked as
    /// absent stay so.
    pub fn clear(&mut self) {
        let Some(inner) = &mut self.0 else { return };
        inner.json.clear();
        inner.as_read.clear();
        inner.protobuf.clear();
        self.shrink();
    }

    /// Whether the required field with this JSON name is marked as absent: it was missing when the object was decoded,
    /// or [`mark_absent`](Self::mark_absent) was called. Such a field is omitted while it is at its zero value; any
    /// other value is written.
    ///
    /// Decoders mark only fields of custom resources, whose JSON the server stores verbatim, and only those that are
    /// required without a default: every other one of theirs is an `Option`.
    pub fn is_absent(&self, name: &str) -> bool {
        self.absent().any(|known| known == name)
    }

    /// Iterates over the JSON names of the required fields that are marked as absent.
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|inner| inner.absent.iter().map(CompactString::as_str))
    }

    /// Marks a required field of a custom resource, by its JSON name, as absent: it is omitted while it is at its zero
    /// value. No effect on any other field.
    pub fn mark_absent(&mut self, name: impl Into<CompactString>) {
        let name = name.into();
        if self.is_absent(&name) {
            return;
        }
        let absent = &mut self.0.get_or_insert_default().absent;
        if absent.len() == absent.capacity() {
            absent.reserve_exact(absent.len().max(1));
        }
        absent.push(name);
    }

    /// Removes the mark of a field, and a value that was [preserved beside it](Self), so that its zero value is
    /// written. Returns whether there was either.
    ///
    /// ```
    /// # use kubewright_core::message::UnknownFields;
    /// # let mut spec_unknown_fields = UnknownFields::default();
    /// # spec_unknown_fields.mark_absent("port");
    /// // As `spec.unknown_fields`, of a spec that was read without a port: its port is set to 0.
    /// assert!(spec_unknown_fields.mark_present("port"));
    /// ```
    pub fn mark_present(&mut self, name: &str) -> bool {
        let was_beside = self.remove(name).is_some();
        self.unmark(name) || was_beside
    }

    /// Removes the mark of a field that was present when its object was decoded.
    pub(crate) fn unmark(&mut self, name: &str) -> bool {
        let Some(inner) = &mut self.0 else { return false };
        let before = inner.absent.len();
        inner.absent.retain(|known| known != name);
        let found = inner.absent.len() < before;
        self.shrink();
        found
    }

    /// Whether any field is marked as absent.
    #[inline]
    pub(crate) fn has_absent(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| !inner.absent.is_empty())
    }

    /// Frees the memory once nothing is left.
    fn shrink(&mut self) {
        let as_read = self.0.as_ref().is_some_and(|inner| !inner.as_read.is_empty());
        if self.is_empty() && !self.has_absent() && !as_read {
            self.0 = None;
        }
    }

    /// What was read of a field that stands on serde, where its type writes something else of it.
    pub(crate) fn as_read(&self, name: &str) -> Option<&RawJson> {
        self.0.as_ref()?.as_read.iter().find(|(known, _)| *known == name).map(|(_, read)| read)
    }

    /// Keeps what was read of a field that stands on serde, or forgets it.
    pub(crate) fn set_as_read(&mut self, name: &'static str, read: Option<RawJson>) {
        if let Some(inner) = &mut self.0 {
            inner.as_read.retain(|(known, _)| *known != name);
        }
        match read {
            Some(read) => self.0.get_or_insert_default().as_read.push((name, read)),
            None => self.shrink(),
        }
    }

    /// Returns the fields from protobuf, tag and value as on the wire.
    pub fn protobuf(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |inner| &inner.protobuf)
    }

    /// Appends a protobuf field, tag and value as on the wire.
    pub fn push_protobuf(&mut self, bytes: &[u8]) {
        self.0.get_or_insert_default().protobuf.extend_from_slice(bytes);
    }
}

/// Equal if the same unknown fields have the same values, in any order. Marks of absent fields are compared by the
/// comparison of whole messages, which knows whether they are still at their zero value.
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

/// Shows only the names of the fields: the values may be secrets, and only the object that contains them knows its
/// kind.
impl std::fmt::Debug for UnknownFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut set = f.debug_set();
        set.entries(self.iter().map(|(name, _)| name));
        if !self.protobuf().is_empty() {
            set.entry(&format_args!("{} bytes of protobuf", self.protobuf().len()));
        }
        set.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_costs_one_pointer() {
        assert_eq!(size_of::<UnknownFields>(), size_of::<usize>());
    }

    #[test]
    fn marks_of_absent_fields_outlive_the_unknown_fields() {
        let mut fields = UnknownFields::default();
        fields.insert("x", RawJson::default());
        fields.mark_absent("port");
        fields.mark_absent("port");
        assert_eq!(fields.absent().collect::<Vec<_>>(), ["port"]);
        fields.remove("x");
        fields.clear();
        assert!(fields.is_empty() && fields.is_absent("port") && !fields.is_absent("x"));
        assert!(fields.mark_present("port") && !fields.mark_present("port"));
        assert!(fields.0.is_none(), "nothing is left allocated");
    }
}
