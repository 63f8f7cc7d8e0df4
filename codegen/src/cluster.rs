//! A live cluster's documents, over the runtime's client (feature `cluster`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use kubewright_core::yaml;
use kubewright_runtime::Client;
use serde_json::Value;

use crate::crds::Crds;
use crate::documents::{
    Assembly, Cache, DISCOVERY_ACCEPT, DISCOVERY_PATHS, Documents, Fetch, GroupVersion, INDEX_PATH, VERSION_PATH, plan,
};
use crate::error::DocumentError;

/// How many documents are fetched at once. A server makes them from a cache, so a few keep it busy.
const AT_ONCE: usize = 8;

const JSON: &str = "application/json";

/// What a cluster answered, as it came.
#[derive(Debug)]
pub struct Answers {
    /// The answer of `/version`.
    pub version: Vec<u8>,
    /// The answers of discovery, each with its path.
    pub discovery: Vec<(&'static str, Vec<u8>)>,
    /// The OpenAPI documents that came, each with what was asked for, sorted.
    pub openapi: Vec<(Fetch, Vec<u8>)>,
    /// Those that did not come, and why.
    pub failed: Vec<(Fetch, String)>,
    /// How many of the documents were fetched; the others were in the cache.
    pub fetched: usize,
}

/// Which documents to ask a cluster for, and what to tell on the way.
pub struct Request<'a> {
    /// These groups alone, by name, `core` for the core group; all if empty.
    pub groups: &'a [String],
    /// Where documents are kept by their hash.
    pub cache: &'a Cache,
    /// Called before the first document, and after each: how many there are, and how many came so far.
    pub progress: &'a mut dyn FnMut(usize, usize),
}

/// Why a cluster's documents could not be had at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The cluster did not answer, or refused.
    #[error("cannot read {path} of the cluster")]
    Unreachable {
        /// What was asked for.
        path: &'static str,
        /// What the client says.
        source: kubewright_runtime::Error,
    },
    /// What it answered is not what an API server answers.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A group that was asked for is not there.
    #[error("the cluster has no group {asked:?}; it has: {}", .there.join(", "))]
    NoSuchGroup {
        /// The group that was asked for.
        asked: String,
        /// The groups that the cluster has.
        there: Vec<String>,
    },
    /// The cache can't be written.
    #[error(transparent)]
    Cache(#[from] crate::error::Error),
}

/// Reads what a cluster says about itself. A document whose hash is in the cache is not fetched again; one that can't
/// be fetched does not spoil the rest.
///
/// # Errors
/// If the cluster can't be reached, is not a Kubernetes API server, or has not the groups that were asked for.
pub async fn read(client: &Client, request: Request<'_>) -> Result<Answers, ClusterError> {
    read_or_know(client, request, &[]).await
}

