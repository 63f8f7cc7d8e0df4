//! Defaults that depend on other fields.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{devices, groups};
use crate::builtin::autoscalers;

pub(super) type Fields = Map<String, Value>;

/// Sets the defaults of an object of a schema, such as `core.v1.Volume`, before those of the table.
pub(super) fn apply(schema: &str, fields: &mut Fields) {
    // Of a minor that has no newer one, early versions of policies are stored.
    let early = ["admissionregistration.v1beta1.", "admissionregistration.v1alpha1."];
    if let Some(kind) = early.iter().find_map(|early| schema.strip_prefix(early)) {
        return apply(&format!("admissionregistration.v1.{kind}"), fields);
    }
    match schema {
        "admissionregistration.v1.MatchResources" => {
            default(fields, "matchPolicy", json!("Equivalent"));
            default(fields, "namespaceSelector", json!({}));
            default(fields, "objectSelector", json!({}));
        }
        "admissionregistration.v1.NamedRuleWithOperations" => default(fields, "scope", json!("*")),
        "admissionregistration.v1.MutatingAdmissionPolicySpec" => default(fields, "failurePolicy", json!("Fail")),
        "admissionregistration.v1.ValidatingAdmissionPolicySpec" => default(fields, "failurePolicy", json!("Fail")),
        "certificates.v1.PodCertificateRequestSpec"
        | "certificates.v1beta1.PodCertificateRequestSpec"
        | "certificates.v1alpha1.PodCertificateRequestSpec" => default(fields, "maxExpirationSeconds", json!(86400)),
        "core.v1.LimitRangeItem" => limits(fields),
        "core.v1.Namespace" => namespace(fields),
        "core.v1.NodeSpec" => node_ranges(fields),
        "core.v1.NodeStatus" => allocatable(fields),
        "core.v1.PersistentVolume" => persistent_volume(fields),
        "autoscaling.v1.HorizontalPodAutoscalerSpec" => min_replicas(fields),
        "autoscaling.v2.HorizontalPodAutoscalerSpec" => autoscaling(fields),
        "autoscaling.v2.HorizontalPodAutoscaler" => {
            // Those of the older version are not kept.
            fields.get_mut("metadata").into_iter().for_each(autoscalers::drop_annotations);
        }
        "flowcontrol.v1.FlowSchemaSpec" => default_numbers(fields, &[("matchingPrecedence", 1000)]),
        "flowcontrol.v1.ExemptPriorityLevelConfiguration" => {
            default(fields, "nominalConcurrencyShares", json!(0));
            default(fields, "lendablePercent", json!(0));
        }
        "flowcontrol.v1.QueuingConfiguration" => {
            default_numbers(fields, &[("handSize", 8), ("queues", 64), ("queueLengthLimit", 50)]);
        }
        "networking.v1.IngressClassParametersReference" => default(fields, "scope", json!("Cluster")),
        "core.v1.Pod" => pod(fields),
        "core.v1.PodSpec" => service_account(fields),
        "core.v1.Container" | "core.v1.EphemeralContainer" => pull_policy(fields, "image", "imagePullPolicy"),
        "core.v1.Volume" => volume(fields),
        "core.v1.PodStatus" => pod_ips(fields),
        "core.v1.ReplicationController" => replication_controller(fields),
        "core.v1.Secret" => secret(fields),
        "core.v1.Service" => ingress(fields),
        "core.v1.ServiceSpec" => service(fields),
        "apps.v1.DeploymentStrategy" => rolling_update(fields),
        "apps.v1.DaemonSetUpdateStrategy" => rolling_update(fields),
        "apps.v1.StatefulSetUpdateStrategy" if text(fields, "type").is_empty() => rolling_update(fields),
        "apps.v1.StatefulSetSpec" => claim_templates(fields),
        "apps.v1.DaemonSet" => template_generation(fields),
        "batch.v1.Job" => job(fields),
        "networking.v1.NetworkPolicySpec" => policy_types(fields),
        "rbac.v1.Subject" => subject(fields),
        "admissionregistration.v1.MutatingWebhook" => webhook(fields, true),
        "admissionregistration.v1.ValidatingWebhook" => webhook(fields, false),
        "admissionregistration.v1.RuleWithOperations" => default(fields, "scope", json!("*")),
        "admissionregistration.v1.ServiceReference" => default(fields, "port", json!(443)),
        _ if schema.starts_with("resource.") => devices::apply(schema, fields),
        _ if schema.starts_with("scheduling.") => groups::apply(schema, fields),
        _ => {}
    }
}

