//! In-place resizing of a running container's CPU and memory.
//!
//! ```no_run
//! # use kubewright::prelude::*;
//! # use kubewright_ops::prelude::*;
//! # async fn run(client: Client) -> kubewright::Result<()> {
//! let pods = client.core_v1().pods("shop");
//! pods.resize("web-0", "app").request("cpu", "750m").limit("cpu", "1").await?;
//! # Ok(())
//! # }
//! ```

use kubewright::core::v1::{Pod, Pods};
use kubewright_runtime::{Patch, Result};
use serde_json::{Map, Value, json};

use crate::future;
use crate::sealed::Sealed;

/// Resizing, as a method of [`Pods`].
pub trait ResizeExt: Sealed {
    /// Changes the resources of one container of a pod without restarting the pod, and returns the pod. Whether the
    /// node could do it is reported later by the conditions `PodResizePending` and `PodResizeInProgress`.
    ///
    /// Unset resources are unchanged. The server rejects a container that the pod does not have, and a change of the
    /// pod's [quality of service](https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/).
    ///
    /// <https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/>
    fn resize(&self, name: &str, container: &str) -> ResizeRequest;
}

impl ResizeExt for Pods {
    fn resize(&self, name: &str, container: &str) -> ResizeRequest {
        ResizeRequest {
            pods: self.clone(),
            name: name.to_owned(),
            container: container.to_owned(),
            list: "containers",
            requests: Map::new(),
            limits: Map::new(),
            dry_run: false,
        }
    }
}

/// Request that changes the resources of a container. See [`ResizeExt::resize`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ResizeRequest {
    pods: Pods,
    name: String,
    container: String,
    list: &'static str,
    requests: Map<String, Value>,
    limits: Map<String, Value>,
    dry_run: bool,
}

impl ResizeRequest {
    /// Sets the request of a resource (`cpu` or `memory`) to a quantity such as `750m` or `1Gi`.
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/>
    pub fn request(mut self, resource: &str, quantity: &str) -> Self {
        self.requests.insert(resource.to_owned(), quantity.into());
        self
    }

    /// Sets the limit of a resource (`cpu` or `memory`) to a quantity such as `750m` or `1Gi`.
    pub fn limit(mut self, resource: &str, quantity: &str) -> Self {
        self.limits.insert(resource.to_owned(), quantity.into());
        self
    }

    /// Selects an init container: a [sidecar](https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/),
    /// since no other init container can be resized.
    pub fn sidecar(mut self) -> Self {
        self.list = "initContainers";
        self
    }

    /// Runs every step, admission included, but persists nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    async fn run(self) -> Result<Pod> {
        let resources = json!({ "requests": self.requests, "limits": self.limits });
        let list = self.list;
        let change = json!({ "spec": { list: [{ "name": self.container, "resources": resources }] } });
        let patch = self.pods.patch_resize(&self.name, Patch::strategic(change));
        if self.dry_run { patch.dry_run().await } else { patch.await }
    }
}

future!(ResizeRequest => Pod);
