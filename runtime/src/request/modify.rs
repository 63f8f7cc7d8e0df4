//! Read-modify-write: reads an object, changes and replaces it, retrying on conflict.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use compact_str::CompactString;
use http::Method;

use crate::api::{Handle, Object, verbs};
use crate::error::{BoxError, Error, Result};
use crate::message::Message;
use crate::meta::v1::ObjectMeta;
use crate::reflect::{equal, equal_values};
use crate::request::{CreateRequest, FieldValidation, ReplaceRequest};
use crate::retry::Backoff;

/// Maximum number of attempts by default.
const MAX_ATTEMPTS: u32 = 10;
const FIRST_DELAY: Duration = Duration::from_millis(10);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// Reads an object, changes it by a function and replaces it. On conflict (409), the object is re-read and the function
/// runs again on its current state (optimistic concurrency), so that no concurrent change is lost.
///
/// ```no_run
/// # use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, ModifyOutcome, Scope};
/// # use serde_json::json;
/// # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
/// let done = crontabs
///     .modify("nightly", |crontab| {
///         let runs = crontab.pointer("/spec/runs")?.and_then(|runs| runs.as_i64()).unwrap_or(0);
///         crontab.set("spec", json!({ "runs": runs + 1 }))
///     })
///     .await?;
/// if let ModifyOutcome::Unchanged(_) = done {
///     println!("it was so already");
/// }
/// # Ok(())
/// # }
/// ```
///
/// - The function may be called more than once: it should depend only on its argument. It may return nothing, or a
///   `Result`: on an error nothing is written, and the error is the [`source`](std::error::Error::source) of one that
///   [`is_aborted`](Error::is_aborted).
///   - If the function changes nothing, nothing is sent.
///   - Unknown fields of the object are preserved.
///   - The change applies to whichever object has the name. If it was deleted and recreated meanwhile, the function
///     receives the new one; a function that must not change another object compares `metadata.uid` and returns an
///     error.
///   - If the object does not exist, it is an error ([`is_not_found`](Error::is_not_found)), unless
///     [`or_create`](Self::or_create) is set.
///   - When writing `status`, `ephemeralcontainers` or `resize`, a change of labels, annotations, finalizers or owners
///     is an error before anything is written: it depends on the kind which of them the server stores, and the others
///     it drops silently. So is a change of anything else beside the `status`, or for the other two the `spec`. Other
///     dropped changes are not detected: `ephemeralcontainers` writes only their list, `resize` only the containers'
///     resources, `approval` only the conditions of the status, and `finalize` only the finalizers of the spec; the
///     last two keep the metadata.
///   - A write whose response is lost (the connection broke) is an error and not retried: it may have been carried out.
///
/// If the change does not depend on the current state, a patch or server-side apply does it in one call.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
#[must_use = "a request does nothing until it is awaited"]
pub struct ModifyRequest<'a, K> {
    handle: Handle<K>,
    name: CompactString,
    subresource: Option<CompactString>,
    change: ChangeBy<'a, K>,
    make: Option<Box<dyn FnMut() -> K + Send + 'a>>,
    max_attempts: u32,
    query: Vec<(String, String)>,
}

/// Outcome of a [`ModifyRequest`]: the object as it is now on the server, and what was done.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ModifyOutcome<K> {
    /// The object did not exist and was created.
    Created(K),
    /// The object was changed.
    Changed(K),
    /// The function changed nothing; nothing was written.
    Unchanged(K),
}

impl<K> ModifyOutcome<K> {
    /// Returns a reference to the object.
    pub fn object(&self) -> &K {
        match self {
            Self::Created(object) | Self::Changed(object) | Self::Unchanged(object) => object,
        }
    }

    /// Returns the object.
    pub fn into_object(self) -> K {
        match self {
            Self::Created(object) | Self::Changed(object) | Self::Unchanged(object) => object,
        }
    }
}

/// Return type of a function that changes an object: nothing, or a `Result` whose error aborts the change.
#[diagnostic::on_unimplemented(
    message = "a function that changes an object returns nothing, or a `Result<(), E>`",
    label = "this one returns `{Self}`",
    note = "if the value does not matter, end the function with a semicolon"
)]
pub trait Change {
    /// Converts into a result.
    #[doc(hidden)]
    fn into_result(self) -> Result<(), BoxError>;
}

