//! An operator of websites: for each `Website`, a ConfigMap with its page, and a record of its host.
//!
//! The page belongs to the website, and is deleted with it. The record does not, since it stands for something outside of
//! the cluster: a finalizer cleans it up.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use kubewright::core::v1::ConfigMap;
use kubewright::meta::v1::{Condition, ObjectMeta};
use kubewright::{Api, Client, CustomResource, Resource, verbs};
use kubewright_controller::events::{Recorder, reference};
use kubewright_controller::finalizer::{Event, finalizer};
use kubewright_controller::owner::Owner;
use kubewright_controller::status::{ConditionUpdate, StatusUpdate};
use kubewright_controller::{Action, Cache, Context, Controller, ObjectKey, Predicate, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The field manager of everything that the operator writes.
const MANAGER: &str = "website-operator";
const FINALIZER: &str = "web.example.com/record";
/// The ConfigMap of a namespace that stands for a name server: hosts, and the websites that they belong to.
const RECORDS: &str = "records";

/// A page and the host by which it is found.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "web.example.com",
    version = "v1",
    kind = "Website",
    namespaced,
    status = WebsiteStatus,
    printcolumn(name = "Host", type = "string", json_path = ".spec.host")
)]
#[serde(rename_all = "camelCase")]
pub struct WebsiteSpec {
    /// The host, such as `www.example.com`.
    #[schemars(length(min = 1))]
    pub host: String,
    /// The page.
    pub html: String,
}

/// What the operator has observed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebsiteStatus {
    /// The generation of the website that was published last.
    pub observed_generation: Option<i64>,
    /// Whether it is published.
    #[serde(default)]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What reconciles share.
pub struct Operator {
    client: Client,
    pages: Store<ConfigMap>,
    events: Recorder,
}

impl Operator {
    /// Creates the operator and its controller, for one namespace or all.
    pub fn new(client: &Client, namespace: Option<&str>) -> (Arc<Self>, Controller<Website>) {
        let cache = Cache::new(client);
        let (mut websites, mut pages) = (cache.of::<Website>(), cache.of::<ConfigMap>().without_managed_fields());
        if let Some(namespace) = namespace {
            (websites, pages) = (websites.namespace(namespace), pages.namespace(namespace));
        }
        let pages = pages.store();
        // Writes of the status and of other operators' labels are no reason to do anything.
        let controller = Controller::new(websites.store()).predicate(Predicate::generation()).owns(&pages);
        let events = Recorder::new(client, MANAGER);
        (Arc::new(Self { client: client.clone(), pages, events }), controller)
    }

    /// Makes the cluster match a website.
    pub async fn reconcile(self: Arc<Self>, website: Arc<Website>, _: Context) -> Result<Action> {
        let websites = self.api::<Website>(&website);
        let action = finalizer(&websites, FINALIZER, website, |event| async {
            match event {
                Event::Apply(website) => self.publish(&websites, &website).await,
                Event::Cleanup(website) => self.clean_up(&website).await,
            }
        });
        Ok(action.await?)
    }

    async fn publish(&self, websites: &Api<Website>, website: &Website) -> Result<Action> {
        let mut page = ConfigMap { metadata: ObjectMeta::named(page_name(website)), ..Default::default() };
        page.data.insert("index.html", website.spec.html.as_str());
        Owner::of(website)?.controller().adopt(&mut page)?;
        // What is as it should be costs no request.
        let known = self.pages.get(&ObjectKey::of(&page.metadata));
        let is_current = known.is_some_and(|known| {
            known.data == page.data && known.metadata.owner_references == page.metadata.owner_references
        });
        if !is_current {
            self.api::<ConfigMap>(website).apply(&page, MANAGER).force().await?;
            self.events.normal(reference(website), "Published", "Publish", format!("published {}", website.spec.host));
        }
        self.record(website, Some(&website.spec.host)).await?;
        let condition = ConditionUpdate::new("Ready", true).reason("Published").message("the page is published");
        StatusUpdate::of(website, MANAGER).observed_generation().condition(condition).apply(websites).await?;
        Ok(Action::done())
    }

    async fn clean_up(&self, website: &Website) -> Result<Action> {
        self.record(website, None).await?;
        Ok(Action::done())
    }

    /// Makes the website have a record of this host, and no other.
    async fn record(&self, website: &Website, host: Option<&str>) -> Result<()> {
        let name = website.metadata.name.clone().unwrap_or_default();
        let change = |records: &mut ConfigMap| {
            let is_other = |known: &str, owner: &str| owner != name || Some(known) == host;
            records.data.retain(|known, owner| is_other(known, owner));
            if let Some(host) = host {
                records.data.insert(host, name.as_str());
            }
        };
        // Several websites are reconciled at a time.
        self.api::<ConfigMap>(website).modify(RECORDS, change).or_create(ConfigMap::default).max_attempts(30).await?;
        Ok(())
    }

    /// The handle of another kind in the website's namespace.
    fn api<K: Resource + verbs::Get>(&self, website: &Website) -> Api<K> {
        Api::namespaced(&self.client, website.metadata.namespace.as_deref().unwrap_or_default())
    }

    /// Returns the hosts of a namespace that have a record.
    pub async fn hosts(client: &Client, namespace: &str) -> kubewright::Result<BTreeSet<String>> {
        match Api::<ConfigMap>::namespaced(client, namespace).get(RECORDS).await {
            Ok(records) => Ok(records.data.keys().map(ToString::to_string).collect()),
            Err(error) if error.is_not_found() => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        }
    }

    /// Waits until all events are written.
    pub async fn flush_events(&self) {
        self.events.flush().await;
    }
}

/// Returns the name of a website's page.
pub fn page_name(website: &Website) -> String {
    format!("{}-page", website.metadata.name.as_deref().unwrap_or_default())
}
