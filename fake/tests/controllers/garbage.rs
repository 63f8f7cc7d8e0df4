use kubewright_fake::Controllers;
use serde_json::{Value, json};

use crate::support::{CONFIG_MAPS, Cluster, config_map, owned};

fn cluster() -> Cluster {
    Cluster::new(Controllers::none().garbage_collector())
}

async fn in_turn(cluster: &Cluster) -> (Value, Value) {
    let owner = cluster.create(CONFIG_MAPS, config_map("owner")).await;
    let dependent = cluster.create(CONFIG_MAPS, owned("dependent", &[&owner])).await;
    (owner, dependent)
}

fn path(name: &str) -> String {
    format!("{CONFIG_MAPS}/{name}")
}

#[tokio::test]
async fn dependents_are_deleted_after_their_owner_and_theirs_after_them() {
    let cluster = cluster();
    let (_, dependent) = in_turn(&cluster).await;
    cluster.create(CONFIG_MAPS, owned("last", &[&dependent])).await;
    cluster.delete(&path("owner"), json!({ "propagationPolicy": "Background" })).await;
    assert_eq!(cluster.names(CONFIG_MAPS).await, Vec::<String>::new());
}

#[tokio::test]
async fn without_the_collector_dependents_stay() {
    let cluster = Cluster::new(Controllers::none());
    in_turn(&cluster).await;
    cluster.delete(&path("owner"), json!({})).await;
    assert_eq!(cluster.names(CONFIG_MAPS).await, ["dependent"]);
}

#[tokio::test]
async fn in_the_foreground_an_owner_waits_for_dependents_that_block_it() {
    let cluster = cluster();
    let (owner, _) = in_turn(&cluster).await;
    let mut kept = owned("kept", &[&owner]);
    kept["metadata"]["finalizers"] = json!(["example.com/kept"]);
    cluster.create(CONFIG_MAPS, kept).await;
    let mut loose = owned("loose", &[&owner]);
    loose["metadata"]["finalizers"] = json!(["example.com/kept"]);
    loose["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = json!(false);
    cluster.create(CONFIG_MAPS, loose).await;

    let marked = cluster.delete(&path("owner"), json!({ "propagationPolicy": "Foreground" })).await;
    assert_eq!(marked["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    assert_eq!(cluster.names(CONFIG_MAPS).await, ["kept", "loose", "owner"], "the one without a finalizer is gone");
    cluster.patch(&path("kept"), json!({ "metadata": { "finalizers": null } })).await;
    assert_eq!(cluster.names(CONFIG_MAPS).await, ["loose"], "which doesn't block it");
}

#[tokio::test]
async fn orphans_stay_without_their_owner() {
    let cluster = cluster();
    in_turn(&cluster).await;
    cluster.delete(&path("owner"), json!({ "propagationPolicy": "Orphan" })).await;
    assert!(cluster.find(&path("owner")).await.is_none());
    let dependent = cluster.get(&path("dependent")).await;
    assert!(dependent["metadata"].get("ownerReferences").is_none(), "{dependent}");
}

#[tokio::test]
async fn orphans_stay_though_their_owner_is_looked_at_before_them() {
    let cluster = cluster();
    let owner = cluster.create(CONFIG_MAPS, config_map("a")).await;
    let dependent = cluster.create(CONFIG_MAPS, owned("b", &[&owner])).await;
    cluster.create(CONFIG_MAPS, owned("c", &[&dependent])).await;
    cluster.delete(&path("a"), json!({ "propagationPolicy": "Orphan" })).await;
    assert_eq!(cluster.names(CONFIG_MAPS).await, ["b", "c"]);
}

#[tokio::test]
async fn an_object_stays_as_long_as_one_of_its_owners() {
    let cluster = cluster();
    let one = cluster.create(CONFIG_MAPS, config_map("one")).await;
    let other = cluster.create(CONFIG_MAPS, config_map("other")).await;
    cluster.create(CONFIG_MAPS, owned("dependent", &[&one, &other])).await;
    cluster.delete(&path("one"), json!({})).await;
    let owners = cluster.get(&path("dependent")).await["metadata"]["ownerReferences"].clone();
    assert_eq!(owners.as_array().map(|owners| owners[0]["name"].clone()), Some(json!("other")));
    assert_eq!(owners.as_array().map(Vec::len), Some(1), "the reference to the one that is gone is removed");
    cluster.delete(&path("other"), json!({})).await;
    assert!(cluster.find(&path("dependent")).await.is_none());
}

#[tokio::test]
async fn an_owner_that_never_was_there_or_has_another_uid_is_gone() {
    let cluster = cluster();
    let there = cluster.create(CONFIG_MAPS, config_map("there")).await;
    for (field, value) in [("name", "never"), ("uid", "f3b8bb7c-0000-4000-8000-000000000000")] {
        let mut owner = there.clone();
        owner["metadata"][field] = json!(value);
        cluster.create(CONFIG_MAPS, owned("dependent", &[&owner])).await;
        assert!(cluster.find(&path("dependent")).await.is_none(), "{field}");
    }
}

#[tokio::test]
async fn an_owner_in_another_namespace_is_none() {
    let cluster = cluster();
    let owner = cluster.create("/api/v1/namespaces/kube-system/configmaps", config_map("owner")).await;
    cluster.create(CONFIG_MAPS, owned("dependent", &[&owner])).await;
    assert!(cluster.find(&path("dependent")).await.is_none());
}

#[tokio::test]
async fn owners_without_a_namespace_own_what_is_in_one_but_not_the_other_way_round() {
    let cluster = cluster();
    let roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    let role = cluster.create(roles, json!({ "metadata": { "name": "owner" }, "rules": [] })).await;
    let mut dependent = owned("dependent", &[&role]);
    dependent["metadata"]["ownerReferences"][0]["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
    dependent["metadata"]["ownerReferences"][0]["kind"] = json!("ClusterRole");
    cluster.create(CONFIG_MAPS, dependent).await;
    assert!(cluster.find(&path("dependent")).await.is_some());
    cluster.delete(&format!("{roles}/owner"), json!({})).await;
    assert!(cluster.find(&path("dependent")).await.is_none());

    let map = cluster.create(CONFIG_MAPS, config_map("map")).await;
    let mut role = owned("owned", &[&map]);
    role["rules"] = json!([]);
    cluster.create(roles, role).await;
    cluster.delete(&path("map"), json!({})).await;
    assert!(cluster.find(&format!("{roles}/owned")).await.is_some(), "nobody can say whether its owner is there");
}

#[tokio::test]
async fn owners_of_a_kind_that_nobody_knows_keep_their_dependents() {
    let cluster = cluster();
    let map = cluster.create(CONFIG_MAPS, config_map("map")).await;
    let mut dependent = owned("dependent", &[&map]);
    dependent["metadata"]["ownerReferences"][0]["kind"] = json!("Mystery");
    cluster.create(CONFIG_MAPS, dependent).await;
    assert!(cluster.find(&path("dependent")).await.is_some());
}

#[tokio::test]
async fn owners_in_a_circle_are_deleted_in_the_foreground() {
    let cluster = cluster();
    let one = cluster.create(CONFIG_MAPS, config_map("one")).await;
    let other = cluster.create(CONFIG_MAPS, owned("other", &[&one])).await;
    let references = owned("one", &[&other])["metadata"]["ownerReferences"].clone();
    cluster.patch(&path("one"), json!({ "metadata": { "ownerReferences": references } })).await;
    cluster.delete(&path("one"), json!({ "propagationPolicy": "Foreground" })).await;
    assert_eq!(cluster.names(CONFIG_MAPS).await, Vec::<String>::new());
}
