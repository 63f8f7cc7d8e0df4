//! An API server that answers from a script, for tests of the client without a connection.
#![allow(dead_code, missing_docs)]

mod widget;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kubewright_runtime::message::Message;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Scope};
pub use widget::*;

/// What one request looked like.
#[derive(Debug)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub content_type: Option<String>,
    pub accept: Option<String>,
    pub if_none_match: Option<String>,
    pub body: Bytes,
}

pub type Log = Arc<Mutex<Vec<Seen>>>;

/// A client whose requests are answered one after the other by the given responses, and the log of the requests.
pub fn scripted(responses: impl IntoIterator<Item = Response<Body>>) -> (Client, Log) {
    let log = Log::default();
    let seen = log.clone();
    let responses = Arc::new(Mutex::new(responses.into_iter().collect::<VecDeque<_>>()));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (seen, responses) = (seen.clone(), responses.clone());
        async move {
            let (parts, body) = request.into_parts();
            let header = |name| parts.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
            let body = body.collect().await.expect("a body in memory").to_bytes();
            seen.lock().expect("not poisoned").push(Seen {
                method: parts.method.to_string(),
                target: parts.uri.to_string(),
                content_type: header(http::header::CONTENT_TYPE),
                accept: header(http::header::ACCEPT),
                if_none_match: header(http::header::IF_NONE_MATCH),
                body,
            });
            responses.lock().expect("not poisoned").pop_front().ok_or("the script has no answer left")
        }
    });
    (Client::from_service(service, "default"), log)
}

/// A JSON response.
pub fn json(code: u16, body: &str) -> Response<Body> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Body::from(Bytes::copy_from_slice(body.as_bytes())))
        .expect("a response")
}

/// A `Status` that refuses.
pub fn refusal(code: u16, reason: &str) -> Response<Body> {
    json(
        code,
        &format!(r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","code":{code}}}"#),
    )
}

/// A body that comes in these chunks, and then ends or fails.
pub fn chunks(chunks: Vec<Result<&'static str, &'static str>>) -> Response<Body> {
    let frames = chunks.into_iter().map(|chunk| match chunk {
        Ok(text) => Ok(http_body::Frame::data(Bytes::from_static(text.as_bytes()))),
        Err(error) => Err(std::io::Error::other(error)),
    });
    Response::new(Body::wrap(http_body_util::StreamBody::new(futures_util::stream::iter(frames))))
}

pub fn crontabs() -> DynamicResource {
    DynamicResource {
        group: "stable.example.com".into(),
        version: "v1".into(),
        kind: "CronTab".into(),
        plural: "crontabs".into(),
        namespaced: true,
    }
}

pub fn api(client: &Client) -> Api<DynamicObject> {
    Api::dynamic(client, &crontabs(), Scope::Namespace("shop"))
}

/// A response in protobuf.
pub fn protobuf(code: u16, object: &dyn Message) -> Response<Body> {
    Response::builder()
        .status(code)
        .header("content-type", "application/vnd.kubernetes.protobuf")
        .body(Body::from(kubewright_runtime::protobuf::to_vec(object).expect("protobuf")))
        .expect("a response")
}

pub fn widgets(client: &Client) -> Api<Widget> {
    Api::namespaced(client, "shop")
}
