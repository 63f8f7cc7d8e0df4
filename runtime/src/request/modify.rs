//! Read-modify-write: an object is read, changed and written back, retried on conflict.

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

/// How often a change is attempted at most, if nothing else is said.
const MAX_ATTEMPTS: u32 = 10;
const FIRST_DELAY: Duration = Duration::from_millis(10);
const LONGEST_DELAY: Duration = Duration::from_secs(1);

/// Reads an object, changes it by a function and writes it back as a whole. If somebody else wrote it in between (the
/// server answers with a conflict), it is read anew and the function called again on what is there then; so no change
/// of anybody's is lost.
///
/// ```no_run
/// # use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Modified, Scope};
/// # use serde_json::json;
/// # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
/// let done = crontabs
///     .modify("nightly", |crontab| {
///         let runs = crontab.pointer("/spec/runs")?.and_then(|runs| runs.as_i64()).unwrap_or(0);
///         crontab.set("spec", json!({ "runs": runs + 1 }))
///     })
///     .await?;
/// if let Modified::Unchanged(_) = done {
///     println!("it was so already");
/// }
/// # Ok(())
/// # }
/// ```
///
/// - The function may be called several times: it should depend on nothing but the object that it is given. It may return
///   nothing, or a `Result`: an error ends it all, nothing is written, and the error is the
///   [`source`](std::error::Error::source) of one that [`is_abandoned`](Error::is_abandoned).
/// - If the function changes nothing, nothing is sent.
/// - What this client does not know of the object is kept and written back.
/// - The change is of whatever object has the name. If it was deleted and made anew in between, the function gets the new
///   one; one that must not change another object than it has seen compares `metadata.uid`, and returns an error.
/// - An object that is not there is an error ([`is_not_found`](Error::is_not_found)), unless there is
///   [`or_create`](Self::or_create).
/// - On the way to `status`, `ephemeralcontainers` and `resize`, a change of labels, annotations, finalizers or owners is an
///   error before anything is written: it differs from kind to kind which of them the server keeps, and what it drops it
///   drops silently. So is a change of anything else beside the `status`, or for the other two the `spec`. What is
///   dropped besides is not checked: `ephemeralcontainers` writes their list alone, `resize` the containers' resources,
///   `approval` the conditions of the status, and `finalize` the finalizers of the spec; the last two keep the metadata.
/// - A write whose answer is lost (the connection broke) is an error and not repeated: it may have been carried out.
///
/// Where the change is the same whatever stands there, a patch or server-side apply does it in one call.
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

/// What came of a [`ModifyRequest`]: the object as it now is on the server, and what was done for that.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Modified<K> {
    /// It was not there, and was created.
    Created(K),
    /// It was there, and was changed.
    Changed(K),
    /// It was as it should be; nothing was sent.
    Unchanged(K),
}

impl<K> Modified<K> {
    /// The object.
    pub fn object(&self) -> &K {
        match self {
            Self::Created(object) | Self::Changed(object) | Self::Unchanged(object) => object,
        }
    }

    /// The object, taken out.
    pub fn into_object(self) -> K {
        match self {
            Self::Created(object) | Self::Changed(object) | Self::Unchanged(object) => object,
        }
    }
}

/// What a function that changes an object may return: nothing, or a `Result` whose error gives the change up.
#[diagnostic::on_unimplemented(
    message = "a function that changes an object returns nothing, or a `Result<(), E>`",
    label = "this one returns `{Self}`",
    note = "if the value does not matter, end the function with a semicolon"
)]
pub trait Change {
    /// As a result.
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

/// What one try came to.
enum Try<K> {
    Done(Modified<K>),
    /// Somebody came in between.
    Raced(Error),
}

impl<'a, K: Object> ModifyRequest<'a, K> {
    pub(crate) fn new(handle: &Handle<K>, name: &str, subresource: Option<&str>, change: ChangeBy<'a, K>) -> Self {
        let (handle, subresource) = (handle.clone(), subresource.map(Into::into));
        let name = name.into();
        Self { handle, name, subresource, change, make: None, max_attempts: MAX_ATTEMPTS, query: Vec::new() }
    }

