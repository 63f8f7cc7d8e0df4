//! Which replica owns which slot: the table, and its transitions.
//!
//! The ring of hashes is divided into slots of equal size. A slot has at most one owner. All transitions are pure functions
//! here; they are written by compare-and-swap, so that each starts from the state that the one before has left.

use std::collections::{BTreeMap, BTreeSet};

use kubewright::CompactString;
use serde::{Deserialize, Serialize};

use crate::fencing::FencingToken;
use crate::lease_error::LeaseError;
use crate::ring::{HashRange, ShardKey};

/// The most slots that a group may have: their table has to fit into an annotation.
pub(super) const MAX_SLOTS: u32 = 1024;

/// The greatest generation of a table that is read. No group gets there by itself, and from here it can grow without limit.
const MAX_GENERATION: u64 = u64::MAX / 2;

/// The format of the table.
const VERSION: u32 = 1;

/// Which member of a group owns which slot of the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    settings: Settings,
    /// The greatest token of a slot.
    generation: u64,
    slots: Vec<Slot>,
    /// Members that are leaving, and get no slots.
    leaving: BTreeSet<CompactString>,
}

/// What all members of a group have to agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    #[serde(with = "key")]
    pub(super) key: ShardKey,
    pub(super) slots: u32,
    pub(super) lease_duration_seconds: u32,
}

impl Settings {
    /// The settings as the value of a label: `uid-64-15`.
    pub(super) fn to_label(self) -> String {
        format!("{}-{}-{}", key::name(self.key), self.slots, self.lease_duration_seconds)
    }
}

/// One slot. Fields are left out when they are empty: the table is read by people, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Slot {
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<CompactString>,
    /// To whom the owner is asked to hand it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<CompactString>,
    /// Grows with each change of owner.
    token: u64,
}

/// The table as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    version: u32,
    #[serde(flatten)]
    settings: Settings,
    generation: u64,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    leaving: BTreeSet<CompactString>,
    table: Vec<Slot>,
}

mod key {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::ring::ShardKey;

    const NAMES: [(ShardKey, &str); 2] = [(ShardKey::Uid, "uid"), (ShardKey::Namespace, "namespace")];

    pub(super) fn name(key: ShardKey) -> &'static str {
        NAMES.iter().find(|(known, _)| *known == key).map_or("", |(_, name)| name)
    }

    pub(super) fn serialize<S: Serializer>(key: &ShardKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(name(*key))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ShardKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        let key = NAMES.iter().find(|(_, name)| *name == text).map(|(key, _)| *key);
        key.ok_or_else(|| de::Error::unknown_variant(&text, &["uid", "namespace"]))
    }
}

/// What a slot is to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Owner {
        token: FencingToken,
    },
    /// It owns it, and is asked to hand it over.
    Giver {
        token: FencingToken,
    },
    Other,
}

impl Assignment {
    /// A table whose slots have no owners.
    pub(super) fn new(settings: Settings) -> Self {
        let slots = vec![Slot::default(); settings.slots as usize];
        Self { settings, generation: 0, slots, leaving: BTreeSet::new() }
    }

    /// Reads a stored table.
    pub(super) fn parse(text: &str) -> Result<Self, LeaseError> {
        let invalid = |why: String| LeaseError::group(format!("the table of slots can't be read: {why}"));
        let stored: Stored = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let Stored { version, settings, generation, leaving, table: slots } = stored;
        if version != VERSION {
            return Err(invalid(format!("its version is {version}, and this program knows {VERSION}")));
        }
        if slots.is_empty() || slots.len() != settings.slots as usize || settings.slots > MAX_SLOTS {
            return Err(invalid(format!("it has {} slots of {}", slots.len(), settings.slots)));
        }
        if generation > MAX_GENERATION {
            return Err(invalid(format!("its generation is {generation}, so that tokens could not grow")));
        }
        Ok(Self { settings, generation, slots, leaving })
    }

    /// Writes the table for storage.
    pub(super) fn to_text(&self) -> Result<String, LeaseError> {
        let Self { settings, generation, slots, leaving } = self.clone();
        let stored = Stored { version: VERSION, settings, generation, leaving, table: slots };
        serde_json::to_string(&stored).map_err(|error| LeaseError::group(error.to_string()))
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings
    }

    /// Returns the number of slots.
    pub fn slots(&self) -> u32 {
        self.settings.slots
    }

    /// Returns the hashes of a slot.
    pub fn range(&self, slot: u32) -> Option<HashRange> {
        HashRange::nth(slot, self.settings.slots)
    }

    /// Returns the member that owns a slot.
    pub fn owner(&self, slot: u32) -> Option<&str> {
        self.slots.get(slot as usize)?.owner.as_deref()
    }

    /// Returns the member that a slot is being handed over to.
    pub fn next(&self, slot: u32) -> Option<&str> {
        self.slots.get(slot as usize)?.next.as_deref()
    }

    /// Returns the ranges of a member, joined and in order.
    pub fn ranges_of(&self, member: &str) -> Vec<HashRange> {
        let owned = (0..self.slots()).filter(|slot| self.owner(*slot) == Some(member));
        HashRange::join(owned.filter_map(|slot| self.range(slot)))
    }

