//! Result of checking an object that is waited for.

use std::borrow::Cow;

/// Result of a function that checks an object: the condition is met, [not yet](Self::not_yet) met, or can
/// [never](Self::never) be met.
///
/// A `bool` converts to one: `true` is met, `false` is not yet. A verdict's text appears in errors and events.
///
/// ```
/// use kubewright_runtime::wait::Verdict;
///
/// let (ready, wanted) = (2, 3);
/// let replicas = if ready < wanted {
///     Verdict::not_yet(format!("{ready} of {wanted} replicas are ready"))
/// } else {
///     Verdict::met()
/// };
/// let both = replicas.and(true.into());
/// assert_eq!(both.text(), "2 of 3 replicas are ready");
/// assert!(!both.is_met() && !both.is_never());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    state: State,
    text: Cow<'static, str>,
    goal: Option<Cow<'static, str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Met,
    NotYet,
    Never,
}

impl Verdict {
    /// The condition is met.
    pub fn met() -> Self {
        Self::new(State::Met, Cow::Borrowed(""))
    }

    /// The condition is not met yet; the text says what is missing.
    pub fn not_yet(missing: impl Into<Cow<'static, str>>) -> Self {
        Self::new(State::NotYet, missing.into())
    }

    /// The condition can no longer be met, with the reason: the wait fails at once.
    pub fn never(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(State::Never, why.into())
    }

    /// Sets the description of the condition, in words that complete "waited for Pod shop/web-0": `to be ready`.
    pub fn goal(mut self, goal: impl Into<Cow<'static, str>>) -> Self {
        self.goal = Some(goal.into());
        self
    }

    /// Whether the condition is met.
    pub fn is_met(&self) -> bool {
        self.state == State::Met
    }

    /// Whether the condition can no longer be met.
    pub fn is_never(&self) -> bool {
        self.state == State::Never
    }

    /// Returns what is missing, or why the condition can't be met; empty if unset.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the description of the condition, if set.
    pub fn wanted(&self) -> Option<&str> {
        self.goal.as_deref()
    }

    /// Combines two verdicts: met if both are, never if either is.
    pub fn and(self, other: Self) -> Self {
        self.combine(other, State::Never, State::NotYet, " and ")
    }

    /// Combines two verdicts: met if either is, never if both are.
    pub fn or(self, other: Self) -> Self {
        self.combine(other, State::Met, State::NotYet, " or ")
    }

    fn new(state: State, text: Cow<'static, str>) -> Self {
        Self { state, text, goal: None }
    }

    /// Returns the first of the states that either has, with the texts of those that have it.
    fn combine(self, other: Self, first: State, second: State, between: &str) -> Self {
        let goal = match (self.goal, other.goal) {
            (Some(one), Some(two)) if one != two => Some(format!("{one}{between}{two}").into()),
            (one, two) => one.or(two),
        };
        let has = |state| self.state == state || other.state == state;
        let state = if has(first) {
            first
        } else if has(second) {
            second
        } else {
            self.state
        };
        let text = match (self.state == state, other.state == state) {
            (true, true) if self.text.is_empty() || self.text == other.text => other.text,
            (true, true) if other.text.is_empty() => self.text,
            (true, true) => format!("{}; {}", self.text, other.text).into(),
            (true, false) => self.text,
            _ => other.text,
        };
        Self { state, text, goal }
    }
}

impl From<bool> for Verdict {
    fn from(met: bool) -> Self {
        if met { Self::met() } else { Self::not_yet("") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Verdict; 3] {
        [Verdict::met(), Verdict::not_yet("soon"), Verdict::never("broken")]
    }

    fn table(combine: fn(Verdict, Verdict) -> Verdict) -> Vec<(State, String)> {
        let pairs = all().into_iter().flat_map(|one| all().map(|two| (one.clone(), two)));
        pairs.map(|(one, two)| combine(one, two)).map(|verdict| (verdict.state, verdict.text.into_owned())).collect()
    }

    #[test]
    fn both_are_wanted_and_what_is_missing_is_told() {
        use State::{Met, Never, NotYet};
        let wanted = [
            (Met, ""),
            (NotYet, "soon"),
            (Never, "broken"),
            (NotYet, "soon"),
            (NotYet, "soon"),
            (Never, "broken"),
            (Never, "broken"),
            (Never, "broken"),
            (Never, "broken"),
        ];
        assert_eq!(table(Verdict::and), wanted.map(|(state, text)| (state, text.to_owned())));
    }

    #[test]
    fn either_will_do_and_only_two_that_never_come_are_hopeless() {
        use State::{Met, Never, NotYet};
        let wanted = [
            (Met, ""),
            (Met, ""),
            (Met, ""),
            (Met, ""),
            (NotYet, "soon"),
            (NotYet, "soon"),
            (Met, ""),
            (NotYet, "soon"),
            (Never, "broken"),
        ];
        assert_eq!(table(Verdict::or), wanted.map(|(state, text)| (state, text.to_owned())));
    }

    #[test]
    fn goals_and_words_are_joined() {
        let one = Verdict::not_yet("1 of 2").goal("to be ready");
        let two = Verdict::not_yet("no address").goal("to have an address");
        let both = one.clone().and(two.clone());
        assert_eq!((both.text(), both.wanted()), ("1 of 2; no address", Some("to be ready and to have an address")));
        assert_eq!(one.or(two).wanted(), Some("to be ready or to have an address"));
    }
}
