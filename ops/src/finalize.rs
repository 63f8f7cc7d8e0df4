//! Letting go of a namespace that does not end.

use kubewright::core::v1::{Namespace, Namespaces};
use kubewright_runtime::{Error, Result};

use crate::future;
use crate::sealed::Sealed;

/// Finalizing, as a method of [`Namespaces`].
pub trait FinalizeExt: Sealed {
    /// Takes the finalizer `kubernetes` (or [another](FinalizeRequest::finalizer)) from a namespace that is being deleted,
    /// which ends it at once, whatever is still in it.
    ///
    /// It is the last resort for a namespace that hangs in `Terminating`, mostly because an API that it had objects of is
    /// gone: what is left in it stays in the store, and nobody sees it. Look at the namespace's conditions first. Who
    /// has a finalizer of their own on namespaces takes that off in the same way, when the work is done.
    ///
    /// A namespace that is not being deleted is refused before anything is written ([`is_abandoned`](Error::is_abandoned)):
    /// deleted later, it would leave everything behind.
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

/// Takes a finalizer from a namespace; gives the namespace as it was last. See [`FinalizeExt::finalize`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct FinalizeRequest {
    namespaces: Namespaces,
    name: String,
    finalizer: String,
}

impl FinalizeRequest {
    /// Takes this finalizer of `spec.finalizers`. The default is `kubernetes`, the namespace controller's own.
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
            Err(_) if lives => Err(Error::abandoned(format!(
                "the namespace {name} is not being deleted, and without its finalizer it would later leave all that is in it behind: delete it first"
            ))),
            done => Ok(done?.into_object()),
        }
    }
}

future!(FinalizeRequest => Namespace);
