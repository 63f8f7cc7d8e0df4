//! Checks of candidates for leases.
//!
//! <https://kubernetes.io/docs/concepts/cluster-administration/coordinated-leader-election/>

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::findings::{Findings, text};
use crate::objects::texts;

const OLDEST: &str = "OldestEmulationVersion";

/// Checks a `LeaseCandidate`.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    const WHY: &str = "must be a valid semantic version";
    let spec = &object["spec"];
    if text(&spec["leaseName"]).is_empty() {
        found.required("spec.leaseName");
    }
    let (emulated, binary) = (text(&spec["emulationVersion"]), text(&spec["binaryVersion"]));
    let emulation = Version::parse(emulated);
    if !emulated.is_empty() && emulation.is_none() {
        found.invalid("spec.emulationVersion", &json!(emulated), WHY);
    }
    let version = Version::parse(binary);
    if binary.is_empty() {
        found.required("spec.binaryVersion");
    } else if version.is_none() {
        found.invalid("spec.binaryVersion", &json!(binary), WHY);
    }
    // What is no version counts as the lowest.
    let (emulation, version) = (emulation.unwrap_or_default(), version.unwrap_or_default());
    if !binary.is_empty() && !emulated.is_empty() && version.compare(&emulation) == Ordering::Less {
        let why = "must be greater than or equal to `emulationVersion`";
        found.invalid("spec.binaryVersion", &json!(binary), why);
    }
    match text(&spec["strategy"]) {
        "" => found.required("spec.strategy"),
        OLDEST => {
            if emulation.compare(&Version::default()) == Ordering::Equal {
                let why = "must be specified when `strategy` is 'OldestEmulationVersion'";
                found.required_because("spec.emulationVersion", why);
            }
        }
        // The API server names the field twice.
        strategy if strategy.contains('/') => {
            found.problems("spec.strategy.strategy", strategy, texts::qualified_name(strategy));
        }
        strategy => found.not_supported("spec.strategy.strategy", &json!(strategy), &[OLDEST]),
    }
    if let Some(old) = old {
        found.immutable("spec.leaseName", &json!(text(&spec["leaseName"])), &json!(text(&old["spec"]["leaseName"])));
    }
}

/// A semantic version, without its build.
///
/// <https://semver.org/>
#[derive(Debug, Default)]
struct Version {
    numbers: [u64; 3],
    before: Vec<Part>,
}

/// A part of what comes before a release. Numbers are before texts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

impl Version {
    fn parse(version: &str) -> Option<Self> {
        let (rest, build) = version.split_once('+').map_or((version, None), |(rest, build)| (rest, Some(build)));
        let (numbers, before) = rest.split_once('-').map_or((rest, None), |(rest, before)| (rest, Some(before)));
        let is_part = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if build.is_some_and(|build| !build.split('.').all(|part| is_part(&part))) {
            return None;
        }
        let numbers: Vec<u64> = numbers.split('.').map(number).collect::<Option<_>>()?;
        let before = before.map_or(Some(Vec::new()), |before| {
            let part = |part: &str| match part {
                _ if !is_part(&part) => None,
                _ if part.bytes().all(|byte| byte.is_ascii_digit()) => number(part).map(Part::Number),
                _ => Some(Part::Text(part.to_owned())),
            };
            before.split('.').map(part).collect()
        })?;
        Some(Self { numbers: numbers.try_into().ok()?, before })
    }

    /// What comes before a release is lower than it.
    fn compare(&self, other: &Self) -> Ordering {
        let before = || match (self.before.is_empty(), other.before.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.before.cmp(&other.before),
        };
        self.numbers.cmp(&other.numbers).then_with(before)
    }
}

/// A number without zeros in front.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let has_zeros = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|_| is_number && !has_zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_semver_has_them() {
        let ordered = ["0.0.0", "1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.2.0", "1.10.0+x"];
        for pair in ordered.windows(2) {
            let [one, other] = [0, 1].map(|index| Version::parse(pair[index]).expect("a version"));
            assert_eq!(one.compare(&other), Ordering::Less, "{pair:?}");
        }
        for wrong in
            ["", "1", "1.2", "1.2.3.4", "01.2.3", "v1.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a_b", "-1.2.3"]
        {
            assert!(Version::parse(wrong).is_none(), "{wrong}");
        }
    }
}
