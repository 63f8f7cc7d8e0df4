//! Protobuf and JSON against a real server: both say the same of the same objects.
#![allow(missing_docs)]

use futures_util::{StreamExt as _, TryStreamExt as _};
use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::apps::v1::{Deployment, DeploymentSpec};
use kubewright::core::v1::{ConfigMap, Container, Pod, PodSpec, PodTemplateSpec};
use kubewright::prelude::*;
use kubewright::watch::ListWatchEvent;
use kubewright::{ClientBuilder, Deleted, List, Patch, WatchEvent};

/// A client that takes the server's first choice, and one that takes JSON.
fn clients(kubeconfig: &std::path::Path) -> [Client; 2] {
    let config = kubewright_tests::config(kubeconfig);
    let builder = || ClientBuilder::from_config(&config).expect("a client");
    [builder().build(), builder().json_only().build()]
}

/// Makes a namespace of its own, which is empty.
async fn namespace(client: &Client, name: &str) {
    kubewright_tests::namespace(client, name).await;
    client.core_v1().config_maps(name).delete_collection().await.expect("empty");
    client.apps_v1().deployments(name).delete_collection().await.expect("empty");
    client.core_v1().pods(name).delete_collection().grace_period_seconds(0).await.expect("empty");
}

fn pod_spec() -> PodSpec {
    PodSpec {
        containers: vec![Container {
            name: "web".into(),
            image: Some("web:1".into()),
            command: vec!["sleep".into(), "1d".into()],
            ..Container::default()
        }],
        ..PodSpec::default()
    }
}

fn deployment(name: &str) -> Deployment {
    let mut template = PodTemplateSpec { spec: pod_spec(), ..PodTemplateSpec::default() };
    template.metadata.labels.insert("app", name);
    let mut spec = DeploymentSpec { replicas: Some(0), template, ..DeploymentSpec::default() };
    spec.selector.match_labels.insert("app", name);
    let mut deployment = Deployment { spec, ..Deployment::default() };
    deployment.metadata.name = Some(name.into());
    deployment
}

#[tokio::test]
async fn every_verb_says_the_same_in_both_encodings() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let clients = clients(bed.kubeconfig());
    let name = "encodings-verbs";
    namespace(&clients[0], name).await;

    for (client, web) in clients.iter().zip(["in-protobuf", "in-json"]) {
        let deployments = client.apps_v1().deployments(name);
        let made = deployments.create(&deployment(web)).field_manager("test").await.expect("created");
        assert_eq!(made.spec.template.spec, {
            let read = clients[1].apps_v1().deployments(name).get(web).await.expect("it is there");
            read.spec.template.spec
        });
        let patched = deployments.patch(web, Patch::merge(serde_json::json!({"spec": {"paused": true}}))).await;
        assert_eq!(patched.expect("patched").spec.paused, Some(true));
        let scaled = deployments.scale(web).replicas(2).await.expect("scaled");
        assert_eq!(scaled.spec.replicas, 2);
        let mut current = deployments.get(web).await.expect("it is there");
        current.metadata.annotations.insert("note", "é");
        let replaced = deployments.replace(&current).await.expect("replaced");
        assert_eq!(replaced.metadata.annotations.get("note").map(|note| &**note), Some("é"));
        assert!(deployments.create(&deployment(web)).await.expect_err("twice").is_already_exists());
        assert!(deployments.get("absent").optional().await.expect("no error").is_none());
        let mut bad = deployment("bad");
        bad.spec.selector.match_labels.insert("other", "x");
        let error = deployments.create(&bad).await.expect_err("the selector does not match");
        assert!(error.is_invalid() && error.to_string().contains("selector"), "{error}");
    }

    let lists: [List<Deployment>; 2] = [
        clients[0].apps_v1().deployments(name).list().await.expect("a list"),
        clients[1].apps_v1().deployments(name).list().await.expect("a list"),
    ];
    assert_eq!(lists[0].items.len(), 2);
    assert_eq!(lists[0].items, lists[1].items);

    for (client, web) in clients.iter().zip(["in-protobuf", "in-json"]) {
        let deployments = client.apps_v1().deployments(name);
        let partial = deployments.get(web).metadata_only().await.expect("metadata");
        assert_eq!(partial.metadata.name.as_deref(), Some(web));
        assert_eq!(deployments.list().metadata_only().await.expect("metadata").items.len(), 2);
        let pruned = deployments.get(web).without_managed_fields().drop_fields(&[".spec.template"]).await.expect("ok");
        assert!(pruned.metadata.managed_fields.is_empty() && pruned.spec.template == PodTemplateSpec::default());
        assert!(!deployments.get(web).await.expect("ok").metadata.managed_fields.is_empty());
    }
    for (client, web) in clients.iter().zip(["in-protobuf", "in-json"]) {
        let deployments = client.apps_v1().deployments(name);
        assert!(matches!(deployments.delete(web).background().await, Ok(Deleted::Done(_) | Deleted::Pending(_))));
    }
}

