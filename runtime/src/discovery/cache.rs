//! Fetches discovery documents and caches them by ETag.

use std::sync::Arc;

use http::header::{ACCEPT, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{Request, StatusCode};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::aggregated::{self, Answer};
use super::legacy::{Group, ResourceList};
use super::{ApiGroup, ApiVersion, Discovery};
use crate::Client;
use crate::error::{Error, Operation, Result};
use crate::retry::RetryClass;
use crate::transport::Body;
use crate::wire::response;

/// The core group's path comes first, following the server's own preference.
const PATHS: [&str; 2] = ["/api", "/apis"];

/// The cached discovery of a client.
#[derive(Default)]
struct Cache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// The groups of each path, with their ETag.
    pages: [Option<Page>; PATHS.len()],
    /// All of them combined.
    discovery: Option<Arc<Discovery>>,
}

struct Page {
    etag: Option<HeaderValue>,
    groups: Vec<ApiGroup>,
}

/// The groups of one path.
enum Heard {
    Unchanged,
    Page(Page),
}

pub(super) async fn discover(client: &Client) -> Result<Arc<Discovery>> {
    let cache = client.kept::<Cache>();
    // Held during the requests, so that concurrent calls reuse the first one's result.
    let mut kept = cache.0.lock().await;
    let heard = futures_util::future::try_join_all(
        PATHS.into_iter().zip(&kept.pages).map(|(path, known)| ask(client, path, known.as_ref())),
    );
    let heard = heard.await?;
    for (index, new) in heard.into_iter().enumerate() {
        let (Heard::Page(new), Some(page)) = (new, kept.pages.get_mut(index)) else { continue };
        // A server without ETags sends the whole document each time.
        let changed = page.as_ref().is_none_or(|page| page.groups != new.groups);
        *page = Some(new);
        if changed {
            kept.discovery = None;
        }
    }
    let Kept { pages, discovery } = &mut *kept;
    let all = || pages.iter().flatten().flat_map(|page| page.groups.iter().cloned()).collect();
    Ok(discovery.get_or_insert_with(|| Arc::new(Discovery::new(all()))).clone())
}

async fn ask(client: &Client, path: &str, known: Option<&Page>) -> Result<Heard> {
    let etag = known.and_then(|page| page.etag.clone());
    let Some((etag, body)) = get(client, path, aggregated::ACCEPT, etag).await? else { return Ok(Heard::Unchanged) };
    let groups = match read::<Answer>(path, &body)? {
        Answer::Aggregated { items } => items.into_iter().map(ApiGroup::from).collect(),
        Answer::Versions { versions } => whole(client, vec![Group::core(versions)]).await?,
        Answer::Groups { groups } => whole(client, groups).await?,
    };
    Ok(Heard::Page(Page { etag, groups }))
}

/// Fetches the resources of each version of these groups.
async fn whole(client: &Client, groups: Vec<Group>) -> Result<Vec<ApiGroup>> {
    let mut all = Vec::with_capacity(groups.len());
    for group in groups {
        let mut versions = Vec::new();
        for version in group.versions() {
            let path = group.path(version);
            let list = get(client, &path, "application/json", None).await;
            versions.push(match list {
                Ok(Some((_, body))) => read::<ResourceList>(&path, &body)?.of(&group.name, version),
                // One unavailable aggregated server must not hide the others.
                Err(error) if error.is_not_found() || error.retry_class() != RetryClass::Permanent => {
                    tracing::debug!(%error, path, "discovery of a group-version failed");
                    ApiVersion { version: version.to_owned(), resources: Vec::new(), stale: true }
                }
                Err(error) => return Err(error),
                Ok(None) => ApiVersion { version: version.to_owned(), resources: Vec::new(), stale: true },
            });
        }
        all.push(group.with(versions));
    }
    Ok(all)
}

/// Returns the body and ETag of a response; `None` if it was not modified.
async fn get(
    client: &Client,
    path: &str,
    accept: &'static str,
    etag: Option<HeaderValue>,
) -> Result<Option<(Option<HeaderValue>, bytes::Bytes)>> {
    let mut request = Request::get(path).header(ACCEPT, HeaderValue::from_static(accept));
    let asked = etag.is_some();
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let named = |error: Error| error.with_operation(&Operation { method: http::Method::GET, path: path.to_owned() });
    let request = request.body(Body::empty()).map_err(|error| Error::build(error.to_string()))?;
    let answer = client.send(request).await?;
    if asked && answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let etag = answer.headers().get(ETAG).cloned();
    let payload = client.read_whole(answer).await.map_err(named)?;
    Ok(Some((etag, payload)))
}

fn read<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("expected discovery, got: {}", response::excerpt(body));
        let operation = Operation { method: http::Method::GET, path: path.to_owned() };
        let error = Error::response(message, Some(bytes::Bytes::copy_from_slice(body))).with_source(error);
        error.with_operation(&operation)
    })
}