pub(super) fn text<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn default(fields: &mut Fields, name: &str, value: Value) {
    if fields.get(name).is_none_or(|value| value.is_null() || *value == "") {
        fields.insert(name.to_owned(), value);
    }
}

/// Sets numbers of which zero says that there is none.
fn default_numbers(fields: &mut Fields, numbers: &[(&str, i64)]) {
    for (name, number) in numbers {
        if fields.get(*name).is_none_or(|value| value.is_null() || *value == 0) {
            fields.insert((*name).to_owned(), json!(number));
        }
    }
}

/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>
fn webhook(fields: &mut Fields, is_mutating: bool) {
    default(fields, "failurePolicy", json!("Fail"));
    default(fields, "matchPolicy", json!("Equivalent"));
    default(fields, "timeoutSeconds", json!(10));
    default(fields, "namespaceSelector", json!({}));
    default(fields, "objectSelector", json!({}));
    if is_mutating {
        default(fields, "reinvocationPolicy", json!("Never"));
    }
}

/// <https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting>
fn pull_policy(fields: &mut Fields, image: &str, policy: &str) {
    let is_latest = is_latest(text(fields, image));
    default(fields, policy, json!(if is_latest { "Always" } else { "IfNotPresent" }));
}

/// Whether an image has the tag `latest`, or neither tag nor digest. What is no image has no tag.
fn is_latest(image: &str) -> bool {
    let (name, has_digest) = match image.split_once('@') {
        Some((name, _)) => (name, true),
        None => (image, false),
    };
    let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
    let (repository, tag) = last.split_once(':').unwrap_or((last, ""));
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    let host_may_be_any = path.split('/').skip(1).all(|part| part.bytes().all(is_letter));
    if repository.is_empty() || !repository.bytes().all(is_letter) || !host_may_be_any {
        return false;
    }
    tag == "latest" || (tag.is_empty() && !has_digest)
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#automatic-labelling>
fn namespace(fields: &mut Fields) {
    let Some(metadata) = fields.get_mut("metadata") else { return };
    if let Some(name) = metadata["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned) {
        metadata["labels"]["kubernetes.io/metadata.name"] = json!(name);
    }
}

/// <https://kubernetes.io/docs/concepts/policy/limit-range/>
fn limits(fields: &mut Fields) {
    if text(fields, "type") != "Container" {
        return;
    }
    let amounts =
        |fields: &Fields, name: &str| fields.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut limits = amounts(fields, "default");
    for (name, most) in amounts(fields, "max") {
        limits.entry(name).or_insert(most);
    }
    let mut requests = amounts(fields, "defaultRequest");
    for (name, amount) in limits.clone().into_iter().chain(amounts(fields, "min")) {
        requests.entry(name).or_insert(amount);
    }
    for (name, amounts) in [("default", limits), ("defaultRequest", requests)] {
        if !amounts.is_empty() {
            fields.insert(name.to_owned(), Value::Object(amounts));
        }
    }
}

/// `podCIDR` and the first of `podCIDRs` are one.
fn node_ranges(fields: &mut Fields) {
    let range = text(fields, "podCIDR").to_owned();
    let first = fields.get("podCIDRs").and_then(|ranges| ranges[0].as_str()).map(str::to_owned);
    match (range.is_empty(), first) {
        (true, Some(first)) => {
            fields.insert("podCIDR".to_owned(), json!(first));
        }
        (false, first) if first.as_ref() != Some(&range) => {
            fields.insert("podCIDRs".to_owned(), json!([range]));
        }
        _ => {}
    }
}

fn allocatable(fields: &mut Fields) {
    if let (None, Some(capacity)) = (fields.get("allocatable"), fields.get("capacity").cloned()) {
        fields.insert("allocatable".to_owned(), capacity);
    }
}

/// What volumes have, but not those that are written into other objects.
fn persistent_volume(fields: &mut Fields) {
    let Some(Value::Object(spec)) = fields.get_mut("spec") else { return };
    default(spec, "persistentVolumeReclaimPolicy", json!("Retain"));
    default(spec, "volumeMode", json!("Filesystem"));
    if let Some(Value::Object(host_path)) = spec.get_mut("hostPath") {
        host_path.entry("type").or_insert_with(|| json!(""));
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>
fn autoscaling(fields: &mut Fields) {
    min_replicas(fields);
    if fields.get("metrics").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        let target = json!({ "type": "Utilization", "averageUtilization": 80 });
        let metrics = json!([{ "type": "Resource", "resource": { "name": "cpu", "target": target } }]);
        fields.insert("metrics".to_owned(), metrics);
    }
    let Some(Value::Object(behavior)) = fields.get_mut("behavior") else { return };
    let pods = json!({ "type": "Pods", "value": 4, "periodSeconds": 15 });
    let percent = json!({ "type": "Percent", "value": 100, "periodSeconds": 15 });
    for (direction, policies) in [("scaleUp", json!([pods, percent.clone()])), ("scaleDown", json!([percent]))] {
        let rules = behavior.entry(direction).or_insert_with(|| json!({}));
        let Value::Object(rules) = rules else { continue };
        default(rules, "selectPolicy", json!("Max"));
        default(rules, "policies", policies);
        if direction == "scaleUp" {
            rules.entry("stabilizationWindowSeconds").or_insert_with(|| json!(0));
        }
    }
}

fn min_replicas(fields: &mut Fields) {
    if fields.get("minReplicas").is_none_or(Value::is_null) {
        fields.insert("minReplicas".to_owned(), json!(1));
    }
}

fn service_account(fields: &mut Fields) {
    let name = match (text(fields, "serviceAccountName"), text(fields, "serviceAccount")) {
        ("", "") => return,
        ("", deprecated) => deprecated.to_owned(),
        (name, _) => name.to_owned(),
    };
    fields.insert("serviceAccountName".to_owned(), json!(name));
    fields.insert("serviceAccount".to_owned(), json!(name));
}

fn volume(fields: &mut Fields) {
    if !fields.iter().any(|(name, value)| name != "name" && !value.is_null()) {
        fields.insert("emptyDir".to_owned(), json!({}));
    }
    if let Some(Value::Object(image)) = fields.get_mut("image") {
        pull_policy(image, "reference", "pullPolicy");
    }
}

/// What pods have, but not their templates.
fn pod(fields: &mut Fields) {
    let Some(Value::Object(spec)) = fields.get_mut("spec") else { return };
    if spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64).is_some_and(|seconds| seconds < 0) {
        spec.insert("terminationGracePeriodSeconds".to_owned(), json!(1));
    }
    let is_in_host_network = spec.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            requests_of_limits(container);
            let ports = container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten();
            for port in ports.filter(|_| is_in_host_network) {
                if let (Some(own), Value::Object(port)) = (port.get("containerPort").cloned(), port) {
                    default(port, "hostPort", own);
                }
            }
        }
    }
    default(spec, "enableServiceLinks", json!(true));
}

