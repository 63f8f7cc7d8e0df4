//! Fencing tokens: numbers that grow with each change of leader or owner, and that writes carry.

use std::fmt;

use kubewright::meta::v1::ObjectMeta;

/// A number that is greater for each later leader of a Lease, or for each later owner of a range: the Lease's
/// `leaseTransitions`.
///
/// A leader can be paused between the check that it still leads and the write that follows, by the scheduler, a long
/// garbage collection elsewhere, or a stopped machine. No check on its own side excludes that a successor has begun
/// meanwhile; only the object that is written can. So writes carry the token, and a write with a smaller one than the
/// object has is rejected: see [`stamp`](Self::stamp).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FencingToken(u64);

impl FencingToken {
    /// The annotation that [`stamp`](Self::stamp) checks and sets.
    pub const ANNOTATION: &'static str = "kubewright.dev/fencing-token";

    /// Creates a token from its number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Returns the token with which an object was last written, if it has one.
    ///
    /// # Errors
    /// The annotation is not a number.
    pub fn of(metadata: &ObjectMeta) -> Result<Option<Self>, FencingError> {
        let Some(text) = metadata.annotations.get(Self::ANNOTATION) else { return Ok(None) };
        match text.parse() {
            Ok(number) => Ok(Some(Self(number))),
            Err(_) => Err(FencingError(Reason::Unreadable(text.to_string()))),
        }
    }

    /// Marks an object that is about to be written with this token, unless it was written with a greater one.
    ///
    /// Together with optimistic concurrency this keeps a stale leader from writing: either it has read the object before
    /// its successor wrote it, then the write is a conflict (409) by its `resourceVersion`; or it has read it afterwards,
    /// then this function returns the error. So the object must have been read, and must be written by `replace`, by
    /// `modify`, or by a patch that has its `resourceVersion`. A successor that must exclude late writes to an
    /// object which it does not change itself writes the token to it first.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # use kubewright_controller::FencingToken;
    /// # async fn run(client: Client, token: FencingToken) -> kubewright::Result<()> {
    /// client
    ///     .core_v1()
    ///     .config_maps("shop")
    ///     .modify("plan", |plan| {
    ///         token.stamp(&mut plan.metadata)?;
    ///         plan.data.insert("next", "blue");
    ///         Ok::<_, kubewright_controller::FencingError>(())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The object was written with a greater token ([`FencingError::superseded_by`]), or its annotation is not a
    /// number. The metadata is then unchanged.
    pub fn stamp(self, metadata: &mut ObjectMeta) -> Result<(), FencingError> {
        match Self::of(metadata)? {
            Some(other) if other > self => Err(FencingError(Reason::Superseded { own: self, by: other })),
            _ => {
                metadata.annotations.insert(Self::ANNOTATION, self.0.to_string());
                Ok(())
            }
        }
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The error of a write that is fenced off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FencingError(Reason);

/// Why the write is fenced off.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Superseded { own: FencingToken, by: FencingToken },
    Unreadable(String),
}

impl FencingError {
    /// Returns the greater token of the object; `None` if its annotation is not a number.
    pub fn superseded_by(&self) -> Option<FencingToken> {
        match self.0 {
            Reason::Superseded { by, .. } => Some(by),
            Reason::Unreadable(_) => None,
        }
    }
}

impl fmt::Display for FencingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Superseded { own, by } => {
                write!(f, "the object was written with fencing token {by}, which is newer than {own}")
            }
            Reason::Unreadable(text) => {
                write!(f, "the annotation {} is not a number: {text:?}", FencingToken::ANNOTATION)
            }
        }
    }
}

impl std::error::Error for FencingError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_with_an_older_token_than_the_objects_is_rejected_and_changes_nothing() {
        let mut metadata = ObjectMeta::default();
        FencingToken::new(9).stamp(&mut metadata).expect("the first");
        FencingToken::new(9).stamp(&mut metadata).expect("the same leader");
        FencingToken::new(10).stamp(&mut metadata).expect("its successor");
        let error = FencingToken::new(9).stamp(&mut metadata).expect_err("stale");
        assert_eq!(error.superseded_by(), Some(FencingToken::new(10)));
        assert_eq!(error.to_string(), "the object was written with fencing token 10, which is newer than 9");
        assert_eq!(FencingToken::of(&metadata), Ok(Some(FencingToken::new(10))));
    }

    #[test]
    fn an_annotation_that_is_not_a_number_is_an_error_and_not_overwritten() {
        let mut metadata = ObjectMeta::default();
        metadata.annotations.insert(FencingToken::ANNOTATION, "ten");
        let error = FencingToken::new(9).stamp(&mut metadata).expect_err("unreadable");
        assert_eq!(error.superseded_by(), None);
        assert_eq!(metadata.annotations.get(FencingToken::ANNOTATION).map(|text| &**text), Some("ten"));
    }
}
