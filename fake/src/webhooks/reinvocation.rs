//! Which mutating webhooks are asked a second time, and which policies are evaluated again.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy>

use std::collections::BTreeSet;

/// What the first round has shown: webhooks by their place among all, policies by their names.
#[derive(Debug)]
pub(crate) struct Reinvocation<K> {
    /// Those that may be asked again, and have seen the last change.
    settled: BTreeSet<K>,
    /// Those that have not.
    due: BTreeSet<K>,
    /// Whether any of them has changed the object.
    is_needed: bool,
}

impl<K> Default for Reinvocation<K> {
    fn default() -> Self {
        Self { settled: BTreeSet::new(), due: BTreeSet::new(), is_needed: false }
    }
}

impl<K: Ord> Reinvocation<K> {
    /// Notes the call of a webhook or policy.
    pub fn called(&mut self, webhook: K, has_changed: bool, may_be_again: bool) {
        if has_changed {
            self.require();
        }
        if may_be_again {
            self.settled.insert(webhook);
        }
    }

    /// Notes that there is a second round in any case, in which all so far have to see the object again.
    pub fn require(&mut self) {
        self.changed();
        self.is_needed = true;
    }

    /// Notes that the object is another one than those so far have seen.
    pub fn changed(&mut self) {
        self.due.append(&mut self.settled);
    }

    /// Whether there is a second round.
    pub fn is_needed(&self) -> bool {
        self.is_needed
    }

    /// Whether one is asked in the second round.
    pub fn is_due(&self, webhook: &K) -> bool {
        self.due.contains(webhook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_asked_before_a_change_is_asked_again_if_its_policy_says_so() {
        let mut reinvocation = Reinvocation::default();
        reinvocation.called(0, true, true);
        reinvocation.called(1, false, false);
        assert!(reinvocation.is_needed() && !reinvocation.is_due(&0), "nobody has changed it since");
        reinvocation.called(2, true, true);
        assert!(reinvocation.is_due(&0) && !reinvocation.is_due(&1) && !reinvocation.is_due(&2));
        reinvocation.changed();
        assert!(reinvocation.is_due(&2));
    }
}
