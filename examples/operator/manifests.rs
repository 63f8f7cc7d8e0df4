//! What is applied to a cluster to run the operator: it prints this itself.

use std::error::Error;

use kubewright::core::v1::ConfigMap;
use kubewright::{DynamicObject, json, yaml};
use kubewright_controller::rbac::Rules;
use serde_json::{Value, json};

use crate::site::Site;
use crate::webhooks;

/// The name of everything, and the field manager.
pub const NAME: &str = "site-operator";

/// What the operator does. An operation that is missing here is a 403 there.
pub fn rules() -> Rules {
    Rules::new().watches::<Site>().status::<Site>().watches::<ConfigMap>().applies::<ConfigMap>().lease(NAME)
}

/// All manifests, as a file for `kubectl apply`. The certificate of the webhooks is made by cert-manager.
pub fn all(namespace: &str, image: &str) -> Result<String, Box<dyn Error>> {
    let mut documents = vec![
        document(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}))?,
        yaml::to_string(&Site::crd()?)?,
        rules().manifests(NAME, namespace).to_yaml()?,
    ];
    for object in [service(namespace), deployment(namespace, image), issuer(namespace), certificate(namespace)] {
        documents.push(document(&object)?);
    }
    for (kind, path) in [("MutatingWebhook", webhooks::DEFAULT), ("ValidatingWebhook", webhooks::VALIDATE)] {
        documents.push(document(&webhook(kind, path, namespace))?);
    }
    Ok(documents.join("---\n"))
}

fn document(object: &Value) -> Result<String, Box<dyn Error>> {
    let object: DynamicObject = json::from_str(&object.to_string())?;
    Ok(yaml::to_string(&object)?)
}

fn labels() -> Value {
    json!({"app.kubernetes.io/name": NAME})
}

fn deployment(namespace: &str, image: &str) -> Value {
    let probe = |path: &str| json!({"httpGet": {"path": path, "port": 8081}});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": namespace, "labels": labels()},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels()},
            "template": {
                "metadata": {"labels": labels()},
                "spec": {
                    "serviceAccountName": NAME,
                    "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{
                        "name": "operator",
                        "image": image,
                        "env": [{"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}],
                        "ports": [{"name": "webhooks", "containerPort": 9443}, {"name": "health", "containerPort": 8081}],
                        "livenessProbe": probe("/livez"),
                        "readinessProbe": probe("/readyz"),
                        "securityContext": {
                            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
                        },
                        "volumeMounts": [{
                            "name": "certificates", "mountPath": "/tmp/k8s-webhook-server/serving-certs", "readOnly": true,
                        }],
                    }],
                    "volumes": [{"name": "certificates", "secret": {"secretName": NAME}}],
                },
            },
        },
    })
}

fn service(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": namespace, "labels": labels()},
        "spec": {"selector": labels(), "ports": [{"port": 443, "targetPort": "webhooks"}]},
    })
}

fn issuer(namespace: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Issuer",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {"selfSigned": {}},
    })
}

fn certificate(namespace: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {"dnsNames": [format!("{NAME}.{namespace}.svc")], "issuerRef": {"name": NAME}, "secretName": NAME},
    })
}

fn webhook(kind: &str, path: &str, namespace: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": format!("{kind}Configuration"),
        "metadata": {"name": NAME, "annotations": {"cert-manager.io/inject-ca-from": format!("{namespace}/{NAME}")}},
        "webhooks": [{
            "name": "sites.example.com",
            "clientConfig": {"service": {"name": NAME, "namespace": namespace, "path": path}},
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "rules": [{
                "apiGroups": ["sites.example.com"], "apiVersions": ["v1"], "resources": ["sites"],
                "operations": ["CREATE", "UPDATE"],
            }],
        }],
    })
}
