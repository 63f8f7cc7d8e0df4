//! Subresources of pods that clients stream through: `log`, `exec`, `attach`, `portforward`.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::{Body, in_memory};
use super::call::{Call, Query};
use super::read::{key_of, number, present};
use super::target::ResourcePath;
use crate::builtin;
use crate::catalog::Resource;
use crate::clock::FakeClock;
use crate::quoted::quoted;
use crate::server::{Server, State};
use crate::status::{About, Cause, Status};
use crate::stored::Stored;
use crate::streams::{LogId, LogOptions, PodWatch, Session, Streams, Switch, Tunnel, read, serve};

/// The protocol of sessions that can close stdin.
const V5: &str = "v5.channel.k8s.io";
/// The one before it.
const V4: &str = "v4.channel.k8s.io";

/// Protocols of real servers that are not done.
const OTHERS: [&str; 7] = [
    "",
    "v3.channel.k8s.io",
    "v2.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    // For ports.
    V4,
];

/// A request for a subresource of a pod.
pub(super) struct Connect<'s> {
    pub server: &'s Arc<Server>,
    pub state: &'s State,
    pub call: &'s Call,
    pub resource: &'s Resource,
    pub path: &'s ResourcePath,
}

impl Connect<'_> {
    /// GET of the log of a container.
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>
    pub fn log(&self) -> Result<Response<Body>, Status> {
        let (options, is_previous) = log_options(&self.call.query, self.name(), &self.server.clock)?;
        let pod = self.pod()?;
        let container = container(&pod, self.call.query.get("container").unwrap_or_default())?;
        if node_of(&pod).is_empty() {
            // Nothing is read from anywhere.
            let mut response = Response::new(in_memory(bytes::Bytes::new()));
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
        let mut response = Response::new(self.run(&pod, &container, options, is_previous)?);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        Ok(response)
    }

    /// The body of a log.
    fn run(&self, pod: &Value, container: &str, options: LogOptions, is_previous: bool) -> Result<Body, Status> {
        let id = LogId {
            namespace: self.path.namespace.clone().unwrap_or_default(),
            pod: self.name().to_owned(),
            container: container.to_owned(),
        };
        let runs = self.server.logs.get(&id).ok_or_else(|| {
            let LogId { namespace, pod, container } = &id;
            Status::not_done(format_args!(
                "the log of container {} of pod {namespace}/{pod}, which has no text, since a test sets it by FakeCluster::log",
                quoted(container)
            ))
        })?;
        let run = if is_previous { runs.previous } else { Some(runs.current) };
        let run = run.ok_or_else(|| {
            let pod = self.name();
            Status::bad_request(format!(
                "previous terminated container {} in pod {} not found",
                quoted(container),
                quoted(pod)
            ))
        })?;
        let (storage, key) = (self.resource.storage_key(), self.key());
        let uid = pod["metadata"]["uid"].clone();
        let exists = move |server: &Server| {
            server.state().store.get(&storage, &key).is_some_and(|pod| pod["metadata"]["uid"] == uid)
        };
        let pod = PodWatch { server: self.server.clone(), changes: self.server.changes(), exists: Box::new(exists) };
        Ok(read(&run, options, pod))
    }

    /// A command in a container, or a client that attaches to it.
    ///
    /// <https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/>
    pub fn session(&self, is_exec: bool) -> Result<Response<Body>, Status> {
        let query = &self.call.query;
        let pod = self.pod()?;
        let container = container(&pod, query.get("container").unwrap_or_default())?;
        self.check_node(&pod)?;
        let (handler, without) = if is_exec {
            (self.server.handlers.exec(), without_handler("exec", "on_exec"))
        } else {
            (self.server.handlers.attach(), without_handler("attach", "on_attach"))
        };
        let handler = handler.ok_or(without)?;
        let Switch::WebSocket { key, protocols } = Switch::of(&self.call.headers)? else { return Err(spdy()) };
        let Some(protocol) = [V5, V4].into_iter().find(|known| protocols.contains(known)) else {
            return refuse(&protocols);
        };
        let has = |name: &str| query.is_true(name);
        let streams = Streams { stdin: has("stdin"), stdout: has("stdout"), stderr: has("stderr"), tty: has("tty") };
        if !(streams.stdin || streams.stdout || streams.stderr) {
            return Err(Status::bad_request("you must specify at least 1 of stdin, stdout, stderr"));
        }
        let session = Session {
            namespace: self.path.namespace.clone().unwrap_or_default(),
            pod: self.name().to_owned(),
            container,
            command: query.all("command").filter(|_| is_exec).map(str::to_owned).collect(),
            streams,
            closes: protocol == V5,
            handler,
        };
        serve(&self.call.extensions, key, protocol, |socket| session.run(socket))
    }

    /// Connections to the ports of a pod.
    ///
    /// <https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/>
    pub fn port_forward(&self) -> Result<Response<Body>, Status> {
        let pod = self.pod()?;
        self.check_node(&pod)?;
        let handler = self.server.handlers.ports();
        let handler = handler.ok_or_else(|| without_handler("portforward", "on_port_forward"))?;
        let Switch::WebSocket { key, protocols } = Switch::of(&self.call.headers)? else { return Err(spdy()) };
        if !protocols.contains(&Tunnel::PROTOCOL) {
            return refuse(&protocols);
        }
        let tunnel = Tunnel {
            namespace: self.path.namespace.clone().unwrap_or_default(),
            pod: self.name().to_owned(),
            uid: pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned(),
            handler,
        };
        serve(&self.call.extensions, key, Tunnel::PROTOCOL, |socket| tunnel.run(socket))
    }

    fn name(&self) -> &str {
        self.path.name.as_deref().unwrap_or_default()
    }

    fn key(&self) -> String {
        key_of(self.path.namespace.as_deref(), self.name())
    }

    fn pod(&self) -> Result<Arc<Stored>, Status> {
        present(self.state, self.resource, self.path.namespace.as_deref(), self.name())
    }

    /// Checks that there is a node to ask.
    fn check_node(&self, pod: &Value) -> Result<(), Status> {
        if node_of(pod).is_empty() {
            return Err(Status::bad_request(format!("pod {} does not have a host assigned", self.name())));
        }
        Ok(())
    }
}

