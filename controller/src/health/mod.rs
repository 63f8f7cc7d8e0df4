//! Liveness and readiness endpoints: `/livez`, `/readyz` and `/healthz`, as those of Kubernetes' own components; and
//! `/metrics`.
//!
//! ```no_run
//! use kubewright_controller::health::{Health, HealthServer};
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicBool, Ordering};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let synced = Arc::new(AtomicBool::new(false));
//! let health = Health::new().readiness("caches", {
//!     let synced = synced.clone();
//!     move || {
//!         let synced = synced.clone();
//!         async move { if synced.load(Ordering::Relaxed) { Ok(()) } else { Err("not synced yet") } }
//!     }
//! });
//! let server = HealthServer::bind(health, "0.0.0.0:8081").await?;
//! server.run_until(kubewright_controller::signal::shutdown()?).await;
//! # Ok(())
//! # }
//! ```
//!
//! | path | response |
//! |---|---|
//! | `/livez`, `/healthz` | 200 `ok` if all liveness checks pass, else 500 with a line for each |
//! | `/readyz` | the same of the readiness checks |
//! | `/livez/NAME`, `/readyz/NAME` | of one check |
//! | `/metrics` | [metrics](Health::metrics), if there are any |
//! | `?verbose` | a line for each check, also if all pass |
//! | `?exclude=NAME` | without this check; may be repeated |
//!
//! Both have a check `ping`, which passes. Why a check fails is in the log alone, since anybody may call the endpoints.
//!
//! <https://kubernetes.io/docs/reference/using-api/health-checks/>

mod check;
mod server;
mod service;
#[cfg(test)]
mod tests;

pub use server::HealthServer;
pub use service::Health;
