//! Set fields of a message.

use std::ops::Range;

use super::{FieldDesc, Message, Slot, Value, is_default_value};

/// Number of fields in a bit mask. Further fields of a message are inspected individually.
const MARKED: usize = u64::BITS as usize;

/// Iterator over the indices of a message's set fields, in table order.
///
/// A field is set if it is an `Option` that is `Some`, or a plain field that is not at its default. Of most types few
/// fields are, and one call reports them all ([`Message::set_fields`]).
pub(crate) struct SetFields<'a> {
    marks: u64,
    /// Whether some of them, or possibly some beyond the mask, are included though not set.
    zeros: bool,
    /// The remaining fields beyond the mask.
    beyond: Range<usize>,
    message: &'a dyn Message,
    /// Fields beyond the mask that are included though not set.
    wanted: fn(&FieldDesc) -> bool,
    /// Fields that are included additionally, by their JSON names.
    keys: &'static [&'static str],
}

impl<'a> SetFields<'a> {
    /// Iterates over the set fields of a message.
    #[inline]
    pub(crate) fn of(message: &'a dyn Message) -> Self {
        Self::or(message, 0, |_| false)
    }

    /// Iterates over the set fields of a message, and the required ones, unless they are [omitted](is_left_out).
    #[inline]
    pub(crate) fn or_required(message: &'a dyn Message) -> Self {
        Self::or(message, message.descriptor().required, |field| field.required)
    }

    /// Iterates over the set fields of a message, and those whose zero value the server distinguishes from absent,
    /// unless they are [omitted](is_left_out).
    #[inline]
    pub(crate) fn or_explicit(message: &'a dyn Message) -> Self {
        Self::or(message, message.descriptor().explicit, |field| field.explicit)
    }

    /// Iterates over the set fields of a list's item, and those of its keys whose zero value the server distinguishes
    /// from absent.
    pub(crate) fn or_keys(message: &'a dyn Message, keys: &'static [&'static str]) -> Self {
        let table = message.descriptor();
        let places = (0..MARKED).zip(table.fields);
        let marks = places.filter(|(_, field)| is_key(field, keys)).fold(0, |marks, (index, _)| marks | 1 << index);
        SetFields { keys, ..Self::or(message, marks, |_| false) }
    }

    #[inline]
    fn or(message: &'a dyn Message, marks: u64, wanted: fn(&FieldDesc) -> bool) -> Self {
        let beyond = MARKED..message.descriptor().fields.len();
        let set = message.set_fields();
        let mut marks = set | marks;
        if message.unknown_fields().has_absent() {
            marks &= !left_out_marks(message);
        }
        let zeros = marks != set || (message.descriptor().has_explicit && !beyond.is_empty());
        SetFields { marks, zeros, beyond, message, wanted, keys: &[] }
    }

    /// Iterates over the fields that are set in either of two messages of one type; beyond the mask, over all.
    #[inline]
    pub(crate) fn of_either(a: &'a dyn Message, b: &'a dyn Message) -> Self {
        let beyond = MARKED..a.descriptor().fields.len();
        let marks = a.set_fields() | b.set_fields();
        SetFields { marks, zeros: true, beyond, message: a, wanted: |_| true, keys: &[] }
    }

    /// Whether the iterator may include fields at their zero value.
    #[inline]
    pub(crate) fn has_zeros(&self) -> bool {
        self.zeros
    }

    #[cold]
    fn is_wanted(&self, index: usize) -> bool {
        let Some(field) = self.message.descriptor().fields.get(index) else { return false };
        is_set(field, self.message.value(index))
            || ((self.wanted)(field) || is_key(field, self.keys)) && !is_left_out(self.message, index)
    }
}

/// Whether a field is one of these keys of a list's items, and distinguishes zero from absent.
fn is_key(field: &FieldDesc, keys: &[&str]) -> bool {
    field.explicit && keys.contains(&&*field.json_name())
}

/// Whether a field is one that the server distinguishes from its zero value, was absent when the message was decoded,
/// and is still at its zero value.
#[cold]
pub(crate) fn is_left_out(message: &dyn Message, index: usize) -> bool {
    let Some(field) = message.descriptor().fields.get(index) else { return false };
    field.explicit && message.unknown_fields().is_absent(&field.json_name()) && !is_marked(message, index)
}

/// Whether a field is set, by its type; beyond the mask, by its value.
fn is_marked(message: &dyn Message, index: usize) -> bool {
    if index < MARKED {
        return message.set_fields() >> index & 1 == 1;
    }
    message.descriptor().fields.get(index).is_some_and(|field| is_set(field, message.value(index)))
}

/// Returns the indices of the fields that are [omitted](is_left_out).
pub(crate) fn left_out(message: &dyn Message) -> impl Iterator<Item = usize> {
    let fields = if message.unknown_fields().has_absent() { message.descriptor().fields.len() } else { 0 };
    (0..fields).filter(move |index| is_left_out(message, *index))
}

#[cold]
fn left_out_marks(message: &dyn Message) -> u64 {
    left_out(message).filter(|index| *index < MARKED).fold(0, |marks, index| marks | 1 << index)
}

/// The present fields of a decoded message, among those whose zero value the server distinguishes from absent.
#[derive(Default)]
pub(crate) struct PresentFields {
    marks: u64,
    beyond: Vec<usize>,
}

impl PresentFields {
    /// Records that the field with this index was present.
    #[inline]
    pub(crate) fn add(&mut self, index: usize) {
        if index < MARKED {
            self.marks |= 1 << index;
        } else {
            self.beyond.push(index);
        }
    }

