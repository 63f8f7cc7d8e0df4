//! Recorder of events.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use kubewright::Client;
use kubewright::core::v1::ObjectReference;
use kubewright::types::MicroTime;
use tokio::sync::{mpsc, oneshot};

use super::event::{EventType, Recorded};
use super::series::{MAX_EVENTS, Series};
use super::writer::{self, Message};
use crate::host;

/// Records events about objects. See the [module](super). Clones share one task, which ends when the last is dropped and
/// everything is written.
#[derive(Clone)]
pub struct Recorder {
    sender: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Settings of a [`Recorder`].
#[derive(Debug)]
#[must_use]
pub struct RecorderBuilder {
    client: Client,
    controller: String,
    instance: Option<String>,
}

impl Recorder {
    /// Creates a recorder for a controller of this name, such as `example.com/shop-operator`, and spawns its task. The
    /// instance is the name of the host, which for a pod is the pod's.
    ///
    /// # Panics
    /// If it is called outside of a tokio runtime.
    pub fn new(client: &Client, controller: impl Into<String>) -> Self {
        Self::builder(client, controller).spawn()
    }

    /// Returns the settings to create a recorder with others.
    pub fn builder(client: &Client, controller: impl Into<String>) -> RecorderBuilder {
        RecorderBuilder { client: client.clone(), controller: controller.into(), instance: None }
    }

    /// Records that something happened to an object as it should. The reason is a word in CamelCase for programs, such as
    /// `Scaled`, the action what the controller did, such as `Scale`, and the note a sentence for people.
    pub fn normal(&self, regarding: ObjectReference, reason: &str, action: &str, note: impl Into<String>) {
        self.record(EventType::Normal, regarding, None, reason, action, note);
    }

    /// Records something about an object that may require attention.
    pub fn warning(&self, regarding: ObjectReference, reason: &str, action: &str, note: impl Into<String>) {
        self.record(EventType::Warning, regarding, None, reason, action, note);
    }

    /// Records an event with a second object, such as the child that was created.
    pub fn record(
        &self,
        type_: EventType,
        regarding: ObjectReference,
        related: Option<ObjectReference>,
        reason: &str,
        action: &str,
        note: impl Into<String>,
    ) {
        let (reason, action, note) = (reason.to_owned(), action.to_owned(), note.into());
        let recorded = Recorded { regarding, related, type_, reason, action, note, time: MicroTime::now() };
        if let Err(error) = self.sender.try_send(Message::Record(Box::new(recorded))) {
            self.dropped.fetch_add(1, Relaxed);
            tracing::warn!(%error, "an event is dropped");
        }
    }

    /// Waits until everything that was recorded before is written, or could not be: before a program ends. It may take as
    /// long as the server can't be reached, so a time-out is advisable.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.sender.send(Message::Flush(done)).await.is_ok() {
            // If the task has ended, nothing is left to be written.
            let _ = written.await;
        }
    }

    /// Returns the number of events that were dropped because too many were recorded at once.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

impl RecorderBuilder {
    /// Sets the name of this instance of the controller. It is part of what makes events a series.
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Creates the recorder, and spawns its task.
    ///
    /// # Panics
    /// If it is called outside of a tokio runtime.
    pub fn spawn(self) -> Recorder {
        let Self { client, controller, instance } = self;
        let host = || host::name().unwrap_or_else(|| "unknown".to_owned());
        let instance = instance.unwrap_or_else(|| format!("{controller}-{}", host()));
        let (sender, messages) = mpsc::channel(MAX_EVENTS);
        tokio::spawn(writer::run(client, messages, Series::new(controller, instance)));
        Recorder { sender, dropped: Arc::default() }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}
