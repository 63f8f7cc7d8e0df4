//! What a function says of an object that is waited for.

use std::borrow::Cow;

/// What a function says of an object: it is as wanted, or [not yet](Self::not_yet), or can [never](Self::never) come to be.
///
/// A `bool` is one as well: `true` is as wanted, `false` is not yet. The words of a verdict end up in the error and in what
/// is told on the way.
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
    /// The object is as wanted.
    pub fn met() -> Self {
        Self::new(State::Met, Cow::Borrowed(""))
    }

    /// The object is not as wanted yet: what is missing.
    pub fn not_yet(missing: impl Into<Cow<'static, str>>) -> Self {
        Self::new(State::NotYet, missing.into())
    }

    /// The object can't come to be as wanted any more, and why: waiting ends at once.
    pub fn never(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(State::Never, why.into())
    }

    /// The same with what is wanted in words that follow on "waited for Pod shop/web-0": `to be ready`.
    pub fn goal(mut self, goal: impl Into<Cow<'static, str>>) -> Self {
        self.goal = Some(goal.into());
        self
    }

    /// Whether the object is as wanted.
    pub fn is_met(&self) -> bool {
        self.state == State::Met
    }

    /// Whether the object can't come to be as wanted any more.
    pub fn is_never(&self) -> bool {
        self.state == State::Never
    }

    /// What is missing, or why it never will be; empty where nothing is said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wanted, where that is said.
    pub fn wanted(&self) -> Option<&str> {
        self.goal.as_deref()
    }

    /// Both: as wanted when both are, never if either is never.
    pub fn and(self, other: Self) -> Self {
        self.combine(other, State::Never, State::NotYet, " and ")
    }

    /// Either: as wanted when one is, never if both are never.
    pub fn or(self, other: Self) -> Self {
        self.combine(other, State::Met, State::NotYet, " or ")
    }

    fn new(state: State, text: Cow<'static, str>) -> Self {
        Self { state, text, goal: None }
    }

    /// The first state that either has decides; the words are of those that have it.
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
