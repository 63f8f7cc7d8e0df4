//! The outcomes of pods.

use std::time::Duration;

/// The outcome of a pod once it has a node, as [`Controllers::on_pod`](crate::Controllers::on_pod) decides it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodOutcome {
    pub(super) end: End,
    pub(super) after: Duration,
}

/// How it ends, or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Ready,
    NotReady,
    Exit(i32),
    Waiting { reason: String, message: String },
}

impl PodOutcome {
    /// The containers run, and the pod is ready.
    pub fn ready() -> Self {
        Self::of(End::Ready)
    }

    /// The containers run, and the pod is not ready, as with a readiness probe that fails.
    pub fn not_ready() -> Self {
        Self::of(End::NotReady)
    }

    /// The containers exit with 0. With the restart policy `Always` they are restarted after a pause that grows, as after an error.
    pub fn succeeds() -> Self {
        Self::fails(0)
    }

    /// The containers exit with this code. Unless the restart policy is `Never`, the pod stays and the containers are restarted, after
    /// 10, 20, 40 … seconds by the cluster's clock.
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy>
    pub fn fails(exit_code: i32) -> Self {
        Self::of(End::Exit(exit_code))
    }

    /// The containers never start, for a reason such as `ImagePullBackOff`.
    pub fn waits(reason: &str, message: &str) -> Self {
        Self::of(End::Waiting { reason: reason.to_owned(), message: message.to_owned() })
    }

    /// How long the containers run until they exit, by the cluster's clock, in whole seconds [default: they exit at once].
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    fn of(end: End) -> Self {
        Self { end, after: Duration::ZERO }
    }
}
