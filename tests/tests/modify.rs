//! Read, change, write back, against a real server: writers that come in between one another lose nothing.
#![allow(missing_docs)]

use kubewright::ApiGroups as _;
use kubewright::core::v1::{ConfigMap, ConfigMaps};
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_runtime::{Client, ModifyOutcome};
use kubewright_testbed::shared_or_skip;
use kubewright_tests::client;

async fn config_maps(client: &Client, namespace: &str) -> ConfigMaps {
    kubewright_tests::namespace(client, namespace).await;
    client.core_v1().config_maps(namespace)
}

/// Begins without the object, whatever an earlier run left.
async fn without(config_maps: &ConfigMaps, name: &str) {
    match config_maps.delete(name).await {
        Err(error) if !error.is_not_found() => panic!("{error}"),
        _ => {}
    }
    config_maps.wait(name).deleted().await.expect("gone");
}

fn count(map: &ConfigMap) -> u32 {
    map.data.get("count").map_or(0, |count| count.parse().expect("a number"))
}

fn increment(map: &mut ConfigMap) {
    let next = count(map) + 1;
    map.data.insert("count", next.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_change_one_object_at_once_lose_no_change() {
    let Some(bed) = shared_or_skip() else { return };
    let maps = config_maps(&client(bed.kubeconfig()), "modify").await;
    without(&maps, "counter").await;
    maps.create(&ConfigMap { metadata: ObjectMeta::named("counter"), ..Default::default() }).await.expect("created");
    let writers = [(); 2].map(|()| {
        // Each with connections of its own.
        let maps = client(bed.kubeconfig()).core_v1().config_maps("modify");
        tokio::spawn(async move {
            for _ in 0..20 {
                // A conflict means that the other has written, which it does twenty times at most.
                let done = maps.modify("counter", increment).max_attempts(30).await.expect("changed");
                assert!(matches!(done, ModifyOutcome::Changed(_)), "{done:?}");
            }
        })
    });
    for writer in writers {
        writer.await.expect("a writer that succeeds");
    }
    assert_eq!(count(&maps.get("counter").await.expect("there")), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_create_or_change_one_creates_and_the_others_change() {
    let Some(bed) = shared_or_skip() else { return };
    let maps = config_maps(&client(bed.kubeconfig()), "modify").await;
    without(&maps, "made").await;
    let writers = [(); 6].map(|()| {
        let maps = maps.clone();
        tokio::spawn(async move {
            maps.modify("made", increment).or_create(ConfigMap::default).max_attempts(30).await.expect("done")
        })
    });
    let mut created = 0;
    for writer in writers {
        created += u32::from(matches!(writer.await.expect("a writer"), ModifyOutcome::Created(_)));
    }
    assert_eq!((created, count(&maps.get("made").await.expect("there"))), (1, 6));
}

#[tokio::test]
async fn nothing_is_written_that_is_so_already_and_a_dry_run_changes_nothing() {
    let Some(bed) = shared_or_skip() else { return };
    let maps = config_maps(&client(bed.kubeconfig()), "modify").await;
    without(&maps, "still").await;
    let set = |map: &mut ConfigMap| {
        map.data.insert("a", "1");
    };
    let done = maps.modify("still", set).or_create(ConfigMap::default).field_manager("one").await.expect("created");
    let ModifyOutcome::Created(map) = done else { panic!("{done:?}") };
    assert_eq!(map.metadata.managed_fields[0].manager.as_deref(), Some("one"));
    let done = maps.modify("still", set).await.expect("unchanged");
    assert!(
        matches!(&done, ModifyOutcome::Unchanged(same) if same.metadata.resource_version == map.metadata.resource_version)
    );
    let done = maps.modify("still", increment).dry_run().await.expect("a dry run");
    assert_eq!(count(done.object()), 1);
    assert_eq!(count(&maps.get("still").await.expect("there")), 0);
}

#[tokio::test]
async fn an_object_that_is_made_anew_in_between_is_read_anew() {
    let Some(bed) = shared_or_skip() else { return };
    let maps = config_maps(&client(bed.kubeconfig()), "modify").await;
    without(&maps, "anew").await;
    let old = ConfigMap { metadata: ObjectMeta::named("anew"), ..Default::default() };
    maps.create(&old).await.expect("created");
    let mut new = old.clone();
    new.data.insert("count", "10");
    let mut seen = Vec::new();
    // The function is called between the read and the write: there the object is made anew.
    let done = maps
        .modify("anew", |map| {
            let new = new.clone();
            if seen.is_empty() {
                let thread = std::thread::spawn(move || {
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let maps = client(bed.kubeconfig()).core_v1().config_maps("modify");
                        maps.delete("anew").await.expect("deleted");
                        maps.create(&new).await.expect("created");
                    });
                });
                thread.join().expect("made anew");
            }
            seen.push(map.metadata.uid.clone());
            increment(map);
        })
        .await
        .expect("changed");
    assert_eq!(count(done.object()), 11);
    assert!(seen.len() == 2 && seen[0] != seen[1], "{seen:?}");
}
