//! Tests of reconcilers without a cluster: an API server in memory that answers from a script.
//!
//! [`ScriptedApi`] is a tower service behind a [`Client`](kubewright::Client). It serves reads and watches of the objects
//! that the test puts into it, keeps every request, and answers writes as the test says. Nothing in it needs real time: under
//! tokio's paused clock (`#[tokio::test(start_paused = true)]`), delays of hours pass at once.
//!
//! ```
//! use kubewright::core::v1::ConfigMap;
//! use kubewright::meta::v1::ObjectMeta;
//! use kubewright::Api;
//! use kubewright_controller::testing::{self, ScriptedApi};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let server = ScriptedApi::new();
//! server.put(&ConfigMap { metadata: ObjectMeta::named("prices").in_namespace("shop"), ..Default::default() });
//! server.respond(|request| (request.method == "DELETE").then(|| testing::status(403, "Forbidden")));
//!
//! let maps: Api<ConfigMap> = Api::namespaced(&server.client(), "shop");
//! assert!(maps.get("prices").await.is_ok());
//! assert!(maps.delete("prices").await.unwrap_err().is_forbidden());
//! assert_eq!(server.requests()[1].path, "/api/v1/namespaces/shop/configmaps/prices");
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It is no model of an API server: selectors and pages are ignored, and writes change nothing unless the script
//! [puts](ScriptedApi::put) something.

mod path;
mod server;

pub use self::server::{ScriptedApi, SentRequest, json, status};
