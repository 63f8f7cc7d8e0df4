//! Conditions of nodes, services, CRDs and aggregated APIs.

use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::apiregistration::v1::APIService;
use kubewright::core::v1::{Node, Service, ServiceType};
use kubewright_runtime::wait::{Verdict, condition};

/// Whether a CRD is established, so that its objects can be created. One whose names conflict with those of another CRD
/// never will be.
///
/// With more than one API server, it takes about a second more until all of them serve the new resource.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#create-a-customresourcedefinition>
pub fn established(definition: &CustomResourceDefinition) -> Verdict {
    let refused = condition(definition, "NamesAccepted", "False");
    if refused.is_met() {
        let mut conditions = definition.status.conditions.iter();
        let accepted = conditions.find(|condition| condition.type_ == "NamesAccepted");
        let told = accepted.and_then(|condition| condition.message.as_deref()).unwrap_or("another CRD has them");
        return Verdict::never(format!("its names are not accepted: {told}")).goal("to be established");
    }
    condition(definition, "Established", "True").goal("to be established")
}

/// Whether an aggregated API is available: its server responds.
///
/// <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/>
pub fn api_available(service: &APIService) -> Verdict {
    condition(service, "Available", "True").goal("to be available")
}

/// Whether a node is ready: its condition `Ready` is true. It may still be cordoned.
///
/// <https://kubernetes.io/docs/reference/node/node-status/#condition>
pub fn node_ready(node: &Node) -> Verdict {
    condition(node, "Ready", "True").goal("to be ready")
}

/// Whether a service of the type `LoadBalancer` has an ingress address. One of another type never will.
///
/// <https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer>
pub fn has_load_balancer(service: &Service) -> Verdict {
    let reached =
        service.status.load_balancer.ingress.iter().any(|ingress| ingress.ip.is_some() || ingress.hostname.is_some());
    let verdict = match &service.spec.type_ {
        Some(ServiceType::LoadBalancer) if reached => Verdict::met(),
        Some(ServiceType::LoadBalancer) => Verdict::not_yet("its load balancer has no address yet"),
        other => {
            let type_ = other.as_ref().map_or("ClusterIP", |other| other.as_str());
            Verdict::never(format!("its type is {type_}, which gets no load balancer"))
        }
    };
    verdict.goal("to have a load balancer")
}
