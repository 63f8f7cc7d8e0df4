//! What a controller sees of the cluster, and how it writes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::run::Memory;
use super::settings::Controllers;
use super::values::{name, namespace, uid};
use crate::access::User;
use crate::api::{Act, Body, message_of_error};
use crate::catalog::Resource;
use crate::server::Server;
use crate::stored::Stored;

/// How many of the latest writes an error lists.
const LATEST: usize = 8;

/// A turn of the controllers.
pub(super) struct Context<'a> {
    pub server: &'a Arc<Server>,
    pub settings: &'a Controllers,
    pub memory: &'a mut Memory,
    /// Who writes.
    pub identity: Identity,
    /// The next time at which there is something to do, beside the present.
    pub due: Option<Timestamp>,
    /// The latest writes.
    pub latest: &'a mut VecDeque<String>,
    /// What was refused after webhooks were asked.
    pub refused: &'a HashMap<String, Refused>,
    /// A write that webhooks have to be asked about. Others wait for it.
    pub parked: Option<Parked>,
    /// Why the controllers can't go on.
    pub failed: Option<String>,
}

/// A write that webhooks have to be asked about.
pub(super) struct Parked {
    pub act: Act,
    /// What tells it from other writes.
    pub key: String,
}

/// Who a controller is for the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// A service account in `kube-system`: those of the controller manager.
    Account(&'static str),
    Scheduler,
    /// The kubelet of a node.
    Node(String),
}

/// A write that was refused.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub code: StatusCode,
    pub message: String,
}

impl Refused {
    /// What an answer says.
    pub fn of(response: Response<Body>) -> Result<(), Self> {
        let code = response.status();
        if code.is_success() {
            return Ok(());
        }
        Err(Self { code, message: message_of_error(response) })
    }

    pub fn is_conflict(&self) -> bool {
        self.code == StatusCode::CONFLICT
    }
}

impl Identity {
    fn user(&self) -> User {
        match self {
            Self::Account(name) => User::service_account("kube-system", name),
            Self::Scheduler => User::authenticated("system:kube-scheduler"),
            Self::Node(name) => {
                let mut user = User::authenticated(&format!("system:node:{name}"));
                user.join("system:nodes".to_owned());
                user
            }
        }
    }

    /// The program, which is the field manager too.
    fn program(&self) -> &'static str {
        match self {
            Self::Account(_) => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Node(_) => "kubelet",
        }
    }
}

