//! Levels, their versions, and the labels that name them.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>

use std::fmt;

use serde_json::{Value, json};

use crate::status::Cause;

/// How much pods may do, from everything to little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Privileged,
    Baseline,
    Restricted,
}

/// The minor whose checks are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Latest,
    /// Of Kubernetes 1.
    Minor(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LevelVersion {
    pub level: Level,
    pub version: Version,
}

/// What a namespace says of its pods. Audits are not written, so their level is read alone for what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub enforce: LevelVersion,
    pub warn: LevelVersion,
}

const OPEN: LevelVersion = LevelVersion { level: Level::Privileged, version: Version::Latest };

impl Policy {
    /// Reads the labels of a namespace. What can't be read is the strictest that is enforced, and nothing that is warned of.
    pub fn of(labels: &Value) -> (Self, Vec<Cause>) {
        let mut problems = Vec::new();
        let mut read = |mode: &str, if_unknown: Level| -> (Option<Level>, bool, Option<Version>) {
            let label = |suffix: &str| {
                let name = format!("pod-security.kubernetes.io/{mode}{suffix}");
                let value = labels.get(&name).and_then(Value::as_str).map(str::to_owned);
                value.map(|value| (name, value))
            };
            let mut refuse = |name: &str, value: &str, why: &str| {
                problems.push(Cause::invalid(format!("metadata.labels[{name}]"), &json!(value), why));
            };
            let (mut level, mut is_known) = (None, false);
            if let Some((name, value)) = label("") {
                let known = Level::named(&value);
                is_known = known.is_some();
                if !is_known {
                    refuse(&name, &value, "must be one of privileged, baseline, restricted");
                }
                level = Some(known.unwrap_or(if_unknown));
            }
            let version = label("-version").map(|(name, value)| {
                Version::named(&value).unwrap_or_else(|| {
                    refuse(&name, &value, "must be \"latest\" or \"v1.x\"");
                    Version::Latest
                })
            });
            (level, is_known, version)
        };
        let (enforced, is_known, enforced_version) = read("enforce", Level::Restricted);
        read("audit", Level::Privileged);
        let (warned, _, warned_version) = read("warn", Level::Privileged);
        let or_open = |level: Option<Level>, version: Option<Version>| LevelVersion {
            level: level.unwrap_or(OPEN.level),
            version: version.unwrap_or(OPEN.version),
        };
        let enforce = or_open(enforced, enforced_version);
        let mut warn = or_open(warned, warned_version);
        // What is enforced is warned of as well, unless something else is asked for.
        if warned.is_none() && is_known && enforce.level > warn.level {
            warn.level = enforce.level;
            warn.version = warned_version.unwrap_or(enforce.version);
        }
        (Self { enforce, warn }, problems)
    }
}

impl Level {
    fn named(name: &str) -> Option<Self> {
        match name {
            "privileged" => Some(Self::Privileged),
            "baseline" => Some(Self::Baseline),
            "restricted" => Some(Self::Restricted),
            _ => None,
        }
    }
}

impl Version {
    fn named(name: &str) -> Option<Self> {
        if name == "latest" {
            return Some(Self::Latest);
        }
        let minor = name.strip_prefix("v1.")?;
        let is_written_plainly =
            minor.bytes().all(|byte| byte.is_ascii_digit()) && (minor == "0" || !minor.starts_with('0'));
        // As large as a signed number is.
        let minor = minor.parse::<i64>().ok().filter(|_| is_written_plainly)?;
        u64::try_from(minor).ok().map(Self::Minor)
    }

    /// The minor whose checks a server does: of a later one than its own it knows none.
    pub fn minor(self, own: u32) -> u32 {
        match self {
            Self::Latest => own,
            Self::Minor(minor) => u32::try_from(minor).unwrap_or(own).min(own),
        }
    }
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        };
        match self.version {
            Version::Latest => write!(f, "{level}:latest"),
            Version::Minor(minor) => write!(f, "{level}:v1.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_latest_or_a_minor_without_leading_zeros() {
        let known = ["latest", "v1.0", "v1.37", "v1.9223372036854775807"];
        assert!(known.into_iter().all(|name| Version::named(name).is_some()));
        let unknown = ["", "v1", "v1.", "v1.01", "v1.+1", "v2.0", "1.37", "v1.37.1", "v1.9223372036854775808"];
        assert!(unknown.into_iter().all(|name| Version::named(name).is_none()));
        assert_eq!(Version::Minor(99).minor(37), 37);
    }

    #[test]
    fn what_is_enforced_is_warned_of_unless_a_level_is_asked_for() {
        let (policy, problems) = Policy::of(&json!({ "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/enforce-version": "v1.20" }));
        assert_eq!(policy.warn, policy.enforce);
        assert!(problems.is_empty());
        let (policy, _) = Policy::of(&json!({ "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/warn": "privileged" }));
        assert_eq!(policy.warn, OPEN);
    }
}
