//! Predicts the next key from the objects decoded so far.

use crate::message::Descriptor;

/// For every table, the successor of each field, as last observed.
///
/// A server writes the keys of a type in a fixed order, so the last successor is nearly always the next one, and one
/// comparison confirms it. Before anything was observed, the prediction is the next field of the table.
#[derive(Default)]
pub(crate) struct Orders {
    /// A hash table with open addressing: the address of a descriptor (0 if free), and the start of its predictions.
    places: Vec<(usize, usize)>,
    used: usize,
    /// Per table: the first field, then for each field its successor.
    guesses: Vec<u32>,
}

/// A position between two keys of an object of one table.
#[derive(Clone, Copy, Default)]
pub(crate) struct Point(usize);

impl Orders {
    /// Returns the position before the first key of an object.
    #[inline]
    pub(crate) fn start(&mut self, table: &'static Descriptor) -> Point {
        let address = std::ptr::from_ref(table).addr();
        if let Some(mask) = self.places.len().checked_sub(1) {
            let mut place = hash(address) & mask;
            // Never more than half full: an empty slot ends every search.
            while let Some((known, start)) = self.places.get(place) {
                if *known == address {
                    return Point(*start);
                }
                if *known == 0 {
                    break;
                }
                place = (place + 1) & mask;
            }
        }
        self.add(table, address)
    }

    /// Returns the field that is likely to come next.
    #[inline]
    pub(crate) fn guess(&self, point: Point) -> usize {
        self.guesses.get(point.0).map_or(0, |guess| *guess as usize)
    }

    /// Records that this field came at this position.
    pub(crate) fn learn(&mut self, point: Point, field: usize) {
        if let (Some(guess), Ok(field)) = (self.guesses.get_mut(point.0), u32::try_from(field)) {
            *guess = field;
        }
    }

    /// Returns the position after a field, in an object that started at `start`.
    #[inline]
    pub(crate) fn after(start: Point, field: usize) -> Point {
        Point(start.0 + field + 1)
    }

    #[cold]
    fn add(&mut self, table: &'static Descriptor, address: usize) -> Point {
        if self.used * 2 >= self.places.len() {
            let grown = vec![(0, 0); (self.places.len() * 2).max(64)];
            for place in std::mem::replace(&mut self.places, grown) {
                if place.0 != 0 {
                    self.put(place);
                }
            }
        }
        let start = self.guesses.len();
        self.guesses.extend(0..=u32::try_from(table.fields.len()).unwrap_or(u32::MAX));
        self.put((address, start));
        self.used += 1;
        Point(start)
    }

    /// Puts a pair into the first free slot of its chain.
    fn put(&mut self, pair: (usize, usize)) {
        let mask = self.places.len() - 1;
        let mut at = hash(pair.0) & mask;
        while self.places[at].0 != 0 {
            at = (at + 1) & mask;
        }
        self.places[at] = pair;
    }
}

/// Hashes addresses, whose low bits are all alike.
#[inline]
fn hash(address: usize) -> usize {
    (address >> 4) ^ (address >> 10)
}
