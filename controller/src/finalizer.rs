//! Finalizers: cleanup that runs before an object is deleted.
//!
//! [`finalizer`] adds the finalizer before anything is done for an object, and removes it once the cleanup has succeeded.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use kubewright::Api;
//! use kubewright::core::v1::ConfigMap;
//! use kubewright_controller::finalizer::{Event, FinalizerError, finalizer};
//! use kubewright_controller::{Action, Context};
//!
//! # async fn create_bucket(_: &ConfigMap) -> kubewright::Result<()> { Ok(()) }
//! # async fn delete_bucket(_: &ConfigMap) -> kubewright::Result<()> { Ok(()) }
//! async fn reconcile(
//!     api: &Api<ConfigMap>,
//!     object: Arc<ConfigMap>,
//! ) -> Result<Action, FinalizerError<kubewright::Error>> {
//!     finalizer(api, "shop.example.com/bucket", object, async |event| match event {
//!         Event::Apply(object) => create_bucket(&object).await.map(|()| Action::done()),
//!         Event::Cleanup(object) => delete_bucket(&object).await.map(|()| Action::done()),
//!     })
//!     .await
//! }
//! ```
//!
//! - Nothing leaks: `Apply` runs only when the server has stored the finalizer, so that the object can't be deleted without
//!   a cleanup.
//! - The cleanup does not run for an object whose finalizer was removed already. A cache may still have such an object, so it
//!   is read from the server first. What a cleanup does must be possible twice nevertheless: a program may end between the
//!   cleanup and the removal.
//! - The cleanup is repeated until it returns [`Action::done`]. After an error, and after [`Action::requeue_after`], which
//!   means that there is more to do, the finalizer stays.
//! - Exactly this finalizer of exactly this object is removed, by a JSON patch that tests the object's uid and the
//!   finalizer: not another one that moved to its place, nor that of an object that was created again by the same name.
//! - An object that is being deleted and does not have the finalizer is skipped.
//!
//! A controller that has a [predicate](crate::Predicate) for the generation sees that it has to clean up, since the request
//! to delete an object with finalizers increments it. (Kinds without generations pass that predicate always.)
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use kubewright::meta::v1::ObjectMeta;
use kubewright::{Api, Error, Object, Patch, verbs};
use serde_json::json;

use crate::action::Action;

/// How often a patch is sent if the object changes in between each time.
const MAX_ATTEMPTS: u32 = 5;

/// What is to be done for an object with a finalizer.
#[derive(Clone, Debug)]
pub enum Event<K> {
    /// The object exists, and has the finalizer.
    Apply(Arc<K>),
    /// The object is being deleted, and waits for the cleanup.
    Cleanup(Arc<K>),
}

/// Why an object with a finalizer was not reconciled.
#[derive(Debug)]
#[non_exhaustive]
pub enum FinalizerError<E> {
    /// The name is not a domain, a slash and a name, as that of a finalizer must be.
    Name(String),
    /// The finalizer could not be added. Nothing was done for the object.
    Add(Error),
    /// The object could not be read before the cleanup. Nothing was done for it.
    Read(Error),
    /// The finalizer could not be removed after the cleanup.
    Remove(Error),
    /// [`Event::Apply`] failed.
    Apply(E),
    /// [`Event::Cleanup`] failed. The finalizer is still there.
    Cleanup(E),
}

/// Reconciles an object with a finalizer of this name, such as `shop.example.com/bucket`. See the [module](self).
///
/// The handle is for the object's namespace, if it has one.
///
/// # Errors
/// The function's own, and those of requests; a controller retries after any of them.
pub async fn finalizer<K, E, F>(
    api: &Api<K>,
    name: &str,
    object: Arc<K>,
    reconcile: impl FnOnce(Event<K>) -> F,
) -> Result<Action, FinalizerError<E>>
where
    K: Object + verbs::Get + verbs::Patch,
    F: Future<Output = Result<Action, E>>,
{
    if !is_qualified(name) {
        return Err(FinalizerError::Name(name.to_owned()));
    }
    let object = match (is_deleting(object.metadata()), position(object.metadata(), name)) {
        (true, None) => return Ok(Action::done()),
        (true, Some(_)) => return cleanup(api, name, &object, reconcile).await,
        (false, Some(_)) => object,
        (false, None) => match add(api, name, object).await.map_err(FinalizerError::Add)? {
            Some(object) => object,
            None => return Ok(Action::done()),
        },
    };
    reconcile(Event::Apply(object)).await.map_err(FinalizerError::Apply)
}

async fn cleanup<K, E, F>(
    api: &Api<K>,
    name: &str,
    cached: &K,
    reconcile: impl FnOnce(Event<K>) -> F,
) -> Result<Action, FinalizerError<E>>
where
    K: Object + verbs::Get + verbs::Patch,
    F: Future<Output = Result<Action, E>>,
{
    // The cache may be behind our own removal of the finalizer.
    let current = read(api, cached.metadata()).await.map_err(FinalizerError::Read)?;
    let waiting = |object: &K| is_deleting(object.metadata()) && position(object.metadata(), name).is_some();
    let Some(object) = current.filter(waiting) else { return Ok(Action::done()) };
    let object = Arc::new(object);
    let action = reconcile(Event::Cleanup(object.clone())).await.map_err(FinalizerError::Cleanup)?;
    if action.delay().is_some() {
        return Ok(action);
    }
    remove(api, name, object).await.map_err(FinalizerError::Remove)?;
    Ok(Action::done())
}