impl Context<'_> {
    /// The present time as objects have it.
    pub fn now(&self) -> String {
        self.server.clock.text()
    }

    pub fn time(&self) -> Timestamp {
        self.server.clock.now()
    }

    /// Whether a time has come. If it hasn't, the controllers run again then.
    pub fn is_due(&mut self, time: Timestamp) -> bool {
        if time <= self.time() {
            return true;
        }
        self.due = Some(self.due.map_or(time, |due| due.min(time)));
        false
    }

    /// All objects of a kind, in order.
    pub fn list(&self, kind: Kind) -> Vec<Arc<Stored>> {
        self.server.state().store.all(&kind.storage()).map(|(_, object)| object.clone()).collect()
    }

    /// The objects of a kind in a namespace, in order.
    pub fn list_in(&self, kind: Kind, namespace: &str) -> Vec<Arc<Stored>> {
        let prefix = format!("{namespace}/");
        let state = self.server.state();
        let storage = kind.storage();
        let all = state.store.all(&storage).filter(|(key, _)| key.starts_with(&prefix));
        all.map(|(_, object)| object.clone()).collect()
    }

    pub fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<Stored>> {
        let key = if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") };
        self.server.state().store.get(&kind.storage(), &key).cloned()
    }

    /// Creates an object in its namespace.
    pub fn create(&mut self, kind: Kind, object: &Value) -> Result<(), Refused> {
        let path = path_of(kind.group, kind.version, namespace(object), kind.plural);
        self.send(Method::POST, &path, object)
    }

    /// Replaces an object.
    pub fn update(&mut self, kind: Kind, object: &Value) -> Result<(), Refused> {
        self.send(Method::PUT, &self::path(kind, object), object)
    }

    /// Replaces the status of an object, unless it is the same.
    pub fn update_status(&mut self, kind: Kind, object: &Value, status: Value) -> Result<(), Refused> {
        if object["status"] == status {
            return Ok(());
        }
        let mut changed = object.clone();
        changed["status"] = status;
        self.send(Method::PUT, &format!("{}/status", self::path(kind, object)), &changed)
    }

    /// Merges into an object, whatever its version is.
    pub fn patch(&mut self, kind: Kind, object: &Value, patch: &Value) -> Result<(), Refused> {
        self.send(Method::PATCH, &self::path(kind, object), patch)
    }

    /// Merges into the status of an object.
    pub fn patch_status(&mut self, kind: Kind, object: &Value, status: &Value) -> Result<(), Refused> {
        self.send(Method::PATCH, &format!("{}/status", self::path(kind, object)), &json!({ "status": status }))
    }

    /// Deletes an object: this one, and not another that has come in its place.
    pub fn delete(&mut self, kind: Kind, object: &Value, mut options: Value) -> Result<(), Refused> {
        options["preconditions"]["uid"] = json!(uid(object));
        self.send(Method::DELETE, &self::path(kind, object), &options)
    }

    /// Sends a write.
    pub fn send(&mut self, method: Method, path: &str, body: &Value) -> Result<(), Refused> {
        let program = self.identity.program();
        let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let said = format!("{program} {method} {path}");
        let request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header(CONTENT_TYPE, media_type)
            .header(USER_AGENT, program)
            .body(());
        let (parts, ()) = match request {
            Ok(request) => request.into_parts(),
            Err(error) => return Err(Refused { code: StatusCode::BAD_REQUEST, message: error.to_string() }),
        };
        let text = body.to_string();
        // The path of a creation does not say what is created.
        let key = if method == Method::POST { format!("{said} {text}") } else { said.clone() };
        if let Some(refused) = self.refused.get(&key) {
            return Err(refused.clone());
        }
        if self.parked.is_some() {
            let message = "another write has to be finished before".to_owned();
            return Err(Refused { code: StatusCode::SERVICE_UNAVAILABLE, message });
        }
        let before = self.server.state().store.revision();
        let act = Act::new(parts, Bytes::from(text), self.identity.user(), self.settings.is_recorded);
        let Some(response) = act.answer(self.server) else {
            self.parked = Some(Parked { act, key });
            let message = "webhooks have to be asked".to_owned();
            return Err(Refused { code: StatusCode::SERVICE_UNAVAILABLE, message });
        };
        if self.server.state().store.revision() != before {
            if self.latest.len() == LATEST {
                self.latest.pop_front();
            }
            self.latest.push_back(said);
        }
        Refused::of(response)
    }

    /// All resources that objects are written through, one for each kind of objects.
    pub fn resources(&self) -> Vec<Arc<Resource>> {
        let mut resources: Vec<Arc<Resource>> = Vec::new();
        let all = self.server.resources(&self.server.state());
        for resource in all {
            let is_one =
                crate::objects::is_served(&resource) && resource.is_served() && !crate::builtin::is_view(&resource);
            if is_one && !resources.iter().any(|known| known.storage_key() == resource.storage_key()) {
                resources.push(resource);
            }
        }
        resources
    }
}

/// The path of an object.
fn path(kind: Kind, object: &Value) -> String {
    format!("{}/{}", path_of(kind.group, kind.version, namespace(object), kind.plural), name(object))
}

/// The path of a collection.
pub(super) fn path_of(group: &str, version: &str, namespace: &str, plural: &str) -> String {
    let root = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
    if namespace.is_empty() { format!("{root}/{plural}") } else { format!("{root}/namespaces/{namespace}/{plural}") }
}
