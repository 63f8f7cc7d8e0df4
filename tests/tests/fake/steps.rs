//! Requests of a scenario, and what is compared of the answers.

use std::time::Duration;

use bytes::BytesMut;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};

use super::masks::Masks;

/// The requests of a scenario, in order. Paths are below the scenario's namespace: `configmaps/a`, or with a
/// group and version `apps/v1:deployments/a`.
#[derive(Default)]
pub struct Steps {
    requests: Vec<Step>,
    /// More headers of the requests that follow.
    headers: Vec<(String, String)>,
    /// How long the next request waits.
    pause: Duration,
    /// Whether messages are compared word by word.
    pub is_exact: bool,
    /// Whether each request comes after a list of its kind, for which a real server's cache has to be up to date. A write that begins
    /// with an older object is repeated, and asks webhooks twice.
    pub is_settled: bool,
    /// Texts in the paths and bodies that follow, and what is sent in their place: another version.
    pub texts: Vec<(&'static str, &'static str)>,
}

/// A request.
pub struct Step {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    media_type: &'static str,
    accept: &'static str,
    body: Option<Value>,
    /// Whether the message of an error is in other words.
    is_worded_otherwise: bool,
    /// For a watch: how its events are waited for.
    watch: Option<Sentinel>,
    /// How long it waits for what a server does some time after the writes before.
    pause: Duration,
    /// Names of headers of the answer that are compared too.
    shown: &'static [&'static str],
    /// Whether the body of the answer is of the server, and is not compared.
    is_without_body: bool,
    is_first_bookmark: bool,
}

/// An object that is created once a watch is open, in what is watched: its event is the last that is read.
#[derive(Clone)]
struct Sentinel {
    api_version: String,
    kind: String,
    labels: Value,
}

/// The longest time that an answer takes, with all events of a watch.
const LONGEST: Duration = Duration::from_secs(60);

/// What text that is sent as it is begins with here.
const TEXT: &str = "text as it is:";

/// The name of the object that ends a watch, after those of all others.
const SENTINEL: &str = "zz-last-";

/// What a server answered, without what differs from run to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub code: u16,
    pub warnings: Vec<String>,
    pub retry_after: Option<String>,
    /// The headers that the request names.
    pub headers: Vec<(&'static str, Vec<String>)>,
    pub body: Value,
}

impl Steps {
    fn add(&mut self, method: Method, path: &str, media_type: &'static str, body: Option<Value>) {
        let sent = |text: String| self.texts.iter().fold(text, |text, (from, to)| text.replace(from, to));
        let path = sent(path.to_owned());
        let body = body.map(|body| match self.texts.is_empty() {
            true => body,
            false => serde_json::from_str(&sent(body.to_string())).expect("JSON"),
        });
        self.requests.push(Step {
            method,
            path,
            headers: self.headers.clone(),
            media_type,
            accept: "application/json",
            body,
            is_worded_otherwise: false,
            watch: None,
            pause: std::mem::take(&mut self.pause),
            shown: &[],
            is_without_body: false,
            is_first_bookmark: false,
        });
    }

    /// The requests that follow are those of a user in groups, as which the client acts.
    pub fn by(&mut self, user: &str, groups: &[&str]) {
        self.headers = vec![("impersonate-user".to_owned(), user.to_owned())];
        self.headers.extend(groups.iter().map(|group| ("impersonate-group".to_owned(), (*group).to_owned())));
    }

