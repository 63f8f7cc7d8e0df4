//! Debugging a running pod with an ephemeral container, whose image may have tools that the pod's own images lack.
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
    /// Adds an ephemeral container with this image to a running pod. An ephemeral container can't be removed: it is
    /// deleted with its pod.
    ///
    /// By default, its name is `debugger-` and five random letters, its command is that of the image, and its
    /// permissions are those of [`DebugProfile::General`].
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

/// Changes to the container beyond the request's own methods.
type Change = Box<dyn FnOnce(&mut EphemeralContainer) + Send>;

/// Request that adds an ephemeral container. See [`DebugExt::debug`].
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
    /// Sets the command and its arguments, in place of the image's entrypoint.
    pub fn command<S: Into<CompactString>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.container.command = command.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the arguments of the image's entrypoint.
    pub fn args<S: Into<CompactString>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.container.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.container.env.push(EnvVar { name: name.into(), value: Some(value.into()), ..Default::default() });
        self
    }

    /// Targets this container of the pod, whose processes are visible to the new one. By default only the new
    /// container's own are, unless the pod shares its process namespace.
    pub fn target(mut self, container: &str) -> Self {
        self.container.target_container_name = Some(container.into());
        self
    }

    /// Sets the new container's name. The server rejects a name that is in use.
    pub fn named(mut self, name: &str) -> Self {
        self.container.name = name.into();
        self
    }

    /// Keeps standard input open, so that it can be attached to.
    pub fn stdin(mut self) -> Self {
        self.container.stdin = Some(true);
        self
    }

    /// Allocates a terminal. A shell needs [`stdin`](Self::stdin) as well.
    pub fn tty(mut self) -> Self {
        self.container.tty = Some(true);
        self
    }

    /// Sets the profile, and with it the permissions. The default is [`DebugProfile::General`].
    pub fn profile(mut self, profile: DebugProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Changes anything else of the container. Runs last, after the profile and all other settings of this request.
    pub fn with(mut self, change: impl FnOnce(&mut EphemeralContainer) + Send + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Runs every step, admission included, but adds nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Returns the container to add. Without a name, it gets an unused one.
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
        let add = pods.modify_ephemeral_containers(&name, |pod| {
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

/// Handle of an ephemeral container that was added to a pod.
#[derive(Clone, Debug)]
pub struct Debugger {
    pods: Pods,
    pod: Box<Pod>,
    container: CompactString,
}

impl Debugger {
    /// Returns the container's name, to attach to it or to read its log.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// Returns the pod as it was when the container was added.
    pub fn pod(&self) -> &Pod {
        &self.pod
    }

    /// Waits until the container runs or has terminated, for at most `limit`, and returns its state.
    ///
    /// The pod is watched, which requires the verbs `get`, `list` and `watch` on pods.
    ///
    /// # Errors
    /// The pod can't be read or watched, was deleted, or was replaced by another one of the same name
    /// ([`Error::unmet`]).
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

    /// Returns the container's current state.
    ///
    /// # Errors
    /// The pod can't be read, is not found ([`is_not_found`](Error::is_not_found)), or was replaced by another one of
    /// the same name ([`is_aborted`](Error::is_aborted)).
    pub async fn state(&self) -> Result<DebugState> {
        let name = self.pod.metadata.name.as_deref().unwrap_or_default();
        let pod = self.pods.get(name).await?;
        if pod.metadata.uid != self.pod.metadata.uid {
            let text = format!(
                "pod {name} was replaced by another one of the same name, and the container belonged to the former"
            );
            return Err(Error::aborted(text));
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

/// State of an ephemeral container.
#[derive(Clone, Debug)]
#[must_use = "the container may not be running"]
pub enum DebugState {
    /// Running.
    Running,
    /// Terminated, with exit code and reason.
    Terminated(Box<ContainerStateTerminated>),
    /// Not running yet, with the reason if the kubelet reports one.
    Waiting {
        /// Machine-readable, such as `ImagePullBackOff`.
        reason: Option<CompactString>,
        /// Human-readable.
        message: Option<CompactString>,
    },
}

/// Returns a name that no container of the pod has.
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

/// Returns five random letters and digits, without vowels, so that they spell no word.
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
