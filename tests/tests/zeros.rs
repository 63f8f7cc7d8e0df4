//! Built-in kinds leave zeros out where their Go types make no difference: whether they do is asked of a real server, for
//! every plain field in the objects of `tests/fixtures/maximal`. A field whose zero is stored otherwise than its absence
//! has to be explicit in its table, as the required fields of custom resources are.
//!
//! What was found is in `tests/fixtures/zeros.txt`, a line for each type that has such fields; `UPDATE_GOLDEN=1` writes it.
#![cfg(feature = "latest")] // The table is of all that there is.
#![allow(missing_docs)]

#[path = "maximal/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "maximal/server.rs"]
#[allow(dead_code)]
mod server;
#[macro_use]
#[path = "../../generated/tests/kinds/mod.rs"]
mod kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex};

use fixture::{Fixture, escaped};
use futures_util::StreamExt as _;
use kubewright::message::{Descriptor, FieldDesc, Message, Slot};
use kubewright::registry::REGISTRY;
use kubewright::*;
use kubewright_testbed::{Cluster, or_skip};

use serde_json::{Value, json};
use server::Bed;

/// What a server makes of a zero, and of its absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The same object.
    Same,
    /// Both are refused.
    Refused,
    /// An empty list or map is refused, and its absence is not: to leave it out is right.
    NotEmpty,
    /// One is refused, or another object is made: the field would have to be explicit.
    Differs,
}

/// What was found, by type and field.
#[derive(Default)]
struct Found {
    /// The tables whose field was asked about: types of one name are told apart.
    asked: BTreeSet<(usize, usize)>,
    verdicts: BTreeMap<(String, String), (Verdict, String)>,
    /// Every type that an object may have in it, by its table.
    types: BTreeMap<usize, String>,
    /// Those that were there.
    there: BTreeSet<usize>,
}

type Run = for<'a> fn(&'a Bed, &'a Mutex<Found>) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