    /// The requests that follow are those of the client itself, with more headers.
    pub fn with_headers(&mut self, headers: &[(&str, &str)]) {
        self.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    /// The next request waits for what the controllers in an API server do some time after a write.
    pub fn pause(&mut self) {
        self.pause = Duration::from_millis(1500);
    }

    /// The same of one that looks every few seconds whether there is something to do.
    pub fn long_pause(&mut self) {
        self.pause = Duration::from_secs(7);
    }

    /// A read with another header `Accept`.
    pub fn accept(&mut self, path: &str, accept: &'static str) {
        self.get(path);
        if let Some(step) = self.requests.last_mut() {
            step.accept = accept;
        }
    }

    /// Sends a body in another media type.
    pub fn send(&mut self, method: Method, path: &str, media_type: &'static str, body: Value) {
        self.add(method, path, media_type, Some(body));
    }

    /// Sends text as it is: JSON with a key twice, YAML, or nothing.
    pub fn send_text(&mut self, method: Method, path: &str, media_type: &'static str, text: &str) {
        self.add(method, path, media_type, Some(Value::String(format!("{TEXT}{text}"))));
    }

    /// The request before has another header `Accept`.
    pub fn accepting(&mut self, accept: &'static str) {
        if let Some(step) = self.requests.last_mut() {
            step.accept = accept;
        }
    }

    /// Of the bookmarks of the watch before, the first is compared: a real server sends another one where something else was written
    /// meanwhile.
    pub fn first_bookmark(&mut self) {
        if let Some(step) = self.requests.last_mut() {
            step.is_first_bookmark = true;
        }
    }

    /// Headers of the answer to the request before are compared too.
    pub fn headers_too(&mut self, names: &'static [&'static str]) {
        if let Some(step) = self.requests.last_mut() {
            step.shown = names;
        }
    }

    /// The body of the answer to the request before is not compared.
    pub fn ignoring_body(&mut self) {
        if let Some(step) = self.requests.last_mut() {
            step.is_without_body = true;
        }
    }

    /// A watch: the events from a resourceVersion, or of everything that is there, up to one of an object that is made for
    /// that, with the labels that the selector wants.
    pub fn watch(&mut self, path: &str, labels: Value) {
        let (api_version, kind, _) = what(path);
        let sentinel = Sentinel { api_version: api_version.to_owned(), kind: kind.to_owned(), labels };
        let sign = if path.contains('?') { '&' } else { '?' };
        self.get(&format!("{path}{sign}watch=true"));
        if let Some(step) = self.requests.last_mut() {
            step.watch = Some(sentinel);
        }
    }

    pub fn get(&mut self, path: &str) {
        self.add(Method::GET, path, "", None);
    }

    /// A read of the metadata alone.
    pub fn get_metadata(&mut self, path: &str) {
        self.get(path);
        let accept = if path.contains('/') {
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        } else {
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        };
        if let Some(step) = self.requests.last_mut() {
            step.accept = accept;
        }
    }

    /// The error of the request before is told in other words.
    pub fn in_other_words(&mut self) {
        if let Some(step) = self.requests.last_mut() {
            step.is_worded_otherwise = true;
        }
    }

    pub fn create(&mut self, path: &str, body: Value) {
        self.add(Method::POST, path, "application/json", Some(body));
    }

    pub fn replace(&mut self, path: &str, body: Value) {
        self.add(Method::PUT, path, "application/json", Some(body));
    }

    pub fn merge(&mut self, path: &str, body: Value) {
        self.add(Method::PATCH, path, "application/merge-patch+json", Some(body));
    }

    pub fn json_patch(&mut self, path: &str, body: Value) {
        self.add(Method::PATCH, path, "application/json-patch+json", Some(body));
    }

    pub fn strategic(&mut self, path: &str, body: Value) {
        self.add(Method::PATCH, path, "application/strategic-merge-patch+json", Some(body));
    }

    /// Server-side apply by a manager. What the path says of the object is filled in.
    pub fn apply(&mut self, manager: &str, path: &str, mut body: Value) {
        let (api_version, kind, name) = what(path);
        for (field, value) in [("apiVersion", api_version), ("kind", kind)] {
            if body.get(field).is_none() {
                body[field] = json!(value);
            }
        }
        if body["metadata"].get("name").is_none() {
            body["metadata"]["name"] = json!(name);
        }
        let sign = if path.contains('?') { '&' } else { '?' };
        self.add(
            Method::PATCH,
            &format!("{path}{sign}fieldManager={manager}"),
            "application/apply-patch+yaml",
            Some(body),
        );
    }

