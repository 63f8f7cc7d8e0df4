//! Roles that are computed, at a real API server: they allow what was declared, and nothing else.
#![allow(missing_docs)]

use kubewright::ApiGroups as _;
use kubewright::apps::v1::Deployment;
use kubewright::coordination::v1::Lease;
use kubewright::core::v1::{ConfigMap, Secret};
use kubewright::events::v1::Event;
use kubewright::meta::v1::ObjectMeta;
use kubewright::types::MicroTime;
use kubewright::{Api, Client, Error, Patch};
use kubewright_controller::rbac::{Manifests, Rules};
use kubewright_fake::FakeCluster;
use kubewright_runtime::config::Impersonate;
use kubewright_testbed::{Shared, shared_or_skip};
use serde_json::{Value, json};

/// The namespaces that the program runs in, and that it watches.
const OWN: &str = "rbac-system";
const WATCHED: &str = "rbac-shop";
const OTHER: &str = "rbac-other";

/// A client that acts as the service account of this name.
fn acting_as(bed: &Shared, name: &str) -> Client {
    let mut config = kubewright_tests::config(bed.kubeconfig());
    let groups = ["system:serviceaccounts", &format!("system:serviceaccounts:{OWN}"), "system:authenticated"];
    config.impersonate = Some(Impersonate {
        user: format!("system:serviceaccount:{OWN}:{name}"),
        groups: groups.map(str::to_owned).to_vec(),
        ..Default::default()
    });
    Client::new(&config).expect("a client")
}

/// Applies the manifests, by their YAML.
async fn install(admin: &Client, manifests: &Manifests) {
    for namespace in [OWN, WATCHED, OTHER] {
        kubewright_tests::namespace(admin, namespace).await;
    }
    let text = manifests.to_yaml().expect("YAML");
    for object in kubewright::yaml::from_multiple::<kubewright::DynamicObject>(&text).expect("YAML") {
        let plural = match object.kind.as_str() {
            "ServiceAccount" => "serviceaccounts",
            "ClusterRole" => "clusterroles",
            "ClusterRoleBinding" => "clusterrolebindings",
            "Role" => "roles",
            "RoleBinding" => "rolebindings",
            other => panic!("what is a {other}?"),
        };
        let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
        let resource = kubewright::DynamicResource {
            group: group.into(),
            version: version.into(),
            kind: object.kind.to_string(),
            plural: plural.into(),
            namespaced: object.metadata.namespace.is_some(),
        };
        let scope = match object.metadata.namespace.as_deref() {
            Some(namespace) => kubewright::Scope::Namespace(namespace),
            None => kubewright::Scope::Cluster,
        };
        let api = Api::dynamic(admin, &resource, scope);
        api.apply(&object, "rbac-test").force().await.unwrap_or_else(|error| panic!("{}: {error}", object.kind));
    }
}

/// Whether the authorizer let a request through, whatever came of it then.
async fn is_allowed<T>(request: impl Future<Output = Result<T, Error>>) -> bool {
    match request.await {
        Err(error) if error.is_forbidden() => false,
        Err(error) if error.is_api() => true,
        Err(error) => panic!("{error}"),
        Ok(_) => true,
    }
}

macro_rules! check {
    ($allowed:literal: $($request:expr),* $(,)?) => {$(
        assert_eq!(is_allowed($request.into_future()).await, $allowed, "{}", stringify!($request));
    )*};
}

fn rules() -> Rules {
    Rules::new()
        .watches::<Deployment>()
        .status::<Deployment>()
        .finalizes::<Deployment>()
        .owns::<ConfigMap>()
        .reads::<Secret>()
        .events()
        .lease("rbac-leader")
}

fn named<K: kubewright::Object>(name: &str) -> K {
    let mut object = K::default();
    *object.metadata_mut() = ObjectMeta::named(name);
    object
}

fn empty() -> Patch {
    Patch::merge(json!({}))
}