/// Adds the finalizer. Returns the object with it, or `None` if the object is being deleted or no longer exists.
async fn add<K>(api: &Api<K>, finalizer: &str, mut object: Arc<K>) -> Result<Option<Arc<K>>, Error>
where
    K: Object + verbs::Get + verbs::Patch,
{
    let mut attempts = 0;
    loop {
        let metadata = object.metadata();
        let patch = if metadata.finalizers.is_empty() {
            // A test for null also succeeds if the field is absent.
            json!([
                { "op": "test", "path": "/metadata/uid", "value": metadata.uid },
                { "op": "test", "path": "/metadata/finalizers", "value": null },
                { "op": "add", "path": "/metadata/finalizers", "value": [finalizer] },
            ])
        } else {
            json!([
                { "op": "test", "path": "/metadata/uid", "value": metadata.uid },
                { "op": "test", "path": "/metadata/finalizers", "value": metadata.finalizers },
                { "op": "add", "path": "/metadata/finalizers/-", "value": finalizer },
            ])
        };
        attempts += 1;
        match send(api, metadata, patch, attempts).await? {
            Sent::Patched(object) => return Ok(Some(Arc::new(object))),
            Sent::Deleted => return Ok(None),
            Sent::Changed(current) if is_deleting(current.metadata()) => return Ok(None),
            Sent::Changed(current) => {
                object = Arc::new(current);
                if position(object.metadata(), finalizer).is_some() {
                    return Ok(Some(object));
                }
            }
        }
    }
}

/// Removes the finalizer, unless somebody else has.
async fn remove<K>(api: &Api<K>, finalizer: &str, mut object: Arc<K>) -> Result<(), Error>
where
    K: Object + verbs::Get + verbs::Patch,
{
    let mut attempts = 0;
    while let Some(index) = position(object.metadata(), finalizer) {
        let path = format!("/metadata/finalizers/{index}");
        let patch = json!([
            { "op": "test", "path": "/metadata/uid", "value": object.metadata().uid },
            { "op": "test", "path": path, "value": finalizer },
            { "op": "remove", "path": path },
        ]);
        attempts += 1;
        match send(api, object.metadata(), patch, attempts).await? {
            Sent::Patched(_) | Sent::Deleted => return Ok(()),
            Sent::Changed(current) => object = Arc::new(current),
        }
    }
    Ok(())
}

/// Outcome of a patch.
enum Sent<K> {
    Patched(K),
    /// The object no longer exists, or is another one by the same name.
    Deleted,
    /// The patch did not fit the object, which is in another state by now.
    Changed(K),
}

async fn send<K>(api: &Api<K>, metadata: &ObjectMeta, patch: serde_json::Value, attempt: u32) -> Result<Sent<K>, Error>
where
    K: Object + verbs::Get + verbs::Patch,
{
    let name = metadata.name.as_deref().unwrap_or_default();
    match api.patch(name, Patch::json(patch)).await {
        Ok(object) => Ok(Sent::Patched(object)),
        Err(error) if error.is_not_found() => Ok(Sent::Deleted),
        // A `test` that fails is a 422, as is a finalizer for an object that is being deleted.
        Err(error) if (error.is_conflict() || error.is_invalid()) && attempt < MAX_ATTEMPTS => {
            match read(api, metadata).await? {
                None => Ok(Sent::Deleted),
                // The patch was rejected for another reason.
                Some(same) if same.metadata().resource_version == metadata.resource_version => Err(error),
                Some(current) => Ok(Sent::Changed(current)),
            }
        }
        Err(error) => Err(error),
    }
}

/// Reads the object from the server. `None` if it no longer exists, or is another one by the same name.
async fn read<K>(api: &Api<K>, metadata: &ObjectMeta) -> Result<Option<K>, Error>
where
    K: Object + verbs::Get,
{
    match api.get(metadata.name.as_deref().unwrap_or_default()).await {
        Ok(object) => Ok(Some(object).filter(|object| object.metadata().uid == metadata.uid)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_deleting(metadata: &ObjectMeta) -> bool {
    metadata.deletion_timestamp.is_some()
}

fn position(metadata: &ObjectMeta, finalizer: &str) -> Option<usize> {
    metadata.finalizers.iter().position(|known| known == finalizer)
}

/// Whether it is a qualified name with a prefix. Others are reserved for Kubernetes, which rejects them for built-in kinds.
fn is_qualified(name: &str) -> bool {
    let edges = |text: &str| {
        let at = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
        at(text.chars().next()) && at(text.chars().next_back())
    };
    let is_domain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter);
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    name.split_once('/').is_some_and(|(domain, name)| {
        (1..=253).contains(&domain.len())
            && (1..=63).contains(&name.len())
            && edges(domain)
            && edges(name)
            && domain.chars().all(is_domain)
            && name.chars().all(is_name)
    })
}

impl<E: fmt::Display> fmt::Display for FinalizerError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => {
                write!(
                    f,
                    "{name:?} can't be a finalizer: it must be a domain, a slash and a name, as in example.com/cleanup"
                )
            }
            Self::Add(error) => write!(f, "cannot add the finalizer: {error}"),
            Self::Read(error) => write!(f, "cannot read the object before its cleanup: {error}"),
            Self::Remove(error) => write!(f, "cannot remove the finalizer: {error}"),
            Self::Apply(error) | Self::Cleanup(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> StdError for FinalizerError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Add(error) | Self::Read(error) | Self::Remove(error) => error.source(),
            Self::Name(_) | Self::Apply(_) | Self::Cleanup(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