impl Change for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> Change for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

/// The function that changes the object.
pub(crate) type ChangeBy<'a, K> = Box<dyn FnMut(&mut K) -> Result<(), BoxError> + Send + 'a>;

/// Outcome of one attempt.
enum Try<K> {
    Done(ModifyOutcome<K>),
    /// A conflict: the object was modified concurrently.
    Raced(Error),
}

impl<'a, K: Object> ModifyRequest<'a, K> {
    pub(crate) fn new(handle: &Handle<K>, name: &str, subresource: Option<&str>, change: ChangeBy<'a, K>) -> Self {
        let (handle, subresource) = (handle.clone(), subresource.map(Into::into));
        let name = name.into();
        Self { handle, name, subresource, change, make: None, max_attempts: MAX_ATTEMPTS, query: Vec::new() }
    }

    /// If the object does not exist, starts with the result of this function: it is changed in the same way, and
    /// created. If another client creates it first, that one is changed.
    ///
    /// The name need not be set. Only whole objects can be created: for a subresource it is an error.
    pub fn or_create(mut self, make: impl FnMut() -> K + Send + 'a) -> Self
    where
        K: verbs::Create,
    {
        self.make = Some(Box::new(make));
        self
    }

    /// Limits the number of attempts, including the first, before the conflict is returned; 0 counts as 1. The default
    /// is 10, with exponential [back-off](Backoff) from 10 ms to 1 s between them.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Runs every step, admission included, but persists nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(self) -> Self {
        self.query("dryRun", "All")
    }

    /// Sets how the server treats unknown and duplicate fields. The server's default is to warn.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
    pub fn field_validation(self, validation: FieldValidation) -> Self {
        self.query("fieldValidation", validation.as_str())
    }

    /// Sets the field manager. The server's default is the user agent up to the first slash.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
    pub fn field_manager(self, manager: &str) -> Self {
        self.query("fieldManager", manager)
    }

