//! Keys that are ready, in the order in which they are handed out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Priority;
use crate::key::ObjectKey;

/// The ready keys: by priority, and within one priority in the order in which they were added, or namespaces in turn.
#[derive(Default)]
pub(super) struct ReadyKeys {
    /// Whether namespaces take turns.
    fair: bool,
    levels: BTreeMap<Reverse<Priority>, Level>,
    /// Number of the next turn.
    turns: u64,
}

/// The ready keys of one priority.
#[derive(Default)]
struct Level {
    groups: HashMap<Group, Members>,
    /// Whose turn it is: the group with the lowest number.
    turns: BTreeMap<u64, Group>,
    length: usize,
}

/// A namespace, or nothing if all keys are one group.
type Group = Option<Arc<str>>;

struct Members {
    turn: u64,
    /// By the number that stands for the order in which they were added.
    keys: BTreeMap<u64, Arc<ObjectKey>>,
}

impl ReadyKeys {
    pub(super) fn set_fair(&mut self) {
        self.fair = true;
    }

    fn group(&self, key: &ObjectKey) -> Group {
        key.namespace().filter(|_| self.fair).map(Into::into)
    }

    /// Adds a key. The number is unique.
    pub(super) fn insert(&mut self, priority: Priority, number: u64, key: Arc<ObjectKey>) {
        let group = self.group(&key);
        let level = self.levels.entry(Reverse(priority)).or_default();
        level.length += 1;
        if let Some(members) = level.groups.get_mut(&group) {
            members.keys.insert(number, key);
            return;
        }
        let turn = self.turns;
        self.turns += 1;
        level.turns.insert(turn, group.clone());
        level.groups.insert(group, Members { turn, keys: BTreeMap::from([(number, key)]) });
    }

    /// Removes a key that was added with this priority and number.
    pub(super) fn remove(&mut self, priority: Priority, number: u64, key: &ObjectKey) {
        let group = self.group(key);
        let Some(level) = self.levels.get_mut(&Reverse(priority)) else { return };
        let Some(members) = level.groups.get_mut(&group) else { return };
        if members.keys.remove(&number).is_none() {
            return;
        }
        level.length -= 1;
        if members.keys.is_empty() {
            level.turns.remove(&members.turn);
            level.groups.remove(&group);
        }
        if level.groups.is_empty() {
            self.levels.remove(&Reverse(priority));
        }
    }

    /// Removes the first key.
    pub(super) fn pop(&mut self) -> Option<(Priority, Arc<ObjectKey>)> {
        let mut level = self.levels.first_entry()?;
        let priority = level.key().0;
        let (_, group) = level.get_mut().turns.pop_first()?;
        let members = level.get_mut().groups.get_mut(&group)?;
        let (_, key) = members.keys.pop_first()?;
        if members.keys.is_empty() {
            level.get_mut().groups.remove(&group);
        } else {
            // The group goes behind all others.
            members.turn = self.turns;
            level.get_mut().turns.insert(self.turns, group);
            self.turns += 1;
        }
        level.get_mut().length -= 1;
        if level.get().groups.is_empty() {
            level.remove();
        }
        Some((priority, key))
    }

    /// Returns the number of keys of each priority, the highest first.
    pub(super) fn depths(&self) -> Vec<(Priority, usize)> {
        self.levels.iter().map(|(Reverse(priority), level)| (*priority, level.length)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(fair: bool, keys: &[(i32, &str)]) -> ReadyKeys {
        let mut ready = ReadyKeys { fair, ..Default::default() };
        for (number, (priority, key)) in keys.iter().enumerate() {
            ready.insert(Priority(*priority), number as u64, Arc::new(key_of(key)));
        }
        ready
    }

    fn key_of(text: &str) -> ObjectKey {
        match text.split_once('/') {
            Some((namespace, name)) => ObjectKey::namespaced(namespace, name),
            None => ObjectKey::cluster(text),
        }
    }

    fn drain(mut ready: ReadyKeys) -> Vec<String> {
        std::iter::from_fn(|| ready.pop()).map(|(_, key)| key.to_string()).collect()
    }

    #[test]
    fn the_highest_priority_comes_first_and_within_one_the_order_of_adding() {
        let ready = ready(false, &[(0, "a/1"), (-100, "a/2"), (0, "b/1"), (7, "a/3"), (0, "a/4")]);
        assert_eq!(ready.depths(), [(Priority(7), 1), (Priority(0), 3), (Priority(-100), 1)]);
        assert_eq!(drain(ready), ["a/3", "a/1", "b/1", "a/4", "a/2"]);
    }

    #[test]
    fn namespaces_take_turns_if_asked_to_and_a_busy_one_does_not_hold_up_others() {
        let keys = [(0, "a/1"), (0, "a/2"), (0, "a/3"), (0, "b/1"), (0, "node"), (0, "b/2"), (5, "a/0")];
        assert_eq!(drain(ready(true, &keys)), ["a/0", "a/1", "b/1", "node", "a/2", "b/2", "a/3"]);
        assert_eq!(drain(ready(false, &keys)), ["a/0", "a/1", "a/2", "a/3", "b/1", "node", "b/2"]);
    }

    #[test]
    fn a_key_that_was_removed_does_not_come_and_nothing_of_it_is_kept() {
        for fair in [false, true] {
            let mut ready = ready(fair, &[(0, "a/1"), (0, "b/1"), (0, "a/2")]);
            ready.remove(Priority(0), 1, &key_of("b/1"));
            ready.remove(Priority(0), 1, &key_of("b/1"));
            ready.remove(Priority(3), 0, &key_of("a/1"));
            ready.remove(Priority(0), 0, &key_of("a/1"));
            assert_eq!(ready.depths(), [(Priority(0), 1)]);
            ready.remove(Priority(0), 2, &key_of("a/2"));
            assert!(ready.levels.is_empty() && ready.pop().is_none());
        }
    }
}