/// Reads the same; groups that are known from elsewhere may be missing.
async fn read_or_know(client: &Client, request: Request<'_>, known: &[String]) -> Result<Answers, ClusterError> {
    let Request { groups, cache, progress } = request;
    let version = get(client, VERSION_PATH, JSON).await?;
    let mut discovery = Vec::new();
    for path in DISCOVERY_PATHS {
        discovery.push((path, get(client, path, DISCOVERY_ACCEPT).await?));
    }
    let wanted = choose(plan(&get(client, INDEX_PATH, JSON).await?)?, groups, known)?;

    let total = wanted.len();
    progress(total, 0);
    let (mut openapi, mut failed, mut fetched) = (Vec::new(), Vec::new(), 0);
    let mut answers = futures_util::stream::iter(wanted)
        .map(|mut fetch| async move {
            if let Some(document) = fetch.hash.as_deref().and_then(|hash| cache.get(hash)) {
                return (fetch, Ok(document), true);
            }
            let answer = get_document(client, &mut fetch).await;
            (fetch, answer, false)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((fetch, answer, cached)) = answers.next().await {
        match answer {
            Ok(document) => {
                if !cached {
                    fetched += 1;
                    if let Some(hash) = &fetch.hash {
                        cache.put(hash, &document)?;
                    }
                }
                openapi.push((fetch, document));
            }
            Err(error) => failed.push((fetch, chain(&error))),
        }
        progress(total, openapi.len() + failed.len());
    }
    openapi.sort_by(|(a, _), (b, _)| a.document.cmp(&b.document));
    failed.sort_by(|(a, _), (b, _)| a.document.cmp(&b.document));
    Ok(Answers { version, discovery, openapi, failed, fetched })
}

/// Everything that a client can be generated from: what a cluster publishes, with its CustomResourceDefinitions in the place
/// of what is published of them, since they say more and say it at once.
///
/// # Errors
/// As for [`read`] and [`read_crds`].
pub async fn documents(client: &Client, request: Request<'_>) -> Result<Documents, ClusterError> {
    let groups = request.groups;
    let crds = read_crds(client, groups).await?;
    // A definition that was just created is not published yet.
    let known = crds.as_ref().map(Crds::groups).unwrap_or_default();
    let mut documents = read_or_know(client, request, &known).await?.documents(groups)?;
    if let Some(crds) = crds {
        crds.publish(&mut documents);
    }
    Ok(documents)
}

/// Where a server lists its CustomResourceDefinitions.
const CRDS_PATH: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/// How many definitions are asked for at once: some are megabytes long.
const CRDS_PAGE: usize = 50;
/// How long a definition may take from its creation until it is accepted, and how often to look.
const ACCEPTED: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// Reads a cluster's CustomResourceDefinitions as objects, which have more than what is published of them, and have it the
/// moment that they are changed. Those of these groups alone; of all if empty. One that was just created is waited for
/// until the server has said that it accepts its names; those that it does not accept, or is about to delete, are left out.
///
/// `None` if there are no definitions, or they may not be read.
///
/// # Errors
/// If the cluster can't be reached, or answers with something else.
pub async fn read_crds(client: &Client, groups: &[String]) -> Result<Option<Crds>, ClusterError> {
    let start = Instant::now();
    loop {
        let Some(objects) = list_crds(client).await? else { return Ok(None) };
        let mut crds = Crds::default();
        let mut pending = false;
        for object in &objects {
            let group = object.pointer("/spec/group").and_then(Value::as_str).unwrap_or_default();
            if !is_wanted(group, groups) || object.pointer("/metadata/deletionTimestamp").is_some() {
                continue;
            }
            match (condition(object, "NamesAccepted"), condition(object, "Established")) {
                (Some("False"), established) if established != Some("True") => continue,
                (_, Some("True")) => {}
                _ => pending = true,
            }
            let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            crds.add_of_version(name, object, "v1");
        }
        if !pending || start.elapsed() > ACCEPTED {
            return Ok(Some(crds));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The status of a condition.
fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| condition["type"] == name)?.get("status")?.as_str()
}

/// Every definition, page by page.
async fn list_crds(client: &Client) -> Result<Option<Vec<Value>>, ClusterError> {
    let (mut objects, mut next) = (Vec::new(), String::new());
    loop {
        let path = format!("{CRDS_PATH}?limit={CRDS_PAGE}{next}");
        let text = match client.get_text(&path, JSON).await {
            Ok(text) => text,
            // Not every server has them, and not everybody may see them.
            Err(error) if error.code().is_some_and(|code| matches!(code.as_u16(), 401 | 403 | 404)) => return Ok(None),
            // The list was changed too much since its first page.
            Err(error) if error.code().is_some_and(|code| code.as_u16() == 410) && !next.is_empty() => {
                (objects, next) = (Vec::new(), String::new());
                continue;
            }
            Err(source) => return Err(ClusterError::Unreachable { path: CRDS_PATH, source }),
        };
        let mut list = match crate::documents::parse_json(CRDS_PATH, text.as_bytes()) {
            Ok(list) => list,
            // A schema may be nested more deeply than the reader of JSON goes.
            Err(error) => match yaml::each(&text, &yaml::Options::default()).pop() {
                Some(Ok(list @ Value::Object(_))) => list,
                _ => return Err(error.into()),
            },
        };
        let token = list.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Value::Array(items) = list["items"].take() {
            objects.extend(items);
        }
        if token.is_empty() {
            return Ok(Some(objects));
        }
        next = format!("&continue={token}");
    }
}

impl Answers {
    /// The documents, parsed. Those that could not be fetched or understood are in [`Documents::problems`].
    ///
    /// # Errors
    /// If version or discovery are not what an API server answers.
    pub fn documents(&self, groups: &[String]) -> Result<Documents, DocumentError> {
        let mut assembly = Assembly::new();
        assembly.version(&self.version)?;
        for (path, answer) in &self.discovery {
            assembly.discovery(path, answer)?;
        }
        for (fetch, document) in &self.openapi {
            assembly.document(fetch, Ok::<_, String>(document.as_slice()));
        }
        for (fetch, error) in &self.failed {
            assembly.document(fetch, Err(error));
        }
        Ok(assembly.finish_only(|group| is_wanted(group, groups)))
    }

    /// The OpenAPI documents by name, as [`normalize`](crate::spec::normalize) takes them.
    pub fn openapi_by_name(&self) -> BTreeMap<String, Vec<u8>> {
        self.openapi.iter().map(|(fetch, document)| (fetch.document.clone(), document.clone())).collect()
    }
}

fn choose(all: Vec<Fetch>, groups: &[String], known: &[String]) -> Result<Vec<Fetch>, ClusterError> {
    let name =
        |fetch: &Fetch| GroupVersion::from_document(&fetch.document).map(|known| known.group).unwrap_or_default();
    for asked in groups {
        let is_there = all.iter().any(|fetch| is_wanted(&name(fetch), std::slice::from_ref(asked)));
        if !is_there && !known.contains(asked) {
            let mut there: Vec<String> = all.iter().map(name).collect();
            there.iter_mut().filter(|group| group.is_empty()).for_each(|group| "core".clone_into(group));
            there.sort();
            there.dedup();
            return Err(ClusterError::NoSuchGroup { asked: asked.clone(), there });
        }
    }
    Ok(all.into_iter().filter(|fetch| is_wanted(&name(fetch), groups)).collect())
}

fn is_wanted(group: &str, groups: &[String]) -> bool {
    groups.is_empty() || groups.iter().any(|asked| asked == group || (group.is_empty() && asked == "core"))
}

/// Gets one document. If it was published again since the index was read, its hash is another now, and the server
/// redirects: then whatever the document is now is what is wanted, and it goes by no hash.
async fn get_document(client: &Client, fetch: &mut Fetch) -> kubewright_runtime::Result<Vec<u8>> {
    let mut answer = client.get_text(&fetch.path, JSON).await;
    let moved = answer.as_ref().is_err_and(|error| error.code().is_some_and(|code| code.is_redirection()));
    if moved && fetch.hash.take().is_some() {
        fetch.path.truncate(fetch.path.find('?').unwrap_or(fetch.path.len()));
        answer = client.get_text(&fetch.path, JSON).await;
    }
    answer.map(String::into_bytes)
}

async fn get(client: &Client, path: &'static str, accept: &'static str) -> Result<Vec<u8>, ClusterError> {
    let text = client.get_text(path, accept).await.map_err(|source| ClusterError::Unreachable { path, source })?;
    Ok(text.into_bytes())
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
