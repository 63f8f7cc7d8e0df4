//! One watch for all users of a kind.

use std::any::{Any, TypeId};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kubewright::request::ListRequest;
use kubewright::selector::Selector;
use kubewright::{Api, Client, DynamicObject, DynamicResource, Object, PartialObjectMetadata, Resource, Scope, verbs};

use crate::store::WeakStore;
use crate::{Reflector, Store};

/// The running reflectors of a client: all users of a kind, with the same options, share one watch and one [`Store`].
///
/// A reflector is started for its first user, and stops when the last one drops its stores, subscriptions and indexes.
/// Requests that differ in anything but the page size have a watch each: an object that one of them prunes must be whole
/// for the others.
///
/// ```no_run
/// use kubewright::core::v1::{Node, Pod};
/// use kubewright::prelude::*;
/// use kubewright_controller::Cache;
///
/// # async fn run(client: Client) -> Result<(), kubewright_controller::store::Stopped> {
/// let cache = Cache::new(&client);
/// let pods = cache.of::<Pod>().namespace("shop").without_managed_fields().store();
/// let nodes = cache.metadata::<Node>().store();
/// pods.wait_synced().await?;
/// nodes.wait_synced().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    running: Mutex<HashMap<Options, Running>>,
}

/// What a reflector watches, and how it keeps that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Options {
    kind: TypeId,
    resource: DynamicResource,
    namespace: Option<String>,
    labels: Vec<String>,
    fields: Vec<String>,
    shard: Option<String>,
    dropped: BTreeSet<String>,
    is_packed: bool,
}

struct Running {
    /// A `WeakStore` of the kind.
    store: Box<dyn Any + Send + Sync>,
    has_users: fn(&(dyn Any + Send + Sync)) -> bool,
}

impl Cache {
    /// Creates a cache without reflectors. Clones share them; another cache of the same client does not.
    pub fn new(client: &Client) -> Self {
        Self { inner: Arc::new(Inner { client: client.clone(), running: Mutex::default() }) }
    }

    /// Returns the client.
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Requests the objects of a kind.
    pub fn of<K: Resource + verbs::List + verbs::Watch>(&self) -> CacheRequest<K> {
        CacheRequest::new(self, K::RESOURCE.into(), |client, _, namespace| typed::<K>(client, namespace).list())
    }

    /// Requests the metadata of the objects of a kind: the server omits spec and status.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches>
    pub fn metadata<K: Resource + verbs::List + verbs::Watch>(&self) -> CacheRequest<PartialObjectMetadata> {
        CacheRequest::new(self, K::RESOURCE.into(), |client, _, namespace| {
            typed::<K>(client, namespace).list().metadata_only()
        })
    }

    /// Requests the objects of a resource that is known only at run time.
    pub fn dynamic(&self, resource: &DynamicResource) -> CacheRequest<DynamicObject> {
        CacheRequest::new(self, resource.clone(), |client, resource, namespace| {
            dynamic(client, resource, namespace).list()
        })
    }

    /// Requests the metadata of the objects of a resource that is known only at run time.
    pub fn dynamic_metadata(&self, resource: &DynamicResource) -> CacheRequest<PartialObjectMetadata> {
        CacheRequest::new(self, resource.clone(), |client, resource, namespace| {
            dynamic(client, resource, namespace).list().metadata_only()
        })
    }

    /// Returns the number of reflectors that have users.
    pub fn running(&self) -> usize {
        self.inner.running().values().filter(|running| running.has_users()).count()
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("running", &self.running()).finish_non_exhaustive()
    }
}

fn typed<K: Resource>(client: &Client, namespace: Option<&str>) -> Api<K> {
    namespace.map_or_else(|| Api::all(client), |namespace| Api::namespaced(client, namespace))
}

fn dynamic(client: &Client, resource: &DynamicResource, namespace: Option<&str>) -> Api<DynamicObject> {
    Api::dynamic(client, resource, namespace.map_or(Scope::Cluster, Scope::Namespace))
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, HashMap<Options, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn new<K: Object>(store: &Store<K>) -> Self {
        Self { store: Box::new(store.downgrade()), has_users: |store| upgrade::<K>(store).is_some() }
    }

    fn has_users(&self) -> bool {
        (self.has_users)(&*self.store)
    }
}

