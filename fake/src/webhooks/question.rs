//! What a webhook is asked, and what it answers.

use std::fmt;

use serde_json::Value;

/// A request of a webhook. Two are the same if they ask the same of the same.
#[derive(Clone, PartialEq)]
pub(crate) struct Question {
    /// `clientConfig`: where it is, and whose certificate it has.
    pub client: Value,
    /// How many seconds it has.
    pub timeout: u64,
    /// The review, without the uid of its request, which is another one each time.
    pub review: Value,
    /// The time of asking in a request that asks the same more than once.
    pub round: usize,
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Reply {
    /// The uid that the request had.
    pub uid: String,
    /// The review, or why there is none, as a real API server says it.
    pub review: Result<Value, String>,
}

impl fmt::Debug for Question {
    /// Without the review: objects may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("client", &self.client).finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("uid", &self.uid).finish_non_exhaustive()
    }
}
