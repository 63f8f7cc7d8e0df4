//! The builder: what is waited for, how long, and what is told on the way.

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

/// Waits until an object reaches a desired state, which one of the last methods names: [`for_condition`](Self::for_condition),
/// [`until`](Self::until), [`created`](Self::created), [`deleted`](Self::deleted); then it can be awaited.
///
/// The object is read and then watched. A connection that breaks, a watch that the server ends and a version that it has
/// forgotten are no reason to fail: the object is read anew, and what happened to it in between is found out by that, its
/// deletion as well. It takes the verbs `list` and `watch`; a role may restrict both to the name.
///
/// Ways to fail, told apart by [`Error::unmet`]:
/// - the [time](Self::timeout) is up ([`Error::is_timeout`]),
/// - a [`Verdict::never`],
/// - there is no such object to begin with ([`Error::is_not_found`]), unless [`even_if_absent`](Self::even_if_absent),
/// - the object of a given [uid](Self::uid) was deleted,
///
/// and besides, the server may refuse to let it be watched. The error says what the object was last like.
///
/// Without a uid the name is what counts: if the object is deleted and created again meanwhile, the wait goes on with the
/// new one, as `kubectl wait` does; set a time-out if nobody may create it again. An object counts as soon as it comes,
/// whether or not the server has sent everything else.
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

/// It is not said yet what a [`Wait`] is for: it can't be awaited.
#[derive(Debug)]
pub struct Undecided;

/// A [`Wait`] until the object is as wanted: awaited, it gives the object.
#[derive(Debug)]
pub struct Until;

/// A [`Wait`] until the object is gone.
#[derive(Debug)]
pub struct Gone;

/// What happens while one waits. `{}` is a line for people.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitEvent<'e, K> {
    /// The object was seen, for the first time or changed.
    Seen {
        /// The object.
        object: &'e K,
        /// What is said of it.
        verdict: &'e Verdict,
    },
    /// There is no such object.
    Absent,
    /// The watch ended, and is begun anew.
    Interrupted {
        /// Why it ended; `None` where the server ended it in an orderly way.
        error: Option<&'e Error>,
        /// After how long it is begun anew.
        pause: Duration,
    },
}

impl<K> fmt::Display for WaitEvent<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen { verdict, .. } if verdict.is_met() => f.write_str("it is as wanted"),
            Self::Seen { verdict, .. } if verdict.is_never() => {
                write!(f, "that can't come any more: {}", verdict.text())
            }
            Self::Seen { verdict, .. } if verdict.text().is_empty() => f.write_str("it is not as wanted yet"),
            Self::Seen { verdict, .. } => f.write_str(verdict.text()),
            Self::Absent => f.write_str("it does not exist"),
            Self::Interrupted { error: Some(error), pause } => write!(f, "{error}; watching anew in {pause:?}"),
            Self::Interrupted { error: None, pause } => write!(f, "the watch has ended; watching anew in {pause:?}"),
        }
    }
}

impl<'a, K: Object, G> Wait<'a, K, G> {
    /// How long to wait. Without, it is as long as it takes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.inner.timeout = Some(timeout);
        self
    }

    /// Tells what happens on the way. The function should be quick: nothing is read meanwhile.
    pub fn on_event(mut self, tell: impl FnMut(&WaitEvent<'_, K>) + Send + 'a) -> Self {
        self.inner.tell = Some(Box::new(tell));
        self
    }

    /// Means the object with this `metadata.uid` alone: another one of the same name counts as none, and once it is
    /// deleted the wait ends ([`WhyUnmet::Deleted`](super::WhyUnmet::Deleted)).
    pub fn uid(mut self, uid: &str) -> Self {
        self.inner.uid = Some(uid.into());
        self
    }

    /// Waits as well while there is no such object, and goes on if it is deleted.
    pub fn even_if_absent(mut self) -> Self {
        self.inner.absent = true;
        self
    }

    /// What is waited for, in words that follow on "waited for Pod shop/web-0": `to be ready`. They stand in the error.
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

    /// Until a condition of the object's status is `True`, such as `Ready` or `Available`. For how conditions are read, see
    /// [`condition`](super::condition).
    pub fn for_condition(self, name: &str) -> Wait<'a, K, Until> {
        self.for_condition_status(name, "True")
    }

    /// Until a condition of the object's status has this status: `True`, `False` or `Unknown`.
    pub fn for_condition_status(mut self, name: &str, status: &str) -> Wait<'a, K, Until> {
        self.inner.goal.get_or_insert_with(|| conditions::goal(name, status));
        let (name, status) = (CompactString::from(name), CompactString::from(status));
        self.until(move |object| conditions::condition(object, &name, &status))
    }

    /// Until a function says `true` of the object, or a [`Verdict`] that is met. The function sees the object whenever it
    /// changes; states that it is in for a short time only may be missed.
    pub fn until<V: Into<Verdict>>(mut self, mut check: impl FnMut(&K) -> V + Send + 'a) -> Wait<'a, K, Until> {
        self.inner.check = Some(Box::new(move |object| check(object).into()));
        self.decided()
    }

    /// Until the object is there.
    pub fn created(mut self) -> Wait<'a, K, Until> {
        self.inner.goal.get_or_insert_with(|| "to be created".into());
        self.even_if_absent().until(|_| true)
    }

    /// Until the object is gone. One that is not there, or was made anew under the same name, is.
    ///
    /// Nothing is deleted by this; an object with finalizers is there until the last of them is taken out.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>
    pub fn deleted(mut self) -> Wait<'a, K, Gone> {
        self.inner.goal.get_or_insert_with(|| "to be gone".into());
        self.decided()
    }
}

impl<'a, K: Object> IntoFuture for Wait<'a, K, Until> {
    type Output = Result<K>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<K>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let object = self.inner.run().await?;
            // Only a wait for nothing at all ends without one.
            object.ok_or_else(|| Error::build("a wait that checks nothing has no object to give"))
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
