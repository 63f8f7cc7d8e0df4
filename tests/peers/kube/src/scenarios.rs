//! What kube's own tests script answers for, and what its docs say of finalizers and server-side apply, with a server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::controller::Action;
use kube::runtime::finalizer::{Event, finalizer};
use kube::runtime::wait::{await_condition, conditions};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, CustomResource, CustomResourceExt as _, Error, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;

use crate::{Result, ensure};

/// The kind of the scenarios.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "peers.example.com", version = "v1", kind = "Hack", namespaced, status = "HackStatus")]
pub struct HackSpec {
    num: u32,
    /// Who has asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

/// Its state.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct HackStatus {
    done: bool,
}

fn hack(num: u32) -> Hack {
    Hack::new(&format!("h{num}"), HackSpec { num, owner: None })
}

/// Installs the kind.
async fn installed(client: &Client) -> Result<Api<Hack>> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let params = PatchParams::apply("peer-kube").force();
    definitions.patch(Hack::crd_name(), &params, &Patch::Apply(Hack::crd())).await?;
    let established = await_condition(definitions, Hack::crd_name(), conditions::is_crd_established());
    timeout(Duration::from_secs(10), established).await??;
    Ok(Api::default_namespaced(client.clone()))
}

/// A watcher lists page by page, and every page has come before it watches.
pub async fn pages(client: &Client) -> Result {
    let hacks = installed(client).await?;
    for num in 1..=3 {
        hacks.create(&PostParams::default(), &hack(num)).await?;
    }
    let mut applied = watcher(hacks.clone(), watcher::Config::default().page_size(1)).applied_objects().boxed();
    for num in 1..=3 {
        let next = applied.try_next().await?.ok_or("the watcher has ended")?;
        ensure(next.spec.num == num, format_args!("{num} was to come, and not {}", next.spec.num))?;
    }
    ensure(applied.next().now_or_never().is_none(), "something came after the last page")?;
    hacks.create(&PostParams::default(), &hack(4)).await?;
    let next = applied.try_next().await?.ok_or("the watcher has ended")?;
    ensure(next.spec.num == 4, format_args!("4 was to come, and not {}", next.spec.num))
}

/// Two managers apply an object: one owns what it has set, and the other is in conflict until it forces.
pub async fn apply(client: &Client) -> Result {
    let hacks = installed(client).await?;
    let (one, two) = (PatchParams::apply("one"), PatchParams::apply("two"));
    let created = hacks.patch("h1", &one, &Patch::Apply(hack(1))).await?;
    ensure(created.metadata.generation == Some(1), "a new object has generation 1")?;

    let wanted = Hack::new("h1", HackSpec { num: 2, owner: Some("two".to_owned()) });
    let conflict = match hacks.patch("h1", &two, &Patch::Apply(&wanted)).await {
        Err(Error::Api(status)) => status,
        other => return Err(format!("a conflict was to come, and not {other:?}").into()),
    };
    ensure((conflict.code, &*conflict.reason) == (409, "Conflict"), &conflict)?;
    let causes = conflict.details.as_ref().map(|details| details.causes.clone()).unwrap_or_default();
    let fields: Vec<&str> = causes.iter().map(|cause| &*cause.field).collect();
    ensure(fields == [".spec.num"], format_args!("{fields:?} are in conflict"))?;

    let forced = hacks.patch("h1", &two.clone().force(), &Patch::Apply(&wanted)).await?;
    ensure(forced.spec.num == 2 && forced.metadata.generation == Some(2), "two has set the number")?;
    let managers: BTreeSet<_> = forced.managed_fields().iter().filter_map(|entry| entry.manager.as_deref()).collect();
    ensure(managers.contains("two"), format_args!("{managers:?} are the managers"))?;

    // What a manager applies no longer, and nobody else owns, goes.
    let alone = Hack::new("h1", HackSpec { num: 2, owner: None });
    let without = hacks.patch("h1", &two, &Patch::Apply(alone)).await?;
    ensure(without.spec.owner.is_none(), "the owner was two's alone")?;

    let status = json!({ "status": { "done": true } });
    let done = hacks.patch_status("h1", &PatchParams::default(), &Patch::Merge(&status)).await?;
    ensure(done.status.is_some_and(|status| status.done) && done.metadata.generation == Some(3), "the status is set")?;

    let mut entry = hacks.entry("h9").await?.or_insert(|| hack(9));
    entry.commit(&PostParams::default()).await?;
    entry.get_mut().spec.num = 10;
    entry.commit(&PostParams::default()).await?;
    let metadata = hacks.list_metadata(&ListParams::default().fields("metadata.name=h9")).await?;
    ensure(metadata.items.len() == 1, "one has that name")?;
    hacks.delete_collection(&DeleteParams::default(), &ListParams::default()).await?;
    ensure(hacks.list(&ListParams::default()).await?.items.is_empty(), "all are deleted")
}

/// An object with a finalizer stays until that has run.
pub async fn finalize(client: &Client) -> Result {
    const NAME: &str = "peers.example.com/cleanup";
    let hacks = installed(client).await?;
    let run = async |object: Hack| {
        let event = Arc::new(std::sync::Mutex::new("nothing"));
        let told = event.clone();
        finalizer(&hacks, NAME, Arc::new(object), |event| async move {
            *told.lock().map_err(|_| std::fmt::Error)? = match event {
                Event::Apply(_) => "apply",
                Event::Cleanup(_) => "cleanup",
            };
            Ok::<_, std::fmt::Error>(Action::await_change())
        })
        .await?;
        let event = *event.lock().map_err(|error| error.to_string())?;
        Result::Ok(event)
    };
    let created = hacks.create(&PostParams::default(), &hack(1)).await?;
    ensure(run(created).await? == "nothing", "the first run adds the finalizer alone")?;
    let with = hacks.get("h1").await?;
    ensure(with.finalizers() == [NAME], format_args!("{:?} are the finalizers", with.finalizers()))?;
    ensure(run(with).await? == "apply", "then the object is applied")?;

    let deleted = hacks.delete("h1", &DeleteParams::default()).await?;
    ensure(deleted.left().is_some(), "the object waits for its finalizer")?;
    ensure(run(hacks.get("h1").await?).await? == "cleanup", "then it is cleaned up")?;
    ensure(hacks.get_opt("h1").await?.is_none(), "then it no longer exists")
}
