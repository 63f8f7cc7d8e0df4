//! What a reconcile asks for.

use std::time::Duration;

/// Result of a successful reconcile: whether the object is reconciled again without a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Action {
    requeue_after: Option<Duration>,
}

impl Action {
    /// Waits for the next change (`reconcile.Result{}` in controller-runtime, `Action::await_change` in kube).
    pub const fn done() -> Self {
        Self { requeue_after: None }
    }

    /// Reconciles the object again after this time, or earlier if it changes. A later change does not cancel it; the run
    /// that it leads to does, whose own action then counts. Zero means at once.
    pub const fn requeue_after(delay: Duration) -> Self {
        Self { requeue_after: Some(delay) }
    }

    /// Returns the time after which the object is reconciled again; `None` if it is not.
    pub const fn delay(self) -> Option<Duration> {
        self.requeue_after
    }

    /// Returns the action that reconciles earlier.
    pub fn sooner(self, other: Self) -> Self {
        match (self.requeue_after, other.requeue_after) {
            (Some(one), Some(other)) => Self::requeue_after(one.min(other)),
            (one, other) => Self { requeue_after: one.or(other) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sooner_of_two_actions_is_the_one_that_reconciles_earlier() {
        let after = |seconds| Action::requeue_after(Duration::from_secs(seconds));
        assert_eq!(after(3).sooner(after(2)), after(2));
        assert_eq!(Action::done().sooner(after(2)), after(2));
        assert_eq!(after(0).sooner(Action::done()), after(0));
        assert_eq!(Action::done().sooner(Action::done()), Action::done());
    }
}
