//! An API server whose watches are written by the test.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, mpsc};

type Chunk = io::Result<Frame<Bytes>>;

/// A server that leaves each watch to the test.
pub struct Server {
    watches: Arc<AtomicUsize>,
    opened: AsyncMutex<mpsc::UnboundedReceiver<Watch>>,
    client: Client,
}

/// A watch that a client has opened; it ends when this is dropped.
pub struct Watch {
    /// Path and query.
    pub path: String,
    events: mpsc::UnboundedSender<Chunk>,
}

impl Server {
    pub fn new() -> Self {
        Self::of(None)
    }

    /// A server that refuses everything with this status.
    pub fn refusing(code: u16) -> Self {
        Self::of(Some(code))
    }

    fn of(refusal: Option<u16>) -> Self {
        let watches = Arc::new(AtomicUsize::new(0));
        let (opening, opened) = mpsc::unbounded_channel();
        let (count, opening) = (watches.clone(), Arc::new(Mutex::new(opening)));
        let service = tower::service_fn(move |request: Request<Body>| {
            let path = request.uri().to_string();
            let response = match refusal {
                Some(code) => {
                    let status = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": "Forbidden" });
                    Response::builder().status(code).body(Body::from(status.to_string())).expect("a response")
                }
                None => {
                    assert!(path.contains("watch=true"), "only watches are expected: {path}");
                    count.fetch_add(1, Ordering::SeqCst);
                    let (events, body) = mpsc::unbounded_channel::<Chunk>();
                    let watch = Watch { path, events };
                    let _ = opening.lock().expect("not poisoned").send(watch);
                    let body = futures_util::stream::unfold(body, |mut body| async move {
                        let chunk = body.recv().await?;
                        Some((chunk, body))
                    });
                    Response::new(Body::wrap(StreamBody::new(body)))
                }
            };
            async move { Ok::<_, Infallible>(response) }
        });
        Self { watches, opened: AsyncMutex::new(opened), client: Client::from_service(service, "default") }
    }

    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The number of watches that were opened.
    pub fn watches(&self) -> usize {
        self.watches.load(Ordering::SeqCst)
    }

    /// Waits for the next watch that is opened.
    pub async fn next_watch(&self) -> Watch {
        self.opened.lock().await.recv().await.expect("the service lives as long as the client")
    }
}

impl Watch {
    pub fn send(&mut self, kind: &str, object: &Value) {
        let line = format!("{}\n", json!({ "type": kind, "object": object }));
        self.events.send(Ok(Frame::data(line.into()))).expect("the client reads");
    }

    /// An object of this name, in the namespace `shop`.
    pub fn added(&mut self, name: &str, version: u64) {
        let metadata =
            json!({ "name": name, "namespace": "shop", "uid": name, "resourceVersion": version.to_string() });
        self.send("ADDED", &json!({ "metadata": metadata }));
    }

    /// The end of the initial events.
    pub fn synced(&mut self, version: u64) {
        let annotations = json!({ "k8s.io/initial-events-end": "true" });
        let metadata = json!({ "resourceVersion": version.to_string(), "annotations": annotations });
        self.send("BOOKMARK", &json!({ "metadata": metadata }));
    }

    /// Breaks the connection.
    pub fn cut(self) {
        self.events.send(Err(io::ErrorKind::ConnectionReset.into())).expect("the client reads");
    }

    /// Waits until the client has dropped the watch.
    pub async fn dropped(&self) {
        self.events.closed().await;
    }
}
