//! Several minors as one model: what each has, and since when.
//!
//! Minors are merged one after the other, oldest first. What a minor adds is marked with it, what it lacks is kept and
//! marked as gone. What differs otherwise is one of three things:
//!
//! - *drift*, which has one right answer: a field that is not required in every minor is optional, the values of an enum
//!   are those of all minors. It is noted;
//! - a *change* that a named [rule](Rule) decides;
//! - any other change, which is an error: someone has to look at it, and write a rule.

mod closure;
mod facts;
mod resources;
mod rules;
#[cfg(test)]
mod tests;
mod types;

use std::collections::{BTreeMap, BTreeSet};

pub use rules::{ALL, Keep, Rule};

use super::{Availability, Model};
use crate::{documents::Minor, error::Error, spec::Facts};

/// Merges the models of several minors, oldest first, and the facts that go with them.
///
/// One model alone comes back as it is. The facts must be those of every minor, or of none.
///
/// # Errors
///
/// If something was changed from one minor to the next and no rule says what to make of it, or if a rule found nothing
/// to decide.
pub fn merge(parts: Vec<(Model, Facts)>, rules: &[Rule]) -> Result<(Model, Facts), Error> {
    let mut parts = parts.into_iter();
    let Some((mut model, mut facts)) = parts.next() else { return Ok(Default::default()) };
    let mut changes = Vec::new();
    for (newer, newer_facts) in parts {
        let minors = |model: &Model| model.minors.last().copied().unwrap_or_default();
        let mut merger = Merger {
            older: minors(&model),
            newer: minors(&newer),
            rules,
            fired: BTreeSet::new(),
            changes: &mut changes,
            drift: Vec::new(),
        };
        merger.facts(&mut facts, newer_facts, &mut model, &newer);
        merger.types(&mut model.types, newer.types);
        merger.versions(&mut model.versions, newer.versions);
        merger.check_rules()?;
        let drift = merger.drift;
        model.minors.extend(newer.minors);
        model.notes.extend(newer.notes);
        model.drift.extend(drift);
    }
    if !changes.is_empty() {
        return Err(Error::Changed { changes });
    }
    // Each minor is compared with all before it, so what drifted once is found again with every minor after.
    let mut seen = BTreeSet::new();
    model.notes.retain(|note| seen.insert(note.clone()));
    let mut seen = BTreeSet::new();
    model
        .drift
        .retain(|drift| seen.insert(drift.rsplit_once(" (").map_or(drift.as_str(), |(what, _)| what).to_owned()));
    closure::extend(&mut model);
    Ok((model, facts))
}

/// Puts one minor on top of those before it.
struct Merger<'a> {
    older: Minor,
    newer: Minor,
    rules: &'a [Rule],
    fired: BTreeSet<(&'static str, &'static str)>,
    changes: &'a mut Vec<String>,
    drift: Vec<String>,
}

/// What can be marked with the minors that have it.
trait Living {
    fn availability(&mut self) -> &mut Availability;
}

impl Merger<'_> {
    /// Merges two sets of things by name; `both` merges what both have.
    fn by_name<K: Ord, T: Living>(
        &mut self,
        older: &mut BTreeMap<K, T>,
        newer: BTreeMap<K, T>,
        mut both: impl FnMut(&mut Self, &K, &mut T, T),
    ) {
        for (name, known) in older.iter_mut() {
            if !newer.contains_key(name) {
                known.availability().until.get_or_insert(self.newer);
            }
        }
        for (name, mut new) in newer {
            match older.get_mut(&name) {
                Some(known) => {
                    known.availability().until = None;
                    both(self, &name, known, new);
                }
                None => {
                    new.availability().since = self.newer;
                    older.insert(name, new);
                }
            }
        }
    }

    /// What to keep where something was changed. Without a rule that says it, the change is an error.
    fn decide(&mut self, place: &str, change: &str) -> Keep {
        let rule = self.rules.iter().filter(|rule| rule.newer == self.newer);
        let found = rule.flat_map(|rule| rule.places.iter().map(move |known| (rule, *known)));
        let found =
            found.filter(|(_, known)| *known == place).map(|(rule, known)| (rule.name, known, rule.keep)).next();
        match found {
            Some((name, known, keep)) => {
                self.fired.insert((name, known));
                keep
            }
            None => {
                self.changes.push(format!("{place}: {change} (1.{} to 1.{})", self.older, self.newer));
                Keep::Newer
            }
        }
    }

    /// Fails if a rule for this minor decided nothing.
    fn check_rules(&self) -> Result<(), Error> {
        for rule in self.rules.iter().filter(|rule| rule.newer == self.newer) {
            for place in rule.places {
                if !self.fired.contains(&(rule.name, place)) {
                    let (name, place) = (rule.name, (*place).to_owned());
                    return Err(Error::IdleRule { name, place, older: self.older, newer: self.newer });
                }
            }
        }
        Ok(())
    }

    /// Notes something that was decided without a rule.
    fn note(&mut self, place: &str, what: &str) {
        self.drift.push(format!("{place}: {what} (1.{} to 1.{})", self.older, self.newer));
    }
}
