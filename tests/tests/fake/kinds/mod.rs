//! Scenarios of the built-in kinds. Each has a namespace of its own.

mod addresses;
mod api_services;
mod applies;
mod autoscaling;
mod batch;
mod candidates;
mod certificates;
mod claims;
mod cluster;
mod containers;
mod data;
mod definitions;
mod devices;
mod events;
mod evictions;
mod flows;
mod groups;
mod limit_ranges;
mod limits;
mod others;
mod outside;
mod patches;
mod pod_security;
mod pod_specs;
mod pods;
mod quotas;
mod replacements;
mod resize;
mod services;
mod storage;
mod templates;
mod texts;
mod times;
mod trust;
mod versions;
mod watches;
mod webhooks;
mod workloads;

use super::steps::Steps;

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        addresses::SCENARIOS,
        api_services::SCENARIOS,
        applies::SCENARIOS,
        autoscaling::SCENARIOS,
        batch::SCENARIOS,
        certificates::SCENARIOS,
        claims::SCENARIOS,
        cluster::SCENARIOS,
        containers::SCENARIOS,
        data::SCENARIOS,
        definitions::SCENARIOS,
        devices::SCENARIOS,
        events::SCENARIOS,
        flows::SCENARIOS,
        limit_ranges::SCENARIOS,
        limits::SCENARIOS,
        others::SCENARIOS,
        outside::SCENARIOS,
        patches::SCENARIOS,
        pod_security::SCENARIOS,
        pod_specs::SCENARIOS,
        pods::SCENARIOS,
        quotas::SCENARIOS,
        quotas::OF_RESIZES,
        replacements::SCENARIOS,
        resize::SCENARIOS,
        services::SCENARIOS,
        storage::SCENARIOS,
        templates::SCENARIOS,
        texts::SCENARIOS,
        times::SCENARIOS,
        trust::SCENARIOS,
        watches::SCENARIOS,
        webhooks::SCENARIOS,
        workloads::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}

/// Those of kinds in versions that an older minor alone has.
pub fn of_an_older_minor() -> impl Iterator<Item = &'static Scenario> {
    versions::OF_AN_OLDER_MINOR.iter().chain(quotas::OF_RESIZES)
}

/// Those of kinds that a server has only if it is told to: with all its features.
pub fn with_all_features() -> impl Iterator<Item = &'static Scenario> {
    candidates::SCENARIOS
        .iter()
        .chain(evictions::WITH_ALL_FEATURES)
        .chain(quotas::OF_RESIZES)
        .chain(groups::WITH_ALL_FEATURES)
        .chain(versions::WITH_ALL_FEATURES)
}
