//! The life of a candidate: it campaigns, leads, and stops.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use kubewright::Client;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::hold::{Acquired, campaign, hold};
use super::lock::Lock;
use super::{ElectionEvent, LeaderElectionBuilder, Leadership};
use crate::clock::Deadline;
use crate::gate::{Gate, Gatekeeper};
use crate::ring::{HashRange, ShardKey};

/// A candidate for leadership. See the [module](super).
pub struct LeaderElection {
    lock: Lock,
    keeper: Gatekeeper,
}

/// How a term, or a campaign without one, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TermEnd {
    /// The leader's function returned by itself.
    Finished,
    /// A shutdown was requested.
    Shutdown,
    /// The Lease named another preferred holder.
    SteppedDown,
    /// The Lease was not renewed in time, or another replica holds it.
    Lost,
}

/// Outcome of [`LeaderElection::run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome<T> {
    /// What the leader's function returned; `None` if it was never called, or was dropped since it did not end in time.
    pub output: Option<T>,
    /// How the term ended.
    pub end: TermEnd,
}

impl LeaderElection {
    /// Creates a builder of a candidate for the Lease of this name.
    ///
    /// The replica needs the permissions to get, create and update `leases` of `coordination.k8s.io`.
    pub fn builder(client: &Client, namespace: &str, name: &str) -> LeaderElectionBuilder {
        LeaderElectionBuilder::new(client, namespace, name)
    }

    pub(super) fn new(lock: Lock) -> Self {
        let (keeper, _) = Gatekeeper::new(ShardKey::Uid);
        Self { lock, keeper }
    }

    /// Returns the gate that is open while this replica leads, for controllers.
    pub fn gate(&self) -> Gate {
        self.keeper.gate()
    }

    /// Returns the identity of this replica.
    pub fn identity(&self) -> &str {
        &self.lock.settings().identity
    }

    /// Waits until this replica leads, then runs a function while it does, and releases the Lease when the function has
    /// returned.
    ///
    /// - A campaign never fails: errors are [reported](ElectionEvent::Failed) and retried.
    /// - On `shutdown`, or if the Lease names another preferred holder, [`Leadership::cancelled`] completes, and the gate
    ///   lets no one in. The Lease is renewed until the function has returned and the permits are dropped, at most for
    ///   the [stop timeout](LeaderElectionBuilder::stop_timeout).
    /// - If leadership is lost, [`Leadership::lost`] completes, permits are lost, and the function is dropped unless it
    ///   returns before another replica can lead.
    ///   - The Lease is not released if a permit is still held: its holder may act on.
    /// - The function is polled by the caller's task, beside the renewals: it must not block the thread. Tasks that it
    ///   spawns are not stopped with it.
    /// - If this future is dropped, or the function panics, the gate closes, and the Lease expires.
    ///
    /// It may be called again for another term.
    pub async fn run<F, Fut>(&mut self, shutdown: impl Future<Output = ()>, lead: F) -> Outcome<Fut::Output>
    where
        F: FnOnce(Leadership) -> Fut,
        Fut: Future,
    {
        let mut shutdown = pin!(shutdown);
        // What an earlier call left behind when it was dropped is not this one's.
        self.lock.forfeit();
        let Some(acquired) = campaign(&mut self.lock, shutdown.as_mut()).await else {
            return Outcome { output: None, end: TermEnd::Shutdown };
        };
        self.lock.report(&ElectionEvent::Started { token: acquired.token });
        let (output, end) = self.lead(&acquired, shutdown, lead).await;
        self.keeper.close_all();
        let released = end != TermEnd::Lost && self.keeper.is_idle(HashRange::ALL) && self.release().await;
        self.lock.forfeit();
        self.lock.report(&ElectionEvent::Stopped { token: acquired.token, end, released });
        Outcome { output, end }
    }