fn node_of(pod: &Value) -> &str {
    pod["spec"]["nodeName"].as_str().unwrap_or_default()
}

/// The container that a request is about.
fn container(pod: &Value, given: &str) -> Result<String, Status> {
    let names = |field: &str| -> Vec<&str> {
        let containers = pod["spec"][field].as_array().into_iter().flatten();
        containers.filter_map(|container| container["name"].as_str()).collect()
    };
    let (init, own, ephemeral) = (names("initContainers"), names("containers"), names("ephemeralContainers"));
    let all = [init, own.clone(), ephemeral].concat();
    let pod = pod["metadata"]["name"].as_str().unwrap_or_default();
    match own.as_slice() {
        _ if all.contains(&given) => Ok(given.to_owned()),
        _ if !given.is_empty() => Err(Status::bad_request(format!("container {given} is not valid for pod {pod}"))),
        [one] => Ok((*one).to_owned()),
        _ => {
            let all = all.join(" ");
            let message = format!("a container name must be specified for pod {pod}, choose one of: [{all}]");
            Err(Status::bad_request(message))
        }
    }
}

/// Which part of a log is asked for, and whether of the run before the present one.
fn log_options(query: &Query, pod: &str, clock: &FakeClock) -> Result<(LogOptions, bool), Status> {
    let (tail, limit) = (number(query, "tailLines")?, number(query, "limitBytes")?);
    let seconds = number(query, "sinceSeconds")?;
    let time = query.get("sinceTime").filter(|time| !time.is_empty()).map(since_time).transpose()?;
    let mut causes = Vec::new();
    let invalid = |field: &str, value: i64, detail: &str| {
        Cause::invalid(field, &json!(value), &format!("must be greater than {detail}"))
    };
    causes.extend(tail.filter(|tail| *tail < 0).map(|tail| invalid("tailLines", tail, "or equal to 0")));
    causes.extend(limit.filter(|limit| *limit < 1).map(|limit| invalid("limitBytes", limit, "0")));
    match seconds {
        Some(_) if query.get("sinceTime").is_some() => {
            causes.push(Cause::forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
        }
        Some(seconds) if seconds < 1 => causes.push(invalid("sinceSeconds", seconds, "0")),
        _ => {}
    }
    if query.get("stream").is_some() {
        causes.push(Cause::forbidden("stream", "may not be specified"));
    }
    if !causes.is_empty() {
        return Err(Status::invalid(About { group: "", kind: "PodLogOptions", name: pod }, &causes));
    }
    // A time before all others, if there are more seconds than that.
    let ago = |seconds| clock.now().checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN);
    let length = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let options = LogOptions {
        follow: query.is_true("follow"),
        timestamps: query.is_true("timestamps"),
        since: seconds.map(ago).or(time),
        tail: tail.map(length),
        limit: limit.map(length),
    };
    Ok((options, query.is_true("previous")))
}

/// A time in whole seconds, as the API server passes it on.
fn since_time(text: &str) -> Result<Timestamp, Status> {
    let seconds = builtin::whole_seconds(text).map_err(Status::bad_request)?;
    seconds.parse().map_err(|error: jiff::Error| Status::bad_request(error.to_string()))
}

/// 501 for what a test has given no function for.
fn without_handler(subresource: &str, setter: &str) -> Status {
    Status::not_done(format_args!(
        "{subresource} without a handler, which a test sets by FakeCluster::{setter}: nothing runs in the pods"
    ))
}

/// The refusal of SPDY, which is deprecated.
fn spdy() -> Status {
    Status::not_done("SPDY, which WebSocket has replaced in Kubernetes 1.31")
}

/// The refusal of other protocols over WebSocket.
fn refuse(protocols: &[&str]) -> Result<Response<Body>, Status> {
    if protocols.is_empty() || protocols.iter().any(|protocol| OTHERS.contains(protocol)) {
        let done = [V5, V4, Tunnel::PROTOCOL].join(", ");
        return Err(Status::not_done(format_args!(
            "the WebSocket protocol {protocols:?} for this subresource, but {done}"
        )));
    }
    let mut response = Response::new(in_memory(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}
