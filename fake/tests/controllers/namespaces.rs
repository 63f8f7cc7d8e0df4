use http::{Method, StatusCode};
use kubewright_fake::{Controllers, FakeCluster};
use serde_json::{Value, json};

use crate::support::{Cluster, condition, config_map, deployment};

const NAMESPACES: &str = "/api/v1/namespaces";

#[tokio::test]
async fn a_namespace_has_an_account_and_the_certificates_of_the_cluster() {
    let cluster = Cluster::new(Controllers::none().namespaces());
    cluster.create(NAMESPACES, json!({ "metadata": { "name": "shop" } })).await;
    for namespace in ["default", "shop"] {
        let account = cluster.find(&format!("{NAMESPACES}/{namespace}/serviceaccounts/default")).await;
        assert!(account.is_some(), "{namespace}");
        let map = cluster.get(&format!("{NAMESPACES}/{namespace}/configmaps/kube-root-ca.crt")).await;
        assert!(map["data"]["ca.crt"].is_string(), "{map}");
    }
    cluster.delete(&format!("{NAMESPACES}/shop/configmaps/kube-root-ca.crt"), json!({})).await;
    assert!(cluster.find(&format!("{NAMESPACES}/shop/configmaps/kube-root-ca.crt")).await.is_some(), "made again");
}

#[tokio::test]
async fn a_namespace_is_emptied_and_removed() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(NAMESPACES, json!({ "metadata": { "name": "shop" } })).await;
    cluster.create("/apis/apps/v1/namespaces/shop/deployments", deployment("web", 2)).await;
    assert_eq!(cluster.list(&format!("{NAMESPACES}/shop/pods")).await.len(), 2);
    let answer = cluster.delete(&format!("{NAMESPACES}/shop"), json!({})).await;
    assert_eq!(answer["status"]["phase"], "Terminating");
    assert!(cluster.find(&format!("{NAMESPACES}/shop")).await.is_none());
    assert_eq!(cluster.list("/apis/apps/v1/replicasets").await, Vec::<Value>::new());
    assert!(cluster.list("/api/v1/pods").await.is_empty());
}

#[tokio::test]
async fn what_has_finalizers_keeps_its_namespace_and_is_in_its_conditions() {
    let cluster = Cluster::new(Controllers::none().namespaces());
    cluster.create(NAMESPACES, json!({ "metadata": { "name": "shop" } })).await;
    let maps = format!("{NAMESPACES}/shop/configmaps");
    let mut map = config_map("kept");
    map["metadata"]["finalizers"] = json!(["example.com/kept"]);
    cluster.create(&maps, map).await;
    cluster.create(&maps, config_map("other")).await;
    cluster.delete(&format!("{NAMESPACES}/shop"), json!({})).await;

    let namespace = cluster.get(&format!("{NAMESPACES}/shop")).await;
    let remaining = condition(&namespace, "NamespaceContentRemaining");
    assert_eq!((&remaining["status"], &remaining["reason"]), (&json!("True"), &json!("SomeResourcesRemain")));
    assert_eq!(remaining["message"], "Some resources are remaining: configmaps. has 1 resource instances");
    let finalizers = condition(&namespace, "NamespaceFinalizersRemaining");
    let said = "Some content in the namespace has finalizers remaining: example.com/kept in 1 resource instances";
    assert_eq!(finalizers["message"], said);
    assert_eq!(condition(&namespace, "NamespaceDeletionContentFailure")["status"], "False");
    // A label of a namespace that is in use doesn't end it.
    cluster.patch(&format!("{NAMESPACES}/shop"), json!({ "metadata": { "labels": { "a": "b" } } })).await;
    assert_eq!(cluster.names(&maps).await, ["kept"]);

    cluster.patch(&format!("{maps}/kept"), json!({ "metadata": { "finalizers": null } })).await;
    assert!(cluster.find(&format!("{NAMESPACES}/shop")).await.is_none());
}

#[tokio::test]
async fn custom_resources_in_a_namespace_are_deleted_too() {
    let definition = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: webshops.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Webshop, listKind: WebshopList, plural: webshops, singular: webshop}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
";
    let builder = FakeCluster::builder().controllers(Controllers::all()).crd(definition).expect("it can be read");
    let fake = builder.build().expect("a cluster");
    let cluster = Cluster { clock: fake.clock(), cluster: fake };
    cluster.create(NAMESPACES, json!({ "metadata": { "name": "shop" } })).await;
    let shop = json!({ "apiVersion": "example.com/v1", "kind": "Webshop", "metadata": { "name": "a" } });
    cluster.create("/apis/example.com/v1/namespaces/shop/webshops", shop).await;
    cluster.delete(&format!("{NAMESPACES}/shop"), json!({})).await;
    assert!(cluster.find(&format!("{NAMESPACES}/shop")).await.is_none());
    assert!(cluster.list("/apis/example.com/v1/webshops").await.is_empty());
}

#[tokio::test]
async fn finalize_ends_a_namespace_without_any_controller() {
    let cluster = Cluster::new(Controllers::none());
    cluster.create(NAMESPACES, json!({ "metadata": { "name": "shop" } })).await;
    let path = format!("{NAMESPACES}/shop");
    // Finalizers of the spec are not written by other requests.
    let patched = cluster.patch(&path, json!({ "spec": { "finalizers": null } })).await;
    assert_eq!(patched["spec"]["finalizers"], json!(["kubernetes"]));
    let mut namespace = cluster.delete(&path, json!({})).await;
    namespace["spec"]["finalizers"] = json!([]);
    let (code, _) = cluster.send(Method::PUT, &format!("{path}/finalize"), Some(&namespace)).await;
    assert_eq!(code, StatusCode::OK);
    assert!(cluster.find(&path).await.is_none());
}
