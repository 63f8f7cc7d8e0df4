//! Users may do what the roles in the cluster grant them at that moment.
#![allow(missing_docs)]

use kubewright::Error;
use kubewright::core::v1::{ConfigMap, Secret};
use kubewright::meta::v1::OwnerReference;
use kubewright::prelude::*;
use kubewright::rbac::v1::{ClusterRole, PolicyRule, Role, RoleBinding, RoleRef, Subject};
use kubewright_fake::{FakeCluster, Verb};
use serde_json::{Value, json};

fn cluster() -> FakeCluster {
    FakeCluster::builder().build().expect("a cluster")
}

fn reader() -> Role {
    let rule = PolicyRule {
        verbs: vec!["get".into(), "list".into()],
        api_groups: vec!["".into()],
        resources: vec!["configmaps".into()],
        ..Default::default()
    };
    Role { metadata: ObjectMeta::named("reader"), rules: vec![rule], ..Default::default() }
}

fn binding(name: &str, kind: &str, role: &str, subject: Subject) -> RoleBinding {
    RoleBinding {
        metadata: ObjectMeta::named(name),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".into(),
            kind: kind.into(),
            name: role.into(),
            ..Default::default()
        },
        subjects: vec![subject],
        ..Default::default()
    }
}

fn user(name: &str) -> Subject {
    Subject { kind: "User".into(), name: name.into(), ..Default::default() }
}

fn forbidden<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.expect_err("403");
    assert!(error.is_forbidden(), "{error}");
    error.unredacted_message().expect("a message").to_owned()
}

#[tokio::test]
async fn a_role_holds_from_its_binding_until_that_is_deleted() {
    let cluster = cluster();
    let admin = cluster.client().rbac_v1();
    let jane = cluster.as_user("jane").client().core_v1().config_maps("shop");
    cluster.client().core_v1().namespaces().create(&named("shop")).await.expect("a namespace");
    let why = forbidden(jane.list().await);
    let wanted = r#"configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "shop""#;
    assert!(why.contains(wanted), "{why}");

    admin.roles("shop").create(&reader()).await.expect("a role");
    admin.role_bindings("shop").create(&binding("jane", "Role", "reader", user("jane"))).await.expect("a binding");
    assert!(jane.list().await.expect("allowed").items.is_empty());
    forbidden(jane.delete("a").await);
    forbidden(cluster.as_user("jane").client().core_v1().config_maps_in_all_namespaces().list().await);
    forbidden(cluster.as_user("bob").client().core_v1().config_maps("shop").list().await);

    admin.role_bindings("shop").delete("jane").await.expect("deleted");
    forbidden(jane.list().await);

    let requests = cluster.requests().by("jane");
    assert_eq!(requests.with(Verb::List).len(), 4);
    assert_eq!(requests.with(Verb::Delete).only().status.map(|status| status.as_u16()), Some(403));
    cluster.requests().by("admin").of("roles").assert_count(1);
    let shown = format!("{:?}", requests.with(Verb::Delete).only());
    assert_eq!(shown, "DELETE /api/v1/namespaces/shop/configmaps/a as jane -> 403");
}

fn named<K: kubewright::Object>(name: &str) -> K {
    let mut object = K::default();
    *object.metadata_mut() = ObjectMeta::named(name);
    object
}

