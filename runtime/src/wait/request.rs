//! The builder: the condition to wait for, the time-out, and a callback for events.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use compact_str::CompactString;

use super::follow::Waiting;
use super::{Verdict, conditions};
use crate::api::{Handle, Object};
use crate::error::{Error, Result};

/// Waits until an object meets a condition, which one of the last methods sets: [`for_condition`](Self::for_condition),
/// [`until`](Self::until), [`created`](Self::created), [`deleted`](Self::deleted); then it can be awaited.
///
/// The object is read and then watched. Broken connections, watches that the server ends and expired resource versions
/// are not errors: the object is re-read, which also reveals changes and deletions in between. This requires the verbs
/// `list` and `watch`; a role may restrict both to the name.
///
/// A wait fails, by [`Error::unmet`], if
/// - the [time-out](Self::timeout) elapses ([`Error::is_timeout`]),
/// - the verdict is [`Verdict::never`],
/// - the object does not exist at the start ([`Error::is_not_found`]), unless [`even_if_absent`](Self::even_if_absent)
///   is set,
/// - the object of a given [uid](Self::uid) was deleted,
///
/// and if the server refuses the watch. The error has the last observed state of the object.
///
/// Without a UID, the object is identified by name: if it is deleted and recreated, the wait continues with the new
/// one, as `kubectl wait` does; set a time-out in case it is never recreated. An object is checked as soon as it is
/// received, before the initial events are complete.
///
/// Dropping the future ends the wait.
///
/// ```no_run
/// # use std::time::Duration;
/// # use kubewright_runtime::{Api, DynamicObject};
/// # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
/// let nightly = crontabs
///     .wait("nightly")
///     .timeout(Duration::from_secs(60))
///     .on_event(|event| eprintln!("{event}"))
///     .until(|crontab| crontab.pointer("/status/lastRun").is_ok_and(|run| run.is_some()))
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'a, K, G = Undecided> {
    inner: Waiting<'a, K>,
    goal: PhantomData<fn() -> G>,
}

/// The condition of the [`Wait`] is not set yet: it can't be awaited.
#[derive(Debug)]
pub struct Undecided;

/// A [`Wait`] until the object meets a condition: awaited, it returns the object.
#[derive(Debug)]
pub struct Until;

/// A [`Wait`] until the object is deleted.
#[derive(Debug)]
pub struct Gone;

/// An event of a wait. Its `Display` is one human-readable line.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitEvent<'e, K> {
    /// The object was observed, for the first time or changed.
    Observed {
        /// The object.
        object: &'e K,
        /// The verdict on it.
        verdict: &'e Verdict,
    },
    /// The object does not exist.
    Absent,
    /// The watch ended, and is restarted.
    Interrupted {
        /// The error; `None` if the server ended it regularly.
        error: Option<&'e Error>,
        /// Delay before the restart.
        pause: Duration,
    },
}

impl<K> fmt::Display for WaitEvent<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observed { verdict, .. } if verdict.is_met() => f.write_str("the condition is met"),
            Self::Observed { verdict, .. } if verdict.is_never() => {
                write!(f, "it can no longer meet the condition: {}", verdict.text())
            }
            Self::Observed { verdict, .. } if verdict.text().is_empty() => f.write_str("the condition is not met yet"),
            Self::Observed { verdict, .. } => f.write_str(verdict.text()),
            Self::Absent => f.write_str("it does not exist"),
            Self::Interrupted { error: Some(error), pause } => write!(f, "{error}; watching again in {pause:?}"),
            Self::Interrupted { error: None, pause } => write!(f, "the watch ended; watching again in {pause:?}"),
        }
    }
}

impl<'a, K: Object, G> Wait<'a, K, G> {
    /// Sets the time-out. The default is none.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.inner.timeout = Some(timeout);
        self
    }

    /// Calls `on_event` with each event. It should return quickly, since nothing is read meanwhile.
    pub fn on_event(mut self, on_event: impl FnMut(&WaitEvent<'_, K>) + Send + 'a) -> Self {
        self.inner.on_event = Some(Box::new(on_event));
        self
    }

    /// Waits for the object with this `metadata.uid` only: another one of the same name is ignored, and once it is
    /// deleted the wait fails ([`WhyUnmet::Deleted`](super::WhyUnmet::Deleted)).
    pub fn uid(mut self, uid: &str) -> Self {
        self.inner.uid = Some(uid.into());
        self
    }

    /// Waits even if the object does not exist or is deleted.
    pub fn even_if_absent(mut self) -> Self {
        self.inner.absent = true;
        self
    }

    /// Describes the condition, in words that complete "waited for Pod shop/web-0": `to be ready`. They appear in the
    /// error.
    pub fn goal(mut self, goal: &str) -> Self {
        self.inner.goal = Some(goal.into());
        self
    }

    fn decided<H>(self) -> Wait<'a, K, H> {
        Wait { inner: self.inner, goal: PhantomData }
    }
}

impl<'a, K: Object> Wait<'a, K> {
    pub(crate) fn new(handle: &Handle<K>, name: &str) -> Self {
        Self { inner: Waiting::new(handle, name), goal: PhantomData }
    }

    /// Waits until a condition of the object's status, such as `Ready` or `Available`, is `True`. For how conditions
    /// are read, see [`condition`](super::condition).
    pub fn for_condition(self, name: &str) -> Wait<'a, K, Until> {
        self.for_condition_status(name, "True")
    }

    /// Waits until a condition of the object's status has this status: `True`, `False` or `Unknown`.
    pub fn for_condition_status(mut self, name: &str, status: &str) -> Wait<'a, K, Until> {
        self.inner.goal.get_or_insert_with(|| conditions::goal(name, status));
        let (name, status) = (CompactString::from(name), CompactString::from(status));
        self.until(move |object| conditions::condition(object, &name, &status))
    }

    /// Waits until a function returns `true`, or a [`Verdict`] that is met. It is called whenever the object changes;
    /// short-lived states may be missed.
    pub fn until<V: Into<Verdict>>(mut self, mut check: impl FnMut(&K) -> V + Send + 'a) -> Wait<'a, K, Until> {
        self.inner.check = Some(Box::new(move |object| check(object).into()));
        self.decided()
    }

    /// Waits until the object exists.
    pub fn created(mut self) -> Wait<'a, K, Until> {
        self.inner.goal.get_or_insert_with(|| "to be created".into());
        self.even_if_absent().until(|_| true)
    }

    /// Waits until the object is deleted. One that does not exist, or was recreated under the same name, counts as
    /// deleted.
    ///
    /// This does not delete the object; an object with finalizers exists until the last of them is removed.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>
    pub fn deleted(mut self) -> Wait<'a, K, Gone> {
        self.inner.goal.get_or_insert_with(|| "to be deleted".into());
        self.decided()
    }
}

impl<'a, K: Object> IntoFuture for Wait<'a, K, Until> {
    type Output = Result<K>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<K>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let object = self.inner.run().await?;
            // Only a wait without a condition ends without one.
            object.ok_or_else(|| Error::build("a wait without a condition has no object to return"))
        })
    }
}

impl<'a, K: Object> IntoFuture for Wait<'a, K, Gone> {
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.inner.run().await.map(|_| ()) })
    }
}

impl<K, G> fmt::Debug for Wait<'_, K, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wait").field(&self.inner.label()).finish()
    }
}