    pub fn delete(&mut self, path: &str) {
        self.add(Method::DELETE, path, "", None);
    }

    pub fn delete_with(&mut self, path: &str, body: Value) {
        self.add(Method::DELETE, path, "application/json", Some(body));
    }

    /// Sends all of them to a server, in a namespace.
    pub async fn run(&self, client: &Client, namespace: &str) -> Vec<(String, Answer)> {
        let mut masks = Masks::new(self.is_exact);
        let mut answers = Vec::new();
        for step in &self.requests {
            if self.is_settled || step.reads_what_is_cached() {
                step.settle(client, namespace).await;
            }
            tokio::time::sleep(step.pause).await;
            let answer = tokio::time::timeout(LONGEST, step.send(client, namespace, &mut masks)).await;
            let answer = answer.unwrap_or_else(|_| panic!("{} {} has no end", step.method, step.path));
            answers.push((format!("{} {}", step.method, step.path), answer));
        }
        answers
    }
}

/// What is said of answers to the requests of a scenario that differ.
pub fn differences(scenario: &str, ours: &[(String, Answer)], theirs: &[(String, Answer)]) -> String {
    assert_eq!(ours.len(), theirs.len());
    let shown = |answer: &Answer| format!("{} {:?} {}", answer.code, answer.warnings, answer.body);
    let both = ours.iter().zip(theirs).filter(|((_, ours), (_, theirs))| ours != theirs);
    let lines = both.map(|((request, ours), (_, theirs))| {
        format!("\n== {scenario}\n   {request}\n   fake: {}\n   real: {}\n", shown(ours), shown(theirs))
    });
    lines.collect()
}

impl Step {
    /// Whether a real server answers from its cache, which may be behind the writes before.
    fn reads_what_is_cached(&self) -> bool {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        let of_a_version =
            |parameter: &str| parameter.strip_prefix("resourceVersion=").is_some_and(|at| !at.is_empty());
        self.method == Method::GET && self.watch.is_none() && query.split('&').any(of_a_version)
    }

    /// Lists the kind of the request, which a real server answers once its cache has all writes before.
    async fn settle(&self, client: &Client, namespace: &str) {
        let path = self.path.split('?').next().unwrap_or_default();
        let (version, rest) = path.split_once(':').map_or((None, path), |(version, rest)| (Some(version), rest));
        let plural = rest.split('/').next().unwrap_or_default();
        let path = version.map_or_else(|| plural.to_owned(), |version| format!("{version}:{plural}"));
        let request = Request::builder().uri(uri(&path, namespace)).body(Body::empty()).expect("a request");
        // Of a kind that can't be listed there is nothing to wait for.
        if let Ok(response) = client.send(request).await {
            let _ = response.into_body().collect().await;
        }
    }

