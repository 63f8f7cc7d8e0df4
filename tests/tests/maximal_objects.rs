//! One object of every kind that can be created, with as many fields as the server takes, on a real server: protobuf
//! and JSON say the same of it, and either is taken back.
//!
//! The objects are in `tests/fixtures/maximal`. `UPDATE_GOLDEN=1` grows them anew from the seeds there, by asking the
//! server field by field, and notes in `coverage.txt` which share of each kind's fields is set (which
//! `UPDATE_GOLDEN=coverage` does alone); the test fails if an object has less. `KUBEWRIGHT_ONLY_KIND=Pod` is for that
//! kind alone, and `KUBEWRIGHT_SHOW_MISSING=1` shows which fields are not set. A kind
//! that has neither an object nor a reason to have none fails it too.
#![allow(missing_docs)]

#[path = "maximal/coverage.rs"]
mod coverage;
#[path = "maximal/fixture.rs"]
#[allow(dead_code)] // What is for older servers.
mod fixture;
#[path = "maximal/grow.rs"]
mod grow;
#[path = "maximal/server.rs"]
mod server;
#[path = "maximal/values.rs"]
mod values;
#[macro_use]
#[path = "../../generated/tests/kinds/mod.rs"]
mod kinds;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;

use coverage::Coverage;
use fixture::Fixture;
use futures_util::StreamExt as _;
use grow::Top;
use kubewright::message::Message;
use kubewright::registry::REGISTRY;
use kubewright::runtime::{protobuf, reflect};
use kubewright::*;
use kubewright_testbed::{Cluster, or_skip};
use server::{Bed, NAMESPACE};

/// Kinds that are sent and answered by another, and of which nothing is kept: what is done about each.
const ANSWERED_OTHERWISE: &[(&str, &str)] =
    &[("core::v1::Binding", "what_is_created_below_an_object_is_taken_in_both_encodings makes one")];

/// How many percent less are good enough: the server's own controllers add to some objects, sooner or later.
const SLACK: usize = 3;

/// What became of a kind.
struct Outcome {
    percent: usize,
    set: usize,
    all: usize,
}

type Run = for<'a> fn(&'a Bed) -> Pin<Box<dyn Future<Output = Result<Option<Outcome>, String>> + Send + 'a>>;

