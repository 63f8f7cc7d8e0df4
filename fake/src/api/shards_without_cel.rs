//! Shard selectors, in a build without CEL, which they are written in: a request with one is refused.

use serde_json::Value;

use super::call::Query;
use crate::gates::Gates;
use crate::status::Status;
use crate::without_cel;

/// The ranges of a selector: there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shards {}

impl Shards {
    /// The selector of a request. `None` if there is none, or the gate is off: then it is ignored, as by a real server.
    ///
    /// # Errors
    /// 501 if there is one.
    pub fn of(query: &Query, gates: Gates) -> Result<Option<Self>, Status> {
        match query.get("shardSelector").filter(|text| gates.shards && !text.is_empty()) {
            None => Ok(None),
            Some(_) => Err(without_cel::not_done("shardSelector")),
        }
    }

    pub fn has(&self, _object: &Value) -> bool {
        match *self {}
    }

    /// As lists show it.
    pub fn text(&self) -> String {
        match *self {}
    }
}