    async fn send(&self, client: &Client, namespace: &str, masks: &mut Masks) -> Answer {
        if let Some(sentinel) = &self.watch {
            return self.send_watch(sentinel, client, namespace, masks).await;
        }
        let (parts, body) = self.response(client, namespace, masks).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&body).replace(namespace, "{ns}");
        let is_binary = |text: &str| text.starts_with("k8s\0") || text.starts_with('\u{1f}');
        let mut body = match serde_json::from_str(&text) {
            Ok(body) => body,
            // What is in protobuf or gzip has times and versions in it.
            Err(_) if is_binary(&text) => Value::String(text.chars().take(4).collect()),
            Err(_) => events(&text).unwrap_or(Value::String(text)),
        };
        if self.is_worded_otherwise && body.get("message").is_some() {
            body["message"] = json!("in other words");
            if let Some(Value::Array(causes)) = body.pointer_mut("/details/causes") {
                causes.iter_mut().for_each(|cause| cause["message"] = json!("in other words"));
            }
        }
        if let (true, Value::Array(events)) = (self.is_first_bookmark, &mut body)
            && events.iter().all(|event| event["type"] == "BOOKMARK")
            && !events.is_empty()
        {
            // As an answer of one event is.
            body = events.swap_remove(0);
        }
        let mut answer = answer(&parts, masks.mask(body), namespace);
        if self.is_without_body {
            answer.body = Value::Null;
        }
        answer.headers = self.shown.iter().map(|name| (*name, shown(&parts.headers, name))).collect();
        answer
    }

    async fn response(
        &self,
        client: &Client,
        namespace: &str,
        masks: &Masks,
    ) -> Response<impl http_body::Body<Data = bytes::Bytes, Error: std::fmt::Debug> + Unpin + use<>> {
        let body = self.body.as_ref().map(|body| {
            let body = masks.unmask(body);
            let text = body.as_str().and_then(|text| text.strip_prefix(TEXT)).map(str::to_owned);
            text.unwrap_or_else(|| body.to_string()).replace("{ns}", namespace)
        });
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(masks.unmask_text(&uri(&self.path, namespace)))
            .header("accept", self.accept);
        if !self.headers.iter().any(|(name, _)| name == "user-agent") {
            request = request.header("user-agent", "scenario/1");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value.replace("{ns}", namespace));
        }
        if !self.media_type.is_empty() {
            request = request.header("content-type", self.media_type);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        client.send(request).await.expect("an answer")
    }

    /// Reads a watch up to the event of the sentinel, which is created when it is open, or to the end.
    async fn send_watch(&self, sentinel: &Sentinel, client: &Client, namespace: &str, masks: &mut Masks) -> Answer {
        let collection = self.path.split('?').next().unwrap_or_default();
        let step = |method: Method, path: String, body: Option<Value>| Step {
            method,
            path,
            headers: self.headers.clone(),
            media_type: if body.is_some() { "application/json" } else { "" },
            accept: "application/json",
            body,
            is_worded_otherwise: false,
            watch: None,
            pause: Duration::ZERO,
            shown: &[],
            is_without_body: false,
            is_first_bookmark: false,
        };
        let name = format!("{SENTINEL}{}", masks.next("sentinel"));
        let mut made = json!({ "apiVersion": sentinel.api_version, "kind": sentinel.kind,
            "metadata": { "name": name, "labels": sentinel.labels } });
        if sentinel.kind == "Pod" {
            made["spec"] = json!({ "containers": [{ "name": "c", "image": "x" }] });
        }
        let (create, delete) = (
            step(Method::POST, collection.to_owned(), Some(made)),
            step(Method::DELETE, format!("{collection}/{name}"), None),
        );
        // A watch of everything there is begins with it; one from a version gets it as the last event.
        let created = create.response(client, namespace, masks).await;
        assert!(created.status().is_success(), "{} {}: {}", create.method, create.path, created.status());
        let (parts, mut body) = self.response(client, namespace, masks).await.into_parts();
        let mut events = Vec::new();
        let mut buffer = BytesMut::new();
        'body: while let Some(frame) = body.frame().await {
            buffer.extend_from_slice(&frame.expect("a frame").into_data().unwrap_or_default());
            if !parts.status.is_success() {
                continue;
            }
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(&buffer.split_to(end + 1)).replace(namespace, "{ns}");
                let event: Value = serde_json::from_str(&line).expect("an event");
                let is_last = match event["type"].as_str() {
                    Some("BOOKMARK") => {
                        event["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true"
                    }
                    _ => event["object"]["metadata"]["name"] == *name && !self.path.contains("allowWatchBookmarks"),
                };
                let of = event["object"]["metadata"]["name"].as_str().unwrap_or_default();
                if !of.starts_with(SENTINEL) {
                    events.push(masks.mask(event));
                }
                if is_last {
                    break 'body;
                }
            }
        }
        if !parts.status.is_success() {
            let text = String::from_utf8_lossy(&buffer).replace(namespace, "{ns}");
            events.push(masks.mask(serde_json::from_str(&text).unwrap_or(Value::String(text))));
        }
        let deleted = delete.response(client, namespace, masks).await;
        assert!(deleted.status().is_success(), "{} {}: {}", delete.method, delete.path, deleted.status());
        answer(&parts, Value::Array(events), namespace)
    }
}

