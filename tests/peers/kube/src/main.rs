//! kube as a client of the fake API server: `peer-kube COMMAND`, with the server of `$KUBECONFIG`.
//!
//! A scenario ends with an error if an answer is not as it should be.

mod mirror;
mod scenarios;
mod seen;
mod sessions;

use kube::Client;

/// The error of a program that only reports it.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result {
    let client = Client::try_default().await?;
    match std::env::args().nth(1).as_deref() {
        Some("mirror") => mirror::run(&client).await,
        Some("pages") => scenarios::pages(&client).await,
        Some("apply") => scenarios::apply(&client).await,
        Some("finalizer") => scenarios::finalize(&client).await,
        Some("sessions") => sessions::run(&client).await,
        other => Err(format!("no such command: {other:?}").into()),
    }
}

/// Fails with a message unless something holds.
fn ensure(holds: bool, what: impl std::fmt::Display) -> Result {
    if holds { Ok(()) } else { Err(what.to_string().into()) }
}
