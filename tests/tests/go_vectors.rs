//! What Go's own encoders write of random objects of every kind: both forms are the same object here, and what is
//! written from it is that object to Go.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use kubewright::json;
use kubewright::message::Message;
use kubewright::registry::REGISTRY;
use kubewright::runtime::{protobuf, reflect};
use kubewright_codegen::{merged, model::Gvk, spec::load};
use kubewright_testbed::{Minor, build_protovectors, minor, minors, or_skip};

/// How many objects of each kind; they take turns to be full, sparse, empty or in between.
const OF_EACH: usize = 8;

/// Kinds that Go's scheme has in no group, or that never travel by themselves.
const NOT_IN_GO: &[&str] = &["meta.k8s.io/v1/PartialObjectMetadata"];

/// Every type that is an object or a list by itself, by what it is called on the wire.
fn kinds() -> BTreeMap<String, fn() -> Box<dyn Message>> {
    let mut kinds = BTreeMap::new();
    for known in REGISTRY.types() {
        let table = (known.new)().descriptor();
        let items = table.fields.iter().find(|field| field.items_are_objects).and_then(|field| field.message);
        let (gvk, list) = match items {
            Some(items) => (items().gvk, "List"),
            None => (table.gvk, ""),
        };
        if let Some(gvk) = gvk {
            kinds.insert(format!("{}/{}/{}{list}", gvk.group, gvk.version, gvk.kind), known.new);
        }
    }
    kinds
}

/// What older pinned minors serve and the newest does not: objects, and lists of them.
fn removed() -> BTreeSet<String> {
    let spec = |minor: &Minor| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../spec/v{}", minor.name));
    let pinned: Vec<_> = minors().iter().rev().map(|minor| load(&spec(minor)).expect("a spec")).collect();
    let (model, _) = merged(&pinned).expect("a model");
    let mut kinds = BTreeSet::new();
    for version in model.versions.values() {
        for resource in version.resources.values() {
            if resource.availability.within(version.availability).until.is_some() {
                let Gvk { group, version, kind } = &resource.kind;
                kinds.extend(["", "List"].map(|list| format!("{group}/{version}/{kind}{list}")));
            }
        }
    }
    kinds
}

fn frame<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (frame, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *bytes = rest;
    Some(frame)
}

fn put(out: &mut Vec<u8>, frame: &[u8]) {
    out.extend_from_slice(&u32::try_from(frame.len()).expect("short").to_be_bytes());
    out.extend_from_slice(frame);
}

#[test]
fn every_kind_that_go_writes_is_read_as_the_same_and_written_so_that_go_reads_it() {
    let newest = minor(None).expect("the newest minor");
    // Both are skipped where there is no Go.
    let Some(program) = or_skip(build_protovectors(newest, &mut |_| {})) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = folder.path().join("theirs");
    run(Command::new(&program).args(["-n", &OF_EACH.to_string(), "-o"]).arg(&theirs));

    let (kinds, vectors) = (kinds(), std::fs::read(&theirs).expect("vectors"));
    let (mut rest, mut seen, mut pairs) = (&vectors[..], BTreeSet::new(), 0);
    let (mut wrong, mut ours) = (BTreeMap::<&str, String>::new(), Vec::new());
    while let (Some(kind), Some(text), Some(wire)) = (frame(&mut rest), frame(&mut rest), frame(&mut rest)) {
        let kind = std::str::from_utf8(kind).expect("a kind");
        let Some(make) = kinds.get(kind) else { continue };
        seen.insert(kind);
        pairs += 1;
        if let Err(why) = check(kind, *make, text, wire, &mut ours) {
            wrong.entry(kind).or_insert(why);
        }
    }
    assert!(rest.is_empty(), "{} bytes are left", rest.len());
    eprintln!("{} kinds, {pairs} objects", seen.len());
    assert!(wrong.is_empty(), "{} kinds differ: {wrong:#?}", wrong.len());
    let removed = removed();
    let unseen: Vec<_> = kinds
        .iter()
        .filter(|(_, make)| protobuf::is_supported(make().descriptor()))
        .map(|(kind, _)| kind.as_str())
        .filter(|kind| !seen.contains(kind) && !NOT_IN_GO.contains(kind) && !removed.contains(*kind))
        .collect();
    assert!(unseen.is_empty(), "Go wrote none of {unseen:?}");

    let back = folder.path().join("ours");
    std::fs::write(&back, ours).expect("a file");
    run(Command::new(&program).arg("-check").arg(&back));
}

/// Reads a pair, and writes what was read into `ours`.
fn check(
    kind: &str,
    make: fn() -> Box<dyn Message>,
    text: &[u8],
    wire: &[u8],
    ours: &mut Vec<u8>,
) -> Result<(), String> {
    let (mut from_json, mut from_protobuf) = (make(), make());
    json::as_utf8(text)
        .and_then(|text| json::decode_into(&mut *from_json, text, &json::Options::default()))
        .map_err(|error| format!("reading JSON: {error}"))?;
    protobuf::decode_into(&mut *from_protobuf, wire, &protobuf::Options::default())
        .map_err(|error| format!("reading protobuf: {error}"))?;
    let text = json::to_vec(&*from_json).map_err(|error| format!("writing JSON: {error}"))?;
    // By meaning, not by letter: a quantity is as it was written in one, and in canonical form in the other.
    if !reflect::equal(&*from_json, &*from_protobuf)
        && !differs_by_empty_bytes(kind, make, &*from_json, &*from_protobuf)
    {
        let second = json::to_vec(&*from_protobuf).map_err(|error| format!("writing JSON: {error}"))?;
        let at = text.iter().zip(&second).take_while(|(a, b)| a == b).count();
        let near = |text: &[u8]| {
            let from = at.saturating_sub(120);
            String::from_utf8_lossy(&text[from..text.len().min(at + 120)]).into_owned()
        };
        return Err(format!("in JSON and in protobuf it differs:\n{}\n{}", near(&text), near(&second)));
    }
    let written = protobuf::to_vec(&*from_json).map_err(|error| format!("writing protobuf: {error}"))?;
    for part in [kind.as_bytes(), &text, &written] {
        put(ours, part);
    }
    Ok(())
}

/// Kinds with optional bytes that Go writes in JSON even if they are empty. In protobuf, empty ones are read as absent:
/// for other kinds that is what JSON says of them, and no document tells the two sorts apart.
const EMPTY_BYTES_IN_JSON: &[&str] =
    &["certificates.k8s.io/v1beta1/PodCertificateRequest", "certificates.k8s.io/v1beta1/PodCertificateRequestList"];

fn differs_by_empty_bytes(kind: &str, make: fn() -> Box<dyn Message>, json: &dyn Message, wire: &dyn Message) -> bool {
    let mut through_protobuf = make();
    EMPTY_BYTES_IN_JSON.contains(&kind)
        && protobuf::to_vec(json).is_ok_and(|bytes| {
            protobuf::decode_into(&mut *through_protobuf, &bytes, &protobuf::Options::default()).is_ok()
        })
        && reflect::equal(&*through_protobuf, wire)
}

fn run(command: &mut Command) {
    let output = command.output().expect("protovectors runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}