#[tokio::test]
async fn the_default_roles_grant_what_they_aggregate() {
    let cluster = cluster();
    let admin = cluster.client().rbac_v1();
    let account = Subject {
        kind: "ServiceAccount".into(),
        name: "builder".into(),
        namespace: Some("default".into()),
        ..Default::default()
    };
    admin.role_bindings("default").create(&binding("edit", "ClusterRole", "edit", account)).await.expect("a binding");
    let builder = cluster.as_service_account("default", "builder").client().core_v1();
    builder.config_maps("default").create(&named("a")).await.expect("edit allows it");
    builder.pods("default").list().await.expect("edit aggregates view");
    forbidden(builder.config_maps("kube-system").list().await);
    forbidden(cluster.as_service_account("default", "builder").client().rbac_v1().roles("default").list().await);
    forbidden(cluster.as_service_account("other", "builder").client().core_v1().pods("default").list().await);

    let viewer = cluster.as_user("eve").groups(["viewers"]).client().core_v1();
    let group = Subject { kind: "Group".into(), name: "viewers".into(), ..Default::default() };
    admin.role_bindings("default").create(&binding("view", "ClusterRole", "view", group)).await.expect("a binding");
    viewer.config_maps("default").get("a").await.expect("view allows it");
    forbidden(viewer.secrets("default").list().await);

    // What a role gathers is what is there when it is asked for.
    let mut more: ClusterRole = named("more");
    more.metadata.labels.insert("rbac.authorization.k8s.io/aggregate-to-view", "true");
    more.rules = vec![PolicyRule {
        verbs: vec!["list".into()],
        api_groups: vec!["".into()],
        resources: vec!["secrets".into()],
        ..Default::default()
    }];
    admin.cluster_roles().create(&more).await.expect("a role");
    viewer.secrets("default").list().await.expect("view aggregates it");
}

#[tokio::test]
async fn members_of_the_privileged_group_and_nobody_else_may_do_everything() {
    let cluster = cluster();
    let secret: Secret = named("a");
    let root = cluster.as_user("root").groups(["system:masters"]).client().core_v1().secrets("default");
    root.create(&secret).await.expect("created");
    forbidden(cluster.as_anonymous().client().core_v1().secrets("default").get("a").await);
    let why = forbidden(cluster.as_user("x<y").uid("1").extra("scope", "a").client().core_v1().nodes().list().await);
    assert!(why.contains("x&lt;y"), "{why}");
}

#[tokio::test]
async fn an_apply_that_creates_takes_the_verb_for_that_too() {
    let cluster = cluster();
    let mut role = reader();
    role.rules[0].verbs = vec!["patch".into()];
    let admin = cluster.client().rbac_v1();
    admin.roles("default").create(&role).await.expect("a role");
    admin.role_bindings("default").create(&binding("b", "Role", "reader", user("jane"))).await.expect("a binding");
    let maps = cluster.as_user("jane").client().core_v1().config_maps("default");
    let map: ConfigMap = named("a");
    let why = forbidden(maps.apply(&map, "me").await);
    assert!(why.contains("cannot create resource"), "{why}");
    cluster.client().core_v1().config_maps("default").create(&map).await.expect("created");
    maps.apply(&map, "me").await.expect("applied");
}

#[tokio::test]
async fn a_writer_of_roles_grants_no_more_than_it_has() {
    let cluster = cluster();
    let admin = cluster.client().rbac_v1();
    let mut writer = reader();
    writer.rules.push(PolicyRule {
        verbs: vec!["create".into(), "update".into()],
        api_groups: vec!["rbac.authorization.k8s.io".into()],
        resources: vec!["roles".into(), "rolebindings".into()],
        ..Default::default()
    });
    admin.roles("default").create(&writer).await.expect("a role");
    admin.role_bindings("default").create(&binding("b", "Role", "reader", user("jane"))).await.expect("a binding");

    let jane = cluster.as_user("jane").client().rbac_v1();
    let less = Role { metadata: ObjectMeta::named("less"), ..reader() };
    let mut less = jane.roles("default").create(&less).await.expect("she has it");
    less.rules[0].verbs.push("delete".into());
    let why = forbidden(jane.roles("default").replace(&less).await);
    let wanted = r#"is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}"#;
    assert!(why.contains(wanted), "{why}");
    forbidden(jane.role_bindings("default").create(&binding("c", "ClusterRole", "cluster-admin", user("jane"))).await);
    jane.role_bindings("default").create(&binding("c", "Role", "reader", user("bob"))).await.expect("she has it");

    // The garbage collector's fields are no rights.
    let mut owned = admin.roles("default").get("reader").await.expect("there");
    owned.rules[0].verbs.push("delete".into());
    let mut owned = admin.roles("default").replace(&owned).await.expect("replaced");
    owned.metadata.owner_references.push(OwnerReference {
        api_version: "v1".into(),
        kind: "ConfigMap".into(),
        name: "a".into(),
        uid: "1".into(),
        ..Default::default()
    });
    jane.roles("default").replace(&owned).await.expect("replaced");
}

