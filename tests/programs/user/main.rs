//! A program as a user would write it, with a client that was generated from the cluster that it runs against.
//!
//! It creates, reads, lists, watches, patches, applies, scales and deletes objects of three built-in groups and of two
//! CRDs, and fails at the first thing that is not as it should be.

#[rustfmt::skip]
mod kube;

mod builtin;
mod custom;
#[cfg(feature = "shared_crds")]
mod shared;

use futures_util::StreamExt as _;
use kube::prelude::*;
use kubewright_runtime::{DynamicObject, DynamicResource, verbs};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let client = Client::try_default().await?;
    let namespace = format!("user-{}", std::process::id());
    let namespaces = client.core_v1().namespaces();
    namespaces
        .create(&kube::core::v1::Namespace { metadata: ObjectMeta::named(&*namespace), ..Default::default() })
        .await?;

    builtin::run(&client, &namespace).await?;
    custom::run(&client, &namespace).await?;
    #[cfg(feature = "shared_crds")]
    shared::run(&client, &namespace).await?;
    dynamic(&client, &namespace).await?;

    namespaces.delete(&namespace).await?;
    println!("all is well");
    Ok(())
}

/// What any object must be able to do: every verb, through the generic API.
async fn exercise<K>(what: &str, api: Api<K>, wanted: K) -> Outcome
where
    K: Resource
        + verbs::Create
        + verbs::Get
        + verbs::List
        + verbs::Watch
        + verbs::Replace
        + verbs::Patch
        + verbs::Delete
        + verbs::DeleteCollection
        + PartialEq
        + std::fmt::Debug
        + Unpin,
{
    let name = wanted.metadata().name.clone().expect("a name");
    let before = api.list().await?;
    let mut watch = api
        .watch()
        .resource_version(before.metadata.resource_version.as_deref().unwrap_or_default())
        .fields(&format!("metadata.name={name}"))
        .await?;

    let rehearsed = api.create(&wanted).dry_run().await?;
    assert_eq!(rehearsed.metadata().name.as_deref(), Some(&*name));
    assert!(api.get(&name).optional().await?.is_none(), "a dry run stores nothing");

    let created = api.create(&wanted).field_manager("creator").await?;
    assert!(created.metadata().uid.is_some());
    assert!(api.create(&wanted).await.expect_err("it is there").is_already_exists());
    assert_eq!(api.get(&name).await?, created, "what was created is what is read");
    let listed = api.list().fields(&format!("metadata.name={name}")).await?;
    assert_eq!(listed.items, [created.clone()], "and what is listed");
    let streamed: Vec<_> = api.list().page_size(1).stream().collect().await;
    assert_eq!(streamed.len(), before.items.len() + 1);

    let mut changed = created.clone();
    changed.metadata_mut().labels.insert("by", "replace");
    let replaced = api.replace(&changed).await?;
    assert_eq!(replaced.metadata().labels.get("by").map(|by| &**by), Some("replace"));
    assert!(api.replace(&changed).await.expect_err("an old version").is_conflict());

    let merge = Patch::merge(json!({ "metadata": { "labels": { "by": "merge" } } }));
    assert_eq!(api.patch(&name, merge).await?.metadata().labels["by"], "merge");
    let operations = Patch::json(json!([{ "op": "replace", "path": "/metadata/labels/by", "value": "json" }]));
    assert_eq!(api.patch(&name, operations).await?.metadata().labels["by"], "json");

    let mut mine = K::default();
    mine.metadata_mut().name = Some(name.clone());
    mine.metadata_mut().annotations.insert("applied", "yes");
    // Partial: of a custom resource what is required would be applied too.
    let applied = api.apply(&mine, "applier").partial().await?;
    assert_eq!(applied.metadata().annotations["applied"], "yes");
    assert_eq!(applied.metadata().labels["by"], "json", "an apply leaves alone what it does not set");
    let own = extract(&applied, "applier")?;
    assert_eq!(own.metadata().annotations.len(), 1, "the manager owns what it applied: {own:?}");
    assert!(own.metadata().labels.is_empty(), "and nothing else: {own:?}");

    let partial = api.get(&name).metadata_only().await?;
    assert_eq!(partial.metadata.uid, created.metadata().uid);
    let partials = api.list().metadata_only().await?;
    assert_eq!(partials.items.len(), before.items.len() + 1);
    let table = api.list().table().await?;
    assert!(table.rows.len() == partials.items.len() && !table.column_definitions.is_empty());

    api.delete(&name).if_uid(created.metadata().uid.as_deref().unwrap_or_default()).grace_period_seconds(0).background().await?;
    api.delete_collection().fields(&format!("metadata.name={name}")).background().await?;

    let mut kinds = Vec::new();
    while let Some(event) = tokio::time::timeout(std::time::Duration::from_secs(20), watch.next()).await? {
        match event? {
            WatchEvent::Added(_) => kinds.push("added"),
            WatchEvent::Modified(_) => kinds.push("modified"),
            WatchEvent::Deleted(object) => {
                assert_eq!(object.metadata().uid, created.metadata().uid);
                kinds.push("deleted");
                break;
            }
            _ => {}
        }
    }
    assert_eq!((kinds.first(), kinds.last()), (Some(&"added"), Some(&"deleted")), "{kinds:?}");
    assert!(kinds.len() >= 6, "a watch misses nothing: {kinds:?}");
    println!("{what}: every verb works");
    Ok(())
}

/// A kind known only at run time.
async fn dynamic(client: &Client, namespace: &str) -> Outcome {
    let secrets = DynamicResource {
        group: String::new(),
        version: "v1".into(),
        kind: "Secret".into(),
        plural: "secrets".into(),
        namespaced: true,
    };
    let api = Api::dynamic(client, &secrets, Scope::Namespace(namespace));
    let mut secret = DynamicObject::new(&secrets, "run-time");
    secret.set("stringData", json!({ "key": "value" }))?;
    let created = api.create(&secret).await?;
    assert_eq!(created.pointer("/data/key")?, Some(json!("dmFsdWU=")));
    let listed = api.list().fields("metadata.name=run-time").await?;
    assert_eq!((&*listed.items[0].kind, &*listed.items[0].api_version), ("Secret", "v1"));
    api.delete("run-time").await?;
    println!("dynamic: a kind known only at run time works");
    Ok(())
}
