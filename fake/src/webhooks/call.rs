//! Calling webhooks: over HTTPS, with this project's client, which trusts whom Go's client trusts.

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::question::{Question, Reply};
use crate::server::Server;

#[cfg(feature = "client")]
use post::post;

/// Asks webhooks, all at once.
pub(crate) async fn ask(server: &Server, questions: Vec<Question>) -> Vec<(Question, Reply)> {
    join_all(questions.into_iter().map(|question| async {
        let uid = Uuid::new_v4().to_string();
        let mut review = question.review.clone();
        review["request"]["uid"] = json!(uid);
        let endpoint = server.services.resolve(&question.client, question.timeout, &server.state().store);
        let review = match endpoint {
            Ok(endpoint) => post(&endpoint, &question, &review).await,
            Err(why) => Err(why),
        };
        (question, Reply { uid, review })
    }))
    .await
}

#[cfg(not(feature = "client"))]
async fn post(
    endpoint: &super::endpoint::Endpoint,
    _: &Question,
    _: &serde_json::Value,
) -> Result<serde_json::Value, String> {
    Err(format!(
        "Post {}: the fake API server calls webhooks with its feature `client` alone",
        crate::quoted::quoted(&endpoint.url)
    ))
}

#[cfg(feature = "client")]
mod post {
    use std::error::Error;
    use std::io;
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use http::header::{ACCEPT, CONTENT_TYPE};
    use http::{HeaderMap, Request, StatusCode};
    use http_body_util::BodyExt as _;
    use kubewright::runtime::config::{Config, Pem};
    use kubewright::runtime::retry::RetryPolicy;
    use kubewright::runtime::transport::Body;
    use serde_json::Value;

    use crate::quoted::quoted;
    use crate::webhooks::endpoint::Endpoint;
    use crate::webhooks::question::Question;

    /// How much of an answer that is no review errors quote.
    const MAX_QUOTED: usize = 2048;

    /// Sends a review. The error is in the words of a real API server.
    pub(super) async fn post(endpoint: &Endpoint, question: &Question, review: &Value) -> Result<Value, String> {
        let seconds = question.timeout;
        let failed = |why: String| format!("Post \"{}?timeout={seconds}s\": {why}", endpoint.url);
        let sent = send(endpoint, question, review);
        let sent = tokio::time::timeout(Duration::from_secs(seconds), sent).await;
        let (status, headers, body) = match sent {
            Err(_) => return Err(failed("context deadline exceeded".to_owned())),
            Ok(sent) => sent.map_err(|error| failed(in_words(&*error, &endpoint.authority)))?,
        };
        if !status.is_success() {
            return Err(refused(status, &headers, &body));
        }
        if body.is_empty() {
            let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            return Err(format!(
                "0-length response with status code: {} and content type: {media_type}",
                status.as_u16()
            ));
        }
        serde_json::from_slice(&body).map_err(|error| format!("couldn't get version/kind; json parse error: {error}"))
    }

    async fn send(
        endpoint: &Endpoint,
        question: &Question,
        review: &Value,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Box<dyn Error + Send + Sync>> {
        let mut config = Config::new(format!("https://{}", endpoint.authority).parse()?);
        config.tls_server_name = Some(endpoint.server_name.clone());
        config.compression = false;
        config.user_agent = "kube-apiserver-admission".to_owned();
        config.retry = RetryPolicy::never();
        if let Some(bundle) = question.client["caBundle"].as_str().filter(|bundle| !bundle.is_empty()) {
            config.ca = Some(Pem::from_bytes(STANDARD.decode(bundle)?));
        }
        let client = kubewright::Client::new(&config)?;
        let request = Request::post(format!("{}?timeout={}s", endpoint.path, question.timeout))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, */*")
            .body(Body::from(review.to_string()))?;
        let (parts, body) = client.send(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((parts.status, parts.headers, body.to_vec()))
    }

    /// Why there is no answer. Most of it is Go's wording.
    fn in_words(error: &(dyn Error + 'static), authority: &str) -> String {
        let (mut causes, mut next) = (vec![error], error.source());
        while let Some(cause) = next {
            causes.push(cause);
            next = cause.source();
        }
        let kinds = causes.iter().filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
        for kind in kinds {
            match kind {
                io::ErrorKind::ConnectionRefused => {
                    return format!("dial tcp {authority}: connect: connection refused");
                }
                io::ErrorKind::UnexpectedEof => return "EOF".to_owned(),
                io::ErrorKind::ConnectionReset => return format!("read tcp {authority}: connection reset by peer"),
                _ => {}
            }
        }
        // The outer ones name the paths and the verbs of a client of Kubernetes.
        let texts: Vec<String> = causes.iter().map(ToString::to_string).collect();
        match texts.iter().find(|text| text.contains("certificate")) {
            Some(text) if text.contains("issued by none of") => {
                "tls: failed to verify certificate: x509: certificate signed by unknown authority".to_owned()
            }
            Some(text) => format!("tls: failed to verify certificate: {text}"),
            None => texts.last().cloned().unwrap_or_default(),
        }
    }

    /// What an error of the webhook's server says.
    fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> String {
        let object: Value = serde_json::from_slice(body).unwrap_or_default();
        let is_status = object["status"] == "Failure" && matches!(object["kind"].as_str(), None | Some("" | "Status"));
        if let Some(message) = object["message"].as_str().filter(|_| is_status) {
            return message.to_owned();
        }
        let is_text = headers.get(CONTENT_TYPE).is_none_or(|value| value.as_bytes().starts_with(b"text/"));
        let text = match is_text {
            true => String::from_utf8_lossy(&body[..body.len().min(MAX_QUOTED)]).trim().to_owned(),
            false => "unknown".to_owned(),
        };
        let code = status.as_u16();
        match code {
            400 => "the server rejected our request for an unknown reason".to_owned(),
            401 => "the server has asked for the client to provide credentials".to_owned(),
            403 | 415 => text,
            404 => "the server could not find the requested resource".to_owned(),
            405 => "the server does not allow this method on the requested resource".to_owned(),
            406 if text.is_empty() || text == "unknown" => {
                "the server was unable to respond with a content type that the client supports".to_owned()
            }
            406 => text,
            409 => "the server reported a conflict".to_owned(),
            422 => "the server rejected our request due to an error in our request".to_owned(),
            429 => "the server has received too many requests and has asked us to try again later".to_owned(),
            503 => "the server is currently unable to handle the request".to_owned(),
            504 => "the server was unable to return a response in the time allotted, but may still be processing the request"
                .to_owned(),
            500.. => format!("an error on the server ({}) has prevented the request from succeeding", quoted(&text)),
            _ => format!("the server responded with the status code {code} but did not return more information"),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use http::HeaderValue;

        #[test]
        fn errors_of_a_server_are_told_as_a_real_api_server_tells_them() {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            let said = refused(StatusCode::INTERNAL_SERVER_ERROR, &headers, b"oh no\n");
            assert_eq!(said, "an error on the server (\"oh no\") has prevented the request from succeeding");
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let said = refused(StatusCode::INTERNAL_SERVER_ERROR, &headers, b"{}");
            assert_eq!(said, "an error on the server (\"unknown\") has prevented the request from succeeding");
            let status = br#"{"kind":"Status","status":"Failure","message":"no"}"#;
            assert_eq!(refused(StatusCode::FORBIDDEN, &headers, status), "no");
            assert!(refused(StatusCode::FOUND, &headers, b"").contains("status code 302"));
        }
    }
}
