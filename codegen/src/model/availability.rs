//! In which of the merged minors something is there.

use crate::documents::Minor;

/// From which minor on something is there, and from which on no more, as far as the merged minors tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Availability {
    /// The first merged minor that has it. 0 where that is said of what it is part of: a field without a word of its own is
    /// as old as its struct.
    pub since: Minor,
    /// The first merged minor that has it no more; `None` where the newest has it.
    pub until: Option<Minor>,
}

impl Availability {
    /// The availability of something that can't outlive what it is part of.
    pub fn within(self, whole: Self) -> Self {
        let until = match (self.until, whole.until) {
            (Some(own), Some(whole)) => Some(own.min(whole)),
            (own, whole) => own.or(whole),
        };
        Self { since: self.since.max(whole.since), until }
    }

    /// The availability of two things taken together: as long as there is either.
    pub fn or(self, other: Self) -> Self {
        let until = self.until.zip(other.until).map(|(own, other)| own.max(other));
        Self { since: self.since.min(other.since), until }
    }

    /// The availability of many things taken together; of none, that of everything.
    pub fn of_all(availabilities: impl IntoIterator<Item = Self>) -> Self {
        availabilities.into_iter().reduce(Self::or).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn availability(since: Minor, until: Option<Minor>) -> Availability {
        Availability { since, until }
    }

    #[test]
    fn a_part_lives_no_longer_than_the_whole() {
        assert_eq!(availability(0, None).within(availability(36, None)), availability(36, None));
        assert_eq!(availability(37, None).within(availability(36, Some(38))), availability(37, Some(38)));
        assert_eq!(availability(0, Some(36)).within(availability(35, Some(37))), availability(35, Some(36)));
    }

    #[test]
    fn two_things_are_there_as_long_as_either_is() {
        assert_eq!(availability(35, Some(36)).or(availability(36, Some(37))), availability(35, Some(37)));
        assert_eq!(availability(35, Some(36)).or(availability(36, None)), availability(35, None));
        assert_eq!(Availability::of_all([]), Availability::default());
    }
}
