//! Sharded reads: detects whether the server shards, which it shows only if it does.
//!
//! A server without the feature ignores the selector and returns every object. A server that has it sets
//! `metadata.shardInfo` in the response. A watch has no such field, so a list is sent before it.
//!
//! Kubernetes 1.37 shards lists of custom resources, of metadata only and tables, but sets no `shardInfo` in them.
//! There the proof is that the server rejects an invalid selector, which it would otherwise ignore.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Client;
use crate::error::{Error, Result};
use crate::wire::{Call, JSON, SHARD_SELECTOR};

/// The feature gate of kube-apiserver.
const GATE: &str = "ShardedListAndWatch";

/// A selector that every server with the feature rejects.
const NONSENSE: &str = "none";

/// Where a server shows that it shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// In the metadata of every list.
    InLists,
    /// Not in responses of this form; that it shards was found by a probe.
    Nowhere,
}

/// The part of a list's metadata that shows whether it is sharded.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    shard_info: Option<IgnoredAny>,
    /// Lists of custom resources have it even if it is empty.
    r#continue: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    metadata: Metadata,
}

/// Error for a server that does not shard.
pub(crate) fn not_sharded() -> Error {
    let message = "the server does not shard: it ignored the shard selector and would return every object";
    Error::feature_off(GATE, message, "alpha and off by default in Kubernetes 1.36 and 1.37")
}

/// Determines whether the server shards what a call reads, by a list of one object.
pub(crate) async fn prove(client: &Client, call: &Call) -> Result<Proof> {
    let whole = call.is_of_whole_objects();
    let mut probe = probe(call);
    let shown = client.fetch(&mut probe, |answer| {
        let head: Head = serde_json::from_slice(&answer.bytes).map_err(|error| {
            let message = "expected a list as JSON while probing whether the server shards";
            Error::response(message, Some(answer.bytes)).with_source(error)
        })?;
        match head.metadata {
            Metadata { shard_info: Some(_), .. } => Ok(Some(if whole { Proof::InLists } else { Proof::Nowhere })),
            Metadata { r#continue: Some(_), .. } => Ok(None),
            Metadata { .. } => Err(not_sharded()),
        }
    });
    match shown.await? {
        Some(proof) => Ok(proof),
        None => prove_by_refusal(client, call).await,
    }
}

/// Determines it where responses do not show it.
pub(crate) async fn prove_by_refusal(client: &Client, call: &Call) -> Result<Proof> {
    let mut nonsense = probe(call);
    nonsense.set_query(SHARD_SELECTOR, Some(NONSENSE));
    match client.fetch(&mut nonsense, |_| Err(not_sharded())).await {
        // Kubernetes 1.37 rejects it with a 500 without a reason.
        Err(error) if refuses(&error) => Ok(Proof::Nowhere),
        // Other errors are not about sharding, and may be transient.
        outcome => outcome,
    }
}

/// Whether the server parsed the selector and rejected it.
fn refuses(error: &Error) -> bool {
    let message = error.status().and_then(|status| status.message.as_deref()).unwrap_or_default();
    error.is_bad_request() || error.is_invalid() || message.to_ascii_lowercase().contains("shard selector")
}

/// A list of one object, as JSON, from the same collection.
fn probe(call: &Call) -> Call {
    let mut probe = call.clone();
    for name in [
        "watch",
        "allowWatchBookmarks",
        "sendInitialEvents",
        // With a version the server would ignore the limit, or reject the request.
        "resourceVersion",
        "resourceVersionMatch",
        "timeoutSeconds",
        "continue",
        "includeObject",
    ] {
        probe.set_query(name, None);
    }
    probe.set_query("limit", Some("1"));
    probe.accept(JSON);
    probe
}