#[tokio::test]
async fn every_object_of_the_server_is_the_same_in_both_encodings() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let [protobuf, json] = clients(bed.kubeconfig());
    macro_rules! same {
        ($($group:ident . $resource:ident),* $(,)?) => {$({
            // Other tests run beside this one: at one version, both see the same.
            let first = protobuf.$group().$resource().list().await.expect(stringify!($resource));
            let version = first.metadata.resource_version.clone().expect("a version");
            let second = json.$group().$resource().list().exact_version(&version).await.expect(stringify!($resource));
            assert_eq!(first.items.len(), second.items.len(), "{}", stringify!($resource));
            for (a, b) in first.items.iter().zip(&second.items) {
                assert_eq!(a, b, "{}", stringify!($resource));
            }
        })*};
    }
    same!(
        core_v1.nodes,
        core_v1.namespaces,
        core_v1.pods_in_all_namespaces,
        core_v1.services_in_all_namespaces,
        core_v1.events_in_all_namespaces,
        core_v1.config_maps_in_all_namespaces,
        apps_v1.deployments_in_all_namespaces,
        rbac_v1.cluster_roles,
        rbac_v1.cluster_role_bindings,
        scheduling_v1.priority_classes,
        flowcontrol_v1.flow_schemas,
        flowcontrol_v1.priority_level_configurations,
        coordination_v1.leases_in_all_namespaces,
        apiregistration_v1.api_services,
        apiextensions_v1.custom_resource_definitions,
    );
    let crds: List<CustomResourceDefinition> =
        protobuf.apiextensions_v1().custom_resource_definitions().list().await.expect("a list");
    eprintln!("{} CRDs compared", crds.items.len());
}

#[tokio::test]
async fn a_watch_says_the_same_in_both_encodings() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let clients = clients(bed.kubeconfig());
    let name = "encodings-watch";
    namespace(&clients[0], name).await;
    let maps = clients[0].core_v1().config_maps(name);
    let from = maps.list().await.expect("a list").metadata.resource_version.expect("a version");

    let mut map = ConfigMap::default();
    map.metadata.name = Some("one".into());
    let mut map = maps.create(&map).await.expect("created");
    map.data.insert("tea", "3");
    maps.replace(&map).await.expect("replaced");
    maps.delete("one").await.expect("deleted");

    let mut seen = Vec::new();
    for client in &clients {
        let watch = client.core_v1().config_maps(name).watch().resource_version(&from).fields("metadata.name=one");
        seen.push(watch.await.expect("a watch").take(3).try_collect::<Vec<_>>().await.expect("events"));
        let error = client.core_v1().config_maps(name).watch().resource_version("x").await.expect_err("no version");
        assert!(error.is_api() && error.to_string().contains("resourceVersion"), "{error}");
    }
    assert!(matches!(
        &seen[0][..],
        [WatchEvent::Added(_), WatchEvent::Modified(map), WatchEvent::Deleted(_)] if map.data.contains_key("tea")
    ));
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_stream_gives_what_the_list_gives_page_by_page() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let clients = clients(bed.kubeconfig());
    let name = "encodings-pages";
    namespace(&clients[0], name).await;
    let pods = clients[0].core_v1().pods(name);
    for number in 0..7 {
        let mut pod = Pod { spec: pod_spec(), ..Pod::default() };
        pod.metadata.name = Some(format!("pod-{number}").into());
        pods.create(&pod).await.expect("created");
    }
    for client in &clients {
        let pods = client.core_v1().pods(name);
        let mut stream = pods.list().page_size(3).stream();
        let names: Vec<_> = stream.by_ref().map_ok(|pod| pod.metadata.name).try_collect().await.expect("pods");
        assert_eq!(names, (0..7).map(|number| Some(format!("pod-{number}").into())).collect::<Vec<_>>());
        assert!(stream.resource_version().is_some());
        assert_eq!(pods.list().page_size(3).await.expect("pods").items.len(), 7);
    }
    pods.delete_collection().grace_period_seconds(0).await.expect("deleted");
}

#[tokio::test]
async fn a_list_that_is_then_watched_gives_what_is_there_and_what_happens() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let clients = clients(bed.kubeconfig());
    let name = "encodings-then-watch";
    namespace(&clients[0], name).await;
    let make = async |name_of_map: &str| {
        let mut map = ConfigMap::default();
        map.metadata.name = Some(name_of_map.into());
        clients[0].core_v1().config_maps(name).create(&map).await.expect("created")
    };
    let one = make("one").await;
    for (client, later) in clients.iter().zip(["later-in-protobuf", "later-in-json"]) {
        let maps = client.core_v1().config_maps(name);
        let mut stream = maps.list().fields(&format!("metadata.name!={later}")).then_watch();
        let mut initial = Vec::new();
        loop {
            match stream.next().await.expect("an event").expect("a good one") {
                ListWatchEvent::Initial(map) => initial.push(map),
                ListWatchEvent::Synced { resource_version } => {
                    assert!(resource_version.parse::<u64>().is_ok());
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(initial.contains(&one));
        drop(stream);

        let mut metadata = maps.list().metadata_only().then_watch();
        while !matches!(metadata.next().await, Some(Ok(ListWatchEvent::Synced { .. }))) {}
        make(later).await;
        match metadata.next().await.expect("an event").expect("a good one") {
            ListWatchEvent::Changed(WatchEvent::Added(map)) => assert_eq!(map.metadata.name.as_deref(), Some(later)),
            other => panic!("{other:?}"),
        }
    }
}