macro_rules! rows {
    ($($(#[$meta:meta])* $way:ident $ty:ty;)*) => {
        &[$($(#[$meta])* (stringify!($ty), |bed| Box::pin($way::<$ty>(bed, stringify!($ty))))),*]
    };
}

const ROWS: &[(&str, Run)] = every_kind!(rows);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_maximal_object_of_every_kind_is_the_same_in_both_encodings() {
    // A cluster of its own: what is registered here would be in the way of other tests.
    let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let bed = Bed::new(&cluster).await;
    let only = std::env::var("KUBEWRIGHT_ONLY_KIND").unwrap_or_default();
    let rows = ROWS.iter().filter(|(name, _)| name.ends_with(&only));
    let results: Vec<(String, Result<Option<Outcome>, String>)> = futures_util::stream::iter(rows)
        .map(|(name, run)| {
            let bed = &bed;
            async move { (name.replace(' ', ""), run(bed).await) }
        })
        .buffer_unordered(8)
        .collect()
        .await;

    let wrong: Vec<String> =
        results.iter().filter_map(|(name, result)| Some(format!("{name}: {}", result.as_ref().err()?))).collect();
    let good: BTreeMap<&str, &Outcome> =
        results.iter().filter_map(|(name, result)| Some((name.as_str(), result.as_ref().ok()?.as_ref()?))).collect();
    let (set, all) = good.values().fold((0, 0), |(set, all), outcome| (set + outcome.set, all + outcome.all));
    eprintln!("{} kinds, {set} of {all} fields set ({} %)", good.len(), set * 100 / all.max(1));
    assert!(wrong.is_empty(), "{} of {} kinds:\n{}", wrong.len(), results.len(), wrong.join("\n"));
    if only.is_empty() {
        floors(&good);
    }
}

/// Compares with the shares that were noted, or notes them.
fn floors(good: &BTreeMap<&str, &Outcome>) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/maximal/coverage.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let lines: Vec<String> = good.iter().map(|(name, outcome)| format!("{name} {}\n", outcome.percent)).collect();
        std::fs::write(&path, lines.concat()).expect("the file can be written");
        return;
    }
    let text = std::fs::read_to_string(&path).expect("coverage.txt");
    let noted: BTreeMap<&str, usize> = text
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, n)| (name, n.parse().expect("a number")))
        .collect();
    for (name, outcome) in good {
        let floor =
            noted.get(name).unwrap_or_else(|| panic!("{name} is not in coverage.txt: run with UPDATE_GOLDEN=1"));
        assert!(
            outcome.percent + SLACK >= *floor,
            "{name}: {} % of its fields are set, and were {floor} %",
            outcome.percent
        );
    }
}

async fn stored<K>(bed: &Bed, _: &str) -> Result<Option<Outcome>, String>
where
    K: Resource + verbs::Create + verbs::Get + verbs::Replace,
{
    store::<K>(bed, false).await
}

async fn stored_with_status<K>(bed: &Bed, _: &str) -> Result<Option<Outcome>, String>
where
    K: Resource + verbs::Create + verbs::Get + verbs::Replace,
{
    store::<K>(bed, true).await
}

/// What is answered with the same kind, and not kept.
async fn answered<K: Resource + verbs::Create>(bed: &Bed, _: &str) -> Result<Option<Outcome>, String> {
    let fixture = Fixture::seed(K::RESOURCE)?;
    let wanted: K = typed(&fixture.named(1))?;
    let mut answers = Vec::new();
    for client in &bed.clients {
        answers.push(bed.api::<K>(client).create(&wanted).await.map_err(|error| error.to_string())?);
    }
    let [first, second] = [&answers[0], &answers[1]].map(|answer| server::unordered(answer));
    if first != second {
        return Err(format!("asked in protobuf and in JSON, the answers differ:\n{first}\n{second}"));
    }
    server::no_unknown_fields(&answers[0], "")?;
    server::no_unknown_fields(&answers[1], "")?;
    Ok(Some(outcome(&answers[0])))
}

async fn answered_otherwise<K: Resource>(_: &Bed, name: &str) -> Result<Option<Outcome>, String> {
    match ANSWERED_OTHERWISE.iter().any(|(known, _)| *known == name.replace(' ', "")) {
        true => Ok(None),
        false => Err(format!("ANSWERED_OTHERWISE says nothing of {}", K::RESOURCE.kind)),
    }
}

/// Creates an object by each client, reads it by each, and puts it back.
async fn store<K>(bed: &Bed, with_status: bool) -> Result<Option<Outcome>, String>
where
    K: Resource + verbs::Create + verbs::Get + verbs::Replace,
{
    // What the newest minor has no more.
    if K::RESOURCE.served.until != 0 {
        return Ok(None);
    }
    if is_growing() {
        grow_it::<K>(bed, with_status).await?;
    }
    let fixture = Fixture::read(K::RESOURCE)?;
    let mut made = Vec::new();
    for (client, digit) in bed.clients.iter().zip(1..) {
        let wanted: K = typed(&fixture.named(digit))?;
        let api = bed.api::<K>(client);
        let created = api.create(&wanted).await.map_err(|error| format!("creating: {error}"))?;
        let name = created.metadata().name.clone().unwrap_or_default();
        if with_status && is_status_set(&wanted) {
            set_status(&api, &wanted, created).await?;
        }
        made.push(read_and_replace(bed, &name).await?);
    }
    // Sent in protobuf or in JSON, the server understood the same.
    let [first, second] = [&made[0], &made[1]].map(|object: &K| server::without_identity(object));
    if first != second {
        return Err(format!("created in protobuf and in JSON it differs:\n{first}\n{second}"));
    }
    Ok(Some(outcome(&settled(&made[0])?)))
}

/// Whether the objects are to be grown anew.
fn is_growing() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

fn is_status_set(object: &dyn Message) -> bool {
    status_of(object).is_some_and(|index| coverage::is_set(object.value(index)))
}

fn status_of(object: &dyn Message) -> Option<usize> {
    object.descriptor().fields.iter().position(|field| field.name() == "status")
}

/// Writes the wanted status, over whatever a controller of the server itself wrote in between.
async fn set_status<K: Resource + verbs::Get>(api: &Api<K>, wanted: &K, mut current: K) -> Result<(), String> {
    let name = current.metadata().name.clone().unwrap_or_default();
    let Some(index) = status_of(wanted) else { return Ok(()) };
    for _ in 0..100 {
        if !reflect::copy(wanted.value(index), current.slot(index)) {
            return Err("the status can't be copied".to_owned());
        }
        match api.replace_subresource(&current, "status").await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(format!("writing the status: {error}")),
        }
        current = api.get(&name).await.map_err(|error| error.to_string())?;
    }
    Err("the status is written by others all the time".to_owned())
}

