//! Looking into a pod that runs, from an ephemeral container: tools that the pod's own images don't have.
//!
//! ```no_run
//! use std::time::Duration;
//! use kubewright::debug::DebugState;
//! use kubewright::prelude::*;
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

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use kubewright_runtime::{CompactString, Error, Object as _, Result};
use tokio::time::{Instant, sleep};

use super::{CONFLICTS, future};
use crate::core::v1::{ContainerState, ContainerStateTerminated, EnvVar, EphemeralContainer, Pod, Pods};

impl Pods {
    /// Adds an ephemeral container of this image to a pod that runs. It can't be taken away again: it is gone with the pod.
    ///
    /// By default its name is `debugger-` and five random letters, its command is the image's own, and its rights are
    /// those of [`DebugProfile::General`].
    ///
    /// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>
    pub fn debug(&self, name: &str, image: &str) -> DebugRequest {
        let container = EphemeralContainer { image: Some(image.into()), ..Default::default() };
        let profile = DebugProfile::General;
        DebugRequest { pods: self.clone(), name: name.to_owned(), container, profile, dry_run: false }
    }
}

/// Adds an ephemeral container. See [`Pods::debug`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct DebugRequest {
    pods: Pods,
    name: String,
    container: EphemeralContainer,
    profile: DebugProfile,
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

    /// Sets whatever else the container shall have. The profile is put on top of it.
    pub fn with(mut self, change: impl FnOnce(&mut EphemeralContainer)) -> Self {
        change(&mut self.container);
        self
    }

    /// Goes through every step, admission included, but adds nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    async fn run(mut self) -> Result<Debugger> {
        self.profile.put_on(&mut self.container);
        let given = !self.container.name.is_empty();
        let mut attempt = 1;
        loop {
            let mut pod = self.pods.get(&self.name).await?;
            if !given {
                self.container.name = free_name(&pod);
            }
            pod.spec.ephemeral_containers.push(self.container.clone());
            let replace = self.pods.replace_ephemeralcontainers(&pod);
            let result = if self.dry_run { replace.dry_run().await } else { replace.await };
            match result {
                Ok(pod) => {
                    let container = self.container.name;
                    return Ok(Debugger { pods: self.pods, pod: Box::new(pod), container });
                }
                Err(error) if error.is_conflict() && attempt < CONFLICTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
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

    /// Waits until the container runs or has ended, but no longer than this.
    ///
    /// # Errors
    /// The pod can't be read, is gone ([`is_not_found`](Error::is_not_found)), or another one of its name took its place.
    pub async fn started(&self, within: Duration) -> Result<DebugState> {
        let (deadline, mut pause) = (Instant::now() + within, Duration::from_millis(100));
        loop {
            let state = self.state().await?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !matches!(state, DebugState::Waiting { .. }) {
                return Ok(state);
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// What the container does now.
    ///
    /// # Errors
    /// As [`started`](Self::started).
    pub async fn state(&self) -> Result<DebugState> {
        let name = self.pod.metadata().name.as_deref().unwrap_or_default();
        let pod = self.pods.get(name).await?;
        if pod.metadata.uid != self.pod.metadata.uid {
            return Err(replaced(name));
        }
        let statuses = pod.status.ephemeral_container_statuses;
        let status = statuses.into_iter().find(|status| status.name == self.container);
        Ok(match status.map(|status| status.state).unwrap_or_default() {
            ContainerState { running: Some(_), .. } => DebugState::Running,
            ContainerState { terminated: Some(how), .. } => DebugState::Terminated(how),
            ContainerState { waiting, .. } => {
                let (reason, message) = waiting.map(|why| (why.reason, why.message)).unwrap_or_default();
                DebugState::Waiting { reason, message }
            }
        })
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

fn replaced(name: &str) -> Error {
    kubewright_runtime::generated::not_sent(format!(
        "the pod {name} is another one now: the container was in the one before"
    ))
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
    fn a_name_is_five_letters_or_digits_after_the_word() {
        let name = free_name(&Pod::default());
        let letters = name.strip_prefix("debugger-").expect("the word");
        assert!(letters.len() == 5 && letters.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{name}");
    }
}
