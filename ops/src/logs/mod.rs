//! Logs of many containers as one stream: of all selected pods, of all their containers, and of pods that are added
//! later.
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use kubewright_ops::logs::LogEvent;
//! use kubewright::prelude::*;
//! use kubewright_ops::prelude::*;
//!
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let pods = client.core_v1().pods("shop");
//! let mut events = pods.logs().labels("app=web").follow().tail_lines(20).stream();
//! while let Some(event) = events.try_next().await? {
//!     match event {
//!         LogEvent::Line(line) => println!("{}: {line}", line.source.pod),
//!         other => eprintln!("{other}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! For one log of one container over one connection, see the generated method `pods.log("web-0")`.
//!
//! <https://kubernetes.io/docs/concepts/cluster-administration/logging/>

mod containers;
mod event;
mod feed;
mod merge;
mod request;

pub use event::{LogEvent, LogLine, LogSource};
pub use kubewright_runtime::log::{Line, LineEnd};
pub use merge::LogStream;
pub use request::LogsRequest;

use kubewright::core::v1::{PodLogRequest, Pods};
use kubewright_runtime::Time;

use crate::sealed::Sealed;

/// Reading the logs of many containers, as a method of [`Pods`].
pub trait LogsExt: Sealed {
    /// Streams the logs of many containers of the namespace: of those that the request selects; by default, of all.
    fn logs(&self) -> LogsRequest;
}

impl LogsExt for Pods {
    fn logs(&self) -> LogsRequest {
        LogsRequest::new(self.client(), Some(self.namespace()))
    }
}

/// Methods that [`PodLogRequest`] lacks, since the API server's OpenAPI document omits them.
pub trait SinceTimeExt: Sealed {
    /// Omits lines older than this. The API server passes it on in whole seconds. The OpenAPI document does not list
    /// the parameter, but the API server accepts it; use this or [`since_seconds`](PodLogRequest::since_seconds).
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod>
    fn since_time(self, time: Time) -> Self;
}

impl SinceTimeExt for PodLogRequest {
    fn since_time(self, time: Time) -> Self {
        self.query("sinceTime", &time.to_string())
    }
}