/// Reads an object in both encodings, by both clients and by hand, and puts it back by both.
async fn read_and_replace<K: Resource + verbs::Get + verbs::Replace>(bed: &Bed, name: &str) -> Result<K, String> {
    let apis = [bed.api::<K>(&bed.clients[0]), bed.api::<K>(&bed.clients[1])];
    for _ in 0..100 {
        let in_protobuf = bed.raw::<K>(name, protobuf::MEDIA_TYPE).await?;
        let in_json = bed.raw::<K>(name, "application/json").await?;
        let first: K = protobuf::from_slice(&in_protobuf).map_err(|error| format!("reading protobuf: {error}"))?;
        let second: K = json::from_slice(&in_json).map_err(|error| format!("reading JSON: {error}"))?;
        if first.metadata().resource_version != second.metadata().resource_version {
            // The server's own controllers write to some kinds.
            continue;
        }
        same("read in protobuf and in JSON", &first, &second)?;
        for object in [&first, &second] {
            server::no_unknown_fields(object, "")?;
        }
        let mut put_back = Vec::new();
        for api in &apis {
            let read = api.get(name).await.map_err(|error| format!("reading: {error}"))?;
            if read.metadata().resource_version == first.metadata().resource_version {
                same("read by the client", &first, &read)?;
            }
            match api.replace(&read).await {
                Ok(after) => put_back.push((read, after)),
                Err(error) if error.is_conflict() => break,
                Err(error) => return Err(format!("replacing: {error}")),
            }
        }
        if put_back.len() < apis.len() {
            continue;
        }
        for (before, after) in &put_back {
            let [before, after] = [before, after].map(server::without_versions);
            if before != after {
                return Err(format!("put back, it is changed:\n{before}\n{after}"));
            }
        }
        return Ok(first);
    }
    Err("it changes all the time".to_owned())
}

/// An object without what comes to it whenever the server's controllers find the time.
fn settled<K: Resource>(object: &K) -> Result<K, String> {
    if !server::STATUS_OF_THE_SERVER.contains(&K::RESOURCE.kind) {
        return Ok(object.clone());
    }
    let mut value: serde_json::Value =
        serde_json::from_str(&server::text(object)).map_err(|error| error.to_string())?;
    value.as_object_mut().map(|fields| fields.remove("status"));
    json::from_str(&value.to_string()).map_err(|error| error.to_string())
}

fn same(what: &str, a: &dyn Message, b: &dyn Message) -> Result<(), String> {
    let [first, second] = [a, b].map(server::text);
    if reflect::equal(a, b) && first == second {
        Ok(())
    } else {
        Err(format!("{what}, it differs:\n{first}\n{second}"))
    }
}

fn outcome(object: &dyn Message) -> Outcome {
    let coverage = Coverage::of(object);
    let (set, all) = coverage.counts();
    if std::env::var_os("KUBEWRIGHT_SHOW_MISSING").is_some() {
        eprintln!("{} {set}/{all} lacks {}", object.descriptor().name, coverage.missing());
    }
    Outcome { percent: coverage.percent(), set, all }
}

/// A fixture as its type. A field that the type does not know is a mistake in it.
fn typed<K: Resource>(value: &serde_json::Value) -> Result<K, String> {
    let object: K = json::from_str(&value.to_string()).map_err(|error| format!("the fixture: {error}"))?;
    server::no_unknown_fields(&object, "").map_err(|error| format!("the fixture: {error}"))?;
    Ok(object)
}

