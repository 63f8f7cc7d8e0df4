//! What an admission webhook has decided.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::Value;

use super::hook::Hook;
use super::question::Reply;
use super::reviews::ReviewVersion;
use crate::catalog::as_go_writes_version;
use crate::quoted::quoted;
use crate::status::Status;

/// The group of the reviews that are sent.
pub(crate) const REVIEWS: &str = "admission.k8s.io";

/// A webhook lets a request pass.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdict {
    /// What the client is warned of.
    pub warnings: Vec<String>,
    /// What it changes; `None` if nothing.
    pub patch: Option<Value>,
}

/// A request does not pass a webhook.
#[derive(Debug, PartialEq)]
pub(crate) enum Failure {
    /// It could not be called, or gave no answer that can be used: its failure policy decides.
    Calling(String),
    /// It has denied the request, or is not asked at all, whatever its policy is.
    Refused {
        status: Box<Status>,
        /// What the client is warned of nonetheless.
        warnings: Vec<String>,
    },
}

impl Failure {
    pub fn refused(status: Status) -> Self {
        Self::Refused { status: Box::new(status), warnings: Vec::new() }
    }

    /// As a webhook that can't be called is reported.
    pub fn calling(hook: &Hook, why: &str) -> Status {
        Status::internal(&format!("failed calling webhook {}: {why}", quoted(hook.name())))
    }
}

impl Verdict {
    /// Reads the answer of a webhook.
    pub fn of(hook: &Hook, reply: &Reply, is_mutating: bool) -> Result<Self, Failure> {
        let version = hook.review_version();
        let review = reply.review.as_ref().map_err(Clone::clone).and_then(|review| in_version(review, version));
        let review = review.map_err(|why| Failure::Calling(format!("failed to call webhook: {why}")))?;
        let patch = checked(review, version, &reply.uid, is_mutating)
            .map_err(|why| Failure::Calling(format!("received invalid webhook response: {why}")))?;
        let response = &review["response"];
        let warnings = response["warnings"].as_array().into_iter().flatten();
        let warnings = warnings.filter_map(|warning| warning.as_str().map(str::to_owned)).collect();
        if response["allowed"] != true {
            return Err(Failure::Refused { status: Box::new(denied(hook.name(), &response["status"])), warnings });
        }
        let undecodable =
            |why: String| Failure::Calling(format!("received undecodable patch in webhook response: {why}"));
        let patch = patch.map(|patch| serde_json::from_slice::<Value>(&patch)).transpose();
        let patch = patch.map_err(|error| undecodable(error.to_string()))?;
        match &patch {
            Some(Value::Array(operations)) => {
                let patch = if operations.is_empty() { None } else { patch };
                Ok(Self { warnings, patch })
            }
            Some(_) => Err(undecodable("it is no list of operations".to_owned())),
            None => Ok(Self { warnings, patch: None }),
        }
    }
}

/// A review, if it is not one of another version that is known.
fn in_version(review: &Value, expected: Option<ReviewVersion>) -> Result<&Value, String> {
    let given = review["apiVersion"].as_str().and_then(|given| given.strip_prefix(REVIEWS)?.strip_prefix('/'));
    let given = given.filter(|_| review["kind"] == "AdmissionReview");
    match (given.and_then(|given| ReviewVersion::first_of([given])), expected) {
        (Some(given), Some(expected)) if given != expected => {
            let (given, expected) = (given.name(), expected.name());
            Err(format!("converting ({given}.AdmissionReview) to ({expected}.AdmissionReview): unknown conversion"))
        }
        _ => Ok(review),
    }
}

