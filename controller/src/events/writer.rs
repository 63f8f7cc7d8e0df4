//! Writing events to the server.

use std::pin::Pin;
use std::time::Duration;

use kubewright::events::v1::Event;
use kubewright::retry::{Backoff, RetryClass};
use kubewright::{Api, Client, Error, Patch};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, Sleep, interval, sleep};

use super::event::{Key, Recorded};
use super::series::{Series, Write};

/// Time between two checks of what is due.
const TICK: Duration = Duration::from_secs(60);
/// How often an event is sent if the server can't be reached, as in client-go.
const MAX_ATTEMPTS: u32 = 12;
/// Delays between these attempts.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10));

/// To the task that writes.
pub(super) enum Message {
    Record(Box<Recorded>),
    /// Write everything, and report when that is done.
    Flush(oneshot::Sender<()>),
}

/// A write that is under way.
type Sending = Pin<Box<dyn Future<Output = Sent> + Send>>;

struct Sent {
    key: Key,
    count: i32,
    is_patch: bool,
    result: Result<(), Error>,
}

/// Writes events until all recorders are dropped and everything is written.
pub(super) async fn run(client: Client, mut messages: mpsc::Receiver<Message>, mut series: Series) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut flushes: Vec<oneshot::Sender<()>> = Vec::new();
    let mut sending: Option<Sending> = None;
    // The delay before the next attempt.
    let mut pause: Option<Pin<Box<Sleep>>> = None;
    let (mut attempts, mut backoff) = (0, BACKOFF);
    let mut is_open = true;
    loop {
        if sending.is_none() && pause.is_none() {
            // As of now: what was repeated meanwhile is counted.
            sending = series.next().map(|next| send(client.clone(), next));
        }
        if sending.is_none() && series.is_written() {
            for done in flushes.drain(..) {
                // A caller of `flush` may have stopped waiting.
                let _ = done.send(());
            }
            if !is_open {
                return;
            }
        }
        let sent = async {
            match &mut sending {
                Some(sending) => sending.await,
                None => std::future::pending().await,
            }
        };
        let paused = async {
            match &mut pause {
                Some(pause) => pause.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = messages.recv(), if is_open => match message {
                Some(Message::Record(recorded)) => record(&mut series, *recorded),
                Some(Message::Flush(done)) => {
                    series.flush();
                    flushes.push(done);
                }
                None => {
                    series.flush();
                    is_open = false;
                }
            },
            _ = ticks.tick(), if is_open => series.tick(Instant::now()),
            () = paused => pause = None,
            sent = sent => {
                sending = None;
                let Sent { key, count, is_patch, result } = sent;
                let error = match result {
                    Ok(()) => {
                        (attempts, backoff) = (0, BACKOFF);
                        series.written(&key, count, Instant::now());
                        continue;
                    }
                    Err(error) => error,
                };
                if is_patch && error.is_not_found() {
                    // Events expire. What goes on is created again, at once.
                    series.lost(&key);
                    continue;
                }
                attempts += 1;
                let passes = matches!(
                    error.retry_class(),
                    RetryClass::Transient | RetryClass::Throttled | RetryClass::Uncertain
                );
                if passes && attempts < MAX_ATTEMPTS && is_open {
                    tracing::debug!(%error, "an event could not be written and is retried");
                    pause = Some(Box::pin(sleep(backoff.next_delay_after(error.retry_after()))));
                } else {
                    (attempts, backoff) = (0, BACKOFF);
                    tracing::warn!(%error, ?key, "an event could not be written and is dropped");
                    series.rejected(&key);
                }
            }
        }
    }
}

fn record(series: &mut Series, recorded: Recorded) {
    let (reason, object) = (recorded.reason.clone(), recorded.regarding.name.clone().unwrap_or_default());
    if !series.add(recorded, Instant::now()) {
        let (reason, object) = (reason.as_str(), object.as_str());
        tracing::warn!(
            reason,
            object,
            "an event is dropped: it has no reason or object, or too many are to be written"
        );
    }
}

/// Writes an event.
fn send(client: Client, (key, write, count): (Key, Write, i32)) -> Sending {
    Box::pin(async move {
        let is_patch = matches!(write, Write::Patch(_));
        let result = match write {
            Write::Create(event) => create(&client, &event).await,
            Write::Patch(event) => patch(&client, &event).await,
        };
        Sent { key, count, is_patch, result }
    })
}

async fn create(client: &Client, event: &Event) -> Result<(), Error> {
    match api(client, event).create(event).await {
        Ok(_) => Ok(()),
        // An attempt whose response was lost has created it.
        Err(error) if error.is_already_exists() => Ok(()),
        Err(error) => Err(error),
    }
}

async fn patch(client: &Client, event: &Event) -> Result<(), Error> {
    let series = event.series.as_deref();
    let count = series.map_or(0, |series| series.count);
    let time = series.map(|series| series.last_observed_time.to_string());
    let patch = Patch::merge(json!({ "series": { "count": count, "lastObservedTime": time } }));
    let name = event.metadata.name.as_deref().unwrap_or_default();
    api(client, event).patch(name, patch).await.map(|_| ())
}

fn api(client: &Client, event: &Event) -> Api<Event> {
    Api::namespaced(client, event.metadata.namespace.as_deref().unwrap_or_default())
}
