//! What goes wrong, and when.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use http::{Request, Response, StatusCode};
use kubewright_runtime::transport::{Alpn, Body, connect, stack};
use kubewright_runtime::{Client, Config};
use serde_json::json;
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::proxy::{Break, Proxy};

/// One thing that goes wrong with a list or a watch.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The server refuses.
    Status(u16, &'static str),
    /// The watch is opened, and its only event is an error.
    Event(u16, &'static str),
    /// The watch is opened, and this is all that it sends.
    Body(&'static str),
    /// Something happens to the connection.
    Connection(Break),
}

const FAULTS: [Fault; 20] = [
    // To the initial events: they are listed from then on. To a version: everything is listed.
    Fault::Status(422, "Invalid"),
    Fault::Body(""),
    Fault::Body("{\"type\":\"ADDED\",\"object\":[]}\n"),
    Fault::Body("{\"type\":\"MODI"),
    Fault::Status(401, "Unauthorized"),
    Fault::Status(403, "Forbidden"),
    Fault::Status(410, "Expired"),
    Fault::Status(429, "TooManyRequests"),
    Fault::Status(500, "InternalError"),
    Fault::Status(503, "ServiceUnavailable"),
    Fault::Event(410, "Expired"),
    Fault::Event(500, "InternalError"),
    Fault::Event(504, "Timeout"),
    Fault::Connection(Break::Cut),
    Fault::Connection(Break::Cut),
    Fault::Connection(Break::Refused),
    Fault::Connection(Break::Stalled),
    Fault::Connection(Break::ClosedToClient),
    Fault::Connection(Break::ClosedToServer),
    Fault::Connection(Break::Slow),
];

/// The faults that a watcher is to meet, in a random order.
pub struct Plan {
    state: Mutex<State>,
    /// None happens meanwhile. When that ends, open connections are cut.
    pub is_held: watch::Sender<bool>,
}

struct State {
    faults: Vec<Fault>,
    random: Rng,
}

impl Plan {
    pub fn new(seed: u64, count: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut faults: Vec<_> = FAULTS.into_iter().cycle().take(count).collect();
        random.shuffle(&mut faults);
        Self { state: Mutex::new(State { faults, random }), is_held: watch::Sender::new(false) }
    }

    pub fn left(&self) -> usize {
        self.state.lock().expect("not poisoned").faults.len()
    }

    /// The next fault, and after how many milliseconds and bytes it comes.
    fn next(&self) -> Option<(Fault, u64, usize)> {
        if *self.is_held.borrow() {
            return None;
        }
        let mut state = self.state.lock().expect("not poisoned");
        let fault = state.faults.pop()?;
        // Often at once, now and then after some events.
        let bytes = if state.random.bool() { state.random.usize(0..200) } else { state.random.usize(0..20_000) };
        Some((fault, state.random.u64(0..30), bytes))
    }
}

/// A client through a proxy, to which the faults of a plan happen.
pub async fn client(config: &Config, alpn: Alpn, plan: Arc<Plan>) -> Client {
    let server = config.server.authority().expect("an address").to_string();
    let proxy = Arc::new(Proxy::start(server).await);
    tokio::spawn({
        let (proxy, mut is_held) = (proxy.clone(), plan.is_held.subscribe());
        async move {
            while is_held.changed().await.is_ok() {
                if !*is_held.borrow_and_update() {
                    proxy.breaks(Break::Cut, 0, 0);
                }
            }
        }
    });
    let mut config = config.clone();
    config.server = format!("https://{}", proxy.address()).parse().expect("a URL");
    let service = stack(&config, connect(&config, alpn).expect("a transport")).expect("a stack");
    let faulty = tower::service_fn(move |request: Request<Body>| {
        let (service, plan, proxy) = (service.clone(), plan.clone(), proxy.clone());
        async move {
            let (what, after, bytes) = match plan.next() {
                Some((Fault::Status(code, reason), ..)) => return Ok(status(code, reason)),
                Some((Fault::Body(body), ..)) => return Ok(response(StatusCode::OK, body.to_owned())),
                Some((Fault::Event(code, reason), ..)) if is_watch(&request) => return Ok(event(code, reason)),
                Some((Fault::Event(code, reason), ..)) => return Ok(status(code, reason)),
                Some((Fault::Connection(what), after, bytes)) => (what, after, bytes),
                None => return service.oneshot(request).await,
            };
            // Some break before there is an answer; whatever has an answer breaks.
            if after % 4 == 0 {
                proxy.breaks(what, after, bytes);
            }
            let response = service.oneshot(request).await?;
            proxy.breaks(what, after, bytes);
            Ok(response)
        }
    });
    Client::from_service(faulty, super::NAMESPACE)
}

fn is_watch(request: &Request<Body>) -> bool {
    request.uri().query().is_some_and(|query| query.contains("watch=true"))
}

fn failure(code: u16, reason: &str) -> serde_json::Value {
    json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason })
}

fn status(code: u16, reason: &str) -> Response<Body> {
    response(StatusCode::from_u16(code).expect("a code"), failure(code, reason).to_string())
}

fn event(code: u16, reason: &str) -> Response<Body> {
    response(StatusCode::OK, format!("{}\n", json!({ "type": "ERROR", "object": failure(code, reason) })))
}

fn response(code: StatusCode, body: String) -> Response<Body> {
    let response = Response::builder().status(code).header("content-type", "application/json");
    response.body(Body::from(body)).expect("a response")
}
