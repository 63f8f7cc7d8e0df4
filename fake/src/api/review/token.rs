//! `TokenReview`: whose a token is.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/>

use serde_json::{Value, json};

use super::Writing;
use crate::access::ISSUER;
use crate::status::Status;

/// What is said of a token that is nobody's.
const INVALID: &str = "invalid bearer token";

impl Writing<'_> {
    /// The status of a question of a token.
    pub(super) fn token_status(&self, spec: &Value) -> Result<Value, Status> {
        let token = spec["token"].as_str().unwrap_or_default();
        if token.is_empty() {
            return Err(Status::bad_request("token is required for TokenReview in authentication"));
        }
        let wanted = spec["audiences"].as_array().filter(|wanted| !wanted.is_empty());
        let wanted: Vec<String> = match wanted {
            Some(wanted) => wanted.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => vec![ISSUER.to_owned()],
        };
        if let Some(user) = self.server.tokens.user(token.as_bytes()) {
            // Such a token is for the API server, whatever it is asked for.
            return Ok(json!({ "authenticated": true, "user": user.to_json() }));
        }
        let authenticated = self.state.issued.user(token, &wanted, &self.state.store, self.server.clock.now());
        Ok(match authenticated {
            Some(Ok((user, audiences))) => {
                json!({ "authenticated": true, "user": user.to_json(), "audiences": audiences })
            }
            // One authenticator after the other says what it has against it.
            Some(Err(error)) => json!({ "user": {}, "error": format!("[{INVALID}, {error}]") }),
            None => json!({ "user": {}, "error": INVALID }),
        })
    }
}