fn requests_of_limits(container: &mut Value) {
    let Some(Value::Object(limits)) = container.pointer("/resources/limits").cloned() else { return };
    let requests = &mut container["resources"]["requests"];
    if !requests.is_object() {
        *requests = json!({});
    }
    let Value::Object(requests) = requests else { return };
    for (name, limit) in limits {
        requests.entry(name).or_insert(limit);
    }
}

/// The labels of the template are what is selected, and those of the controller.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/#writing-a-replicationcontroller-manifest>
fn replication_controller(fields: &mut Fields) {
    let labels = fields.get("spec").and_then(|spec| spec.pointer("/template/metadata/labels")).cloned();
    let Some(labels) = labels.filter(|labels| !is_empty_map(labels)) else { return };
    if let Some(spec) = fields.get_mut("spec").filter(|spec| is_empty_map(&spec["selector"])) {
        spec["selector"] = labels.clone();
    }
    if let Some(metadata) = fields.get_mut("metadata").filter(|metadata| is_empty_map(&metadata["labels"])) {
        metadata["labels"] = labels;
    }
}

fn is_empty_map(value: &Value) -> bool {
    value.as_object().is_none_or(Map::is_empty)
}

/// `podIP` and the first of `podIPs` are one.
fn pod_ips(fields: &mut Fields) {
    let ip = text(fields, "podIP").to_owned();
    let first = fields.get("podIPs").and_then(|ips| ips.pointer("/0/ip")).and_then(Value::as_str).map(str::to_owned);
    match (ip.is_empty(), first) {
        (true, Some(first)) => {
            fields.insert("podIP".to_owned(), json!(first));
        }
        (false, first) if first.as_ref() != Some(&ip) => {
            fields.insert("podIPs".to_owned(), json!([{ "ip": ip }]));
        }
        _ => {}
    }
}

