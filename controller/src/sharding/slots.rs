//! What a member does with its slots: opens, drains and closes their ranges of the gate, by the table that it has read.

use std::collections::BTreeMap;

use super::ShardingEvent;
use super::assignment::{Assignment, Role};
use crate::fencing::FencingToken;
use crate::gate::Gatekeeper;
use crate::ring::HashRange;

/// The slots of one member, as they are on this side.
#[derive(Default)]
pub(super) struct Slots {
    open: BTreeMap<u32, Open>,
}

struct Open {
    range: HashRange,
    token: FencingToken,
    drains: bool,
}

impl Slots {
    /// Follows the table: opens what the member owns, drains what it is asked for, or all if it stops, and closes what it
    /// owns no more.
    pub(super) fn follow(
        &mut self,
        keeper: &Gatekeeper,
        member: &str,
        table: &Assignment,
        stops: bool,
        report: impl Fn(&ShardingEvent<'_>),
    ) {
        // Also those that a smaller table does not have.
        let count = table.slots().max(self.open.last_key_value().map_or(0, |(slot, _)| slot + 1));
        for slot in 0..count {
            let role = table.role(slot, member);
            let is_same = |open: &Open| match role {
                Role::Owner { token } | Role::Giver { token } => {
                    open.token == token && table.range(slot) == Some(open.range)
                }
                Role::Other => false,
            };
            if let Some(lost) = self.open.remove(&slot) {
                if is_same(&lost) {
                    self.open.insert(slot, lost);
                } else {
                    keeper.close(lost.range);
                    report(&ShardingEvent::Released { range: lost.range });
                }
            }
            let gives = stops || matches!(role, Role::Giver { .. });
            match (role, self.open.get_mut(&slot)) {
                (Role::Owner { .. } | Role::Giver { .. }, Some(open)) if gives != open.drains => {
                    open.drains = gives;
                    if gives {
                        keeper.drain(open.range);
                        report(&ShardingEvent::Draining { range: open.range });
                    } else {
                        keeper.resume(open.range);
                    }
                }
                (Role::Owner { token }, None) if !gives => {
                    let Some(range) = table.range(slot) else { continue };
                    keeper.open(range, token);
                    self.open.insert(slot, Open { range, token, drains: false });
                    report(&ShardingEvent::Gained { range, token });
                }
                _ => {}
            }
        }
    }

    /// Closes the slots on whose objects no one acts any more, of those that are to be handed over, and hands them over
    /// in the table. Returns whether there are any.
    ///
    /// They stay closed also if the outcome of the write is unknown: [`follow`](Self::follow) opens what the table does not
    /// ask for, which a table of that version does. Any other version means that the write has happened, or can't any more.
    pub(super) fn confirm(
        &mut self,
        keeper: &Gatekeeper,
        member: &str,
        table: &mut Assignment,
        stops: bool,
        report: impl Fn(&ShardingEvent<'_>),
    ) -> bool {
        let mut changed = false;
        for slot in 0..table.slots() {
            let gives = match table.role(slot, member) {
                Role::Giver { .. } => true,
                Role::Owner { .. } => stops,
                Role::Other => false,
            };
            let Some(range) = table.range(slot).filter(|range| gives && keeper.is_idle(*range)) else { continue };
            if self.open.remove(&slot).is_some() {
                keeper.close(range);
                report(&ShardingEvent::Released { range });
            }
            changed |= table.hand_over(slot, member);
        }
        changed
    }

    /// The ranges that are to be handed over once they are idle.
    pub(super) fn draining(&self) -> Vec<HashRange> {
        self.open.values().filter(|open| open.drains).map(|open| open.range).collect()
    }
}
