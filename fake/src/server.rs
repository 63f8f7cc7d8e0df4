//! The state of a fake API server.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use tokio::sync::watch;

use crate::access::{Issued, LastModes, Tokens, store_default_roles};
use crate::builtin;
use crate::catalog::{Resource, StorageKey, built_in};
use crate::clock::FakeClock;
use crate::controllers::{Controllers, Runner};
use crate::crd;
use crate::documents::Documents;
use crate::faults::Faults;
use crate::gates::Gates;
use crate::objects;
use crate::ownership::with_status_of_server;
use crate::quoted::quoted;
use crate::requests::RecordedRequest;
use crate::snapshot::Snapshot;
use crate::status::{About, Status};
use crate::store::{Key, Store};
use crate::stored::Stored;
use crate::streams::{Handlers, Logs};
use crate::webhooks::Services;

/// The changes that are kept for watches and lists of the past.
const HISTORY: usize = 100_000;

/// A fake API server: what all its clients share.
#[derive(Debug)]
pub(crate) struct Server {
    pub documents: Arc<Documents>,
    built_in: Vec<Arc<Resource>>,
    state: Mutex<State>,
    /// The revision of the latest change, for those who wait for the next.
    changed: watch::Sender<u64>,
    /// How often watches that ask for bookmarks get one.
    pub bookmarks: Duration,
    pub clock: FakeClock,
    pub gates: Gates,
    pub faults: Faults,
    pub logs: Logs,
    pub handlers: Handlers,
    pub controllers: Runner,
    pub services: Services,
    /// The tokens of kubeconfigs.
    pub tokens: Tokens,
    requests: Mutex<VecDeque<(u64, RecordedRequest)>>,
    /// How many requests are kept.
    max_requests: usize,
    /// How many requests there were.
    received: AtomicU64,
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub store: Store,
    /// The resources of CustomResourceDefinitions, by the definitions' names.
    custom: Vec<(String, Vec<Arc<Resource>>)>,
    /// Objects that a real server stores otherwise than it reads them: a write that changes nothing stores them again.
    unsettled: HashSet<(StorageKey, Key)>,
    /// How users have acted as others.
    pub impersonations: LastModes,
    /// The tokens of service accounts.
    pub issued: Issued,
}

impl Server {
    pub fn new(
        documents: Arc<Documents>,
        clock: FakeClock,
        gates: Gates,
        controllers: Controllers,
        max_requests: usize,
    ) -> Self {
        let built_in = built_in(&documents);
        let state = State {
            store: Store::new(HISTORY),
            custom: Vec::new(),
            unsettled: HashSet::new(),
            impersonations: LastModes::new(),
            issued: Issued::default(),
        };
        let (changed, _) = watch::channel(state.store.revision());
        Self {
            documents,
            built_in,
            state: Mutex::new(state),
            changed,
            bookmarks: Duration::from_secs(60),
            clock,
            gates,
            faults: Faults::default(),
            logs: Logs::default(),
            handlers: Handlers::default(),
            controllers: Runner::new(controllers),
            services: Services::default(),
            tokens: Tokens::default(),
            requests: Mutex::default(),
            max_requests,
            received: AtomicU64::new(0),
        }
    }

    /// The requests so far, with their numbers.
    pub fn requests(&self) -> MutexGuard<'_, VecDeque<(u64, RecordedRequest)>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request. Returns its number.
    pub fn record(&self, request: RecordedRequest) -> u64 {
        let number = self.received.fetch_add(1, Ordering::Relaxed);
        let mut requests = self.requests();
        requests.push_back((number, request));
        if requests.len() > self.max_requests {
            requests.pop_front();
        }
        number
    }

    /// Records the answer to a request; nothing, if that is forgotten by now.
    pub fn answered(&self, number: u64, status: StatusCode, warnings: Vec<String>) {
        if let Some((_, request)) = self.requests().iter_mut().rev().find(|(known, _)| *known == number) {
            request.status = Some(status);
            request.warnings = warnings;
        }
    }

    /// Puts the objects of a file in place of those that there are.
    pub fn restore(&self, snapshot: Snapshot) {
        let mut state = self.state();
        state.store = Store::restored(snapshot, HISTORY);
        let storage = StorageKey::definitions();
        let all: Vec<(String, Arc<Stored>)> =
            state.store.all(&storage).map(|(name, object)| (name.clone(), object.clone())).collect();
        for (name, definition) in all {
            state.define_established(&name, &definition, &self.documents);
        }
        self.wake(&state);
    }

    /// Adds the roles and bindings, flow schemas and priority levels that every cluster has, as far as they are not there.
    pub fn add_defaults(&self) {
        let mut state = self.state();
        store_default_roles(&mut state.store, &self.clock.text());
        builtin::flows::store_defaults(&mut state.store, &self.clock.text());
        builtin::addresses::store_defaults(&mut state.store, &self.clock.text());
        let served = self.built_in.iter().map(|resource| &**resource).filter(|resource| resource.is_served());
        builtin::api_services::store_defaults(&mut state.store, served, &self.documents, &self.clock.text());
        self.wake(&state);
    }

    /// Runs the controllers until there is nothing left to do.
    ///
    /// # Errors
    ///
    /// 500 if they do not settle.
    pub async fn settle(self: &Arc<Self>) -> Result<(), Status> {
        self.controllers.settle(self).await
    }

    /// The same, where nobody can wait: a write that webhooks have to be asked about is left for the next request.
    ///
    /// # Errors
    ///
    /// 500 if they do not settle.
    pub fn settle_now(self: &Arc<Self>) -> Result<(), Status> {
        self.controllers.settle_now(self)
    }

