//! Force-finalizing a namespace that is stuck in `Terminating`.

use kubewright::core::v1::{Namespace, Namespaces};
use kubewright_runtime::{Error, Result};

use crate::future;
use crate::sealed::Sealed;

/// Finalizing, as a method of [`Namespaces`].
pub trait FinalizeExt: Sealed {
    /// Removes the finalizer `kubernetes` (or [another](FinalizeRequest::finalizer)) from a terminating namespace,
    /// which deletes the namespace at once, whatever it still contains.
    ///
    /// This is the last resort for a namespace that is stuck in `Terminating`, mostly because an API that it has
    /// objects of is no longer served: these objects are orphaned in etcd. Inspect the namespace's conditions first.
    /// Controllers with finalizers of their own on namespaces remove them in the same way, when their work is done.
    ///
    /// A namespace that is not being deleted is rejected before anything is written
    /// ([`is_aborted`](Error::is_aborted)): its later deletion would orphan all its content.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # use kubewright_ops::prelude::*;
    /// # async fn run(client: Client) -> kubewright::Result<()> {
    /// client.core_v1().namespaces().finalize("stuck").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>
    fn finalize(&self, name: &str) -> FinalizeRequest;
}

impl FinalizeExt for Namespaces {
    fn finalize(&self, name: &str) -> FinalizeRequest {
        FinalizeRequest { namespaces: self.clone(), name: name.to_owned(), finalizer: "kubernetes".to_owned() }
    }
}

/// Request that removes a finalizer from a namespace and returns the namespace. See [`FinalizeExt::finalize`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct FinalizeRequest {
    namespaces: Namespaces,
    name: String,
    finalizer: String,
}

impl FinalizeRequest {
    /// Removes this finalizer of `spec.finalizers`. The default is `kubernetes`, that of the namespace controller.
    pub fn finalizer(mut self, finalizer: &str) -> Self {
        self.finalizer = finalizer.to_owned();
        self
    }

    async fn run(self) -> Result<Namespace> {
        let Self { namespaces, name, finalizer } = self;
        let mut lives = false;
        let finalize = namespaces.modify_finalize(&name, |namespace| {
            lives = namespace.metadata.deletion_timestamp.is_none();
            if lives {
                return Err("it is not being deleted");
            }
            namespace.spec.finalizers.retain(|known| *known != finalizer);
            Ok(())
        });
        match finalize.await {
            Err(_) if lives => Err(Error::aborted(format!(
                "namespace {name} is not being deleted, and deleting it without its finalizer would orphan its content: delete it first"
            ))),
            done => Ok(done?.into_object()),
        }
    }
}

future!(FinalizeRequest => Namespace);
