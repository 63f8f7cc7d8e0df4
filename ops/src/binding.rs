//! Binding a pod to a node, as a scheduler does.

use kubewright::core::v1::{Binding, ObjectReference, Pods};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::meta::v1::Status;
use kubewright_runtime::request::CreateRequest;

use crate::sealed::Sealed;

/// Binding, as a method of [`Pods`].
pub trait BindingExt: Sealed {
    /// Binds a pod that is not scheduled yet to a node, as a scheduler does. A binding is final: binding a bound pod
    /// fails with a conflict.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # use kubewright_ops::prelude::*;
    /// # async fn run(client: Client) -> kubewright::Result<()> {
    /// client.core_v1().pods("shop").bind("web-0", "node-1").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/>
    fn bind(&self, name: &str, node: &str) -> CreateRequest<Status>;
}

impl BindingExt for Pods {
    fn bind(&self, name: &str, node: &str) -> CreateRequest<Status> {
        let target = ObjectReference {
            api_version: Some("v1".into()),
            kind: Some("Node".into()),
            name: Some(node.into()),
            ..Default::default()
        };
        let metadata =
            ObjectMeta { name: Some(name.into()), namespace: Some(self.namespace().into()), ..Default::default() };
        self.create_binding(name, &Binding { metadata, target, ..Default::default() })
    }
}
