use http::{Method, Uri};
use kubewright::apps::v1::Deployment;
use kubewright::core::v1::{ConfigMap, Namespace, Node, Pod, Secret};
use kubewright::rbac::v1::PolicyRule;

use super::{Rules, Verb};

fn shown(rules: &[PolicyRule]) -> Vec<String> {
    rules
        .iter()
        .map(|rule| {
            let joined = |texts: &[kubewright::CompactString]| texts.join("|");
            let names = if rule.resource_names.is_empty() {
                String::new()
            } else {
                format!(" {}", joined(&rule.resource_names))
            };
            let what = if rule.non_resource_urls.is_empty() {
                format!("{}:{}", joined(&rule.api_groups), joined(&rule.resources))
            } else {
                joined(&rule.non_resource_urls)
            };
            format!("{what}{names} {}", joined(&rule.verbs))
        })
        .collect()
}

fn cluster_rules(rules: &Rules) -> Vec<String> {
    shown(&rules.manifests("operator", "system").cluster_role.expect("a cluster role").rules)
}

#[test]
fn what_is_alike_is_one_rule_and_nothing_more_is_allowed() {
    let rules = Rules::new()
        .watches::<Pod>()
        .watches::<ConfigMap>()
        .reads::<Secret>()
        .watches::<Deployment>()
        .status::<Deployment>()
        .status::<Pod>();
    assert_eq!(
        cluster_rules(&rules),
        [
            ":configmaps|pods get|list|watch",
            ":pods/status patch",
            ":secrets get",
            "apps:deployments get|list|watch",
            "apps:deployments/status patch",
        ]
    );
}

#[test]
fn groups_with_the_same_resources_and_verbs_share_a_rule() {
    let dynamic = |group: &str| kubewright::DynamicResource {
        group: group.into(),
        version: "v1".into(),
        kind: "Event".into(),
        plural: "events".into(),
        namespaced: true,
    };
    let rules = Rules::new().events().resource(&dynamic(""), [Verb::Create, Verb::Patch]);
    assert_eq!(cluster_rules(&rules), ["|events.k8s.io:events create|patch"]);
    // One more resource in one of them, and neither may be allowed what only the other one is.
    let rules = rules.writes::<Pod>([Verb::Create, Verb::Patch]);
    assert_eq!(cluster_rules(&rules), [":events|pods create|patch", "events.k8s.io:events create|patch"]);
}

#[test]
fn verbs_are_in_the_usual_order_and_each_once() {
    let rules = Rules::new().owns::<ConfigMap>().writes::<ConfigMap>([Verb::Update, Verb::Get, Verb::DeleteCollection]);
    assert_eq!(cluster_rules(&rules), [":configmaps get|list|watch|create|update|patch|delete|deletecollection"]);
}

#[test]
fn a_lease_is_a_role_of_the_programs_own_namespace_restricted_to_its_name() {
    let manifests = Rules::new().watches::<Pod>().lease("leader").manifests("operator", "system");
    assert_eq!(shown(&manifests.cluster_role.expect("a role").rules), [":pods get|list|watch"]);
    let [role] = manifests.roles.as_slice() else { panic!("one role: {:?}", manifests.roles) };
    assert_eq!(role.metadata.namespace.as_deref(), Some("system"));
    assert_eq!(
        shown(&role.rules),
        ["coordination.k8s.io:leases create", "coordination.k8s.io:leases leader get|update"]
    );
    // What is allowed for all of them needs no name.
    let manifests = Rules::new().lease("leader").lease("other").leases().manifests("operator", "system");
    assert_eq!(shown(&manifests.roles[0].rules), ["coordination.k8s.io:leases get|list|watch|create|update|delete"]);
    assert!(manifests.cluster_role.is_none() && manifests.cluster_role_binding.is_none());
}

#[test]
fn names_with_the_same_verbs_share_a_rule() {
    let manifests = Rules::new().lease("b").lease("a").manifests("operator", "system");
    assert_eq!(
        shown(&manifests.roles[0].rules),
        ["coordination.k8s.io:leases create", "coordination.k8s.io:leases a|b get|update"]
    );
}

#[test]
fn a_program_that_watches_some_namespaces_has_a_role_in_each_and_a_cluster_role_for_the_rest() {
    let rules = Rules::new().watches::<Pod>().reads::<Node>().lease("leader");
    let manifests = rules.manifests_in("operator", "system", ["shop", "system"]);
    assert_eq!(shown(&manifests.cluster_role.expect("a role").rules), [":nodes get"]);
    let roles: Vec<_> = manifests
        .roles
        .iter()
        .map(|role| (role.metadata.namespace.as_deref().unwrap_or_default(), shown(&role.rules)))
        .collect();
    let pods = ":pods get|list|watch".to_owned();
    let leases =
        ["coordination.k8s.io:leases create", "coordination.k8s.io:leases leader get|update"].map(str::to_owned);
    assert_eq!(roles, [("shop", vec![pods.clone()]), ("system", [vec![pods], leases.to_vec()].concat())]);
    assert_eq!(manifests.role_bindings.len(), 2);
    for binding in &manifests.role_bindings {
        let subject = &binding.subjects[0];
        assert_eq!(
            (subject.kind.as_str(), subject.name.as_str(), subject.namespace.as_deref()),
            ("ServiceAccount", "operator", Some("system"))
        );
        assert_eq!((binding.role_ref.kind.as_str(), binding.role_ref.name.as_str()), ("Role", "operator"));
    }
}