    /// If there is no such object, begins with what this function makes: it is changed in the same way, and created. If
    /// somebody else creates it first, that one is changed.
    ///
    /// The name need not be set. Objects are created as a whole: on the way to a subresource it is an error.
    pub fn or_create(mut self, make: impl FnMut() -> K + Send + 'a) -> Self
    where
        K: verbs::Create,
    {
        self.make = Some(Box::new(make));
        self
    }

    /// At most how many attempts are made, the first included, before the conflict is the caller's; 0 counts as 1. The
    /// default is 10, with exponential [back-off](Backoff) from 10 ms to 1 s between them.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Goes through every step, admission included, but stores nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(self) -> Self {
        self.query("dryRun", "All")
    }

    /// What the server does about unknown and duplicate fields. The server's default is to warn.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
    pub fn field_validation(self, validation: FieldValidation) -> Self {
        self.query("fieldValidation", validation.as_str())
    }

    /// The name under which the changed fields are owned. The server's default is the user agent's first part.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
    pub fn field_manager(self, manager: &str) -> Self {
        self.query("fieldManager", manager)
    }

    /// Appends a query parameter to the request that writes, which this builder has no method for.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    async fn run(mut self) -> Result<Modified<K>> {
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
            tracing::debug!(%error, attempt, ?delay, "conflict: reading the object again");
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
            return Ok(Try::Done(Modified::Unchanged(before)));
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
            Ok(object) => Ok(Try::Done(Modified::Changed(object))),
            Err(error) if error.is_conflict() => Ok(Try::Raced(error)),
            // It was deleted after it was read.
            Err(error) if error.is_not_found() && self.make.is_some() => Ok(Try::Raced(error)),
            Err(error) => Err(error),
        }
    }

    async fn create(&mut self) -> Result<Try<K>> {
        if let Some(subresource) = &self.subresource {
            return Err(self.fault(Method::POST, format!("objects are created whole, and not by their {subresource}")));
        }
        let Some(make) = &mut self.make else { return Err(Error::build("there is nothing to create")) };
        let mut object = make();
        object.metadata_mut().name.get_or_insert_with(|| self.name.clone());
        self.change(&mut object, Method::POST)?;
        let request = self.handle.create(&object);
        let request =
            self.query.iter().fold(request, |request: CreateRequest<K>, (name, value)| request.query(name, value));
        match request.await {
            Ok(object) => Ok(Try::Done(Modified::Created(object))),
            Err(error) if error.is_already_exists() => Ok(Try::Raced(error)),
            Err(error) => Err(error),
        }
    }

    fn change(&mut self, object: &mut K, method: Method) -> Result<()> {
        if let Err(error) = (self.change)(object) {
            let message =
                format!("the function that was to change {} returned an error", self.handle.label(&self.name));
            return Err(Error::abandoned(message).with_source(error));
        }
        match object.metadata().name.as_deref() {
            Some(name) if name == self.name => Ok(()),
            other => {
                let other = other.unwrap_or_default();
                Err(self
                    .fault(method, format!("the object was to be {:?}, and the change calls it {other:?}", self.name)))
            }
        }
    }

    /// The server would leave alone what else is changed, and say nothing.
    fn check_subresource(&self, subresource: &str, before: &K, after: &K) -> Result<()> {
        let written = match subresource {
            "status" => "status",
            "ephemeralcontainers" | "resize" => "spec",
            // Others keep the metadata, as far as is known.
            _ => return Ok(()),
        };
        let metadata = changed_metadata(before.metadata(), after.metadata()).map(|field| format!("metadata.{field}"));
        let Some(field) = metadata.or_else(|| changed_beside(&[written, "metadata"], before, after)) else {
            return Ok(());
        };
        let fault = format!(
            "the change is of {field:?} too, which a write to the {subresource} may leave as it is: use modify for it"
        );
        Err(self.fault(Method::PUT, fault))
    }

    fn fault(&self, method: Method, fault: String) -> Error {
        let call = self.handle.call(method, Some(&self.name), self.subresource.as_deref());
        Error::build(fault).with_operation(&call.operation())
    }
}

/// The first field of the metadata that differs, of those that are there to be changed.
fn changed_metadata(before: &ObjectMeta, after: &ObjectMeta) -> Option<&'static str> {
    let differs = [
        ("labels", before.labels != after.labels),
        ("annotations", before.annotations != after.annotations),
        ("finalizers", before.finalizers != after.finalizers),
        ("ownerReferences", before.owner_references != after.owner_references),
    ];
    differs.into_iter().find(|(_, differs)| *differs).map(|(field, _)| field)
}

/// The first top-level field beside these that differs.
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
    type Output = Result<Modified<K>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Modified<K>>> + Send + 'a>>;

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