    /// Returns the number of slots of each member that owns any.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for owner in self.slots.iter().filter_map(|slot| slot.owner.as_deref()) {
            *counts.entry(owner).or_default() += 1;
        }
        counts
    }

    /// The members that the table names.
    pub(super) fn members(&self) -> BTreeSet<&str> {
        let named = self.slots.iter().flat_map(|slot| [&slot.owner, &slot.next]).flatten();
        named.chain(&self.leaving).map(|member| member.as_str()).collect()
    }

    pub(super) fn role(&self, slot: u32, member: &str) -> Role {
        match self.slots.get(slot as usize) {
            Some(slot) if slot.owner.as_deref() == Some(member) => {
                let token = FencingToken::new(slot.token);
                if slot.next.is_some() { Role::Giver { token } } else { Role::Owner { token } }
            }
            _ => Role::Other,
        }
    }

    /// The owner of a slot confirms that it acts on it no more: the slot is that of the next member, or free.
    ///
    /// Returns whether the table changed.
    pub(super) fn hand_over(&mut self, slot: u32, owner: &str) -> bool {
        let Some(index) = self.owned(slot, owner) else { return false };
        let next = self.slots[index].next.take();
        self.set_owner(index, next);
        true
    }

    /// Whether a member has announced that it is leaving.
    pub(super) fn is_leaving(&self, member: &str) -> bool {
        self.leaving.contains(member)
    }

    /// Gives all slots to one member.
    pub(super) fn occupy(&mut self, member: &str) {
        for index in 0..self.slots.len() {
            self.set_owner(index, Some(member.into()));
        }
    }

    /// A member announces that it is leaving, so that it gets no slots.
    pub(super) fn announce(&mut self, member: &str) -> bool {
        for slot in self.slots.iter_mut().filter(|slot| slot.next.as_deref() == Some(member)) {
            slot.next = None;
        }
        self.leaving.insert(member.into())
    }

    /// Frees slots of dead members, assigns free ones, and asks for moves that level what members own: at most one of each
    /// member at a time. Members that are neither live nor dead keep what they own.
    ///
    /// Returns whether the table changed.
    pub(super) fn plan(&mut self, live: &BTreeSet<CompactString>, dead: &BTreeSet<CompactString>) -> bool {
        let before = self.clone();
        self.leaving.retain(|member| !dead.contains(member));
        let candidates: BTreeSet<_> = live.difference(&self.leaving).cloned().collect();
        for index in 0..self.slots.len() {
            let slot = &mut self.slots[index];
            slot.next = slot.next.take().filter(|next| candidates.contains(next) && slot.owner.as_ref() != Some(next));
            if slot.owner.as_ref().is_some_and(|owner| dead.contains(owner)) {
                let next = slot.next.take();
                self.set_owner(index, next);
            }
        }
        if candidates.is_empty() {
            return *self != before;
        }
        for index in 0..self.slots.len() {
            if self.slots[index].owner.is_none() {
                let least = self.least_loaded(&candidates);
                self.set_owner(index, least);
            }
        }
        while let Some((index, receiver)) = self.next_move(&candidates) {
            self.slots[index].next = Some(receiver);
        }
        *self != before
    }

    /// Starts over with other settings, since no slot has an owner that may act.
    pub(super) fn reset(&mut self, settings: Settings, dead: &BTreeSet<CompactString>) -> bool {
        let is_free = |slot: &Slot| slot.owner.as_ref().is_none_or(|owner| dead.contains(owner));
        if !self.slots.iter().all(is_free) {
            return false;
        }
        // Tokens go on.
        *self = Self { generation: self.generation, ..Self::new(settings) };
        true
    }

    fn owned(&self, slot: u32, owner: &str) -> Option<usize> {
        let index = slot as usize;
        (self.slots.get(index)?.owner.as_deref() == Some(owner)).then_some(index)
    }

    fn set_owner(&mut self, index: usize, owner: Option<CompactString>) {
        self.generation += 1;
        self.slots[index] = Slot { owner, next: None, token: self.generation };
    }

    /// How many slots each has, or will have once what was asked for is done.
    fn load(&self, candidates: &BTreeSet<CompactString>) -> BTreeMap<CompactString, usize> {
        let mut load: BTreeMap<_, _> = candidates.iter().map(|member| (member.clone(), 0)).collect();
        for slot in &self.slots {
            if let Some(count) = slot.next.as_ref().or(slot.owner.as_ref()).and_then(|member| load.get_mut(member)) {
                *count += 1;
            }
        }
        load
    }

    fn least_loaded(&self, candidates: &BTreeSet<CompactString>) -> Option<CompactString> {
        self.load(candidates).into_iter().min_by_key(|(_, count)| *count).map(|(member, _)| member)
    }

    /// A move from a member that has more than it should, and gives nothing yet.
    fn next_move(&self, candidates: &BTreeSet<CompactString>) -> Option<(usize, CompactString)> {
        let load = self.load(candidates);
        let (receiver, least) = load.iter().min_by_key(|(_, count)| **count)?;
        let gives = |member: &CompactString| {
            self.slots.iter().any(|slot| slot.owner.as_ref() == Some(member) && slot.next.is_some())
        };
        let givers = load.iter().filter(|(member, count)| **count >= least + 2 && !gives(member));
        let (giver, _) = givers.max_by_key(|(_, count)| **count)?;
        let mut owned = (0..self.slots.len()).filter(|index| self.slots[*index].owner.as_ref() == Some(giver));
        // One beside those of the receiver keeps the number of ranges small.
        let is_beside = |index: usize| {
            let beside = [index.checked_sub(1), index.checked_add(1)];
            beside
                .into_iter()
                .flatten()
                .filter_map(|index| self.slots.get(index))
                .any(|slot| slot.owner.as_ref() == Some(receiver))
        };
        let index = owned.clone().find(|index| is_beside(*index)).or_else(|| owned.next_back())?;
        Some((index, receiver.clone()))
    }
}

#[cfg(test)]
#[path = "assignment_tests.rs"]
mod tests;
