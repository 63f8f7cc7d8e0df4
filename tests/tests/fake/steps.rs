//! Requests of a scenario, and what is compared of the answers.

use std::collections::BTreeMap;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};

/// The requests of a scenario, in order. Paths are below the scenario's namespace: `configmaps/a`, or with a
/// group and version `apps/v1:deployments/a`.
#[derive(Default)]
pub struct Steps {
    requests: Vec<Step>,
}

/// A request.
pub struct Step {
    method: Method,
    path: String,
    media_type: &'static str,
    accept: &'static str,
    body: Option<Value>,
    /// Whether the message of an error is in other words.
    is_worded_otherwise: bool,
}

/// What a server answered, without what differs from run to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub code: u16,
    pub warnings: Vec<String>,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Steps {
    fn add(&mut self, method: Method, path: &str, media_type: &'static str, body: Option<Value>) {
        let path = path.to_owned();
        self.requests.push(Step {
            method,
            path,
            media_type,
            accept: "application/json",
            body,
            is_worded_otherwise: false,
        });
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
        let mut masks = Masks::default();
        let mut answers = Vec::new();
        for step in &self.requests {
            let answer = step.send(client, namespace, &mut masks).await;
            answers.push((format!("{} {}", step.method, step.path), answer));
        }
        answers
    }
}

impl Step {
    async fn send(&self, client: &Client, namespace: &str, masks: &mut Masks) -> Answer {
        let body = self.body.as_ref().map(|body| masks.unmask(body).to_string().replace("{ns}", namespace));
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(masks.unmask_text(&uri(&self.path, namespace)))
            .header("accept", self.accept)
            .header("user-agent", "scenario/1");
        if !self.media_type.is_empty() {
            request = request.header("content-type", self.media_type);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let response = client.send(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let header = |name: &str| -> Vec<String> {
            parts
                .headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect()
        };
        let body = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&body).replace(namespace, "{ns}");
        let mut body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if self.is_worded_otherwise && body.get("message").is_some() {
            body["message"] = json!("in other words");
            if let Some(Value::Array(causes)) = body.pointer_mut("/details/causes") {
                causes.iter_mut().for_each(|cause| cause["message"] = json!("in other words"));
            }
        }
        Answer {
            code: parts.status.as_u16(),
            warnings: header("warning").iter().map(|text| text.replace(namespace, "{ns}")).collect(),
            retry_after: header("retry-after").pop(),
            body: masks.mask(body),
        }
    }
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
    let (version, rest) = path.split_once(':').unwrap_or(("v1", path));
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
        "jobs" => "Job",
        "cronjobs" => "CronJob",
        "roles" => "Role",
        "gadgets" => "Gadget",
        other => panic!("no kind is known for {other}"),
    };
    (version, kind, parts.next().unwrap_or_default())
}

/// Whether an address is one that a server chose.
fn is_allocated(text: &str) -> bool {
    text.starts_with("10.0.") && !text.starts_with("10.0.0.")
}

/// The values that differ from run to run, by what stands for them: `{rv1}`, `{uid1}`.
#[derive(Default)]
struct Masks {
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Masks {
    fn of(&mut self, sort: &'static str, value: &str) -> String {
        if let Some((mask, _)) = self.known.iter().find(|(mask, known)| mask[1..].starts_with(sort) && *known == value)
        {
            return mask.clone();
        }
        let count = self.counts.entry(sort).or_default();
        *count += 1;
        let mask = format!("{{{sort}{count}}}");
        self.known.insert(mask.clone(), value.to_owned());
        mask
    }

    fn mask(&mut self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let masked = fields.into_iter().map(|(name, value)| {
                    let value = match (name.as_str(), &value) {
                        // In the order of time, of which the two servers have their own.
                        ("managedFields", Value::Array(entries)) => {
                            let mut entries = entries.clone();
                            entries.sort_by_key(|entry| {
                                ["operation", "manager", "apiVersion", "subresource"]
                                    .map(|name| entry[name].to_string())
                            });
                            self.mask(Value::Array(entries))
                        }
                        ("resourceVersion", Value::String(text)) if !text.is_empty() => json!(self.of("rv", text)),
                        ("uid", Value::String(text)) if text.len() == 36 => json!(self.of("uid", text)),
                        (
                            "creationTimestamp"
                            | "deletionTimestamp"
                            | "time"
                            | "lastTransitionTime"
                            | "lastPhaseTransitionTime",
                            Value::String(_),
                        ) => json!("{time}"),
                        // What is allocated differs, but not those that were asked for: they have low numbers.
                        ("clusterIP", Value::String(text)) if is_allocated(text) => json!(self.of("ip", text)),
                        ("clusterIPs", Value::Array(list)) => list
                            .iter()
                            .map(|ip| match ip.as_str() {
                                Some(text) if is_allocated(text) => json!(self.of("ip", text)),
                                _ => ip.clone(),
                            })
                            .collect(),
                        ("nodePort", Value::Number(number)) if number.as_u64().is_some_and(|number| number > 30085) => {
                            json!(self.of("port", &number.to_string()))
                        }
                        ("continue", Value::String(text)) if !text.is_empty() => json!(self.of("continue", text)),
                        // Go's maps have no order, and so the causes that are found by them.
                        ("causes", Value::Array(causes)) => {
                            let mut causes = causes.clone();
                            causes.sort_by_key(Value::to_string);
                            self.mask(Value::Array(causes))
                        }
                        _ => self.mask(value),
                    };
                    (name, value)
                });
                Value::Object(masked.collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.mask(item)).collect()),
            // Versions that a message quotes in brackets.
            Value::String(text) if text.contains("ResourceVersion in ") => {
                let parts = text.split_inclusive('(').map(|part| match part.split_once(')') {
                    Some((version, rest)) if version.parse::<u64>().is_ok() => {
                        format!("{}){rest}", self.of("rv", version))
                    }
                    _ => part.to_owned(),
                });
                Value::String(parts.collect())
            }
            Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => json!(self.of("uid", &text)),
            // A message that quotes a uid.
            Value::String(text) => {
                let uids: Vec<(String, String)> = self
                    .known
                    .iter()
                    .filter(|(mask, _)| mask.starts_with("{uid"))
                    .map(|(mask, known)| (mask.clone(), known.clone()))
                    .collect();
                Value::String(uids.iter().fold(text, |text, (mask, known)| text.replace(known, mask)))
            }
            other => other,
        }
    }

    /// Puts what a server gave into a later request.
    fn unmask(&self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.unmask(value))).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.unmask(item)).collect()),
            Value::String(text) => Value::String(self.unmask_text(text)),
            other => other.clone(),
        }
    }

    fn unmask_text(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (mask, known)| text.replace(mask, known))
    }
}