fn event(namespace: &str) -> Event {
    let value: Value = json!({
        "metadata": {"generateName": "a-", "namespace": namespace}, "type": "Normal", "reason": "Tested", "action": "Test",
        "reportingController": "example.com/test", "reportingInstance": "test-0",
        "regarding": {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "namespace": namespace},
    });
    let mut event: Event = kubewright::json::from_str(&value.to_string()).expect("an event");
    event.event_time = Some(MicroTime::now());
    event
}

#[tokio::test]
async fn with_the_computed_roles_what_was_declared_is_allowed_and_anything_else_is_403() {
    let Some(bed) = shared_or_skip() else { return };
    let admin = kubewright_tests::client(bed.kubeconfig());
    install(&admin, &rules().manifests("rbac-operator", OWN)).await;
    only_the_declared_is_allowed(&acting_as(bed, "rbac-operator")).await;
}

#[tokio::test]
async fn the_fake_api_server_allows_the_same() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    install(&cluster.client(), &rules().manifests("rbac-operator", OWN)).await;
    only_the_declared_is_allowed(&cluster.as_service_account(OWN, "rbac-operator").client()).await;
}

/// Checks what the client of a program with the rules may do.
async fn only_the_declared_is_allowed(client: &Client) {
    let apps = client.apps_v1();
    let core = client.core_v1();
    // The authorizer notices new roles a moment later.
    while !is_allowed(apps.deployments(WATCHED).list().into_future()).await {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    let (deployments, maps, secrets) = (apps.deployments(WATCHED), core.config_maps(WATCHED), core.secrets(WATCHED));
    let web: Deployment = named("web");
    check!(true:
        deployments.get("web"), deployments.list(), deployments.patch("web", empty()), deployments.patch_status("web", empty()),
        apps.deployments_in_all_namespaces().list(),
    );
    check!(false:
        deployments.create(&web), deployments.replace(&web), deployments.delete("web"), deployments.delete_collection(),
        deployments.get_status("web"), deployments.replace_status(&web), deployments.patch_scale("web", empty()),
    );
    let map: ConfigMap = named("a");
    check!(true: maps.apply(&map, "rbac-test").force(), maps.create(&map), maps.patch("a", empty()), maps.get("a"), maps.delete("a"));
    check!(false: maps.replace(&map), maps.delete_collection());
    check!(true: secrets.get("a"));
    check!(false: secrets.list(), secrets.create(&named("a")), secrets.patch("a", empty()), secrets.delete("a"));
    check!(false: core.pods(WATCHED).list(), core.namespaces().list(), core.nodes().get("a"));

    let events = client.events_v1().events(WATCHED);
    check!(true: events.create(&event(WATCHED)), events.patch("none", empty()));
    check!(false: events.list(), events.get("none"), events.delete("none"));

    let leases: Api<Lease> = Api::namespaced(client, OWN);
    let leader: Lease = named("rbac-leader");
    check!(true: leases.create(&leader), leases.get("rbac-leader"), leases.replace(&leader));
    check!(false: leases.get("another"), leases.list(), leases.patch("rbac-leader", empty()), leases.delete("rbac-leader"));
    let elsewhere: Api<Lease> = Api::namespaced(client, WATCHED);
    check!(false: elsewhere.create(&leader), elsewhere.get("rbac-leader"));
}

#[tokio::test]
async fn a_program_of_some_namespaces_is_allowed_nothing_in_others() {
    let Some(bed) = shared_or_skip() else { return };
    let admin = kubewright_tests::client(bed.kubeconfig());
    install(&admin, &rules().manifests_in("rbac-namespaced", OWN, [WATCHED])).await;
    let client = acting_as(bed, "rbac-namespaced");
    let maps = |namespace: &str| client.core_v1().config_maps(namespace);
    while !is_allowed(maps(WATCHED).list().into_future()).await {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    check!(true: maps(WATCHED).get("a"), client.apps_v1().deployments(WATCHED).list());
    check!(false:
        maps(OTHER).get("a"), maps(OTHER).list(), maps(OWN).list(), client.core_v1().config_maps_in_all_namespaces().list(),
        client.apps_v1().deployments(OTHER).list(),
    );
    let leases: Api<Lease> = Api::namespaced(&client, OWN);
    while !is_allowed(leases.get("rbac-leader").into_future()).await {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