    /// Appends a query parameter, for which this builder has no method, to the request that writes.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn run(mut self) -> Result<ModifyOutcome<K>> {
        let (mut attempt, mut backoff) = (1, Backoff::new(FIRST_DELAY, LONGEST_DELAY));
        loop {
            let error = match self.once().await? {
                Try::Done(done) => return Ok(done),
                Try::Raced(error) => error,
            };
            if attempt >= self.max_attempts {
                return Err(error.with_source(GaveUp { attempts: attempt }));
            }
            let delay = backoff.next_delay_after(error.retry_after());
            tracing::debug!(%error, attempt, ?delay, "conflict: re-reading the object");
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn once(&mut self) -> Result<Try<K>> {
        let before = match self.handle.get(&self.name).await {
            Ok(object) => object,
            Err(error) if error.is_not_found() && self.make.is_some() => return self.create().await,
            Err(error) => return Err(error),
        };
        let mut object = before.clone();
        self.change(&mut object, Method::PUT)?;
        // The change is based on what was read, and on nothing else.
        let (metadata, read) = (object.metadata_mut(), before.metadata());
        metadata.resource_version.clone_from(&read.resource_version);
        metadata.uid.clone_from(&read.uid);
        if equal(&before, &object) {
            return Ok(Try::Done(ModifyOutcome::Unchanged(before)));
        }
        let mut request = match self.subresource.as_deref() {
            None => self.handle.replace(&object),
            Some(subresource) => {
                self.check_subresource(subresource, &before, &object)?;
                self.handle.replace_sub(&object, subresource)
            }
        };
        request =
            self.query.iter().fold(request, |request: ReplaceRequest<K>, (name, value)| request.query(name, value));
        match request.await {
            Ok(object) => Ok(Try::Done(ModifyOutcome::Changed(object))),
            Err(error) if error.is_conflict() => Ok(Try::Raced(error)),
            // It was deleted after it was read.
            Err(error) if error.is_not_found() && self.make.is_some() => Ok(Try::Raced(error)),
            Err(error) => Err(error),
        }
    }

    async fn create(&mut self) -> Result<Try<K>> {
        if let Some(subresource) = &self.subresource {
            return Err(
                self.fault(Method::POST, format!("objects can't be created through their subresource {subresource}"))
            );
        }
        let Some(make) = &mut self.make else { return Err(Error::build("there is nothing to create")) };
        let mut object = make();
        object.metadata_mut().name.get_or_insert_with(|| self.name.clone());
        self.change(&mut object, Method::POST)?;
        let request = self.handle.create(&object);
        let request =
            self.query.iter().fold(request, |request: CreateRequest<K>, (name, value)| request.query(name, value));
        match request.await {
            Ok(object) => Ok(Try::Done(ModifyOutcome::Created(object))),
            Err(error) if error.is_already_exists() => Ok(Try::Raced(error)),
            Err(error) => Err(error),
        }
    }

    fn change(&mut self, object: &mut K, method: Method) -> Result<()> {
        if let Err(error) = (self.change)(object) {
            let message = format!("the function that changes {} returned an error", self.handle.label(&self.name));
            return Err(Error::aborted(message).with_source(error));
        }
        match object.metadata().name.as_deref() {
            Some(name) if name == self.name => Ok(()),
            other => {
                let other = other.unwrap_or_default();
                Err(self.fault(
                    method,
                    format!("the object's name is {:?}, but the function changed it to {other:?}", self.name),
                ))
            }
        }
    }

    /// Rejects further changes, which the server would ignore silently.
    fn check_subresource(&self, subresource: &str, before: &K, after: &K) -> Result<()> {
        let written = match subresource {
            "status" => "status",
            "ephemeralcontainers" | "resize" => "spec",
            // Other subresources keep the metadata, as far as is known.
            _ => return Ok(()),
        };
        let metadata = changed_metadata(before.metadata(), after.metadata()).map(|field| format!("metadata.{field}"));
        let Some(field) = metadata.or_else(|| changed_beside(&[written, "metadata"], before, after)) else {
            return Ok(());
        };
        let fault = format!(
            "the function also changed {field:?}, which a write to the {subresource} may ignore: use modify for it"
        );
        Err(self.fault(Method::PUT, fault))
    }

    fn fault(&self, method: Method, fault: String) -> Error {
        let call = self.handle.call(method, Some(&self.name), self.subresource.as_deref());
        Error::build(fault).with_operation(&call.operation())
    }
}

/// Returns the first field of the metadata that differs, among those that are changed intentionally.
fn changed_metadata(before: &ObjectMeta, after: &ObjectMeta) -> Option<&'static str> {
    let differs = [
        ("labels", before.labels != after.labels),
        ("annotations", before.annotations != after.annotations),
        ("finalizers", before.finalizers != after.finalizers),
        ("ownerReferences", before.owner_references != after.owner_references),
    ];
    differs.into_iter().find(|(_, differs)| *differs).map(|(field, _)| field)
}

/// Returns the first top-level field, other than these, that differs.
fn changed_beside(known: &[&str], before: &dyn Message, after: &dyn Message) -> Option<String> {
    let fields = before.descriptor().fields.iter().enumerate();
    for (index, field) in fields {
        let name = field.json_name();
        if !known.contains(&&*name) && !equal_values(before.value(index), after.value(index)) {
            return Some(name.into());
        }
    }
    let (before, after) = (before.unknown_fields(), after.unknown_fields());
    let names = before.iter().chain(after.iter()).map(|(name, _)| name);
    names.filter(|name| !known.contains(name)).find(|name| before.get(name) != after.get(name)).map(str::to_owned)
}

#[derive(Debug, thiserror::Error)]
#[error("gave up after {attempts} conflicts")]
struct GaveUp {
    attempts: u32,
}

impl<'a, K: Object> IntoFuture for ModifyRequest<'a, K> {
    type Output = Result<ModifyOutcome<K>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<ModifyOutcome<K>>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<K> fmt::Debug for ModifyRequest<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModifyRequest")
            .field("handle", &self.handle)
            .field("name", &self.name)
            .field("subresource", &self.subresource)
            .finish_non_exhaustive()
    }
}