fn answer(parts: &http::response::Parts, body: Value, namespace: &str) -> Answer {
    let header = |name: &str| -> Vec<String> {
        let values = parts.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    Answer {
        code: parts.status.as_u16(),
        warnings: header("warning").iter().map(|text| text.replace(namespace, "{ns}")).collect(),
        retry_after: header("retry-after").pop(),
        headers: Vec::new(),
        body,
    }
}

/// The values of a header. Of tags and times it is compared that they are there.
fn shown(headers: &http::HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    values
        .map(|value| match name {
            "etag" => format!("{}{{tag}}", value.split('"').next().unwrap_or_default()),
            "expires" => "{time}".to_owned(),
            "location" => value.split("hash=").next().unwrap_or_default().to_owned(),
            _ => value,
        })
        .collect()
}

/// The events of a watch that has ended, if that is what a text is.
fn events(text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    text.lines().map(|line| serde_json::from_str(line).ok()).collect::<Option<Vec<Value>>>().map(Value::Array)
}

/// The path of a request: `configmaps/a?x=y`, or `apps/v1:deployments`.
fn uri(path: &str, namespace: &str) -> String {
    if path.starts_with('/') {
        return path.replace("{ns}", namespace);
    }
    match path.split_once(':').filter(|(version, _)| version.contains('/') && !version.contains('?')) {
        Some((version, rest)) => format!("/apis/{version}/namespaces/{namespace}/{rest}"),
        None => format!("/api/v1/namespaces/{namespace}/{path}"),
    }
}

/// What a path is about: version, kind and name.
fn what(path: &str) -> (&str, &str, &str) {
    let path = path.split('?').next().unwrap_or_default();
    let (version, rest) = match path.strip_prefix("/apis/") {
        // Of what is in no namespace.
        Some(path) => path.match_indices('/').nth(1).map_or(("", path), |(at, _)| (&path[..at], &path[at + 1..])),
        None => path.split_once(':').unwrap_or(("v1", path)),
    };
    let mut parts = rest.split('/');
    let kind = match parts.next().unwrap_or_default() {
        "configmaps" => "ConfigMap",
        "secrets" => "Secret",
        "leases" => "Lease",
        "pods" => "Pod",
        "services" => "Service",
        "deployments" => "Deployment",
        "statefulsets" => "StatefulSet",
        "daemonsets" => "DaemonSet",
        "replicasets" => "ReplicaSet",
        "controllerrevisions" => "ControllerRevision",
        "csistoragecapacities" => "CSIStorageCapacity",
        "podtemplates" => "PodTemplate",
        "replicationcontrollers" => "ReplicationController",
        "jobs" => "Job",
        "cronjobs" => "CronJob",
        "roles" => "Role",
        "gadgets" => "Gadget",
        "gimmicks" => "Gimmick",
        "ferries" => "Ferry",
        "endpoints" => "Endpoints",
        "events" => "Event",
        "horizontalpodautoscalers" => "HorizontalPodAutoscaler",
        "limitranges" => "LimitRange",
        "resourcequotas" => "ResourceQuota",
        "compositepodgroups" => "CompositePodGroup",
        "deviceclasses" => "DeviceClass",
        "evictionrequests" => "EvictionRequest",
        "devicetaintrules" => "DeviceTaintRule",
        "podgroups" => "PodGroup",
        "resourceclaims" => "ResourceClaim",
        "resourceclaimtemplates" => "ResourceClaimTemplate",
        "resourceslices" => "ResourceSlice",
        "workloads" => "Workload",
        other => panic!("no kind is known for {other}"),
    };
    (version, kind, parts.next().unwrap_or_default())
}
