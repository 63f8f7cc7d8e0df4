//! A server that stores Leases, as the API server would, behind a network of which parts fail.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright::runtime::ClientBuilder;
use kubewright::transport::Body;
use serde_json::Value;

use crate::testing::{json, status};

#[derive(Default)]
pub struct State {
    pub leases: BTreeMap<String, Value>,
    pub writes: u64,
    /// Replicas whose requests break.
    pub cut: BTreeSet<usize>,
    /// Replicas whose responses are lost.
    pub deaf: BTreeSet<usize>,
    /// One of this many requests takes long, if it is not zero.
    pub slow: u32,
}

#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

type Answer = Response<Body>;

impl Server {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    /// The client of a replica.
    pub fn client(&self, replica: usize) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            // A request goes on when the client does not wait for it any more.
            async move { tokio::spawn(async move { server.serve(replica, request).await }).await.expect("no panic") }
        });
        ClientBuilder::from_service(service).json_only().build()
    }

    async fn serve(&self, replica: usize, request: Request<Body>) -> Result<Answer, io::Error> {
        let slow = self.state().slow;
        let delay =
            if slow > 0 && fastrand::u32(0..slow) == 0 { fastrand::u64(0..8_000) } else { fastrand::u64(1..20) };
        tokio::time::sleep(Duration::from_millis(delay)).await;
        if self.state().cut.contains(&replica) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let body = request.into_body().collect().await.expect("a body in memory").to_bytes();
        // It can't be watched here, but for a virtual clock: tables are read from time to time.
        let is_watch = uri.query().is_some_and(|query| query.contains("watch="));
        let answer = if is_watch { status(403, "Forbidden") } else { self.answer(&method, uri.path(), &body) };
        tokio::time::sleep(Duration::from_millis(fastrand::u64(1..20))).await;
        if self.state().deaf.contains(&replica) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(answer)
    }

    fn answer(&self, method: &Method, path: &str, body: &[u8]) -> Answer {
        let mut state = self.state();
        let written = || serde_json::from_slice::<Value>(body).expect("JSON");
        let name = path.rsplit_once("/leases").map_or("", |(_, name)| name.trim_start_matches('/')).to_owned();
        let (name, mut stored) = match (method.as_str(), state.leases.get(&name)) {
            ("GET", _) if name.is_empty() => {
                // Those with any label are the members'.
                let items: Vec<_> =
                    state.leases.values().filter(|lease| !lease["metadata"]["labels"].is_null()).collect();
                let version = state.writes.max(1).to_string();
                let list = serde_json::json!({ "metadata": { "resourceVersion": version }, "items": items });
                return json(200, &list);
            }
            ("GET", Some(lease)) => return json(200, lease),
            ("GET" | "DELETE" | "PUT", None) => return status(404, "NotFound"),
            ("DELETE", Some(_)) => {
                state.leases.remove(&name);
                return json(200, &serde_json::json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }));
            }
            ("PUT", Some(lease)) => {
                let written = written();
                if written["metadata"]["resourceVersion"] != lease["metadata"]["resourceVersion"] {
                    return status(409, "Conflict");
                }
                (name, written)
            }
            ("POST", _) => {
                let written = written();
                let name = written["metadata"]["name"].as_str().expect("a name").to_owned();
                if state.leases.contains_key(&name) {
                    return status(409, "AlreadyExists");
                }
                (name, written)
            }
            (other, _) => panic!("{other} {path}"),
        };
        state.writes += 1;
        stored["metadata"]["resourceVersion"] = state.writes.to_string().into();
        let answer = json(200, &stored);
        state.leases.insert(name, stored);
        answer
    }
}
