//! The ring of hashes by which replicas share objects, and ranges of it.

use std::fmt;

use kubewright::meta::v1::ObjectMeta;

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// The 64-bit [FNV-1a](https://datatracker.ietf.org/doc/html/draft-eastlake-fnv) hash that the API server shards by.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

/// The field of an object whose hash determines its replica.
///
/// These are the fields that the API server can shard by
/// ([KEP-5866](https://www.kubernetes.dev/resources/keps/5866/)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ShardKey {
    /// `metadata.uid`: objects are spread evenly. Objects that belong together may be on different replicas.
    #[default]
    Uid,
    /// `metadata.namespace`: all objects of a namespace are on the same replica, of whichever kind.
    Namespace,
}

impl ShardKey {
    /// Returns the hash of an object's field. A missing field counts as empty, as on the server.
    pub fn hash(self, metadata: &ObjectMeta) -> u64 {
        let field = match self {
            Self::Uid => &metadata.uid,
            Self::Namespace => &metadata.namespace,
        };
        fnv1a(field.as_deref().unwrap_or_default())
    }

    /// Returns the path of the field in a shard selector.
    fn path(self) -> &'static str {
        match self {
            Self::Uid => "object.metadata.uid",
            Self::Namespace => "object.metadata.namespace",
        }
    }

    /// Returns the [shard selector](kubewright::request::ListRequest::shard_selector) of these ranges; `None` without any,
    /// since an empty selector would select everything.
    pub fn selector(self, ranges: &[HashRange]) -> Option<String> {
        let parts = ranges.iter().map(|range| {
            let (field, start, end) = (self.path(), range.start, u128::from(range.last) + 1);
            format!("shardRange({field}, '0x{start:016x}', '0x{end:016x}')")
        });
        Some(parts.collect::<Vec<_>>().join(" || ")).filter(|selector| !selector.is_empty())
    }
}

/// A range of hashes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashRange {
    start: u64,
    last: u64,
}

impl HashRange {
    /// All hashes.
    pub const ALL: Self = Self { start: 0, last: u64::MAX };

    /// Creates the range from the first to the last hash, both of which belong to it. Returns `None` if the last is
    /// less than the first.
    pub fn new(first: u64, last: u64) -> Option<Self> {
        (first <= last).then_some(Self { start: first, last })
    }

    /// Returns one of `count` ranges of (almost) equal size, which together are all hashes. Returns `None` unless
    /// `index` is less than `count`.
    pub fn nth(index: u32, count: u32) -> Option<Self> {
        if index >= count {
            return None;
        }
        let bound = |index: u32| (u128::from(index) << 64) / u128::from(count);
        // Both fit: the last bound is 2^64, of which one is subtracted.
        Some(Self { start: bound(index) as u64, last: (bound(index + 1) - 1) as u64 })
    }

    /// Returns the first hash of the range.
    pub fn first(&self) -> u64 {
        self.start
    }

    /// Returns the last hash of the range, which belongs to it.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Whether a hash is in the range.
    pub fn contains(&self, hash: u64) -> bool {
        (self.start..=self.last).contains(&hash)
    }

    /// Returns the hashes that are in both ranges, if there are any.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.last.min(other.last))
    }

    /// Joins ranges that overlap or are adjacent, and returns them in order.
    pub fn join(ranges: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut joined: Vec<Self> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(before) if range.start <= before.last.saturating_add(1) => {
                    before.last = before.last.max(range.last)
                }
                _ => joined.push(range),
            }
        }
        joined
    }
}

impl fmt::Debug for HashRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}..={:#018x}", self.start, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_api_server() {
        // Test vectors of the FNV authors, for 64-bit FNV-1a.
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
        let metadata = ObjectMeta { uid: Some("foobar".into()), namespace: Some("a".into()), ..ObjectMeta::default() };
        assert_eq!(ShardKey::Uid.hash(&metadata), 0x8594_4171_f739_67e8);
        assert_eq!(ShardKey::Namespace.hash(&metadata), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn every_hash_is_in_exactly_one_of_n_ranges() {
        for count in [1, 2, 3, 7, 64, 1000] {
            let ranges: Vec<_> = (0..count).map(|index| HashRange::nth(index, count).expect("a range")).collect();
            assert_eq!((ranges[0].first(), ranges[ranges.len() - 1].last()), (0, u64::MAX));
            assert!(ranges.windows(2).all(|pair| pair[0].last() + 1 == pair[1].first()), "{ranges:?}");
            assert_eq!(HashRange::join(ranges), [HashRange::ALL]);
        }
        assert_eq!(HashRange::nth(2, 2), None);
    }

    #[test]
    fn ranges_that_touch_are_joined_and_others_are_not() {
        let range = |first, last| HashRange::new(first, last).expect("a range");
        assert_eq!(
            HashRange::join([range(20, 29), range(0, 9), range(10, 14), range(25, u64::MAX)]),
            [range(0, 14), range(20, u64::MAX)]
        );
        assert_eq!(HashRange::new(2, 1), None);
        assert_eq!(range(0, 20).intersection(&range(20, 30)), Some(range(20, 20)));
        assert_eq!(range(5, 7).intersection(&HashRange::ALL), Some(range(5, 7)));
        assert_eq!(range(0, 19).intersection(&range(20, 30)), None);
    }

    #[test]
    fn a_selector_has_sixteen_digits_for_each_bound_and_seventeen_for_the_end_of_the_ring() {
        let range = |first, last| HashRange::new(first, last).expect("a range");
        assert_eq!(
            ShardKey::Uid.selector(&[range(0, 0x7fff_ffff_ffff_ffff), range(0xff00_0000_0000_0000, u64::MAX)]),
            Some(
                "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000') || \
                 shardRange(object.metadata.uid, '0xff00000000000000', '0x10000000000000000')"
                    .to_owned()
            )
        );
        assert_eq!(ShardKey::Namespace.selector(&[]), None);
    }
}
