//! Services and what other kinds are made of.

use serde_json::{Value, json};

use super::networking::balancers;
use super::{Printer, aged, labels, list, or_none, text};
use crate::api::table::column::Column;

pub(super) const SERVICE: Printer = Printer {
    columns: &[
        Column::text("Type", "type determines how the Service is exposed. Defaults to ClusterIP. Valid options are ExternalName, ClusterIP, NodePort, and LoadBalancer. \"ClusterIP\" allocates a cluster-internal IP address for load-balancing to endpoints. Endpoints are determined by the selector or if that is not specified, by manual construction of an Endpoints object or EndpointSlice objects. If clusterIP is \"None\", no virtual IP is allocated and the endpoints are published as a set of endpoints rather than a virtual IP. \"NodePort\" builds on ClusterIP and allocates a port on every node which routes to the same endpoints as the clusterIP. \"LoadBalancer\" builds on NodePort and creates an external load-balancer (if supported in the current cloud) which routes to the same endpoints as the clusterIP. \"ExternalName\" aliases this service to the specified externalName. Several other fields do not apply to ExternalName services. More info: https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types"),
        Column::text("Cluster-IP", "clusterIP is the IP address of the service and is usually assigned randomly. If an address is specified manually, is in-range (as per system configuration), and is not in use, it will be allocated to the service; otherwise creation of the service will fail. This field may not be changed through updates unless the type field is also being changed to ExternalName (which requires this field to be blank) or the type field is being changed from ExternalName (in which case this field may optionally be specified, as describe above).  Valid values are \"None\", empty string (\"\"), or a valid IP address. Setting this to \"None\" makes a \"headless service\" (no virtual IP), which is useful when direct endpoint connections are preferred and proxying is not required.  Only applies to types ClusterIP, NodePort, and LoadBalancer. If this field is specified when creating a Service of type ExternalName, creation will fail. This field will be wiped when updating a Service to type ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies"),
        Column::text("External-IP", "externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.  These IPs are not managed by Kubernetes.  The user is responsible for ensuring that traffic arrives at a node with this IP.  A common example is external load-balancers that are not part of the Kubernetes system."),
        Column::text("Port(s)", "The list of ports that are exposed by this service. More info: https://kubernetes.io/docs/concepts/services-networking/service/#virtual-ips-and-service-proxies"),
        Column::AGE,
        Column::text("Selector", "Route service traffic to pods with label keys and values matching this selector. If empty or not present, the service is assumed to have an external process managing its endpoints, which Kubernetes will not modify. Only applies to types ClusterIP, NodePort, and LoadBalancer. Ignored if type is ExternalName. More info: https://kubernetes.io/docs/concepts/services-networking/service/").wide(),
    ],
    cells: |object, now| {
        let spec = &object["spec"];
        let ports: Vec<String> = list(&spec["ports"]).iter().map(port).collect();
        vec![
            text(&spec["type"]),
            or_none(spec["clusterIPs"][0].as_str().unwrap_or_default()),
            external(object),
            or_none(&ports.join(",")),
            aged(object, now),
            labels(&spec["selector"]),
        ]
    },
};

pub(super) const SECRET: Printer = Printer {
    columns: &[
        Column::text(
            "Type",
            "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types",
        ),
        Column::text(
            "Data",
            "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
        ),
        Column::AGE,
    ],
    cells: |object, now| {
        let count = object["data"].as_object().map_or(0, serde_json::Map::len);
        vec![text(&object["type"]), json!(count), aged(object, now)]
    },
};

pub(super) const PRIORITY_CLASS: Printer = Printer {
    columns: &[
        Column {
            kind: "integer",
            ..Column::text(
                "Value",
                "value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec.",
            )
        },
        Column {
            kind: "boolean",
            ..Column::text(
                "Global-Default",
                "globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority.",
            )
        },
        Column::AGE,
        Column::text(
            "PreemptionPolicy",
            "preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset.",
        ),
    ],
    cells: |object, now| {
        vec![
            json!(object["value"].as_i64().unwrap_or(0)),
            json!(object["globalDefault"] == true),
            aged(object, now),
            text(&object["preemptionPolicy"]),
        ]
    },
};

/// A port, as `80:30080/TCP`.
fn port(port: &Value) -> String {
    let number = port["port"].as_i64().unwrap_or(0);
    let protocol = port["protocol"].as_str().unwrap_or_default();
    match port["nodePort"].as_i64() {
        Some(node) if node > 0 => format!("{number}:{node}/{protocol}"),
        _ => format!("{number}/{protocol}"),
    }
}

/// The addresses by which a service is reached from outside.
fn external(service: &Value) -> Value {
    let spec = &service["spec"];
    let own: Vec<&str> = list(&spec["externalIPs"]).iter().filter_map(Value::as_str).collect();
    match spec["type"].as_str().unwrap_or_default() {
        "ClusterIP" | "NodePort" => or_none(&own.join(",")),
        "LoadBalancer" => {
            let mut balanced = balancers(&service["status"]["loadBalancer"]);
            balanced.extend(own);
            if balanced.is_empty() { json!("<pending>") } else { json!(balanced.join(",")) }
        }
        "ExternalName" => text(&spec["externalName"]),
        _ => json!("<unknown>"),
    }
}