/// `stringData` is written and never read.
fn secret(fields: &mut Fields) {
    let Some(Value::Object(texts)) = fields.remove("stringData") else { return };
    let data = fields.entry("data").or_insert_with(|| json!({}));
    for (name, text) in texts {
        data[name] = json!(STANDARD.encode(text.as_str().unwrap_or_default()));
    }
}

fn service(fields: &mut Fields) {
    default(fields, "sessionAffinity", json!("None"));
    match text(fields, "sessionAffinity") {
        "None" => {
            fields.remove("sessionAffinityConfig");
        }
        "ClientIP" => {
            let timeout =
                fields.get("sessionAffinityConfig").and_then(|config| config.pointer("/clientIP/timeoutSeconds"));
            if timeout.is_none_or(Value::is_null) {
                fields.insert("sessionAffinityConfig".to_owned(), json!({ "clientIP": { "timeoutSeconds": 10800 } }));
            }
        }
        _ => {}
    }
    default(fields, "type", json!("ClusterIP"));
    for port in fields.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(port) = port else { continue };
        let own = port.get("port").cloned().unwrap_or_else(|| json!(0));
        if port.get("targetPort").is_none_or(|target| *target == json!(0) || *target == json!("")) {
            port.insert("targetPort".to_owned(), own);
        }
    }
    let kind = text(fields, "type").to_owned();
    let has_external_ips = fields.get("externalIPs").and_then(Value::as_array).is_some_and(|ips| !ips.is_empty());
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") || (kind == "ClusterIP" && has_external_ips) {
        default(fields, "externalTrafficPolicy", json!("Cluster"));
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP") {
        default(fields, "internalTrafficPolicy", json!("Cluster"));
    }
    if kind == "LoadBalancer" {
        default(fields, "allocateLoadBalancerNodePorts", json!(true));
    }
}

/// How the addresses of a load balancer are reached.
fn ingress(fields: &mut Fields) {
    if fields.get("spec").is_none_or(|spec| spec["type"] != "LoadBalancer") {
        return;
    }
    let points = fields.get_mut("status").and_then(|status| status.pointer_mut("/loadBalancer/ingress"));
    for point in points.and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(point) = point else { continue };
        if !text(point, "ip").is_empty() {
            default(point, "ipMode", json!("VIP"));
        }
    }
}

