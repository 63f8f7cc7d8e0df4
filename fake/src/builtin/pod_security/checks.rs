//! The checks of each level, in the order in which a server tells what they have found.

use super::policy::{Level, LevelVersion};
use super::template::Template;
use super::{capabilities, host, privileges, profiles, volumes};

/// What a check has found.
pub(super) struct Violation {
    pub reason: &'static str,
    pub detail: String,
}

/// What a check finds in a pod, by the standards of a minor.
type Run = fn(Template<'_>, u32) -> Option<Violation>;

struct Check {
    level: Level,
    /// The first minor that has it.
    since: u32,
    run: Run,
    /// The first minor from which a stricter check of `restricted` is in its place.
    replaced: Option<u32>,
}

const fn baseline(since: u32, run: Run) -> Check {
    Check { level: Level::Baseline, since, run, replaced: None }
}

const fn baseline_until(replaced: u32, run: Run) -> Check {
    Check { level: Level::Baseline, since: 0, run, replaced: Some(replaced) }
}

const fn restricted(since: u32, run: Run) -> Check {
    Check { level: Level::Restricted, since, run, replaced: None }
}

const CHECKS: &[Check] = &[
    baseline(0, profiles::app_armor),
    baseline_until(22, capabilities::of_baseline),
    baseline(0, host::namespaces),
    baseline_until(0, volumes::of_host),
    baseline(0, host::ports),
    baseline(34, host::probes),
    baseline(0, privileges::privileged),
    baseline_until(35, privileges::proc_mount),
    baseline(0, profiles::selinux),
    baseline_until(19, profiles::seccomp),
    baseline(0, host::sysctls),
    baseline(0, host::processes),
    restricted(8, privileges::escalation),
    restricted(22, capabilities::of_restricted),
    restricted(35, privileges::any_proc_mount),
    restricted(0, volumes::restricted),
    restricted(0, privileges::non_root),
    restricted(23, privileges::user),
    restricted(19, profiles::seccomp_of_restricted),
];

/// What all checks of a level have found.
pub(super) struct Outcome(Vec<Violation>);

impl Outcome {
    /// Checks a pod, on a server of a minor.
    pub fn of(LevelVersion { level, version }: LevelVersion, template: Template<'_>, minor: u32) -> Self {
        let minor = version.minor(minor);
        let is_done = |check: &&Check| {
            let is_replaced = level == Level::Restricted && check.replaced.is_some_and(|since| minor >= since);
            check.level <= level && minor >= check.since && !is_replaced
        };
        Self(CHECKS.iter().filter(is_done).filter_map(|check| (check.run)(template, minor)).collect())
    }

    pub fn is_violated(&self) -> bool {
        !self.0.is_empty()
    }

    pub fn reasons(&self) -> String {
        self.0.iter().map(|violation| violation.reason).collect::<Vec<_>>().join(", ")
    }

    pub fn details(&self) -> String {
        let shown = self.0.iter().map(|Violation { reason, detail }| format!("{reason} ({detail})"));
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// A word for one, or for several.
pub(super) fn count<'w>(number: usize, one: &'w str, several: &'w str) -> &'w str {
    if number == 1 { one } else { several }
}

pub(super) fn quoted<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| format!("\"{}\"", item.as_ref())).collect::<Vec<_>>().join(", ")
}

/// Containers by name: `container "a"`.
pub(super) fn containers(names: &[&str]) -> String {
    format!("{} {}", count(names.len(), "container", "containers"), quoted(names))
}

/// Who sets something that is forbidden: the pod, and containers.
pub(super) fn setters(is_pod: bool, names: &[&str]) -> Option<String> {
    match (is_pod, names) {
        (false, []) => None,
        (true, []) => Some("pod".to_owned()),
        (false, names) => Some(containers(names)),
        (true, names) => Some(format!("pod and {}", containers(names))),
    }
}
