//! Approving and denying certificate signing requests.

use kubewright_runtime::{Result, Time};

use super::future;
use crate::certificates::v1::{
    CertificateSigningRequest, CertificateSigningRequestCondition, CertificateSigningRequests,
};

impl CertificateSigningRequests {
    /// Approves a request: its signer may issue the certificate. `reason` is a word for programs, `message` is for people.
    ///
    /// A request that is approved already stays as it is. One that is denied can't be approved any more: the server
    /// refuses it as invalid.
    ///
    /// ```no_run
    /// # use kubewright::prelude::*;
    /// # async fn run(client: Client) -> kubewright::Result<()> {
    /// let requests = client.certificates_v1().certificate_signing_requests();
    /// requests.approve("node-7", "InventoryMatch", "the node is in our inventory").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#approval-rejection>
    pub fn approve(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest {
        self.judge("Approved", name, reason, message)
    }

    /// Denies a request: no certificate is issued for it, ever. See [`approve`](Self::approve).
    pub fn deny(&self, name: &str, reason: &str, message: &str) -> ApprovalRequest {
        self.judge("Denied", name, reason, message)
    }

    fn judge(&self, verdict: &'static str, name: &str, reason: &str, message: &str) -> ApprovalRequest {
        let (name, reason, message) = (name.to_owned(), reason.to_owned(), message.to_owned());
        ApprovalRequest { requests: self.clone(), name, verdict, reason, message, dry_run: false }
    }
}

/// Approves or denies a request, which comes back as it stands then. See [`CertificateSigningRequests::approve`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ApprovalRequest {
    requests: CertificateSigningRequests,
    name: String,
    verdict: &'static str,
    reason: String,
    message: String,
    dry_run: bool,
}

impl ApprovalRequest {
    /// Goes through every step, admission included, but stores nothing.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    async fn run(self) -> Result<CertificateSigningRequest> {
        let Self { requests, name, verdict, reason, message, dry_run } = self;
        let judge = requests.modify_approval(&name, |request| {
            let conditions = &mut request.status.conditions;
            if conditions.iter().any(|condition| condition.type_ == verdict) {
                return;
            }
            conditions.push(CertificateSigningRequestCondition {
                type_: verdict.into(),
                status: "True".into(),
                reason: Some(reason.as_str().into()),
                message: Some(message.as_str().into()),
                last_update_time: Some(Time::now()),
                ..Default::default()
            });
        });
        let judge = if dry_run { judge.dry_run() } else { judge };
        Ok(judge.await?.into_object())
    }
}

future!(ApprovalRequest => CertificateSigningRequest);
