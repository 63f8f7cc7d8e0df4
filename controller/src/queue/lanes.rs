//! Keys that are ready, in the order in which they are handed out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Priority;
use crate::key::ObjectKey;

/// The ready keys: by priority, and within one priority in the order in which they were added, or namespaces in turn.
#[derive(Default)]
pub(super) struct Lanes {
    /// Whether namespaces take turns.
    fair: bool,
    lanes: BTreeMap<Reverse<Priority>, Lane>,
    /// Number of the next turn.
    turns: u64,
}

/// The ready keys of one priority.
#[derive(Default)]
struct Lane {
    groups: HashMap<Group, Members>,
    /// Whose turn it is: the group with the lowest number.
    turns: BTreeMap<u64, Group>,
    length: usize,
}

/// A namespace, or nothing if all keys are one group.
type Group = Option<Arc<str>>;

struct Members {
    turn: u64,
    /// By the number that tells the order in which they were added.
    keys: BTreeMap<u64, Arc<ObjectKey>>,
}

impl Lanes {
    pub(super) fn set_fair(&mut self) {
        self.fair = true;
    }

    fn group(&self, key: &ObjectKey) -> Group {
        key.namespace().filter(|_| self.fair).map(Into::into)
    }

    /// Adds a key. The number is unique.
    pub(super) fn insert(&mut self, priority: Priority, number: u64, key: Arc<ObjectKey>) {
        let group = self.group(&key);
        let lane = self.lanes.entry(Reverse(priority)).or_default();
        lane.length += 1;
        if let Some(members) = lane.groups.get_mut(&group) {
            members.keys.insert(number, key);
            return;
        }
        let turn = self.turns;
        self.turns += 1;
        lane.turns.insert(turn, group.clone());
        lane.groups.insert(group, Members { turn, keys: BTreeMap::from([(number, key)]) });
    }

    /// Removes a key that was added with this priority and number.
    pub(super) fn remove(&mut self, priority: Priority, number: u64, key: &ObjectKey) {
        let group = self.group(key);
        let Some(lane) = self.lanes.get_mut(&Reverse(priority)) else { return };
        let Some(members) = lane.groups.get_mut(&group) else { return };
        if members.keys.remove(&number).is_none() {
            return;
        }
        lane.length -= 1;
        if members.keys.is_empty() {
            lane.turns.remove(&members.turn);
            lane.groups.remove(&group);
        }
        if lane.groups.is_empty() {
            self.lanes.remove(&Reverse(priority));
        }
    }

    /// Removes the first key.
    pub(super) fn pop(&mut self) -> Option<(Priority, Arc<ObjectKey>)> {
        let mut lane = self.lanes.first_entry()?;
        let priority = lane.key().0;
        let (_, group) = lane.get_mut().turns.pop_first()?;
        let members = lane.get_mut().groups.get_mut(&group)?;
        let (_, key) = members.keys.pop_first()?;
        if members.keys.is_empty() {
            lane.get_mut().groups.remove(&group);
        } else {
            // The group goes behind all others.
            members.turn = self.turns;
            lane.get_mut().turns.insert(self.turns, group);
            self.turns += 1;
        }
        lane.get_mut().length -= 1;
        if lane.get().groups.is_empty() {
            lane.remove();
        }
        Some((priority, key))
    }

    /// Returns the number of keys of each priority, the highest first.
    pub(super) fn depths(&self) -> Vec<(Priority, usize)> {
        self.lanes.iter().map(|(Reverse(priority), lane)| (*priority, lane.length)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(fair: bool, keys: &[(i32, &str)]) -> Lanes {
        let mut lanes = Lanes { fair, ..Default::default() };
        for (number, (priority, key)) in keys.iter().enumerate() {
            lanes.insert(Priority(*priority), number as u64, Arc::new(key_of(key)));
        }
        lanes
    }

    fn key_of(text: &str) -> ObjectKey {
        match text.split_once('/') {
            Some((namespace, name)) => ObjectKey::namespaced(namespace, name),
            None => ObjectKey::cluster(text),
        }
    }

    fn drain(mut lanes: Lanes) -> Vec<String> {
        std::iter::from_fn(|| lanes.pop()).map(|(_, key)| key.to_string()).collect()
    }

    #[test]
    fn the_highest_priority_comes_first_and_within_one_the_order_of_adding() {
        let lanes = lanes(false, &[(0, "a/1"), (-100, "a/2"), (0, "b/1"), (7, "a/3"), (0, "a/4")]);
        assert_eq!(lanes.depths(), [(Priority(7), 1), (Priority(0), 3), (Priority(-100), 1)]);
        assert_eq!(drain(lanes), ["a/3", "a/1", "b/1", "a/4", "a/2"]);
    }

    #[test]
    fn namespaces_take_turns_if_asked_to_and_a_busy_one_does_not_hold_up_others() {
        let keys = [(0, "a/1"), (0, "a/2"), (0, "a/3"), (0, "b/1"), (0, "node"), (0, "b/2"), (5, "a/0")];
        assert_eq!(drain(lanes(true, &keys)), ["a/0", "a/1", "b/1", "node", "a/2", "b/2", "a/3"]);
        assert_eq!(drain(lanes(false, &keys)), ["a/0", "a/1", "a/2", "a/3", "b/1", "node", "b/2"]);
    }

    #[test]
    fn a_key_that_was_removed_does_not_come_and_nothing_of_it_is_kept() {
        for fair in [false, true] {
            let mut lanes = lanes(fair, &[(0, "a/1"), (0, "b/1"), (0, "a/2")]);
            lanes.remove(Priority(0), 1, &key_of("b/1"));
            lanes.remove(Priority(0), 1, &key_of("b/1"));
            lanes.remove(Priority(3), 0, &key_of("a/1"));
            lanes.remove(Priority(0), 0, &key_of("a/1"));
            assert_eq!(lanes.depths(), [(Priority(0), 1)]);
            lanes.remove(Priority(0), 2, &key_of("a/2"));
            assert!(lanes.lanes.is_empty() && lanes.pop().is_none());
        }
    }
}