fn rolling_update(fields: &mut Fields) {
    if matches!(text(fields, "type"), "" | "RollingUpdate") {
        default(fields, "rollingUpdate", json!({}));
    }
}

/// Templates of claims say what they are.
fn claim_templates(fields: &mut Fields) {
    for claim in fields.get_mut("volumeClaimTemplates").and_then(Value::as_array_mut).into_iter().flatten() {
        claim["apiVersion"] = json!("v1");
        claim["kind"] = json!("PersistentVolumeClaim");
    }
}

/// The annotation in which Go's conversion keeps a number that the server counts.
fn template_generation(fields: &mut Fields) {
    if let Some(metadata) = fields.get_mut("metadata") {
        let count = &mut metadata["annotations"]["deprecated.daemonset.template.generation"];
        if count.is_null() {
            *count = json!("0");
        }
    }
}

fn policy_types(fields: &mut Fields) {
    let is_empty = |list: Option<&Value>| list.and_then(Value::as_array).is_none_or(Vec::is_empty);
    if is_empty(fields.get("policyTypes")) {
        let types = if is_empty(fields.get("egress")) { json!(["Ingress"]) } else { json!(["Ingress", "Egress"]) };
        fields.insert("policyTypes".to_owned(), types);
    }
}

/// Users and groups are of RBAC's group, service accounts of the core one.
fn subject(fields: &mut Fields) {
    if matches!(text(fields, "kind"), "User" | "Group") {
        default(fields, "apiGroup", json!("rbac.authorization.k8s.io"));
    }
}

/// What jobs have, but not the templates of cron jobs.
fn job(fields: &mut Fields) {
    let Some(Value::Object(spec)) = fields.get_mut("spec") else { return };
    if !spec.contains_key("parallelism") {
        default(spec, "completions", json!(1));
        spec.insert("parallelism".to_owned(), json!(1));
    }
    let backoff_limit = if spec.contains_key("backoffLimitPerIndex") { i32::MAX } else { 6 };
    default(spec, "backoffLimit", json!(backoff_limit));
    default(spec, "completionMode", json!("NonIndexed"));
    default(spec, "suspend", json!(false));
    let policy = if spec.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    default(spec, "podReplacementPolicy", json!(policy));
    default(spec, "manualSelector", json!(false));
    let labels = spec.get("template").and_then(|template| template.pointer("/metadata/labels")).cloned();
    let has_labels = |metadata: &Value| metadata["labels"].as_object().is_some_and(|labels| !labels.is_empty());
    let metadata = fields.get_mut("metadata").filter(|metadata| !has_labels(metadata));
    if let (Some(labels), Some(metadata)) = (labels, metadata) {
        metadata["labels"] = labels;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_image_of_the_latest_tag_is_always_pulled() {
        for image in ["nginx", "nginx:latest", "quay.io/a/nginx", "localhost:5000/nginx:latest", "a@b:latest"] {
            assert_eq!(is_latest(image), image != "a@b:latest", "{image}");
        }
        for image in ["nginx:1", "nginx@sha256:0", "nginx:1@sha256:0", "", " ", "Nginx"] {
            assert!(!is_latest(image), "{image:?}");
        }
    }

    #[test]
    fn the_deprecated_service_account_follows_the_other() {
        let of = |spec: Value| {
            let Value::Object(mut fields) = spec else { return Value::Null };
            service_account(&mut fields);
            Value::Object(fields)
        };
        let both = json!({ "serviceAccount": "a", "serviceAccountName": "a" });
        assert_eq!(of(json!({ "serviceAccount": "a" })), both);
        assert_eq!(of(json!({ "serviceAccount": "b", "serviceAccountName": "a" })), both);
        assert_eq!(of(json!({})), json!({}));
    }
}