    /// Records that the field with this index was absent after all: a later value replaced it.
    #[cold]
    pub(crate) fn remove(&mut self, index: usize) {
        if index < MARKED {
            self.marks &= !(1 << index);
        } else {
            self.beyond.retain(|beyond| *beyond != index);
        }
    }

    /// Marks in the message which of these fields were absent.
    #[inline]
    pub(crate) fn note(&self, message: &mut dyn Message) {
        let table = message.descriptor();
        if table.has_explicit {
            let all = table.explicit & !self.marks == 0 && table.fields.len() <= MARKED;
            if !all || message.unknown_fields().has_absent() {
                self.note_each(message);
            }
        }
    }

    /// Marks every field of the message as absent, and the required fields of the messages in it as well: only fields
    /// that are set from here on are written.
    pub(crate) fn nothing(message: &mut dyn Message) {
        PresentFields::default().note(message);
        // Types contain themselves only in an option or a list, so this terminates.
        for index in 0..message.descriptor().fields.len() {
            if let Slot::Message(inner) = message.slot(index) {
                PresentFields::nothing(inner);
            }
        }
    }

    #[cold]
    fn note_each(&self, message: &mut dyn Message) {
        let fields = message.descriptor().fields.iter().enumerate();
        for (index, field) in fields.filter(|(_, field)| field.explicit) {
            let present = if index < MARKED { self.marks >> index & 1 == 1 } else { self.beyond.contains(&index) };
            if present || is_marked(message, index) {
                message.unknown_fields_mut().unmark(&field.json_name());
            } else {
                message.unknown_fields_mut().mark_absent(&*field.json_name());
            }
        }
    }
}

impl Iterator for SetFields<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.marks != 0 {
            let index = self.marks.trailing_zeros();
            self.marks &= self.marks - 1;
            return Some(index as usize);
        }
        loop {
            let index = self.beyond.next()?;
            if self.is_wanted(index) {
                return Some(index);
            }
        }
    }
}

impl DoubleEndedIterator for SetFields<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<usize> {
        while let Some(index) = self.beyond.next_back() {
            if self.is_wanted(index) {
                return Some(index);
            }
        }
        let index = self.marks.checked_ilog2()?;
        self.marks &= !(1 << index);
        Some(index as usize)
    }
}

/// Returns the mask of the field with this index, if it is set; see [`Message::set_fields`].
#[doc(hidden)]
#[inline]
pub const fn mark(index: u32, is_set: bool) -> u64 {
    if index < u64::BITS { (is_set as u64) << index } else { 0 }
}

/// Whether a field at its default has a value among the unknown fields, which is written in its place.
#[cold]
pub(crate) fn is_beside(message: &dyn Message, index: usize) -> bool {
    let Some(field) = message.descriptor().fields.get(index) else { return false };
    !is_set(field, message.value(index)) && message.unknown_fields().get(&field.json_name()).is_some()
}

