//! Scenarios of the built-in kinds. Each has a namespace of its own.

mod addresses;
mod autoscaling;
mod batch;
mod candidates;
mod certificates;
mod cluster;
mod containers;
mod data;
mod definitions;
mod events;
mod flows;
mod limits;
mod others;
mod pods;
mod services;
mod webhooks;
mod workloads;

use super::steps::Steps;

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        addresses::SCENARIOS,
        autoscaling::SCENARIOS,
        batch::SCENARIOS,
        certificates::SCENARIOS,
        cluster::SCENARIOS,
        containers::SCENARIOS,
        data::SCENARIOS,
        definitions::SCENARIOS,
        events::SCENARIOS,
        flows::SCENARIOS,
        limits::SCENARIOS,
        others::SCENARIOS,
        pods::SCENARIOS,
        services::SCENARIOS,
        webhooks::SCENARIOS,
        workloads::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}

/// Those of kinds that a server has only if it is told to.
pub fn of_early_versions() -> impl Iterator<Item = &'static Scenario> {
    candidates::SCENARIOS.iter()
}
