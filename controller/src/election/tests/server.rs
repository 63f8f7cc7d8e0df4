//! A server that stores one Lease, as the API server would, and fails by script.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright::transport::Body;
use serde_json::Value;

use crate::election::{LeaderElection, LeaderElectionBuilder};
use crate::testing::{json, status};

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is carried out, and the response comes after this time.
    Slow(Duration),
    /// It comes after this time, and the response at once.
    Late(Duration),
    /// It is carried out, and the connection breaks before the response.
    ResponseLost,
    /// The connection breaks before the request.
    Broken,
    /// It is rejected with this code.
    Rejected(u16),
    /// Another client has changed the Lease directly before.
    Raced,
}

#[derive(Default)]
pub struct State {
    /// Its resource version is the number of writes.
    pub lease: Option<Value>,
    pub writes: u64,
    pub requests: Vec<Method>,
    pub faults: VecDeque<Fault>,
    /// All requests break while it is set.
    pub is_cut: bool,
}

#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    /// The spec of the Lease.
    pub fn spec(&self) -> Value {
        self.state().lease.as_ref().expect("a Lease")["spec"].clone()
    }

    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Another client's write.
    pub fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let mut state = self.state();
        state.writes += 1;
        let version = state.writes.to_string();
        let lease = state.lease.as_mut().expect("a Lease");
        edit(lease);
        lease["metadata"]["resourceVersion"] = version.into();
    }

    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            // A request goes on when the client does not wait for it any more.
            async move { tokio::spawn(async move { server.serve(request).await }).await.expect("no panic") }
        });
        kubewright::runtime::ClientBuilder::from_service(service).json_only().build()
    }

    pub fn candidate(&self, identity: &str) -> LeaderElectionBuilder {
        LeaderElection::builder(&self.client(), "shop", "stock").identity(identity)
    }

    async fn serve(&self, request: Request<Body>) -> Result<Response<Body>, io::Error> {
        let broken = || Err(io::Error::from(io::ErrorKind::ConnectionReset));
        let fault = {
            let mut state = self.state();
            state.requests.push(request.method().clone());
            if state.is_cut {
                return broken();
            }
            state.faults.pop_front()
        };
        let method = request.method().clone();
        let body = request.into_body().collect().await.expect("a body in memory").to_bytes();
        match fault {
            None => Ok(self.answer(&method, &body)),
            Some(Fault::Late(delay)) => {
                tokio::time::sleep(delay).await;
                Ok(self.answer(&method, &body))
            }
            Some(Fault::Slow(delay)) => {
                let response = self.answer(&method, &body);
                tokio::time::sleep(delay).await;
                Ok(response)
            }
            Some(Fault::ResponseLost) => {
                self.answer(&method, &body);
                broken()
            }
            Some(Fault::Broken) => broken(),
            Some(Fault::Rejected(code)) => Ok(status(code, "Rejected")),
            Some(Fault::Raced) => {
                self.edit(|lease| lease["metadata"]["labels"]["edited"] = "yes".into());
                Ok(self.answer(&method, &body))
            }
        }
    }

    fn answer(&self, method: &Method, body: &[u8]) -> Response<Body> {
        let mut state = self.state();
        let written = || serde_json::from_slice::<Value>(body).expect("JSON");
        let stored = match (method.as_str(), &state.lease) {
            ("GET", Some(lease)) => return json(200, lease),
            ("GET" | "PUT", None) => return status(404, "NotFound"),
            ("POST", Some(_)) => return status(409, "AlreadyExists"),
            ("POST", None) => written(),
            ("PUT", Some(lease)) => {
                let written = written();
                if written["metadata"]["resourceVersion"] != lease["metadata"]["resourceVersion"] {
                    return status(409, "Conflict");
                }
                written
            }
            (other, _) => panic!("{other}"),
        };
        state.writes += 1;
        let mut stored = stored;
        stored["metadata"]["resourceVersion"] = state.writes.to_string().into();
        let response = json(200, &stored);
        state.lease = Some(stored);
        response
    }
}
