//! Approving and denying certificate signing requests.

use kubewright::certificates::v1::{
    CertificateSigningRequest, CertificateSigningRequestCondition, CertificateSigningRequests,
};
use kubewright_runtime::{Result, Time};

use crate::future;
use crate::sealed::Sealed;

/// Approving and denying, as methods of [`CertificateSigningRequests`].
pub trait ApprovalExt: Sealed {
    /// Approves a request: its signer may issue the certificate. `reason` is a machine-readable word, `message` is
    /// human-readable.
    ///
    /// Approving an approved request changes nothing. A denied request can no longer be approved: the API server
    /// rejects that as invalid.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # use kubewright_ops::prelude::*;
    /// # async fn run(client: Client) -> kubewright::Result<()> {
    /// let requests = client.certificates_v1().certificate_signing_requests();
    /// requests.approve("node-7", "InventoryMatch", "the node is in our inventory").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#approval-rejection>
    fn approve(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest;

    /// Denies a request: no certificate will be issued for it. See [`approve`](Self::approve).
    fn deny(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest;
}

impl ApprovalExt for CertificateSigningRequests {
    fn approve(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest {
        ApprovalRequest::new(self, "Approved", name, reason, message)
    }

    fn deny(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest {
        ApprovalRequest::new(self, "Denied", name, reason, message)
    }
}

/// Request that approves or denies a certificate signing request and returns it. See [`ApprovalExt::approve`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ApprovalRequest {
    requests: CertificateSigningRequests,
    name: String,
    /// The type of the condition to set.
    condition: &'static str,
    reason: String,
    message: String,
    dry_run: bool,
}

impl ApprovalRequest {
    fn new(
        requests: &CertificateSigningRequests,
        condition: &'static str,
        name: &str,
        reason: &str,
        message: &str,
    ) -> Self {
        let (name, reason, message) = (name.to_owned(), reason.to_owned(), message.to_owned());
        Self { requests: requests.clone(), name, condition, reason, message, dry_run: false }
    }

    /// Runs every step, admission included, but persists nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    async fn run(self) -> Result<CertificateSigningRequest> {
        let Self { requests, name, condition, reason, message, dry_run } = self;
        let approval = requests.modify_approval(&name, |request| {
            let conditions = &mut request.status.conditions;
            if conditions.iter().any(|known| known.type_ == condition) {
                return;
            }
            conditions.push(CertificateSigningRequestCondition {
                type_: condition.into(),
                status: "True".into(),
                reason: Some(reason.as_str().into()),
                message: Some(message.as_str().into()),
                last_update_time: Some(Time::now()),
                ..Default::default()
            });
        });
        let approval = if dry_run { approval.dry_run() } else { approval };
        Ok(approval.await?.into_object())
    }
}

future!(ApprovalRequest => CertificateSigningRequest);
