//! Scenarios of the built-in kinds. Each has a namespace of its own.

mod applies;
mod autoscaling;
mod batch;
mod certificates;
mod cluster;
mod containers;
mod data;
mod definitions;
mod events;
mod limits;
mod others;
mod patches;
mod pods;
mod replacements;
mod services;
mod watches;
mod webhooks;
mod workloads;

use super::steps::Steps;

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        applies::SCENARIOS,
        autoscaling::SCENARIOS,
        batch::SCENARIOS,
        certificates::SCENARIOS,
        cluster::SCENARIOS,
        containers::SCENARIOS,
        data::SCENARIOS,
        definitions::SCENARIOS,
        events::SCENARIOS,
        limits::SCENARIOS,
        others::SCENARIOS,
        patches::SCENARIOS,
        pods::SCENARIOS,
        replacements::SCENARIOS,
        services::SCENARIOS,
        watches::SCENARIOS,
        webhooks::SCENARIOS,
        workloads::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
