//! Keeping new pods off a node.
//!
//! ```no_run
//! # use kubewright::prelude::*;
//! # use kubewright_ops::prelude::*;
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let nodes = client.core_v1().nodes();
//! if nodes.cordon("node-1").await? {
//!     println!("no new pods on node-1 from now on");
//! }
//! nodes.uncordon("node-1").await?;
//! # Ok(())
//! # }
//! ```

use kubewright::core::v1::Nodes;
use kubewright_runtime::{Patch, Result};
use serde_json::json;

use crate::future;
use crate::sealed::Sealed;

/// Cordoning, as methods of [`Nodes`].
pub trait CordonExt: Sealed {
    /// Marks a node as unschedulable: the scheduler puts no new pods on it, existing pods stay. Returns whether that
    /// changed anything.
    ///
    /// <https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration>
    fn cordon(&self, name: &str) -> CordonRequest;

    /// Marks a node as schedulable again. Returns whether that changed anything.
    fn uncordon(&self, name: &str) -> CordonRequest;
}

impl CordonExt for Nodes {
    fn cordon(&self, name: &str) -> CordonRequest {
        CordonRequest::new(self, name, false)
    }

    fn uncordon(&self, name: &str) -> CordonRequest {
        CordonRequest::new(self, name, true)
    }
}

/// Request that cordons or uncordons a node and returns whether that changed it. See [`CordonExt::cordon`] and
/// [`CordonExt::uncordon`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct CordonRequest {
    nodes: Nodes,
    name: String,
    schedulable: bool,
    dry_run: bool,
    manager: Option<String>,
}

impl CordonRequest {
    fn new(nodes: &Nodes, name: &str, schedulable: bool) -> Self {
        Self { nodes: nodes.clone(), name: name.to_owned(), schedulable, dry_run: false, manager: None }
    }

    /// Runs every step, admission included, but persists nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Sets the field manager. The server's default is the user agent up to the first slash.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers>
    pub fn field_manager(mut self, manager: &str) -> Self {
        self.manager = Some(manager.to_owned());
        self
    }

    async fn run(self) -> Result<bool> {
        let node = self.nodes.get(&self.name).await?;
        let schedulable = !node.spec.unschedulable.unwrap_or_default();
        if schedulable == self.schedulable {
            return Ok(false);
        }
        let unschedulable = if self.schedulable { None } else { Some(true) };
        let change = json!({ "spec": { "unschedulable": unschedulable } });
        let mut patch = self.nodes.patch(&self.name, Patch::merge(change));
        if self.dry_run {
            patch = patch.dry_run();
        }
        if let Some(manager) = &self.manager {
            patch = patch.field_manager(manager);
        }
        patch.await?;
        Ok(true)
    }
}

future!(CordonRequest => bool);