/// A question by a client, and its status.
async fn ask(client: &kubewright::Client, path: &str, body: Value) -> Value {
    use http_body_util::BodyExt as _;
    let request = http::Request::post(path).header("content-type", "application/json");
    let request = request.body(kubewright::transport::Body::from(body.to_string())).expect("a request");
    let body = client.send(request).await.expect("an answer").into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice::<Value>(&body).expect("JSON")["status"].take()
}

#[tokio::test]
async fn reviews_are_answered_by_the_same_roles() {
    let cluster = cluster();
    let admin = cluster.client().rbac_v1();
    admin.role_bindings("default").create(&binding("b", "ClusterRole", "view", user("jane"))).await.expect("a binding");
    let jane = cluster.as_user("jane").client();
    let list = json!({ "verb": "list", "resource": "pods", "namespace": "default" });
    let of_self = json!({ "spec": { "resourceAttributes": list } });
    let status = ask(&jane, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", of_self.clone()).await;
    let reason = r#"RBAC: allowed by RoleBinding "b/default" of ClusterRole "view" to User "jane""#;
    assert_eq!(status, json!({ "allowed": true, "reason": reason }));
    let bob = cluster.as_user("bob").client();
    let status = ask(&bob, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", of_self).await;
    assert_eq!(status, json!({ "allowed": false }));
    let rules = json!({ "spec": { "namespace": "default" } });
    let status = ask(&jane, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", rules).await;
    let reads_pods = |rule: &Value| rule["resources"].as_array().is_some_and(|names| names.contains(&json!("pods")));
    assert!(status["resourceRules"].as_array().is_some_and(|rules| rules.iter().any(reads_pods)), "{status}");
}

#[tokio::test]
async fn an_older_minor_has_no_rights_to_impersonate_for_single_verbs_and_reasons_without_the_authorizer() {
    for (minor, is_constrained, is_named) in [("1.35", false, false), ("1.36", true, false), ("1.37", true, true)] {
        let cluster = FakeCluster::builder().kubernetes(minor).build().expect("a cluster");
        let admin = cluster.client().rbac_v1();
        let rules = [
            json!({ "verbs": ["impersonate-on:user-info:list"], "apiGroups": [""], "resources": ["configmaps"] }),
            json!({ "verbs": ["impersonate:user-info"], "apiGroups": ["authentication.k8s.io"], "resources": ["users"] }),
        ];
        let agent = json!({ "metadata": { "name": "agent" }, "rules": rules });
        let agent: ClusterRole = kubewright::json::from_str(&agent.to_string()).expect("a role");
        admin.cluster_roles().create(&agent).await.expect("a role");
        let bound = json!({
            "metadata": { "name": "agent" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "agent" },
            "subjects": [{ "kind": "User", "name": "agent" }],
        });
        let bound = kubewright::json::from_str(&bound.to_string()).expect("a binding");
        admin.cluster_role_bindings().create(&bound).await.expect("a binding");
        admin.role_bindings("default").create(&binding("b", "Role", "absent", user("jane"))).await.expect("a binding");

        let request = http::Request::get("/api/v1/namespaces/default/configmaps").header("impersonate-user", "jane");
        let request = request.body(kubewright::transport::Body::empty()).expect("a request");
        let answer = cluster.as_user("agent").client().send(request).await.expect("an answer");
        use http_body_util::BodyExt as _;
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        let status: Value = serde_json::from_slice(&body).expect("JSON");
        let message = status["message"].as_str().expect("a message");
        let (agent, jane) = (r#"User "agent" cannot impersonate resource "users""#, r#"User "jane" cannot list"#);
        assert!(message.contains(if is_constrained { jane } else { agent }), "{minor}: {message}");
        let why = forbidden(cluster.as_user("jane").client().core_v1().config_maps("default").list().await);
        let reason = r#"RBAC: role.rbac.authorization.k8s.io "absent" not found"#;
        let place = r#"in the namespace "default": "#;
        let expected = format!("{place}{}{reason}", if is_named { "rbac: " } else { "" });
        assert!(why.ends_with(&expected), "{minor}: {why}");
    }
}
