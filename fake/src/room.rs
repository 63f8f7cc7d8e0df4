//! Room in which bytes are written that are kept: they have no more room than they need, and are not moved while they grow.

use std::cell::RefCell;

use bytes::Bytes;

thread_local! {
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What the room may be afterwards, so that one large object does not take it for good.
const MOST: usize = 64 * 1024;

/// The bytes that a function writes, which must not ask for any itself.
pub(crate) fn written<T>(write: impl FnOnce(&mut Vec<u8>) -> T) -> (Bytes, T) {
    ROOM.with_borrow_mut(|room| {
        // A panic may have left something there.
        room.clear();
        let outcome = write(room);
        let bytes = Bytes::copy_from_slice(room);
        room.clear();
        room.shrink_to(MOST);
        (bytes, outcome)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_used_again_and_does_not_stay_large() {
        let write = |length: usize| written(|room| room.resize(length, b'a')).0.len();
        assert_eq!([write(3), write(10 * MOST), write(0), write(7)], [3, 10 * MOST, 0, 7]);
        assert!(ROOM.with_borrow(Vec::capacity) <= MOST);
    }
}