#[test]
fn urls_that_are_no_resources_are_rules_of_their_own() {
    let rules = Rules::new().url("/metrics", [Verb::Get]).url("/healthz", [Verb::Get]).reads::<Node>();
    assert_eq!(cluster_rules(&rules), [":nodes get", "/healthz|/metrics get"]);
}

#[test]
fn requests_need_the_rules_by_which_the_api_server_authorizes_them() {
    for (method, uri, needed) in [
        (Method::GET, "/api/v1/namespaces/shop/pods/web-0", "get pods web-0"),
        (Method::GET, "/api/v1/namespaces/shop/pods", "list pods"),
        (Method::GET, "/api/v1/pods?watch=true&resourceVersion=7", "watch pods"),
        (Method::GET, "/api/v1/pods?watch=1", "watch pods"),
        (Method::GET, "/api/v1/pods?watch=false", "list pods"),
        (
            Method::GET,
            "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb-0&watch=true",
            "watch pods web-0",
        ),
        (Method::GET, "/api/v1/pods?fieldSelector=spec.nodeName%3Da", "list pods"),
        (Method::POST, "/apis/apps/v1/namespaces/shop/deployments", "create deployments.apps"),
        (Method::PUT, "/apis/apps/v1/namespaces/shop/deployments/web", "update deployments.apps web"),
        (Method::PATCH, "/apis/apps/v1/namespaces/shop/deployments/web/status", "patch deployments/status.apps web"),
        (Method::POST, "/api/v1/namespaces/shop/pods/web-0/eviction", "create pods/eviction web-0"),
        (Method::GET, "/api/v1/namespaces/shop/services/http:web:80/proxy/a/b", "get services/proxy http:web:80"),
        (Method::DELETE, "/api/v1/namespaces/shop/pods/web-0", "delete pods web-0"),
        (Method::DELETE, "/api/v1/namespaces/shop/pods?labelSelector=a", "deletecollection pods"),
        (Method::GET, "/api/v1/namespaces", "list namespaces"),
        (Method::GET, "/api/v1/namespaces/shop", "get namespaces shop"),
        (Method::PUT, "/api/v1/namespaces/shop/finalize", "update namespaces/finalize shop"),
        (Method::PATCH, "/api/v1/namespaces/shop/status", "patch namespaces/status shop"),
        (Method::GET, "/api/v1/nodes/a", "get nodes a"),
        (Method::GET, "/version", "get /version"),
        (Method::GET, "/apis", "get /apis"),
        (Method::GET, "/apis/apps/v1", "get /apis/apps/v1"),
        (Method::GET, "/openapi/v3", "get /openapi/v3"),
    ] {
        let uri: Uri = uri.parse().expect("a URI");
        assert_eq!(Rules::needed_for([(&method, &uri)]).to_string().trim_end(), needed, "{method} {uri}");
    }
}

#[test]
fn declared_rules_are_compared_with_those_that_are_needed() {
    let requests = [
        (Method::GET, Uri::from_static("/api/v1/configmaps?watch=true")),
        (Method::PATCH, Uri::from_static("/api/v1/namespaces/shop/configmaps/a")),
        (Method::GET, Uri::from_static("/apis/coordination.k8s.io/v1/namespaces/system/leases/leader")),
    ];
    let needed = Rules::needed_for(requests.iter().map(|(method, uri)| (method, uri)));
    let declared = Rules::new().watches::<ConfigMap>().lease("leader").reads::<Namespace>();
    assert_eq!(declared.missing(&needed).to_string(), "patch configmaps a\n");
    let unused = "get namespaces\nget configmaps\nlist configmaps\ncreate leases.coordination.k8s.io\n\
                  update leases.coordination.k8s.io leader\n";
    assert_eq!(declared.unused(&needed).to_string(), unused);
    assert!(declared.applies::<ConfigMap>().missing(&needed).is_empty());
    assert_eq!(Rules::new().lease("other").missing(&needed).to_string().lines().count(), 3);
}

#[cfg(feature = "yaml")]
#[test]
fn the_manifests_are_yaml_that_kubectl_applies() {
    use kubewright::DynamicObject;
    let manifests = Rules::new().watches::<Pod>().lease("leader").manifests("operator", "system");
    let text = manifests.to_yaml().expect("YAML");
    let objects: Vec<DynamicObject> = kubewright::yaml::from_multiple(&text).expect("YAML");
    let kinds: Vec<_> = objects.iter().map(|object| format!("{} {}", object.api_version, object.kind)).collect();
    let rbac = |kind: &str| format!("rbac.authorization.k8s.io/v1 {kind}");
    assert_eq!(
        kinds,
        [
            "v1 ServiceAccount".to_owned(),
            rbac("ClusterRole"),
            rbac("ClusterRoleBinding"),
            rbac("Role"),
            rbac("RoleBinding")
        ]
    );
    let role: kubewright::rbac::v1::ClusterRole =
        kubewright::yaml::from_str(text.split("---\n").nth(1).expect("a document")).expect("a role");
    assert_eq!(Some(role.rules), manifests.cluster_role.map(|role| role.rules));
}