    /// Opens the [gate](Self::gate) whenever this replica leads, until a shutdown. For a program whose controllers run all
    /// the time, with their caches filled, and act while the gate is open.
    ///
    /// After a loss of leadership, the replica campaigns again.
    pub async fn participate(&mut self, shutdown: impl Future<Output = ()>) {
        let (sender, receiver) = watch::channel(false);
        let is_shut_down = || {
            let mut receiver = receiver.clone();
            async move {
                let _ = receiver.wait_for(|stop| *stop).await;
            }
        };
        let terms = async {
            loop {
                let outcome = self.run(is_shut_down(), |leadership| async move { leadership.cancelled().await }).await;
                if outcome.end == TermEnd::Shutdown {
                    return;
                }
                // A preferred holder has time to acquire the Lease.
                if outcome.end == TermEnd::SteppedDown {
                    sleep(self.lock.settings().retry_period).await;
                }
            }
        };
        let shut_down = async {
            shutdown.await;
            sender.send_replace(true);
        };
        tokio::join!(terms, shut_down);
    }

    /// Runs the leader's function until it has returned, or its time is over.
    async fn lead<F, Fut>(
        &mut self,
        acquired: &Acquired,
        mut shutdown: std::pin::Pin<&mut impl Future<Output = ()>>,
        lead: F,
    ) -> (Option<Fut::Output>, TermEnd)
    where
        F: FnOnce(Leadership) -> Fut,
        Fut: Future,
    {
        let Self { lock, keeper } = self;
        let keeper = &*keeper;
        let (renew, lease) = (lock.settings().renew_deadline, lock.settings().lease_duration);
        let stop_timeout = lock.settings().stop_timeout;
        let _closes = keeper.close_on_drop();
        keeper.set_deadline(Deadline::after(acquired.sent, renew));
        let pass = keeper.open_with_pass(HashRange::ALL, acquired.token);
        let stop = watch::Sender::new(false);
        let (step_down, mut stepping_down) = watch::channel(false);
        if let Some(preferred) = &acquired.preferred {
            lock.report(&ElectionEvent::SteppingDown { preferred });
            step_down.send_replace(true);
        }

        let leadership = Leadership::new(pass, stop.subscribe());
        let work = async {
            // It may be over before it is polled first: the process was stopped.
            if !leadership.is_valid() {
                return None;
            }
            let output = lead(leadership).await;
            // The Lease is held until the permits are dropped, too.
            keeper.drain(HashRange::ALL);
            keeper.idle(HashRange::ALL).await;
            Some(output)
        };
        let mut work = pin!(work);
        let mut held = pin!(hold(lock, keeper, acquired.sent, &step_down));
        let (mut end, mut stop_at) = (TermEnd::Finished, None);
        let last_renewal = loop {
            let is_stopping = end != TermEnd::Finished;
            let time_is_over = async {
                match stop_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                last_renewal = held.as_mut() => break last_renewal,
                output = work.as_mut() => match output {
                    Some(output) => return (Some(output), end),
                    // It must not be polled again.
                    None => return (None, TermEnd::Lost),
                },
                () = time_is_over => return (None, end),
                () = shutdown.as_mut(), if !is_stopping => end = TermEnd::Shutdown,
                _ = stepping_down.wait_for(|step_down| *step_down), if !is_stopping => end = TermEnd::SteppedDown,
            }
            stop_at = Instant::now().checked_add(stop_timeout);
            keeper.drain(HashRange::ALL);
            stop.send_replace(true);
        };
        keeper.close_all();
        stop.send_replace(true);
        // Until then, no other replica can lead.
        let time = last_renewal.map_or(Duration::ZERO, |sent| Deadline::after(sent, lease).remaining());
        let output = tokio::time::timeout(time, work).await.ok().flatten();
        (output, TermEnd::Lost)
    }

    async fn release(&mut self) -> bool {
        match self.lock.release().await {
            Ok(released) => released,
            Err(error) => {
                self.lock.report(&ElectionEvent::Failed { error: &error });
                false
            }
        }
    }
}

impl fmt::Debug for LeaderElection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaderElection")
            .field("settings", self.lock.settings())
            .field("gate", &self.keeper.gate())
            .finish_non_exhaustive()
    }
}
