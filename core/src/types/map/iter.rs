//! Iterators over a [`Map`]'s entries.

use std::iter::FusedIterator;
use std::{slice, vec};

use compact_str::CompactString;

use super::Map;

/// Iterator over borrowed entries of a [`Map`], in key order.
#[derive(Debug)]
pub struct Iter<'a, V>(pub(super) slice::Iter<'a, (CompactString, V)>);

/// Iterator over entries of a [`Map`] in key order, with mutable values.
#[derive(Debug)]
pub struct IterMut<'a, V>(pub(super) slice::IterMut<'a, (CompactString, V)>);

/// Iterator over owned entries of a [`Map`], in key order.
#[derive(Clone, Debug)]
pub struct IntoIter<V>(pub(super) vec::IntoIter<(CompactString, V)>);

impl<V> Clone for Iter<'_, V> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}

macro_rules! iterator {
    ($name:ty, [$($generics:tt)*], $item:ty, $open:expr) => {
        impl<$($generics)*> Iterator for $name {
            type Item = $item;

            fn next(&mut self) -> Option<$item> {
                self.0.next().map($open)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($generics)*> DoubleEndedIterator for $name {
            fn next_back(&mut self) -> Option<$item> {
                self.0.next_back().map($open)
            }
        }

        impl<$($generics)*> ExactSizeIterator for $name {}
        impl<$($generics)*> FusedIterator for $name {}
    };
}

iterator!(Iter<'a, V>, ['a, V], (&'a CompactString, &'a V), |(key, value)| (key, value));
iterator!(IterMut<'a, V>, ['a, V], (&'a CompactString, &'a mut V), |(key, value)| (&*key, value));
iterator!(IntoIter<V>, [V], (CompactString, V), |entry| entry);

impl<'a, V> IntoIterator for &'a Map<V> {
    type Item = (&'a CompactString, &'a V);
    type IntoIter = Iter<'a, V>;

    fn into_iter(self) -> Iter<'a, V> {
        self.iter()
    }
}

impl<'a, V> IntoIterator for &'a mut Map<V> {
    type Item = (&'a CompactString, &'a mut V);
    type IntoIter = IterMut<'a, V>;

    fn into_iter(self) -> IterMut<'a, V> {
        self.iter_mut()
    }
}

impl<V> IntoIterator for Map<V> {
    type Item = (CompactString, V);
    type IntoIter = IntoIter<V>;

    fn into_iter(self) -> IntoIter<V> {
        IntoIter(self.into_entries().into_iter())
    }
}