macro_rules! rows {
    ($($(#[$meta:meta])* $way:ident $ty:ty;)*) => {
        &[$($(#[$meta])* (stringify!($ty), |bed, found| Box::pin($way::<$ty>(bed, found)))),*]
    };
}

const ROWS: &[(&str, Run)] = every_kind!(rows);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_zero_and_its_absence_are_the_same_object_in_every_plain_field_of_a_built_in_kind() {
    // A cluster of its own: what is registered here would be in the way of other tests.
    let options = kubewright_testbed::Options { nodes: 0, ..Default::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let bed = Bed::new(&cluster).await;
    let found = Mutex::default();
    let results: Vec<_> = futures_util::stream::iter(ROWS)
        .map(|(name, run)| {
            let (bed, found) = (&bed, &found);
            async move { (*name, run(bed, found).await) }
        })
        .buffer_unordered(8)
        .collect()
        .await;
    let wrong: Vec<String> =
        results.into_iter().filter_map(|(name, result)| Some(format!("{name}: {}", result.err()?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let Found { verdicts, types, there, .. } = found.into_inner().expect("nobody panicked");
    let missing: BTreeSet<&str> =
        types.iter().filter(|(table, _)| !there.contains(table)).map(|(_, name)| name.as_str()).collect();
    let mut lines: BTreeMap<&str, BTreeMap<Verdict, Vec<&str>>> = BTreeMap::new();
    for ((ty, field), (verdict, _)) in &verdicts {
        lines.entry(ty).or_default().entry(*verdict).or_default().push(field);
    }
    let mut text: String = lines
        .iter()
        .flat_map(|(ty, verdicts)| verdicts.iter().map(move |(verdict, fields)| (ty, verdict, fields)))
        .map(|(ty, verdict, fields)| format!("{ty} {}: {}\n", format!("{verdict:?}").to_lowercase(), fields.join(" ")))
        .collect();
    text.extend(missing.iter().map(|name| format!("{name} is in no object\n")));
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/zeros.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("the file can be written");
    }
    for ((ty, field), (verdict, why)) in &verdicts {
        if *verdict == Verdict::Differs {
            eprintln!("{ty}.{field}: {why}");
        }
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (new, old) in text.lines().zip(committed.lines()) {
        assert_eq!(new, old, "run with UPDATE_GOLDEN=1 if this is right");
    }
    assert_eq!(text, committed, "run with UPDATE_GOLDEN=1 if this is right");
    assert!(!committed.contains(" differs: "), "these fields must be explicit in their tables");
}

async fn stored<K: Resource>(bed: &Bed, found: &Mutex<Found>) -> Result<(), String> {
    ask::<K>(bed, found, Fixture::read).await
}

async fn stored_with_status<K: Resource>(bed: &Bed, found: &Mutex<Found>) -> Result<(), String> {
    ask::<K>(bed, found, Fixture::read).await
}

async fn answered<K: Resource>(bed: &Bed, found: &Mutex<Found>) -> Result<(), String> {
    ask::<K>(bed, found, Fixture::seed).await
}

#[allow(clippy::extra_unused_type_parameters)] // The list of kinds calls each way alike.
async fn answered_otherwise<K: Resource>(_: &Bed, _: &Mutex<Found>) -> Result<(), String> {
    Ok(())
}

/// Asks about every plain field of a kind's object that was not asked about before: kinds come here in their order, so it
/// is always the same object in which a field is asked about.
async fn ask<K: Resource>(
    bed: &Bed,
    found: &Mutex<Found>,
    read: fn(&ResourceDesc) -> Result<Fixture, String>,
) -> Result<(), String> {
    // What the newest minor has no more.
    if K::RESOURCE.served.until != 0 {
        return Ok(());
    }
    let object = read(K::RESOURCE)?.named(1);
    let mut places = Vec::new();
    {
        let mut found = found.lock().map_err(|error| error.to_string())?;
        reach(K::table(), true, &mut found.types);
        let found = &mut *found;
        let mut visit = |table| {
            found.there.insert(table);
        };
        collect(&mut K::default(), &object, String::new(), &mut found.asked, &mut places, &mut visit);
    }
    let bare = bed.create_json::<K>(&object, true).await;
    for Place { pointer, table, field, zero } in places {
        let is_collection = zero.is_array() || zero.is_object();
        let (mut with, mut without) = (object.clone(), object.clone());
        for (value, zero) in [(&mut with, Some(zero)), (&mut without, None)] {
            let Some(Value::Object(parent)) = value.pointer_mut(&pointer) else { return Err(format!("no {pointer}")) };
            match zero {
                Some(zero) => drop(parent.insert(field.name().into(), zero)),
                None => drop(parent.remove(field.name())),
            }
        }
        let answers = [bed.create_json::<K>(&with, true).await, bed.create_json::<K>(&without, true).await];
        let (verdict, why) = match answers {
            [Ok(with), Ok(without)] => {
                let [with, without] = [&with, &without].map(|answer| comparable::<K>(answer));
                if with == without {
                    (Verdict::Same, String::new())
                } else {
                    (Verdict::Differs, format!("{with}\n{without}"))
                }
            }
            [Err(_), Err(_)] => (Verdict::Refused, String::new()),
            [Err(_), Ok(_)] if is_collection => (Verdict::NotEmpty, String::new()),
            [with, without] => (Verdict::Differs, format!("{:?} {:?} {bare:?}", with.err(), without.err())),
        };
        let key = (name(table), field.name().to_owned());
        let mut found = found.lock().map_err(|error| error.to_string())?;
        found.verdicts.insert(key, (verdict, format!("{pointer}: {why}")));
    }
    Ok(())
}

/// A plain field, and where in an object.
struct Place {
    pointer: String,
    table: &'static Descriptor,
    field: &'static FieldDesc,
    zero: Value,
}

/// The plain fields of an object and of those in it. Its metadata is the server's, and its status is not created.
fn collect(
    message: &mut dyn Message,
    value: &Value,
    pointer: String,
    asked: &mut BTreeSet<(usize, usize)>,
    places: &mut Vec<Place>,
    visit: &mut dyn FnMut(usize),
) {
    let table = message.descriptor();
    visit(std::ptr::from_ref(table) as usize);
    for (index, field) in table.fields.iter().enumerate() {
        if pointer.is_empty() && matches!(field.name(), "metadata" | "status") {
            continue;
        }
        if !field.optional
            && let Some(zero) = zero(message.slot(index))
            && asked.insert((std::ptr::from_ref(table) as usize, index))
        {
            places.push(Place { pointer: pointer.clone(), table, field, zero });
        }
        if let Some(value) = value.get(field.name()) {
            let pointer = format!("{pointer}/{}", escaped(field.name()));
            descend(message.slot(index), value, &pointer, asked, places, visit);
        }
    }
}

/// The types that an object may have in it, its metadata and status aside.
fn reach(table: &'static Descriptor, is_top: bool, types: &mut BTreeMap<usize, String>) {
    if types.contains_key(&(std::ptr::from_ref(table) as usize)) {
        return;
    }
    types.insert(std::ptr::from_ref(table) as usize, name(table));
    for field in table.fields.iter().filter(|field| !is_top || !matches!(field.name(), "metadata" | "status")) {
        if let Some(inner) = field.message {
            reach(inner(), false, types);
        }
    }
}

/// The same for what stands in a field; the places are those of a message that is filled on the way.
fn descend(
    slot: Slot<'_>,
    value: &Value,
    pointer: &str,
    asked: &mut BTreeSet<(usize, usize)>,
    places: &mut Vec<Place>,
    visit: &mut dyn FnMut(usize),
) {
    match (slot, value) {
        (Slot::Message(inner), Value::Object(_)) => collect(inner, value, pointer.to_owned(), asked, places, visit),
        (Slot::Option(place), _) => descend(place.get_or_insert(), value, pointer, asked, places, visit),
        (Slot::List(list), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                descend(list.push(), item, &format!("{pointer}/{index}"), asked, places, visit);
            }
        }
        (Slot::Map(map), Value::Object(entries)) => {
            for (key, item) in entries {
                descend(
                    map.insert(key.as_str().into()),
                    item,
                    &format!("{pointer}/{}", escaped(key)),
                    asked,
                    places,
                    visit,
                );
            }
        }
        _ => {}
    }
}

/// A type's path.
fn name(table: &'static Descriptor) -> String {
    static NAMES: LazyLock<BTreeMap<usize, String>> = LazyLock::new(|| {
        let tables = REGISTRY.types().iter().map(|known| ((known.new)().descriptor(), known.path));
        tables.map(|(table, path)| (std::ptr::from_ref(table) as usize, path.replace(' ', ""))).collect()
    });
    let known = NAMES.get(&(std::ptr::from_ref(table) as usize));
    known.cloned().unwrap_or_else(|| format!("meta::v1::{}", table.name))
}

/// The zero of a place, as JSON. Raw JSON has none, but for null.
fn zero(slot: Slot<'_>) -> Option<Value> {
    Some(match slot {
        Slot::Bool(_) => json!(false),
        Slot::I32(_) | Slot::I64(_) | Slot::F64(_) | Slot::IntOrString(_) => json!(0),
        Slot::Str(_) | Slot::Enum(_) | Slot::Bytes(_) => json!(""),
        Slot::Quantity(_) => json!("0"),
        Slot::Time(_) | Slot::MicroTime(_) => Value::Null,
        Slot::Message(_) | Slot::Map(_) | Slot::StrMap(_) => json!({}),
        Slot::List(_) | Slot::StrList(_) => json!([]),
        _ => return None,
    })
}

/// An answer without what differs between two of the same content.
fn comparable<K: Resource>(answer: &Value) -> String {
    match json::from_str::<K>(&answer.to_string()) {
        Ok(object) => server::without_identity(&object),
        Err(error) => error.to_string(),
    }
}
