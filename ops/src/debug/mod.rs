//! Looking into a pod that runs, from an ephemeral container: tools that the pod's own images don't have.
//!
//! ```no_run
//! use std::time::Duration;
//! use kubewright_ops::debug::DebugState;
//! use kubewright::prelude::*;
//! use kubewright_ops::prelude::*;
//!
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let pods = client.core_v1().pods("shop");
//! let debugger = pods.debug("web-0", "busybox:1.37").target("app").stdin().tty().await?;
//! match debugger.started(Duration::from_secs(60)).await? {
//!     DebugState::Running => {
//!         let session = pods.attach("web-0").container(debugger.container()).stdin().tty().start().await?;
//!         // …
//! #       drop(session);
//!     }
//!     DebugState::Terminated(how) => println!("it has ended already: {how:?}"),
//!     DebugState::Waiting { reason, .. } => println!("it does not start: {reason:?}"),
//! }
//! # Ok(())
//! # }
//! ```

mod profile;

pub use profile::DebugProfile;

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use kubewright::core::v1::{ContainerState, ContainerStateTerminated, EnvVar, EphemeralContainer, Pod, Pods};
use kubewright_runtime::wait::WhyUnmet;
use kubewright_runtime::{CompactString, Error, Result};

use crate::future;
use crate::sealed::Sealed;

/// Debugging, as a method of [`Pods`].
pub trait DebugExt: Sealed {
    /// Adds an ephemeral container of this image to a pod that runs. It can't be taken away again: it is gone with the pod.
    ///
    /// By default its name is `debugger-` and five random letters, its command is the image's own, and its rights are
    /// those of [`DebugProfile::General`].
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>
    fn debug(&self, name: &str, image: &str) -> DebugRequest;
}

impl DebugExt for Pods {
    fn debug(&self, name: &str, image: &str) -> DebugRequest {
        let container = EphemeralContainer { image: Some(image.into()), ..Default::default() };
        let profile = DebugProfile::General;
        DebugRequest {
            pods: self.clone(),
            name: name.to_owned(),
            container,
            profile,
            changes: Vec::new(),
            dry_run: false,
        }
    }
}

/// What a container shall have beyond what the request's methods say.
type Change = Box<dyn FnOnce(&mut EphemeralContainer) + Send>;

/// Adds an ephemeral container. See [`DebugExt::debug`].
#[must_use = "a request does nothing until it is awaited"]
pub struct DebugRequest {
    pods: Pods,
    name: String,
    container: EphemeralContainer,
    profile: DebugProfile,
    changes: Vec<Change>,
    dry_run: bool,
}

