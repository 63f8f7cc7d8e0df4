//! The indexes that a job has completed, as its status has them: `0,2-4`.

use std::collections::BTreeSet;

/// Completed indexes.
#[derive(Debug, Default)]
pub(super) struct Indexes(BTreeSet<i64>);

impl Indexes {
    pub fn parse(text: &str) -> Self {
        let part = |part: &str| -> Option<std::ops::RangeInclusive<i64>> {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse().ok()?..=last.parse().ok()?)
        };
        // The API server allows no more.
        Self(text.split(',').filter_map(part).flatten().take(100_000).collect())
    }

    pub fn has(&self, index: i64) -> bool {
        self.0.contains(&index)
    }

    pub fn extend(&mut self, index: Option<i64>) {
        self.0.extend(index);
    }

    pub fn len(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    pub fn to_text(&self) -> String {
        let mut runs: Vec<(i64, i64)> = Vec::new();
        for index in &self.0 {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == *index => *last = *index,
                _ => runs.push((*index, *index)),
            }
        }
        let shown = |(first, last): (i64, i64)| match last - first {
            0 => first.to_string(),
            1 => format!("{first},{last}"),
            _ => format!("{first}-{last}"),
        };
        runs.into_iter().map(shown).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_written_as_runs() {
        let mut indexes = Indexes::parse("0,2-4");
        assert!(indexes.has(3) && !indexes.has(1) && indexes.len() == 4);
        assert_eq!(indexes.to_text(), "0,2-4");
        indexes.extend(Some(6));
        indexes.extend(Some(7));
        assert_eq!(indexes.to_text(), "0,2-4,6,7");
        assert_eq!(Indexes::parse("").to_text(), "");
    }
}
