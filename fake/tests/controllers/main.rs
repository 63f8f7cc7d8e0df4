//! The controllers of a fake cluster, by what a client sees of them.
//!
//! There is no controller manager beside the real API server that other tests compare with: what is expected here is what
//! Kubernetes documents, and what k8s.io/kubernetes 1.37 does.
#![allow(missing_docs)]

mod budgets;
mod cron_jobs;
mod daemon_sets;
mod deployments;
mod garbage;
mod jobs;
mod namespaces;
mod pods;
mod quotas;
mod random;
mod requests;
mod services;
mod stateful_sets;
mod support;
