//! Letting go of a namespace that does not end.

use kubewright_runtime::Result;
use kubewright_runtime::generated::not_sent;

use super::{CONFLICTS, future};
use crate::core::v1::{Namespace, Namespaces};

impl Namespaces {
    /// Takes the finalizer `kubernetes` (or [another](FinalizeRequest::finalizer)) from a namespace that is being deleted,
    /// which ends it at once, whatever is still in it.
    ///
    /// It is the last resort for a namespace that hangs in `Terminating`, mostly because an API that it had objects of is
    /// gone: what is left in it stays in the store, and nobody sees it. Look at the namespace's conditions first. Who
    /// has a finalizer of their own on namespaces takes that off in the same way, when the work is done.
    ///
    /// A namespace that is not being deleted is refused before anything is sent: deleted later, it would leave everything
    /// behind.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # async fn run(client: Client) -> kubewright::Result<()> {
    /// client.core_v1().namespaces().finalize("stuck").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/>
    pub fn finalize(&self, name: &str) -> FinalizeRequest {
        FinalizeRequest { namespaces: self.clone(), name: name.to_owned(), finalizer: "kubernetes".to_owned() }
    }
}

/// Takes a finalizer from a namespace; gives the namespace as it was last. See [`Namespaces::finalize`].
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
        let mut attempt = 1;
        loop {
            let mut namespace = self.namespaces.get(&self.name).await?;
            if namespace.metadata.deletion_timestamp.is_none() {
                let name = &self.name;
                return Err(not_sent(format!(
                    "the namespace {name} is not being deleted, and without its finalizer it would later leave all that is in it behind: delete it first"
                )));
            }
            let finalizers = &mut namespace.spec.finalizers;
            let before = finalizers.len();
            finalizers.retain(|finalizer| *finalizer != self.finalizer);
            if finalizers.len() == before {
                return Ok(namespace);
            }
            match self.namespaces.replace_finalize(&namespace).await {
                Err(error) if error.is_conflict() && attempt < CONFLICTS => attempt += 1,
                result => return result,
            }
        }
    }
}

future!(FinalizeRequest => Namespace);
