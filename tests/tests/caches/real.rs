//! A cache of a real API server.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright::meta::v1::ObjectMeta;
use kubewright_controller::{Cache, Change, ObjectKey, Store};
use kubewright_runtime::Client;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::client;
use tokio::time::timeout;

const NAMESPACE: &str = "caches";

/// Longer than it takes on a busy machine, by far.
const LIMIT: Duration = Duration::from_secs(120);

async fn stored(maps: &ConfigMaps) -> BTreeMap<String, String> {
    let list = maps.list().labels("test=caches").await.expect("a list");
    list.items.iter().map(|map| entry(&map.metadata)).collect()
}

fn cached(store: &Store<ConfigMap>) -> BTreeMap<String, String> {
    store.list().iter().map(|map| entry(&map.metadata)).collect()
}

fn entry(metadata: &ObjectMeta) -> (String, String) {
    let text = |field: &Option<kubewright_runtime::CompactString>| field.clone().unwrap_or_default().to_string();
    (text(&metadata.name), text(&metadata.resource_version))
}

fn map(name: &str) -> ConfigMap {
    ConfigMap { metadata: ObjectMeta::named(name).label("test", "caches"), ..Default::default() }
}

async fn maps(client: &Client) -> ConfigMaps {
    kubewright_tests::namespace(client, NAMESPACE).await;
    let maps = client.core_v1().config_maps(NAMESPACE);
    // Whatever an earlier run left.
    maps.delete_collection().labels("test=caches").await.expect("deleted");
    maps
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_of_a_real_server_has_what_was_written_as_soon_as_its_version_was_waited_for() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    let maps = maps(&client).await;
    let cache = Cache::new(&client);
    let request = || cache.of::<ConfigMap>().namespace(NAMESPACE).labels("test=caches").without_managed_fields();
    let (plain, packed) = (request().store(), request().packed().store());
    let mut changes = plain.subscribe();
    timeout(LIMIT, async {
        plain.wait_synced().await.expect("synced");
        packed.wait_synced().await.expect("synced");
        for index in 0..20 {
            let name = format!("map-{}", index % 7);
            let key = ObjectKey::namespaced(NAMESPACE, name.as_str());
            let written = match index {
                0..7 => maps.create(&map(&name)).await.expect("created"),
                _ => {
                    let mut object = (*plain.get(&key).expect("cached")).clone();
                    object.data.insert("index", index.to_string());
                    maps.replace(&object).await.expect("replaced: the cached version is the newest")
                }
            };
            let version = written.metadata.resource_version.clone().expect("a version");
            for store in [&plain, &packed] {
                store.wait_for(&version).await.expect("comparable");
                store.wait_for_object(&written).await.expect("running");
                let read = store.get(&key).expect("cached");
                assert_eq!(
                    (&read.metadata.resource_version, &read.data),
                    (&written.metadata.resource_version, &written.data)
                );
                assert!(read.metadata.managed_fields.is_empty());
            }
        }
        maps.delete("map-3").await.expect("deleted");
        let mut known = BTreeMap::new();
        while known != stored(&maps).await || known.contains_key("map-3") {
            match changes.next().await.expect("running") {
                Change::Applied { object, .. } => known.extend([entry(&object.metadata)]),
                Change::Deleted(object) => drop(known.remove(&entry(&object.metadata).0)),
                _ => {}
            }
        }
        assert_eq!(cached(&plain), known);
        assert_eq!(known.len(), 6);
    })
    .await
    .expect("in time");
}