impl DebugRequest {
    /// What to run, with its arguments, in place of what the image says.
    pub fn command<S: Into<CompactString>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.container.command = command.into_iter().map(Into::into).collect();
        self
    }

    /// The arguments for the image's own command.
    pub fn args<S: Into<CompactString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.container.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.container.env.push(EnvVar { name: name.into(), value: Some(value.into()), ..Default::default() });
        self
    }

    /// Sees the processes of this container of the pod. The default is its own alone, unless the pod shares them.
    pub fn target(mut self, container: &str) -> Self {
        self.container.target_container_name = Some(container.into());
        self
    }

    /// The new container's name. One that is taken already is refused by the server.
    pub fn named(mut self, name: &str) -> Self {
        self.container.name = name.into();
        self
    }

    /// Keeps the standard input open, to attach to it.
    pub fn stdin(mut self) -> Self {
        self.container.stdin = Some(true);
        self
    }

    /// Gives it a terminal. For a shell, [`stdin`](Self::stdin) as well.
    pub fn tty(mut self) -> Self {
        self.container.tty = Some(true);
        self
    }

    /// Which rights it has. The default is [`DebugProfile::General`].
    pub fn profile(mut self, profile: DebugProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets whatever else the container shall have. It comes last, on top of the profile and of all else that is said here.
    pub fn with(mut self, change: impl FnOnce(&mut EphemeralContainer) + Send + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Goes through every step, admission included, but adds nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// The container as it shall be. Without a name, it gets one that is free.
    fn container(mut container: EphemeralContainer, profile: DebugProfile, changes: Vec<Change>) -> EphemeralContainer {
        profile.put_on(&mut container);
        for change in changes {
            change(&mut container);
        }
        container
    }

    async fn run(self) -> Result<Debugger> {
        let Self { pods, name, container, profile, changes, dry_run } = self;
        let mut container = Self::container(container, profile, changes);
        let given = !container.name.is_empty();
        let add = pods.modify_ephemeralcontainers(&name, |pod| {
            if !given {
                container.name = free_name(pod);
            }
            pod.spec.ephemeral_containers.push(container.clone());
        });
        let add = if dry_run { add.dry_run() } else { add };
        let pod = add.await?.into_object();
        Ok(Debugger { pods, pod: Box::new(pod), container: container.name })
    }
}

impl fmt::Debug for DebugRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DebugRequest")
            .field("pod", &self.name)
            .field("container", &self.container)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

future!(DebugRequest => Debugger);

/// An ephemeral container that was added to a pod.
#[derive(Clone, Debug)]
pub struct Debugger {
    pods: Pods,
    pod: Box<Pod>,
    container: CompactString,
}

impl Debugger {
    /// The container's name, to attach to it or to read its log.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The pod as it was when the container was added.
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    /// Waits until the container runs or has ended, but no longer than this; what it does then.
    ///
    /// The pod is watched: it takes the verbs `get`, `list` and `watch` of pods.
    ///
    /// # Errors
    /// The pod can't be read or watched, or it is gone, or another one of its name took its place ([`Error::unmet`]).
    pub async fn started(&self, within: Duration) -> Result<DebugState> {
        let metadata = &self.pod.metadata;
        let [name, uid] = [&metadata.name, &metadata.uid].map(|part| part.as_deref().unwrap_or_default());
        let goal = format!("to have {} started", self.container);
        let wait = self.pods.wait(name).uid(uid).timeout(within).goal(&goal);
        match wait.until(|pod| !matches!(self.state_in(pod), DebugState::Waiting { .. })).await {
            Ok(pod) => Ok(self.state_in(&pod)),
            Err(error) if error.unmet().is_some_and(|unmet| unmet.why == WhyUnmet::TimedOut) => self.state().await,
            Err(error) => Err(error),
        }
    }

    /// What the container does now.
    ///
    /// # Errors
    /// The pod can't be read, is gone ([`is_not_found`](Error::is_not_found)), or another one of its name took its place
    /// ([`is_abandoned`](Error::is_abandoned)).
    pub async fn state(&self) -> Result<DebugState> {
        let name = self.pod.metadata.name.as_deref().unwrap_or_default();
        let pod = self.pods.get(name).await?;
        if pod.metadata.uid != self.pod.metadata.uid {
            let text = format!("the pod {name} is another one now: the container was in the one before");
            return Err(Error::abandoned(text));
        }
        Ok(self.state_in(&pod))
    }

    fn state_in(&self, pod: &Pod) -> DebugState {
        let mut statuses = pod.status.ephemeral_container_statuses.iter();
        let status = statuses.find(|status| status.name == self.container);
        match status.map(|status| status.state.clone()).unwrap_or_default() {
            ContainerState { running: Some(_), .. } => DebugState::Running,
            ContainerState { terminated: Some(how), .. } => DebugState::Terminated(how),
            ContainerState { waiting, .. } => {
                let (reason, message) = waiting.map(|why| (why.reason, why.message)).unwrap_or_default();
                DebugState::Waiting { reason, message }
            }
        }
    }
}

/// What an ephemeral container does.
#[derive(Clone, Debug)]
#[must_use = "it may not run"]
pub enum DebugState {
    /// It runs.
    Running,
    /// It has ended, and this is how.
    Terminated(Box<ContainerStateTerminated>),
    /// It does not run yet; why, if the kubelet said so.
    Waiting {
        /// In a word, such as `ImagePullBackOff`.
        reason: Option<CompactString>,
        /// For people.
        message: Option<CompactString>,
    },
}

/// A name that no container of the pod has.
fn free_name(pod: &Pod) -> CompactString {
    let spec = &pod.spec;
    let own = spec.containers.iter().chain(&spec.init_containers).map(|container| &container.name);
    let taken: Vec<_> = own.chain(spec.ephemeral_containers.iter().map(|container| &container.name)).collect();
    loop {
        let name = CompactString::from(format!("debugger-{}", letters()));
        if !taken.contains(&&name) {
            return name;
        }
    }
}

/// Five letters and digits that spell no word.
fn letters() -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    // The standard library's random hasher keys are random enough for this, and cost no dependency.
    let mut random = RandomState::new().hash_one(0);
    let next = std::iter::repeat_with(|| {
        let letter = ALPHABET[(random % ALPHABET.len() as u64) as usize];
        random /= ALPHABET.len() as u64;
        char::from(letter)
    });
    next.take(5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_by_hand_comes_on_top_of_the_profile() {
        for profile in [DebugProfile::Restricted, DebugProfile::Baseline, DebugProfile::SysAdmin] {
            let change: Change = Box::new(|container| {
                let context = container.security_context.get_or_insert_default();
                (context.run_as_user, context.privileged) = (Some(1000), Some(false));
            });
            let container = DebugRequest::container(EphemeralContainer::default(), profile, vec![change]);
            let context = container.security_context.expect("a context");
            assert_eq!((context.run_as_user, context.privileged), (Some(1000), Some(false)));
            assert_eq!(context.run_as_non_root.is_some(), profile == DebugProfile::Restricted, "the profile is there");
        }
    }

    #[test]
    fn a_name_is_five_letters_or_digits_after_the_word() {
        let name = free_name(&Pod::default());
        let letters = name.strip_prefix("debugger-").expect("the word");
        assert!(letters.len() == 5 && letters.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{name}");
    }
}