/// Checks a review. Returns its patch, if there is one.
fn checked(
    review: &Value,
    version: Option<ReviewVersion>,
    uid: &str,
    is_mutating: bool,
) -> Result<Option<Vec<u8>>, String> {
    let text = |name: &str| review[name].as_str().unwrap_or_default();
    let response = &review["response"];
    if !response.is_object() {
        return Err("webhook response was absent".to_owned());
    }
    let patch = match response["patch"].as_str() {
        Some(text) if !text.is_empty() => Some(STANDARD.decode(text).map_err(|error| error.to_string())?),
        _ => None,
    };
    if version == Some(ReviewVersion::V1Beta1) {
        return Ok(patch.filter(|_| is_mutating));
    }
    let given = response["uid"].as_str().unwrap_or_default();
    if given != uid {
        return Err(format!("expected response.uid={}, got {}", quoted(uid), quoted(given)));
    }
    let (version, kind) = (text("apiVersion"), text("kind"));
    let expected = ReviewVersion::V1.of_group(REVIEWS);
    if version != expected || kind != "AdmissionReview" {
        let version = as_go_writes_version(version);
        return Err(format!(
            "expected webhook response of {expected}, Kind=AdmissionReview, got {version}, Kind={kind}"
        ));
    }
    let kind = response.get("patchType").filter(|kind| !kind.is_null());
    match (is_mutating, &patch, kind) {
        (false, Some(_), _) => Err("validating webhook may not return response.patch".to_owned()),
        (false, None, Some(_)) => Err("validating webhook may not return response.patchType".to_owned()),
        (true, Some(_), None) => Err("webhook returned response.patch but not response.patchType".to_owned()),
        (true, None, Some(_)) => Err("webhook returned response.patchType but not response.patch".to_owned()),
        (true, Some(_), Some(kind)) if *kind == "" => {
            Err(format!("webhook returned invalid response.patchType of {kind}"))
        }
        (true, Some(_), Some(kind)) if *kind != "JSONPatch" => Err(format!("unsupported patch type {kind}")),
        _ => Ok(patch),
    }
}

/// The error of a request that a webhook has denied.
fn denied(name: &str, status: &Value) -> Status {
    let code = status["code"].as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
    let code = code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_REQUEST);
    let text = |field: &str| status[field].as_str().unwrap_or_default();
    let (message, reason) = (text("message"), text("reason"));
    let denied = format!("admission webhook {} denied the request", quoted(name));
    let message = match (message, reason) {
        ("", "") => format!("{denied} without explanation"),
        ("", reason) => format!("{denied}: {reason}"),
        (message, _) => format!("{denied}: {message}"),
    };
    Status {
        code,
        reason: (!reason.is_empty()).then(|| Cow::Owned(reason.to_owned())),
        message,
        details: status.get("details").cloned().unwrap_or_default(),
        retry_after: status["details"]["retryAfterSeconds"].as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
        rest: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(response: Value, is_mutating: bool) -> Result<Verdict, Failure> {
        let review = json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response });
        let hook = Hook::of(json!({ "name": "a.example.com", "admissionReviewVersions": ["v1"] }));
        Verdict::of(&hook, &Reply { uid: "1".to_owned(), review: Ok(review) }, is_mutating)
    }

    #[test]
    fn a_denial_has_the_code_the_reason_and_the_details_of_the_webhook() {
        let status = json!({ "code": 422, "reason": "Invalid", "message": "no", "details": { "name": "a" } });
        let Err(Failure::Refused { status, .. }) =
            verdict(json!({ "uid": "1", "allowed": false, "status": status }), true)
        else {
            panic!("it is denied");
        };
        assert_eq!((status.code.as_u16(), status.reason.as_deref()), (422, Some("Invalid")));
        assert_eq!(status.message, "admission webhook \"a.example.com\" denied the request: no");
        assert_eq!(status.details, json!({ "name": "a" }));
        let Err(Failure::Refused { status, .. }) = verdict(json!({ "uid": "1", "allowed": false }), false) else {
            panic!("it is denied");
        };
        assert_eq!(status.code.as_u16(), 400);
        assert!(status.message.ends_with("denied the request without explanation"), "{}", status.message);
    }

    #[test]
    fn an_answer_that_can_not_be_used_is_left_to_the_policy() {
        let patch = STANDARD.encode(r#"[{"op":"add","path":"/a","value":1}]"#);
        for (response, is_mutating, why) in [
            (Value::Null, true, "webhook response was absent"),
            (json!({ "uid": "2" }), true, "expected response.uid=\"1\", got \"2\""),
            (json!({ "uid": "1", "patch": patch }), true, "but not response.patchType"),
            (json!({ "uid": "1", "patchType": "JSONPatch" }), true, "but not response.patch"),
            (json!({ "uid": "1", "patch": patch, "patchType": "JSONPatch" }), false, "validating webhook may not"),
            (json!({ "uid": "1", "allowed": true, "patch": "e30=", "patchType": "JSONPatch" }), true, "undecodable"),
        ] {
            match verdict(response, is_mutating) {
                Err(Failure::Calling(said)) => assert!(said.contains(why), "{said}"),
                other => panic!("{why}: {other:?}"),
            }
        }
        let allowed =
            json!({ "uid": "1", "allowed": true, "patch": patch, "patchType": "JSONPatch", "warnings": ["w"] });
        let verdict = verdict(allowed, true).expect("it passes");
        assert_eq!(verdict.warnings, ["w"]);
        assert_eq!(verdict.patch, Some(json!([{ "op": "add", "path": "/a", "value": 1 }])));
    }
}