/// Returns the store, unless it has no users or has stopped by an error.
fn upgrade<K: Object>(store: &(dyn Any + Send + Sync)) -> Option<Store<K>> {
    let store = store.downcast_ref::<WeakStore<K>>()?.upgrade()?;
    (!store.is_stopped()).then_some(store)
}

/// A request for a [`Store`] of a [`Cache`]. The options are those of a list.
#[must_use = "a request does nothing until `store` is called"]
pub struct CacheRequest<K> {
    cache: Cache,
    options: Options,
    page_size: Option<u32>,
    list: List<K>,
}

/// Creates the list, of a namespace or of all objects.
type List<K> = fn(&Client, &DynamicResource, Option<&str>) -> ListRequest<K>;

impl<K: Object> CacheRequest<K> {
    fn new(cache: &Cache, resource: DynamicResource, list: List<K>) -> Self {
        let options = Options {
            kind: TypeId::of::<K>(),
            resource,
            namespace: None,
            labels: Vec::new(),
            fields: Vec::new(),
            shard: None,
            dropped: BTreeSet::new(),
            is_packed: false,
        };
        Self { cache: cache.clone(), options, page_size: None, list }
    }

    /// Requests the objects of one namespace. The default is all of them.
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.options.namespace = Some(namespace.to_owned());
        self
    }

    /// Selects by label, such as `app=web,tier!=cache`. Repeated selectors are combined: all must match.
    pub fn labels(mut self, selector: &str) -> Self {
        // Different texts of one selector share a watch; an invalid one is rejected by the server.
        let canonical = selector.parse::<Selector>().map(|selector| selector.to_string());
        self.options.labels.push(canonical.unwrap_or_else(|_| selector.to_owned()));
        self
    }

    /// Selects by field, such as `spec.nodeName=node-1`. Repeated selectors are combined: all must match.
    pub fn fields(mut self, selector: &str) -> Self {
        self.options.fields.push(selector.to_owned());
        self
    }

    /// Selects one shard; see [`ListRequest::shard_selector`].
    pub fn shard_selector(mut self, selector: &str) -> Self {
        self.options.shard = Some(selector.to_owned());
        self
    }

    /// Skips fields while decoding, by their JSON paths; see [`ListRequest::drop_fields`]. Such an object must not be
    /// written back.
    pub fn drop_fields(mut self, paths: &[&str]) -> Self {
        self.options.dropped.extend(paths.iter().map(|path| (*path).to_owned()));
        self
    }

    /// Skips `metadata.managedFields`, often half of an object.
    pub fn without_managed_fields(self) -> Self {
        self.drop_fields(&[".metadata.managedFields"])
    }

    /// Sets the page size of lists, for servers that do not send initial events in a watch. Whoever starts the reflector
    /// decides.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = Some(items);
        self
    }

    /// Keeps objects in their encoded form; see [`Reflector::packed`].
    pub fn packed(mut self) -> Self {
        self.options.is_packed = true;
        self
    }

    /// Returns the store of the running reflector with these options, or of a new one.
    ///
    /// A new one runs in a task of the current tokio runtime. Its watch retries for ever: see
    /// [`Store::last_error`].
    ///
    /// # Panics
    /// If called from outside of a tokio runtime.
    pub fn store(self) -> Store<K> {
        let mut running = self.cache.inner.running();
        if let Some(store) = running.get(&self.options).and_then(|running| upgrade(&*running.store)) {
            return store;
        }
        running.retain(|_, running| running.has_users());
        let watcher = self.list().watcher();
        let reflector = Reflector::new(watcher);
        let store = if self.options.is_packed { reflector.packed() } else { reflector }.spawn();
        running.insert(self.options.clone(), Running::new(&store));
        store
    }

    fn list(&self) -> ListRequest<K> {
        let options = &self.options;
        let mut list = (self.list)(self.cache.client(), &options.resource, options.namespace.as_deref());
        for selector in &options.labels {
            list = list.labels(selector);
        }
        for selector in &options.fields {
            list = list.fields(selector);
        }
        if let Some(selector) = &options.shard {
            list = list.shard_selector(selector);
        }
        if !options.dropped.is_empty() {
            let paths: Vec<&str> = options.dropped.iter().map(String::as_str).collect();
            list = list.drop_fields(&paths);
        }
        if let Some(items) = self.page_size {
            list = list.page_size(items);
        }
        list
    }
}

impl<K> fmt::Debug for CacheRequest<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheRequest").field("options", &self.options).finish_non_exhaustive()
    }
}
