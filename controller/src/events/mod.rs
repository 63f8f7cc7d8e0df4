//! Events about objects, which `kubectl describe` shows.
//!
//! ```no_run
//! use kubewright::Client;
//! use kubewright::apps::v1::Deployment;
//! use kubewright_controller::events::{Recorder, reference};
//!
//! # fn run(client: Client, deployment: &Deployment) {
//! let events = Recorder::new(&client, "shop-operator");
//! events.normal(reference(deployment), "Scaled", "Scale", "scaled from 2 to 3 replicas");
//! events.warning(reference(deployment), "NoRoom", "Scale", "no node has room for another replica");
//! # }
//! ```
//!
//! - Recording returns at once and never fails. Events are written one after the other by a task of the recorder. If the
//!   server is slow, events of one kind are counted together; if it can't be reached, at most 1,000 different ones wait, and
//!   further ones are dropped, with a `tracing` event.
//! - **Series**: an event that repeats (same object, type, reason, action and related object; the note may differ) is written
//!   once. The second time makes it a series with a count; later ones are counted, and the count is written every 30 minutes,
//!   and when the series has ended: 6 minutes after the last. client-go's `tools/events` does the same. (There, an event of an
//!   object that has changed meanwhile is another one, since its resource version differs; here it is the same.)
//! - What the API server would reject is fitted: a note of more than 1,024 bytes, and a reason or action of more than 128, is
//!   cut; an event without an action has the reason as its action.
//!
//! Events are of the group `events.k8s.io`, in the namespace of the object, or in `default` for cluster-scoped ones. The
//! recorder needs the permissions to `create` and `patch` them.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-instrumentation/383-new-event-api-ga-graduation>

mod event;
mod recorder;
mod series;
#[cfg(test)]
mod tests;
mod writer;

pub use self::event::{EventType, dynamic_reference, reference};
pub use self::recorder::{Recorder, RecorderBuilder};
