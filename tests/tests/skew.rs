//! A client of one minor and servers of others: every kind that both know is created, read, changed and written back,
//! and nothing is lost, whatever either knows more than the other.
//!
//! What the client was built for is this crate's features: `cargo xtask test` runs this file as the newest minor and as
//! the oldest, `cargo xtask test --all-minors` as each. The servers are those that the run is about.
#![allow(missing_docs)]

#[path = "maximal/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "maximal/server.rs"]
#[allow(dead_code)]
mod server;
#[macro_use]
#[path = "../../generated/tests/kinds/mod.rs"]
#[allow(dead_code)]
mod kinds;

use std::pin::Pin;

use fixture::Fixture;
use futures_util::StreamExt as _;
use kubewright::message::Message;
use kubewright::*;
use kubewright_testbed::{Cluster, Minor, Options, minors, or_skip, shared_of};
use serde_json::Value as Json;
use server::Bed;

/// What is written into each object, and may differ afterwards.
const LABEL: &str = "kubewright.dev/skew";

/// A server, and which minor it is.
struct Server {
    bed: Bed,
    minor: u32,
}

/// What became of a kind.
#[derive(Debug)]
enum Outcome {
    /// It went there and back; so many fields the client did not know.
    Kept { unknown: usize },
    /// The server does not have it, and the client said so.
    NotServed,
    /// There is nothing to read back.
    NotStored,
}

type Run = for<'a> fn(&'a Server) -> Pin<Box<dyn Future<Output = Result<Outcome, String>> + Send + 'a>>;

