//! In which of the merged minors something is there.

use crate::documents::Minor;

/// From which minor on something is there, and from which on no more, as far as the merged minors tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// The first merged minor that has it. 0 where that is said of what it is part of: a field without a word of its own is
    /// as old as its struct.
    pub since: Minor,
    /// The first merged minor that has it no more; `None` where the newest has it.
    pub until: Option<Minor>,
}

impl Life {
    /// The life of something that can't outlive what it is part of.
    pub fn within(self, whole: Self) -> Self {
        let until = match (self.until, whole.until) {
            (Some(own), Some(whole)) => Some(own.min(whole)),
            (own, whole) => own.or(whole),
        };
        Self { since: self.since.max(whole.since), until }
    }

    /// The life of two things taken together: as long as there is either.
    pub fn or(self, other: Self) -> Self {
        let until = self.until.zip(other.until).map(|(own, other)| own.max(other));
        Self { since: self.since.min(other.since), until }
    }

    /// The life of many things taken together; of none, that of everything.
    pub fn of_all(lives: impl IntoIterator<Item = Self>) -> Self {
        lives.into_iter().reduce(Self::or).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(since: Minor, until: Option<Minor>) -> Life {
        Life { since, until }
    }

    #[test]
    fn a_part_lives_no_longer_than_the_whole() {
        assert_eq!(life(0, None).within(life(36, None)), life(36, None));
        assert_eq!(life(37, None).within(life(36, Some(38))), life(37, Some(38)));
        assert_eq!(life(0, Some(36)).within(life(35, Some(37))), life(35, Some(36)));
    }

    #[test]
    fn two_things_are_there_as_long_as_either_is() {
        assert_eq!(life(35, Some(36)).or(life(36, Some(37))), life(35, Some(37)));
        assert_eq!(life(35, Some(36)).or(life(36, None)), life(35, None));
        assert_eq!(Life::of_all([]), Life::default());
    }
}
