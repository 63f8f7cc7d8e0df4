//! Scenarios of the built-in kinds. Each has a namespace of its own.

mod batch;
mod containers;
mod data;
mod others;
mod pods;
mod services;
mod workloads;

use super::steps::Steps;

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        batch::SCENARIOS,
        containers::SCENARIOS,
        data::SCENARIOS,
        others::SCENARIOS,
        pods::SCENARIOS,
        services::SCENARIOS,
        workloads::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
