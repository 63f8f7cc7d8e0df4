//! What real servers ignore without a word, call as they like, or refuse in words that mislead.
#![allow(missing_docs)]

use std::future::IntoFuture as _;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Patch, Scope};
use kubewright_testbed::{Binaries, Cluster, Options, or_skip};
use kubewright_tests::client;
use serde_json::json;

const HALF: &str = "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')";
const REST: &str = "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')";

/// A CRD whose list kind is not its kind and `List`.
const JOKES: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: jokes.comedy.example}
spec:
  group: comedy.example
  scope: Namespaced
  names: {kind: Joke, listKind: JokeCollection, plural: jokes, singular: joke}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {text: {type: string}}}}}}
"#;

fn api(client: &Client, group: &str, kind: &str, plural: &str) -> Api<DynamicObject> {
    let resource = DynamicResource {
        group: group.into(),
        version: "v1".into(),
        kind: kind.into(),
        plural: plural.into(),
        namespaced: true,
    };
    Api::dynamic(client, &resource, Scope::Namespace("default"))
}

/// A cluster with every feature, or with those that are on by default; and eight objects of both kinds.
async fn with_cluster(everything: bool, test: impl AsyncFnOnce(Api<DynamicObject>, Api<DynamicObject>)) {
    let options = Options { nodes: 0, everything, ..Options::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    cluster.kubectl_with_input(&["create", "-f", "-"], JOKES).expect("a CRD");
    cluster.kubectl(&["wait", "--for=condition=Established", "crd/jokes.comedy.example"]).expect("established");
    let client = client(cluster.kubeconfig());
    let (maps, jokes) = (api(&client, "", "ConfigMap", "configmaps"), api(&client, "comedy.example", "Joke", "jokes"));
    for n in 0..8 {
        for (api, body) in [(&maps, json!({})), (&jokes, json!({ "text": "knock knock" }))] {
            let mut object = DynamicObject::new(&api.resource(), &format!("o{n}"));
            object.set(if api.resource().kind == "Joke" { "spec" } else { "data" }, body).expect("JSON");
            api.create(&object).await.expect("created");
        }
    }
    test(maps, jokes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_shards_gives_each_object_in_one_shard() {
    with_cluster(true, async |maps, jokes| {
        for api in [maps, jokes] {
            let all = api.list().await.expect("all").items.len();
            let (mut listed, mut streamed, mut watched, mut metadata, mut rows) = (0, 0, 0, 0, 0);
            for shard in [HALF, REST] {
                let list = || api.list().shard_selector(shard);
                listed += list().page_size(2).await.expect("a shard").items.len();
                streamed += list().stream().try_collect::<Vec<_>>().await.expect("a shard").len();
                metadata += list().metadata_only().await.expect("a shard").items.len();
                rows += list().table().await.expect("a shard").rows.len();
                let initial = list().then_watch().take_while(|event| {
                    let synced = matches!(event, Ok(kubewright_runtime::watch::ListWatchEvent::Synced { .. }));
                    std::future::ready(!synced)
                });
                watched += initial.try_collect::<Vec<_>>().await.expect("a shard").len();
            }
            assert_eq!([listed, streamed, metadata, rows, watched], [all; 5]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_shard_is_found_out_and_deletes_nothing() {
    with_cluster(false, async |maps, jokes| {
        for api in [maps, jokes] {
            let list = || api.list().shard_selector(HALF);
            let mut errors = vec![
                list().await.expect_err("everything"),
                list().stream().try_collect::<Vec<_>>().await.expect_err("everything"),
                list().metadata_only().await.expect_err("everything"),
                list().table().await.expect_err("everything"),
                list().then_watch().try_collect::<Vec<_>>().await.expect_err("everything"),
            ];
            errors.extend(api.watch().shard_selector(HALF).await.map(drop).err());
            assert_eq!(errors.len(), 6);
            for error in errors {
                assert_eq!(error.feature_gate(), Some("ShardedListAndWatch"), "{error}");
            }
            let error = api.delete_collection().query("shardSelector", HALF).await.expect_err("it would delete all");
            assert!(error.is_build(), "{error}");
            assert!(api.list().await.expect("all").items.len() >= 8);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_kinds_refusals_and_waits_are_what_the_server_means() {
    with_cluster(false, async |maps, jokes| {
        assert_eq!(jokes.delete_collection().await.expect("deleted").items.len(), 8);
        assert!(jokes.list().await.expect("none").items.is_empty());

        let patch = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "o0" }, "bogus": 1 });
        let error = maps.patch("o0", Patch::apply(patch)).field_manager("m").await.expect_err("no such field");
        assert!(error.is_request_fault() && !error.is_internal(), "{error}");
        assert!(error.to_string().contains(".bogus"), "{error}");

        let missing = api(maps.client(), "missing.example", "Thing", "things");
        let error = missing.list().await.expect_err("no such group");
        assert!(error.is_not_served() && error.to_string().contains("does not serve missing.example/v1"), "{error}");

        // The object is deleted and created again once the wait has seen it.
        let (seen, first) = tokio::sync::oneshot::channel();
        let mut seen = Some(seen);
        let wait = maps.wait("o1").timeout(Duration::from_secs(60)).on_event(move |_| {
            seen.take().map(|seen| seen.send(()));
        });
        let again = wait.until(|map| map.pointer("/data/ready").is_ok_and(|ready| ready.is_some()));
        let replace = async {
            first.await.expect("seen");
            maps.delete("o1").await.expect("deleted");
            let mut object = DynamicObject::new(&maps.resource(), "o1");
            object.set("data", json!({ "ready": "yes" })).expect("JSON");
            maps.create(&object).await.expect("created again");
        };
        let (waited, ()) = tokio::join!(again.into_future(), replace);
        assert_eq!(waited.expect("the new one").metadata.name.as_deref(), Some("o1"));
    })
    .await;
}
