//! What checks the properties, and tells how to repeat a failure.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::random::Rng;
use crate::{PROPERTIES, Property, Type, types};

/// Which cases to check.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Where chance starts from; the same plan with the same seed does the same.
    pub seed: u64,
    /// This property alone, by its name; else all.
    pub property: Option<String>,
    /// This type alone, by its path such as `core::v1::Pod`; else all.
    pub ty: Option<String>,
}

/// One property, of one type, from one seed.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The property.
    pub property: &'static Property,
    /// The type.
    pub ty: &'static Type,
    /// What chance starts from, in this case alone.
    pub seed: u64,
}

/// A case in which the property does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    case: Case,
    what: String,
}

impl Plan {
    /// Every case of a round, each with a seed of its own. A round has one for each property and each type that the
    /// property is about.
    pub fn round(&self, round: u64) -> impl Iterator<Item = Case> {
        let properties = PROPERTIES.iter().filter(|property| is(&self.property, property.name));
        properties.flat_map(move |property| {
            types()
                .iter()
                .filter(|ty| is(&self.ty, ty.path))
                .filter(|ty| (property.about)((ty.new)().descriptor()))
                // One that is about no type is checked as often as a few types are.
                .take(if property.about_types { usize::MAX } else { 20 })
                .map(move |ty| Case { property, ty, seed: self.seed_of(round, property.name, ty.path) })
        })
    }

    /// A seed that differs from those of other cases, and does not change with what other types there are.
    fn seed_of(&self, round: u64, property: &str, ty: &str) -> u64 {
        let mut seed = self.seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in property.bytes().chain(ty.bytes()) {
            seed = (seed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        seed
    }
}

fn is(wanted: &Option<String>, name: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == name)
}

impl Case {
    /// Checks the case.
    ///
    /// # Errors
    /// The property does not hold, or something panicked.
    pub fn check(self) -> Result<(), Failure> {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.property.check)(&mut Rng::with_seed(self.seed), self.ty)));
        let what = match outcome {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(what)) => what,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                format!("panicked: {}", text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?"))
            }
        };
        Err(Failure { case: self, what })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self { property, seed, .. }, ty) = (self, self.ty.path);
        write!(f, "--property {} --type '{ty}' --case {seed:#x}", property.name)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { property, ty, .. } = self.case;
        let end = self.what.char_indices().nth(4000).map_or(self.what.len(), |(end, _)| end);
        write!(
            f,
            "it does not hold for {} that {}: {}\nto repeat it: cargo xtask fuzz {}",
            ty.path,
            property.what,
            &self.what[..end],
            self.case
        )
    }
}

impl std::error::Error for Failure {}

/// Checks every case of some rounds.
///
/// # Errors
/// The first failure of each property, if there are any.
pub fn check_all(plan: &Plan, rounds: u64) -> Result<usize, Vec<Failure>> {
    let (mut count, mut failures) = (0, Vec::<Failure>::new());
    for case in (0..rounds).flat_map(|round| plan.round(round)) {
        count += 1;
        if failures.iter().any(|known| known.case.property.name == case.property.name) {
            continue;
        }
        failures.extend(case.check().err());
    }
    if failures.is_empty() { Ok(count) } else { Err(failures) }
}
