//! Commands in a container, for copies in both directions.

use super::options::Links;
use super::progress::{Meter, Watcher};
use crate::client::{Client, container};
use crate::error::{Error, Result};
use crate::stream::{ExecRequest, KeepAlive, Output, Session};
use crate::wire::Call;
use crate::wire::response::Payload;

/// State of both directions.
pub(super) struct Copier {
    client: Client,
    pub(super) call: Call,
    pub(super) tar: Vec<String>,
    pub(super) links: Links,
    pub(super) preserve: bool,
    pub(super) exactly: bool,
    pub(super) tolerant: bool,
    /// Whether the container runs Windows, if the caller has set it.
    pub(super) windows: Option<bool>,
    pub(super) keep_alive: KeepAlive,
    pub(super) watcher: Option<Watcher>,
}

impl Copier {
    pub(super) fn new(client: &Client, call: Call, links: Links) -> Self {
        Self {
            client: client.clone(),
            call,
            tar: vec!["tar".to_owned()],
            links,
            preserve: true,
            exactly: false,
            tolerant: false,
            windows: None,
            keep_alive: KeepAlive::default(),
            watcher: None,
        }
    }

    /// Runs a command in the copy's container.
    pub(super) fn exec(&self, command: Vec<String>) -> ExecRequest<()> {
        let mut call = self.call.clone();
        for argument in &command {
            call.query("command", argument);
        }
        ExecRequest::new(&self.client, call).keep_alive(self.keep_alive)
    }

    /// Starts a session and records its container, so that later ones use the same.
    pub(super) async fn start(&mut self, mut request: ExecRequest<()>) -> Result<Session> {
        let session = request.begin().await;
        container::remember(&mut self.call, request.named_container());
        session
    }

    /// Runs a command to its end, likewise.
    pub(super) async fn output(&mut self, mut request: ExecRequest<()>) -> Result<Output> {
        let output = request.collect().await;
        container::remember(&mut self.call, request.named_container());
        output
    }

    /// Reads the container's pod, as JSON.
    pub(super) async fn read_pod(&mut self) -> Result<serde_json::Value> {
        let mut read = self.call.read_object().ok_or_else(|| Error::build("the call has no object"))?;
        let decode = |answer: Payload| {
            serde_json::from_slice(&answer.bytes)
                .map_err(|error| Error::response("expected a pod as JSON", Some(answer.bytes)).with_source(error))
        };
        self.client.fetch(&mut read, decode).await
    }

    /// Returns the program that must exist in the container.
    pub(super) fn program(&self) -> &str {
        self.tar.first().map_or("tar", String::as_str)
    }

    pub(super) fn meter(&mut self) -> Meter {
        Meter::new(self.watcher.take())
    }
}
