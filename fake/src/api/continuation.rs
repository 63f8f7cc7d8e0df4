//! Tokens of pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::status::Status;
use crate::store::Key;

/// Where a list continues.
pub(super) struct Continue {
    /// As of when; `None` for the latest.
    pub revision: Option<u64>,
    pub start: Key,
}

/// The version of tokens.
const TOKEN_VERSION: &str = "meta.k8s.io/v1";

impl Continue {
    pub fn to_text(&self) -> String {
        let revision = self.revision.map_or(json!(-1), |revision| json!(revision));
        URL_SAFE_NO_PAD.encode(json!({ "v": TOKEN_VERSION, "rv": revision, "start": self.start }).to_string())
    }

    pub fn parse(text: &str) -> Result<Self, Status> {
        Self::read(text)
            .map_err(|why| Status::bad_request(format!("invalid continue token: continue key is not valid{why}")))
    }

    fn read(text: &str) -> Result<Self, String> {
        let text = URL_SAFE_NO_PAD.decode(text).map_err(|error| format!(": {error}"))?;
        let token: Value = serde_json::from_slice(&text).map_err(|error| format!(": {error}"))?;
        let (version, start) = (token["v"].as_str().unwrap_or_default(), token["start"].as_str().unwrap_or_default());
        if version != TOKEN_VERSION {
            return Err(format!(": server does not recognize this encoded version {version}"));
        }
        let revision = match (token["rv"].as_i64(), &token["rv"]) {
            (Some(0), _) | (None, Value::Null) => {
                return Err(format!(": incorrect encoded start resourceVersion (version {TOKEN_VERSION})"));
            }
            (Some(revision), _) => u64::try_from(revision).ok(),
            (None, other) => return Err(format!(": {other} is no version")),
        };
        if start.is_empty() {
            return Err(format!(": encoded start key empty (version {TOKEN_VERSION})"));
        }
        let segments = start.strip_prefix('/').unwrap_or(start).split('/');
        if segments.into_iter().any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(format!(": {start}"));
        }
        Ok(Self { revision, start: start.to_owned() })
    }

    /// 410, with a token for the rest of the list as it is now.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>
    pub fn expired(&self) -> Status {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
        let rest = Self { revision: None, start: self.start.clone() };
        Status { rest: Some(rest.to_text()), ..Status::expired(message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_its_rest_is_of_now() {
        let text = Continue { revision: Some(7), start: "shop/web".to_owned() }.to_text();
        let token = Continue::parse(&text).expect("a token");
        assert_eq!((token.revision, &*token.start), (Some(7), "shop/web"));
        let rest = Continue::parse(&token.expired().rest.expect("a token")).expect("a token");
        assert_eq!((rest.revision, &*rest.start), (None, "shop/web"));
    }

    #[test]
    fn other_texts_are_400() {
        let packed = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        for text in [
            "?".to_owned(),
            packed(json!(1)),
            packed(json!({ "v": "v2", "rv": 1, "start": "a" })),
            packed(json!({ "v": TOKEN_VERSION, "rv": 0, "start": "a" })),
            packed(json!({ "v": TOKEN_VERSION, "start": "a" })),
            packed(json!({ "v": TOKEN_VERSION, "rv": 1e30, "start": "a" })),
            packed(json!({ "v": TOKEN_VERSION, "rv": 1, "start": "" })),
            packed(json!({ "v": TOKEN_VERSION, "rv": 1, "start": "../secrets" })),
        ] {
            let status = Continue::parse(&text).err().expect("no token");
            assert!(status.message.starts_with("invalid continue token: continue key is not valid: "), "{status:?}");
        }
    }
}