/// Whether an unknown field was preserved beside a field of the table that has been set since: it is not written.
#[cold]
pub(crate) fn is_replaced(message: &dyn Message, name: &str) -> bool {
    let mut fields = message.descriptor().fields.iter().enumerate();
    let found = fields.find(|(_, field)| field.json_name() == name);
    found.is_some_and(|(index, field)| is_set(field, message.value(index)))
}

/// Whether this value makes its field a set one.
pub(super) fn is_set(field: &FieldDesc, value: Value<'_>) -> bool {
    match value {
        Value::Absent => false,
        value => field.optional || !is_default_value(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Descriptor, FIELD, Field as _, UnknownFields};

    /// More fields than there are marks.
    const COUNT: usize = 70;

    struct Wide {
        values: [bool; COUNT],
        unknown: UnknownFields,
    }

    impl Wide {
        fn with(indices: &[usize]) -> Self {
            let values = std::array::from_fn(|index| indices.contains(&index));
            Wide { values, unknown: UnknownFields::default() }
        }
    }

    impl Message for Wide {
        fn descriptor(&self) -> &'static Descriptor {
            const FIELDS: [FieldDesc; COUNT] = {
                let mut fields = [FIELD; COUNT];
                fields[3].required = true;
                fields[67].required = true;
                fields[5] = fields[5].explicit();
                fields[68] = fields[68].explicit();
                fields
            };
            static TABLE: Descriptor = Descriptor::new("Wide", None, &FIELDS);
            &TABLE
        }

        fn slot(&mut self, field: usize) -> Slot<'_> {
            self.values.get_mut(field).map_or(Slot::None, |value| value.as_slot())
        }

        fn value(&self, field: usize) -> Value<'_> {
            self.values.get(field).map_or(Value::Absent, |value| value.as_value())
        }

        fn unknown_fields(&self) -> &UnknownFields {
            &self.unknown
        }

        fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
            &mut self.unknown
        }
    }

    fn both_ways(fields: impl Fn() -> SetFields<'static>) -> Vec<usize> {
        let forwards: Vec<usize> = fields().collect();
        let mut backwards: Vec<usize> = fields().rev().collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        forwards
    }

    #[test]
    fn what_is_set_is_found_on_either_side_of_the_last_mark() {
        for set in [&[][..], &[0], &[63], &[64], &[0, 5, 63, 64, 66, 69]] {
            let message: &'static Wide = Box::leak(Box::new(Wide::with(set)));
            assert_eq!(both_ways(|| SetFields::of(message)), set);
        }
    }

    #[test]
    fn what_is_required_comes_in_its_place() {
        let message: &'static Wide = Box::leak(Box::new(Wide::with(&[0, 64, 69])));
        assert_eq!(both_ways(|| SetFields::or_required(message)), [0, 3, 5, 64, 67, 68, 69]);
    }

    #[test]
    fn what_was_absent_is_left_out_on_either_side_of_the_last_mark() {
        let mut message = Wide::with(&[0, 64]);
        let mut present = PresentFields::default();
        present.note(&mut message);
        assert_eq!(message.unknown.absent().count(), 1, "both have the name of FIELD, which is none");
        let message: &'static Wide = Box::leak(Box::new(message));
        assert_eq!(both_ways(|| SetFields::or_required(message)), [0, 3, 64, 67]);
        assert_eq!(both_ways(|| SetFields::or_explicit(message)), [0, 64]);
        assert_eq!(left_out(message).collect::<Vec<_>>(), [5, 68]);
        let mut message = Wide::with(&[0, 68]);
        present.add(5);
        present.note(&mut message);
        assert_eq!(message.unknown.absent().count(), 0);
        let message: &'static Wide = Box::leak(Box::new(message));
        assert_eq!(both_ways(|| SetFields::or_explicit(message)), [0, 5, 68]);
    }

    #[test]
    fn messages_that_differ_beyond_the_marks_differ() {
        use crate::reflect::equal;
        let messages = [&[][..], &[1], &[1, 65], &[1, 69]].map(Wide::with);
        for (index, a) in messages.iter().enumerate() {
            for (other, b) in messages.iter().enumerate() {
                assert_eq!(equal(a, b), index == other, "{index} and {other}");
            }
        }
    }
}
