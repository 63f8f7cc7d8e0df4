//! Seals the extension traits, so that adding methods to them is not a breaking change.

use kubewright::apps::v1::{DaemonSets, Deployments, StatefulSets};
use kubewright::certificates::v1::CertificateSigningRequests;
use kubewright::core::v1::{Namespaces, Nodes, PodLogRequest, Pods, ServiceAccounts};

/// Handles that this crate extends.
pub trait Sealed {}

impl Sealed for CertificateSigningRequests {}
impl Sealed for DaemonSets {}
impl Sealed for Deployments {}
impl Sealed for Namespaces {}
impl Sealed for Nodes {}
impl Sealed for PodLogRequest {}
impl Sealed for Pods {}
impl Sealed for ServiceAccounts {}
impl Sealed for StatefulSets {}