    /// The state. A panic of another thread leaves it usable: each change of it is a single call.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who wait for changes.
    pub fn wake(&self, state: &State) {
        self.changed.send_replace(state.store.revision());
    }

    /// Tells of changes from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// All resources that are served.
    pub fn resources(&self, state: &State) -> Vec<Arc<Resource>> {
        let custom = state.custom.iter().flat_map(|(_, resources)| resources);
        self.built_in.iter().chain(custom).cloned().collect()
    }

    /// Whether a group has built-in resources.
    pub fn has_built_in(&self, group: &str) -> bool {
        self.built_in.iter().any(|resource| resource.group == group)
    }

    /// The resource that has the same objects in another form.
    pub fn other_form(&self, resource: &Resource) -> Option<Arc<Resource>> {
        self.built_in.iter().find(|other| builtin::are_same(other, resource)).cloned()
    }

    /// A built-in resource by its names.
    pub fn built_in(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.built_in.iter().find(|resource| resource.is_at(group, version, plural))
    }

    /// The other versions of a built-in kind in which it is served.
    pub fn forms(&self, resource: &Resource) -> Vec<Arc<Resource>> {
        let is_form = |other: &&Arc<Resource>| {
            let is_same = other.group == resource.group && other.plural == resource.plural;
            is_same && other.version != resource.version && other.is_served()
        };
        self.built_in.iter().filter(is_form).cloned().collect()
    }

    /// A resource by its names. The error is that of a real server, or says that it isn't done.
    pub fn resource(&self, state: &State, group: &str, version: &str, plural: &str) -> Result<Arc<Resource>, Status> {
        let mut custom = state.custom.iter().flat_map(|(_, resources)| resources);
        let found = self
            .built_in(group, version, plural)
            .or_else(|| custom.find(|resource| resource.is_at(group, version, plural)));
        let resource = found.cloned().ok_or_else(Status::no_resource)?;
        if !objects::is_served(&resource) {
            return Err(Status::not_done(format_args!("{plural} of {}", quoted(group))));
        }
        if !resource.is_served() {
            let served = self.built_in.iter().find(|other| other.storage_key() == resource.storage_key());
            let instead = served.map(|other| other.api_version()).unwrap_or_default();
            return Err(Status::not_done(format_args!("{plural} in {group}/{version}; it has them in {instead}")));
        }
        Ok(resource)
    }
}

impl State {
    /// Decides on the names of a definition that has changed or is gone, then on those of the others, until nothing changes; and serves
    /// what is established.
    pub fn settle_definitions(&mut self, key: &str, documents: &Documents, now: &str) {
        let storage = StorageKey::definitions();
        match self.store.get(&storage, key).cloned() {
            Some(definition) => self.define_established(key, &definition, documents),
            None => self.undefine(key),
        }
        let others: Vec<String> =
            self.store.all(&storage).map(|(name, _)| name.clone()).filter(|name| name != key).collect();
        let names: Vec<String> = std::iter::once(key.to_owned()).chain(others).collect();
        while let Some((name, settled)) = names.iter().find_map(|name| {
            let definition = self.store.get(&storage, name)?;
            let group = &definition["spec"]["group"];
            let of_group = self.store.all(&storage).map(|(_, other)| -> &Value { other });
            let of_group = of_group.filter(|other| other["spec"]["group"] == *group);
            let settled = builtin::naming::settled(definition, of_group, now)?;
            Some((name, with_status_of_server(definition, settled, builtin::naming::schema(documents), now)))
        }) {
            let stored = self.store.put(&storage, name, settled);
            self.define_established(name, &stored, documents);
        }
        builtin::api_services::settle(&mut self.store, &storage, documents, now);
    }

    fn define_established(&mut self, name: &str, definition: &Value, documents: &Documents) {
        if builtin::naming::is_established(definition) {
            self.define(name, definition, documents);
        } else {
            self.undefine(name);
        }
    }

    /// Takes the resources of a CustomResourceDefinition in, in place of those that it had.
    fn define(&mut self, name: &str, definition: &Value, documents: &Documents) {
        self.undefine(name);
        let resources = crd::resources(definition, documents).into_iter().map(Arc::new).collect();
        self.custom.push((name.to_owned(), resources));
    }

    /// Forgets the resources of a definition.
    fn undefine(&mut self, name: &str) {
        self.custom.retain(|(known, _)| known != name);
    }

    pub fn is_unsettled(&self, storage: &StorageKey, key: &str) -> bool {
        !self.unsettled.is_empty() && self.unsettled.contains(&(storage.clone(), key.to_owned()))
    }

    pub fn set_unsettled(&mut self, storage: &StorageKey, key: &str, is_unsettled: bool) {
        let id = (storage.clone(), key.to_owned());
        if is_unsettled {
            self.unsettled.insert(id);
        } else {
            self.unsettled.remove(&id);
        }
    }

    /// Checks that new objects may come into a namespace.
    pub fn check_namespace(&self, resource: &Resource, namespace: &str, name: &str) -> Result<(), Status> {
        let namespaces = StorageKey::new("", "namespaces");
        let Some(found) = self.store.get(&namespaces, namespace) else {
            return Err(Status::not_found(About { group: "", kind: "namespaces", name: namespace }));
        };
        if found["metadata"].get("deletionTimestamp").is_none() {
            return Ok(());
        }
        let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
        let causes = serde_json::json!([{
            "reason": "NamespaceTerminating",
            "message": format!("namespace {namespace} is being terminated"),
            "field": "metadata.namespace",
        }]);
        Err(Status::forbidden(About { group: &resource.group, kind: &resource.plural, name }, &why, causes))
    }
}
