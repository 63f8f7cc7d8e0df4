//! Admission and conversion webhooks: handlers on typed objects, and a server over TLS.
//!
//! [`Webhooks`] maps paths to handlers; it is a [`tower::Service`]. [`WebhookServer`] serves it, with a certificate that
//! is reloaded when its files change.
//!
//! ```no_run
//! use kubewright::core::v1::ConfigMap;
//! use kubewright_controller::webhook::{AdmissionRequest, Certificates, Decision, WebhookServer, Webhooks};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let webhooks = Webhooks::new().validating("/validate", |request: AdmissionRequest<ConfigMap>| async move {
//!     match request.object {
//!         Some(object) if object.data.is_empty() => Decision::deny("data is required"),
//!         _ => Decision::allow(),
//!     }
//! });
//! let certificates = Certificates::folder("/tmp/k8s-webhook-server/serving-certs")?;
//! let server = WebhookServer::builder(webhooks, certificates).bind("0.0.0.0:9443").await?;
//! server.run_until(kubewright_controller::signal::shutdown()?).await;
//! # Ok(())
//! # }
//! ```
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

mod admission;
mod conversion;
mod failure;
mod handler;
mod server;
mod service;
#[cfg(test)]
mod tests;
pub mod v1;

pub use admission::{AdmissionRequest, Decision, Denial, Mutation, Reply};
pub use conversion::{ConversionError, Conversions};
pub use server::{Certificates, ServerError, WebhookServer, WebhookServerBuilder};
pub use service::Webhooks;
