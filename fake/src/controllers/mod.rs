//! The controllers of a control plane, in little: they act on the objects of the fake as those of a real cluster do.
//!
//! After each write the controllers that are on run, one after the other, until a whole turn changes nothing. Each reads the store,
//! as from an informer's cache, and writes through the API as the user that it is in a cluster. Nothing is remembered
//! between turns but the outcomes of pods: what a controller does follows from the objects and the clock.

mod accounts;
mod budgets;
mod claim;
mod context;
mod cron;
mod cron_jobs;
mod daemon_sets;
mod deployments;
mod endpoints;
mod garbage;
mod hash;
mod jobs;
mod kinds;
mod kubelet;
mod namespaces;
mod nodes;
mod outcome;
mod pods;
mod quotas;
mod replica_sets;
mod run;
mod scheduler;
mod settings;
mod stateful_sets;
mod ttl;
mod values;

pub(crate) use run::Runner;

pub use outcome::PodOutcome;
pub use settings::Controllers;
