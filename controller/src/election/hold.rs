//! Acquiring a Lease, and renewing it, with the delays between attempts.

use std::pin::Pin;
use std::time::Duration;

use kubewright::CompactString;
use tokio::sync::watch;
use tokio::time::sleep;

use super::ElectionEvent;
use super::builder::JITTER;
use super::lock::{Attempt, Lock};
use crate::clock::{Deadline, Moment};
use crate::fencing::FencingToken;
use crate::gate::Gatekeeper;

/// The write by which a Lease was acquired.
pub(crate) struct Acquired {
    pub(crate) sent: Moment,
    pub(crate) token: FencingToken,
    pub(crate) preferred: Option<CompactString>,
}

/// Attempts to acquire the Lease until it is acquired; `None` on a shutdown.
pub(crate) async fn campaign(lock: &mut Lock, mut shutdown: Pin<&mut impl Future<Output = ()>>) -> Option<Acquired> {
    let (renew, period) = (lock.settings().renew_deadline, lock.settings().retry_period);
    let mut delay = Duration::ZERO;
    loop {
        tokio::select! {
            biased;
            () = shutdown.as_mut() => return None,
            () = sleep(delay) => {}
        }
        delay = jitter(period);
        match lock.acquire(request_limit(renew)).await {
            Ok(Attempt::Leading { sent, token, preferred }) => {
                if !Deadline::after(sent, renew).has_passed() {
                    return Some(Acquired { sent, token, preferred });
                }
                // The process was stopped meanwhile. No one has led: the Lease is renewed first.
                delay = Duration::ZERO;
            }
            // The holder may renew it at the last moment, which the next attempt finds out.
            Ok(Attempt::Following { remaining }) => delay = delay.min(remaining.max(Duration::from_millis(1))),
            Err(error) => {
                delay = delay.max(error.retry_after());
                lock.report(&ElectionEvent::Failed { error: &error });
            }
        }
    }
}

/// Renews the Lease until it is lost. Returns when the last renewal was sent, or `None` if another replica holds the
/// Lease.
pub(crate) async fn hold(
    lock: &mut Lock,
    keeper: &Gatekeeper,
    sent: Moment,
    step_down: &watch::Sender<bool>,
) -> Option<Moment> {
    let renew = lock.settings().renew_deadline;
    let period = lock.settings().retry_period;
    let (mut last, mut delay) = (sent, period);
    loop {
        let deadline = Deadline::after(last, renew);
        tokio::select! {
            biased;
            () = deadline.passed() => return Some(last),
            () = sleep(delay) => {}
        }
        // The process may have been stopped since.
        if deadline.has_passed() {
            return Some(last);
        }
        let limit = request_limit(renew).min(deadline.remaining());
        match lock.renew(limit).await {
            Ok(Attempt::Leading { sent, preferred, .. }) => {
                // What came too late is void: the gate has closed, and the leader may have observed it.
                if deadline.has_passed() {
                    return Some(last);
                }
                keeper.set_deadline(Deadline::after(sent, renew));
                (last, delay) = (sent, period);
                if let Some(preferred) = preferred.filter(|_| !*step_down.borrow()) {
                    lock.report(&ElectionEvent::SteppingDown { preferred: &preferred });
                    step_down.send_replace(true);
                }
            }
            Ok(Attempt::Following { .. }) => return None,
            Err(error) => {
                delay = period.max(error.retry_after());
                // A conflict was resolved by another write, of which the next attempt learns.
                if error.is_conflict() {
                    delay = period / 8;
                }
                lock.report(&ElectionEvent::Failed { error: &error });
            }
        }
    }
}

/// How long an attempt may take: a stalled one leaves time for another before the deadline.
pub(crate) fn request_limit(renew_deadline: Duration) -> Duration {
    renew_deadline / 2
}

/// The period and up to 120 % of it, so that candidates that started together do not stay in step.
pub(crate) fn jitter(period: Duration) -> Duration {
    period.mul_f64(1.0 + JITTER * fastrand::f64())
}
