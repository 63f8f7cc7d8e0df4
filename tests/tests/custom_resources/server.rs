//! The server's side: what is written to it past any client, and what it has.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use tokio::task::JoinSet;

use super::json::Json;
use super::kind::{GROUP, Kind};
use super::target::Target;

/// How long the server may take to serve what it was told, and how often to look.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// The stored objects of a kind, by name.
pub type Stored = BTreeMap<String, Json>;

pub struct Server {
    pub client: Client,
}

impl Server {
    /// What a request is answered: its code, and the body.
    pub async fn send(&self, method: Method, target: &str, body: String) -> Result<String, String> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(Body::from(body))
            .map_err(|error| error.to_string())?;
        let response = self.client.send(request).await.map_err(|error| error.to_string())?;
        let done = response.status().is_success();
        let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        if done { Ok(text) } else { Err(text) }
    }

    /// Creates the CRDs as they were before.
    pub async fn create_crds(&self, kinds: &[Kind]) {
        for kind in kinds {
            let crd = kind.crd(false);
            let target = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
            if let Err(error) = self.send(Method::POST, target, crd.to_string()).await {
                panic!("the server refuses a CRD: {error}\nseed of the kind {}\n{crd:#}", kind.seed);
            }
        }
        self.wait_for(kinds, false).await;
    }

    /// Makes the CRDs what they are now.
    pub async fn update_crds(&self, kinds: &[Kind]) {
        for kind in kinds {
            let crd = kind.crd(true);
            let target =
                format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{}.{GROUP}", kind.target.plural);
            let target = format!("{target}?fieldManager=m&force=true");
            let request = Request::builder()
                .method(Method::PATCH)
                .uri(target)
                .header("content-type", "application/apply-patch+yaml")
                .body(Body::from(crd.to_string()))
                .expect("a request");
            let response = self.client.send(request).await.expect("an answer");
            let done = response.status().is_success();
            let body = response.into_body().collect().await.expect("a body").to_bytes();
            let error = String::from_utf8_lossy(&body);
            assert!(done, "the server refuses a CRD: {error}\nseed of the kind {}\n{crd:#}", kind.seed);
        }
        self.wait_for(kinds, true).await;
    }

    /// Waits until the published document has each schema, and each kind can be listed.
    async fn wait_for(&self, kinds: &[Kind], now: bool) {
        let patience = Instant::now() + PATIENCE;
        let target = format!("/openapi/v3/apis/{GROUP}/v1");
        loop {
            let document = self.send(Method::GET, &target, String::new()).await.unwrap_or_default();
            let missing = kinds.iter().find(|kind| !document.contains(&kind.mark(now)));
            let Some(missing) = missing else { break };
            assert!(Instant::now() < patience, "the schema of {} is not published", missing.target.kind);
            tokio::time::sleep(PAUSE).await;
        }
        self.wait_until_served(kinds.iter().map(|kind| &kind.target)).await;
    }

    /// Waits until each kind can be listed, and is in discovery, by which kubectl finds it.
    pub async fn wait_until_served(&self, targets: impl Iterator<Item = &Target>) {
        let patience = Instant::now() + PATIENCE;
        for target in targets {
            while let Err(error) = self.send(Method::GET, &target.path(), String::new()).await {
                assert!(Instant::now() < patience, "{} are not served: {error}", target.id());
                tokio::time::sleep(PAUSE).await;
            }
            loop {
                let discovery = self.client.discovery().await.expect("discovery");
                let api_version = format!("{}/{}", target.group, target.version);
                if discovery.kind(&api_version, &target.kind).is_some() {
                    break;
                }
                assert!(Instant::now() < patience, "{} are not discovered", target.id());
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Creates objects as they are, several at a time. What the server refuses is not there; kubectl does not get it
    /// there, either.
    pub async fn create(&self, objects: Vec<(String, Json)>) {
        let mut tasks = JoinSet::new();
        for (path, object) in objects {
            let server = Self { client: self.client.clone() };
            if tasks.len() >= 8 {
                tasks.join_next().await;
            }
            tasks.spawn(async move {
                let target = format!("{path}?fieldManager=m");
                let _ = server.send(Method::POST, &target, object.to_string()).await;
            });
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Every stored object of a kind, verbatim.
    pub async fn stored(&self, kind: &Target) -> Stored {
        let text = self.send(Method::GET, &kind.path(), String::new()).await.expect("a list");
        let list = Json::parse(&text).expect("JSON");
        let name = |object: &Json| (object.str_at(&["metadata", "name"]).expect("a name"), object.clone());
        list.get("items").expect("items").items().iter().map(name).collect()
    }
}

/// A stored object without what two of the same content differ in: name, times, versions.
pub fn content(object: &Json) -> Json {
    let mut object = object.clone();
    let metadata = object.field_mut("metadata");
    for name in ["name", "uid", "resourceVersion", "creationTimestamp"] {
        metadata.remove(name);
    }
    if let Some(Json::List(_)) = metadata.get("managedFields")
        && let Json::List(entries) = metadata.field_mut("managedFields")
    {
        entries.iter_mut().for_each(|entry| entry.remove("time"));
        // By time, then in no order that matters.
        entries.sort();
    }
    object
}