/// Grows a kind's object from its seed, and writes it into its file.
async fn grow_it<K: Resource>(bed: &Bed, with_status: bool) -> Result<(), String> {
    let enums = values::listed();
    let seed = Fixture::seed(K::RESOURCE)?;
    let (object, name) = (seed.named(3), seed.named(3)["metadata"]["name"].as_str().unwrap_or_default().to_owned());
    let top = if with_status { Top::NotStatus } else { Top::All };
    let mut object = {
        let status = object.get("status").cloned();
        let mut bare = object;
        bare.as_object_mut().map(|bare| bare.remove("status"));
        bed.create_json::<K>(&bare, true).await.map_err(|error| format!("the seed is refused: {error}"))?;
        let taken = |attempt| async move { bed.create_json::<K>(&attempt, true).await.ok() };
        let mut grown = grow::grow(K::boxed, bare, top, &enums, taken).await;
        if let Some(status) = status {
            grown["status"] = status;
        }
        grown
    };
    if with_status {
        let created = bed.create_json::<K>(&object, false).await?;
        let status = object.get("status").cloned().unwrap_or_else(|| serde_json::json!({}));
        let mut base = created.clone();
        base["status"] = status;
        let taken = |attempt| async move { bed.put_status_json::<K>(&attempt).await.ok() };
        let name = name.clone();
        let mut base = bed.latest_with_status::<K>(&name, base).await?;
        base["metadata"].as_object_mut().map(|metadata| metadata.remove("resourceVersion"));
        let grown = grow::grow(K::boxed, base, Top::StatusAlone, &enums, taken).await;
        object["status"] = grown["status"].clone();
        if object["status"].as_object().is_none_or(serde_json::Map::is_empty) {
            object.as_object_mut().map(|object| object.remove("status"));
        }
    }
    seed.write(K::RESOURCE, object)
}

#[tokio::test]
async fn what_is_created_below_an_object_is_taken_in_both_encodings() {
    let created: Vec<_> = REGISTRY
        .resources()
        .iter()
        .flat_map(|resource| resource.subresources.iter().map(move |subresource| (resource.desc.kind, subresource)))
        .filter(|(_, subresource)| subresource.verbs.contains(&"create"))
        .map(|(kind, subresource)| (kind, subresource.name, subresource.kind.map_or("", |sent| sent.kind)))
        .collect();
    assert_eq!(
        created,
        [("Pod", "binding", "Binding"), ("Pod", "eviction", "Eviction"), ("ServiceAccount", "token", "TokenRequest")],
        "one that is not tested below"
    );
    let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let bed = Bed::new(&cluster).await;
    for (client, name) in bed.clients.iter().zip(["in-protobuf", "in-json"]) {
        let core = client.core_v1();
        let mut account = core::v1::ServiceAccount::default();
        account.metadata.name = Some(name.into());
        core.service_accounts(NAMESPACE).create(&account).await.expect("an account");
        let mut request = authentication::v1::TokenRequest::default();
        request.spec.audiences = vec!["a".into()];
        request.spec.expiration_seconds = Some(900);
        let token = core.service_accounts(NAMESPACE).create_token(name, &request).await.expect("a token");
        assert_eq!((token.spec, token.status.token.split('.').count()), (request.spec, 3));

        for pod in ["bound-by-kind", "bound-by-pod"] {
            let pod_name = format!("{pod}-{name}");
            let mut pod = core::v1::Pod::default();
            pod.metadata.name = Some(pod_name.as_str().into());
            pod.spec.containers.push(core::v1::Container {
                name: "x".into(),
                image: Some("x".into()),
                ..Default::default()
            });
            let pods = core.pods(NAMESPACE);
            pods.create(&pod).await.expect("a pod");
            let mut binding = core::v1::Binding::default();
            binding.metadata.name = Some(pod_name.as_str().into());
            binding.target.name = Some("nowhere".into());
            if pod_name.starts_with("bound-by-kind") {
                core.bindings(NAMESPACE).create(&binding).await.expect("bound");
            } else {
                pods.create_binding(&pod_name, &binding).await.expect("bound");
            }
            assert_eq!(pods.get(&pod_name).await.expect("a pod").spec.node_name.as_deref(), Some("nowhere"));
            let mut eviction = policy::v1::Eviction::default();
            eviction.metadata.name = Some(pod_name.as_str().into());
            eviction.delete_options =
                Some(Box::new(meta::v1::DeleteOptions { grace_period_seconds: Some(0), ..Default::default() }));
            pods.create_eviction(&pod_name, &eviction).await.expect("evicted");
            assert!(pods.get(&pod_name).optional().await.expect("an answer").is_none());
        }
    }
}
