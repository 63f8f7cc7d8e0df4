//! The transport against servers in this process, and the layers against services made up for the purpose.

mod auth;
mod base;
mod connections;
mod decompress;
#[cfg(unix)]
mod exec;
mod http2;
mod limits;
#[cfg(unix)]
mod marked_secrets;
mod metrics;
mod oidc;
#[cfg(unix)]
mod own_process;
#[cfg(unix)]
mod plugin;
mod proxies;
mod proxy_server;
mod retry;
mod server;
mod timeout;
mod tls;
mod tls_failures;
mod tls_identity;
mod tls_reload;
mod tls_trust;
mod trace;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::connect::connect_in;
use super::*;

/// One prepared answer.
type Answer = Result<Response<Body>, BoxError>;

/// A service that gives prepared answers in turn, and the requests that it got.
#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.into_iter().collect())), requests: Arc::default() }
    }

    fn service(&self) -> HttpService {
        let script = self.clone();
        BoxCloneSyncService::new(service_fn(move |request: Request<Body>| {
            let script = script.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                script.requests.lock().expect("not poisoned").push(Request::from_parts(parts, body));
                script.answers.lock().expect("not poisoned").pop_front().unwrap_or_else(|| Ok(Response::default()))
            }
        }))
    }

    fn requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.requests.lock().expect("not poisoned"))
    }
}

fn get(uri: &str) -> Request<Body> {
    Request::get(uri).body(Body::empty()).expect("a valid request")
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8(bytes.into()).expect("UTF-8")
}

async fn send(service: &HttpService, request: Request<Body>) -> Answer {
    service.clone().oneshot(request).await
}

/// An error and its causes, as a program would print them.
fn told(error: &BoxError) -> String {
    error::chain(&**error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