macro_rules! rows {
    ($($(#[$meta:meta])* $way:ident $ty:ty;)*) => {
        &[$($(#[$meta])* (stringify!($ty), |server| Box::pin($way::<$ty>(server)))),*]
    };
}

const ROWS: &[(&str, Run)] = every_kind!(rows);

#[test]
fn nothing_is_lost_between_a_client_and_a_server_of_another_minor() {
    let mut servers = 0;
    for minor in minors() {
        // Whether this run is about that minor.
        if or_skip(shared_of(minor.name)).is_none() {
            continue;
        }
        servers += 1;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
        runtime.expect("a runtime").block_on(against(minor));
    }
    eprintln!("{servers} servers");
}

async fn against(minor: &'static Minor) {
    // A cluster of its own: what is registered here would be in the way of other tests.
    let Some(cluster) = or_skip(Cluster::start(&Options { minor, nodes: 0, ..Options::default() })) else { return };
    let bed = Bed::new(&cluster).await;
    let version = bed.clients[0].server_version().await.expect("a version");
    assert_eq!(format!("{}.{}", version.major, version.minor), minor.name);
    let server = Server { bed, minor: version.minor };
    let results: Vec<(&str, Result<Outcome, String>)> = futures_util::stream::iter(ROWS)
        .map(|(name, run)| {
            let server = &server;
            async move { (*name, run(server).await) }
        })
        .buffer_unordered(8)
        .collect()
        .await;

    let wrong: Vec<String> =
        results.iter().filter_map(|(name, result)| Some(format!("{name}: {}", result.as_ref().err()?))).collect();
    assert!(
        wrong.is_empty(),
        "Kubernetes {}, {} of {} kinds:\n{}",
        minor.name,
        wrong.len(),
        ROWS.len(),
        wrong.join("\n")
    );
    let outcomes = || results.iter().filter_map(|(_, result)| result.as_ref().ok());
    let kept = outcomes().filter(|outcome| matches!(outcome, Outcome::Kept { .. })).count();
    let unknown: usize =
        outcomes().map(|outcome| if let Outcome::Kept { unknown } = outcome { *unknown } else { 0 }).sum();
    let not_served = outcomes().filter(|outcome| matches!(outcome, Outcome::NotServed)).count();
    eprintln!(
        "Kubernetes {}: {kept} kinds written back, with {unknown} fields that the client does not know; {not_served} \
         kinds that the server does not have",
        minor.name
    );
    assert!(kept > ROWS.len() / 2, "only {kept} of {} kinds", ROWS.len());
    // The test can't tell anything if there is no skew where there should be one. A client of a minor in between knows all
    // of some servers and not of others.
    let [newest, oldest] =
        [minors().first(), minors().last()].map(|known| known.is_some_and(|known| known.name == minor.name));
    if cfg!(feature = "latest") || oldest {
        assert_eq!(unknown, 0, "fields that the client should know");
    } else if newest {
        assert!(unknown > 0, "no field is unknown");
    }
}

async fn stored<K>(server: &Server) -> Result<Outcome, String>
where
    K: Resource + verbs::Create + verbs::Get + verbs::Replace,
{
    if !K::RESOURCE.served.by(server.minor) {
        return refused::<K>(server).await;
    }
    let mut unknown = 0;
    for (client, digit) in server.bed.clients.iter().zip(1..) {
        let created = create::<K>(server, digit).await?;
        let name = created["metadata"]["name"].as_str().ok_or("an object without a name")?;
        unknown += write_back(&server.bed, &server.bed.api::<K>(client), name).await?;
    }
    Ok(Outcome::Kept { unknown })
}

async fn stored_with_status<K>(server: &Server) -> Result<Outcome, String>
where
    K: Resource + verbs::Create + verbs::Get + verbs::Replace,
{
    stored::<K>(server).await
}

async fn answered<K: Resource + verbs::Create>(server: &Server) -> Result<Outcome, String> {
    if !K::RESOURCE.served.by(server.minor) {
        let error = server.bed.api::<K>(&server.bed.clients[0]).create(&K::default()).await.map(drop);
        return not_served(error);
    }
    let created = server.bed.create_json::<K>(&Fixture::seed(K::RESOURCE)?.named(1), false).await?;
    let answer: K = json::from_str(&created.to_string()).map_err(|error| error.to_string())?;
    // What is stored by value is left out where it is empty, and the server fills it in again.
    same("read and written", &without_empty(created), &without_empty(json_of(&answer)?))?;
    Ok(Outcome::NotStored)
}

async fn answered_otherwise<K: Resource>(server: &Server) -> Result<Outcome, String> {
    Ok(if K::RESOURCE.served.by(server.minor) { Outcome::NotStored } else { Outcome::NotServed })
}

/// What the server does not have is told as that, and not as an object that is not there.
async fn refused<K: Resource + verbs::Get>(server: &Server) -> Result<Outcome, String> {
    for client in &server.bed.clients {
        not_served(server.bed.api::<K>(client).get("any").await.map(drop))?;
    }
    Ok(Outcome::NotServed)
}

fn not_served(answer: Result<()>) -> Result<Outcome, String> {
    match answer {
        Err(error) if error.is_not_served() && !error.is_not_found() => Ok(Outcome::NotServed),
        Err(error) => Err(format!("the server does not have it, and the error is: {error}")),
        Ok(()) => Err("the server is not to have it, and it answers".to_owned()),
    }
}

/// Creates an object with as much as the server takes, by hand: as somebody does whose client is as new as the server.
async fn create<K: Resource>(server: &Server, digit: u8) -> Result<Json, String> {
    let bed = &server.bed;
    if let Some(own) = Fixture::of_minor(K::RESOURCE, server.minor) {
        return bed.create_json::<K>(&own?.named(digit), false).await.map_err(|error| format!("creating: {error}"));
    }
    let seed = Fixture::seed(K::RESOURCE)?.named(digit);
    let maximal = Fixture::read(K::RESOURCE).map_or_else(|_| seed.clone(), |fixture| fixture.named(digit));
    match bed.create_json::<K>(&maximal, false).await {
        Ok(created) => Ok(created),
        // It was grown on the newest server, and an older one need not take all of it.
        Err(reason) => {
            bed.create_json::<K>(&seed, false).await.map_err(|error| format!("creating: {reason}; with less: {error}"))
        }
    }
}

/// Reads an object, changes it and puts it back, and compares what the server has then with what it had. Tells how many
/// fields of it the client did not know.
async fn write_back<K>(bed: &Bed, api: &Api<K>, name: &str) -> Result<usize, String>
where
    K: Resource + verbs::Get + verbs::Replace,
{
    for _ in 0..100 {
        let before = json_by_hand::<K>(bed, name).await?;
        let mut object = api.get(name).await.map_err(|error| format!("reading: {error}"))?;
        if object.metadata().resource_version.as_deref() != before["metadata"]["resourceVersion"].as_str() {
            continue; // The server's own controllers write to some kinds.
        }
        let unknown = server::unknown_fields(&object, "").len();
        object.metadata_mut().labels.insert(LABEL, "changed");
        let written = match api.replace(&object).await {
            Ok(written) => written,
            Err(error) if error.is_conflict() => continue,
            Err(error) => return Err(format!("replacing: {error}")),
        };
        let after = json_by_hand::<K>(bed, name).await?;
        if written.metadata().resource_version.as_deref() != after["metadata"]["resourceVersion"].as_str() {
            continue;
        }
        if after["metadata"]["labels"][LABEL] != "changed" {
            return Err("the change is lost".to_owned());
        }
        same("before and after", &comparable(before), &comparable(after))?;
        return Ok(unknown);
    }
    Err("it changes all the time".to_owned())
}

async fn json_by_hand<K: Resource>(bed: &Bed, name: &str) -> Result<Json, String> {
    serde_json::from_slice(&bed.raw::<K>(name, "application/json").await?).map_err(|error| error.to_string())
}

fn json_of(object: &dyn Message) -> Result<Json, String> {
    serde_json::from_str(&server::text(object)).map_err(|error| error.to_string())
}

/// An object without what a change of a label changes.
fn comparable(mut object: Json) -> Json {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for name in ["resourceVersion", "managedFields", "generation"] {
            metadata.remove(name);
        }
        if let Some(labels) = metadata.get_mut("labels").and_then(Json::as_object_mut) {
            labels.remove(LABEL);
            if labels.is_empty() {
                metadata.remove("labels");
            }
        }
    }
    object
}

/// Without objects that are empty, and without `false`.
fn without_empty(value: Json) -> Json {
    let is_empty =
        |value: &Json| *value == Json::Bool(false) || value.as_object().is_some_and(serde_json::Map::is_empty);
    match value {
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, without_empty(value)));
            Json::Object(fields.filter(|(_, value)| !is_empty(value)).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(without_empty).collect()),
        _ => value,
    }
}

fn same(what: &str, a: &Json, b: &Json) -> Result<(), String> {
    if a == b { Ok(()) } else { Err(format!("{what}, it differs:\n{a}\n{b}")) }
}
