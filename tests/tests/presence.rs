//! Zero, null and absent in custom resources, on a real server: what is set is stored, what isn't is the server's to
//! default, and what was read is written back. kubectl's result on the same manifest is the measure.
//!
//! The client of the CRDs in `tests/crds/presence` is committed beside this file; the first test compares it with what is
//! generated from the server's documents.
#![allow(missing_docs)]

#[path = "presence/bed.rs"]
mod bed;
#[rustfmt::skip]
#[path = "presence/kube/mod.rs"]
#[allow(unreachable_pub)]
mod kube;

use std::path::Path;

use bed::{Bed, UPDATE, block_on};
use kube::f27_example_com::v1::{Zeros, ZerosSpec};
use kube::harbour_example::v1::berths::{BerthCleat, BerthFlag, BerthLamp, BerthRudder, BerthSlot};
use kube::harbour_example::v1::{Beacon, BeaconSpec, Berth, BerthSpec, BerthStatus, Buoy, Ferry, FerrySpec, Logbook};
use kube::prelude::*;
use kubewright_codegen::write;
use kubewright_runtime::{DateTime, extract, yaml};
use serde_json::json;

#[test]
fn the_committed_client_is_what_is_generated_from_the_server() {
    let Some(bed) = Bed::get() else { return };
    let tree = bed::generated(&bed.documents);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/presence/kube");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write::write(&tree, &folder, &[""]).expect("written");
    }
    write::check(&tree, &folder, &[""], UPDATE).unwrap_or_else(|error| panic!("{error}"));
}

/// Case 01.
#[test]
fn a_field_that_is_required_with_a_default_gets_the_default_unless_it_is_set() {
    let Some(bed) = Bed::get() else { return };
    let manifest = "apiVersion: harbour.example/v1\nkind: Ferry\nmetadata: {name: NAME}\nspec: {route: island}\n";
    let right = json!({"mode": "Rolling", "replicas": 3, "route": "island"});
    assert_eq!(bed.kubectl_create::<Ferry>(manifest, "kubectl-north").expect("created"), right);
    block_on(async {
        let ferries = bed.api::<Ferry>();
        let mut north = Ferry { metadata: ObjectMeta::named("north"), ..Default::default() };
        north.spec = Some(Box::new(FerrySpec { route: "island".into(), ..Default::default() }));
        ferries.create(&north).await.expect("created");
        assert_eq!(bed.spec::<Ferry>("north").await, right);

        let read: Ferry = yaml::from_str(&manifest.replace("NAME", "read")).expect("a manifest");
        ferries.create(&read).await.expect("created");
        assert_eq!(bed.spec::<Ferry>("read").await, right);

        let applied: Ferry = yaml::from_str(&manifest.replace("NAME", "applied")).expect("a manifest");
        ferries.apply(&applied, "m").await.expect("applied");
        assert_eq!(bed.spec::<Ferry>("applied").await, right);

        north.metadata.name = Some("zero".into());
        north.spec.as_mut().expect("a spec").replicas = Some(0);
        ferries.create(&north).await.expect("created");
        assert_eq!(bed.spec::<Ferry>("zero").await["replicas"], 0, "what is set is stored");
    });
}

/// Case 18.
#[test]
fn a_required_zero_is_applied_and_owned() {
    let Some(bed) = Bed::get() else { return };
    let manifest = "apiVersion: harbour.example/v1\nkind: Beacon\nmetadata: {name: NAME}\n\
                    spec: {lit: false, dimmed: false, port: 0}\n";
    let right = bed.kubectl_apply::<Beacon>(manifest, "kubectl-west").expect("applied");
    assert_eq!(right.spec, json!({"lit": false, "dimmed": false, "port": 0}));
    block_on(async {
        let beacons = bed.api::<Beacon>();
        let mut west = Beacon { metadata: ObjectMeta::named("west"), ..Default::default() };
        let spec = BeaconSpec { lit: Some(false), dimmed: Some(false), ..Default::default() };
        west.spec = Some(Box::new(spec));
        beacons.apply(&west, "m").await.expect("applied");
        assert_eq!(bed.owned::<Beacon>("west").await, right);

        let read: Beacon = yaml::from_str(&manifest.replace("NAME", "read")).expect("a manifest");
        beacons.apply(&read, "m").await.expect("applied");
        assert_eq!(bed.owned::<Beacon>("read").await, right);

        // From true to false the field stays the manager's, and is not the default again.
        west.spec.as_mut().expect("a spec").lit = Some(true);
        west.spec.as_mut().expect("a spec").port = 1;
        beacons.apply(&west, "m").await.expect("applied");
        west.spec.as_mut().expect("a spec").lit = Some(false);
        west.spec.as_mut().expect("a spec").port = 0;
        beacons.apply(&west, "m").await.expect("applied");
        assert_eq!(bed.owned::<Beacon>("west").await, right);
    });
}

#[test]
fn a_partial_apply_leaves_required_zeros_to_other_managers() {
    let Some(bed) = Bed::get() else { return };
    block_on(async {
        let beacons = bed.api::<Beacon>();
        let mut whole = Beacon { metadata: ObjectMeta::named("shared"), ..Default::default() };
        whole.spec = Some(Box::new(BeaconSpec { port: 7, lit: Some(true), ..Default::default() }));
        beacons.apply(&whole, "owner").await.expect("applied");
        let mut part = Beacon { metadata: ObjectMeta::named("shared"), ..Default::default() };
        part.spec = Some(Box::new(BeaconSpec { dimmed: Some(false), ..Default::default() }));
        let conflict = beacons.apply(&part, "dimmer").await.expect_err("the port 0 is applied too");
        assert!(conflict.is_conflict() && conflict.to_string().contains("port"), "{conflict}");
        beacons.apply(&part, "dimmer").partial().await.expect("applied");
        let owned = bed.owned_by::<Beacon>("shared", "dimmer", "").await;
        assert_eq!(owned.spec, json!({"port": 7, "lit": true, "dimmed": false}));
        assert_eq!(owned.fields, json!({"f:dimmed": {}}));

        // The keys of a list's item are what it is told by, and go along even if they are zero.
        let berths = bed.api::<Berth>();
        let mut berth = full_berth("slots");
        berth.spec.slots = vec![BerthSlot { number: 0, lit: true, ..Default::default() }];
        berths.apply(&berth, "owner").await.expect("applied");
        let mut part = Berth { metadata: ObjectMeta::named("slots"), ..Default::default() };
        part.spec.slots = vec![BerthSlot { dry: Some(false), ..Default::default() }];
        berths.apply(&part, "drier").partial().await.expect("applied");
        let owned = bed.owned_by::<Berth>("slots", "drier", "").await;
        assert_eq!(owned.fields, json!({"f:slots": {r#"k:{"number":0}"#: {".": {}, "f:number": {}, "f:dry": {}}}}));
        assert_eq!(owned.spec["slots"], json!([{"number": 0, "lit": true, "dry": false}]));
    });
}

#[test]
fn a_partial_apply_sends_required_zeros_inside_what_is_owned_as_a_whole() {
    let Some(bed) = Bed::get() else { return };
    block_on(async {
        let berths = bed.api::<Berth>();
        berths.apply(&full_berth("atomic"), "owner").await.expect("applied");
        let mut part = Berth { metadata: ObjectMeta::named("atomic"), ..Default::default() };
        let name = || Some("n".into());
        part.spec.lamps = Some(vec![BerthLamp { name: name(), ..Default::default() }]);
        part.spec.rudder = Some(Box::new(BerthRudder { name: name(), ..Default::default() }));
        let row = vec![BerthLamp { name: name(), ..Default::default() }];
        part.spec.rows = Some([("a", row)].into_iter().collect());
        part.spec.cleats = Some(vec![BerthCleat { name: name(), ..Default::default() }]);
        let flag = BerthFlag { name: name(), ..Default::default() };
        part.spec.flags = Some([("a", flag)].into_iter().collect());
        berths.apply(&part, "part").partial().await.expect("applied");
        let owned = bed.owned_by::<Berth>("atomic", "part", "").await;
        let cleat = r#"k:{"number":0}"#;
        let right = json!({
            "f:lamps": {}, "f:rudder": {}, "f:rows": {"f:a": {}}, "f:cleats": {cleat: {}}, "f:flags": {"f:a": {}},
        });
        assert_eq!(owned.fields, right);
        for (field, right) in [
            ("lamps", json!([{"watts": 0, "lit": false, "name": "n"}])),
            ("rudder", json!({"angle": 0, "name": "n"})),
            ("rows", json!({"a": [{"watts": 0, "lit": false, "name": "n"}]})),
            ("cleats", json!([{"number": 0, "lit": false, "name": "n"}])),
            ("flags", json!({"a": {"height": 0, "name": "n"}})),
        ] {
            assert_eq!(owned.spec[field], right, "{field}");
        }
        // What is extracted of it is applied again as it was.
        let last = berths.get("atomic").await.expect("there");
        let own = extract(&last, "part").expect("extracted");
        berths.apply(&own, "part").await.expect("applied");
        assert_eq!(bed.owned_by::<Berth>("atomic", "part", "").await, owned);
    });
}

/// Case 20, 27.
#[test]
fn a_zero_beside_the_default_of_another_zero_stays() {
    let Some(bed) = Bed::get() else { return };
    let manifests = [
        "{a: 0, b: '', q: '0', e: A, num: 0, r: {}, l: [], o: {}}",
        "{a: '', b: 0, q: 0, e: '', num: 0, r: {x: 0}, l: [''], o: {x: 0, 'y': true}}",
        "{a: 0, b: '0', q: '0', o: {'y': false}}",
        "{}",
    ];
    let start = "apiVersion: f27.example.com/v1\nkind: Zeros\nmetadata: {name: NAME}\nspec: ";
    for (index, spec) in manifests.iter().enumerate() {
        as_kubectl::<Zeros>(bed, &format!("{start}{spec}\n"), index);
    }
    block_on(async {
        let mut made = Zeros { metadata: ObjectMeta::named("made"), ..Default::default() };
        made.spec = Some(Box::new(ZerosSpec { a: Some(0.into()), num: Some(0.0.into()), ..Default::default() }));
        bed.api::<Zeros>().create(&made).await.expect("created");
        let spec = bed.spec::<Zeros>("made").await;
        assert_eq!(
            (&spec["a"], &spec["num"], &spec["b"], &spec["o"]["x"]),
            (&json!(0), &json!(0), &json!(0), &json!(5))
        );
    });
}

#[test]
fn every_sort_of_field_is_stored_as_kubectl_stores_it() {
    let Some(bed) = Bed::get() else { return };
    let manifests = [
        // Zeros everywhere.
        "{open: false, count: 0, total: 0, share: 0, note: '', mode: '', limit: 0, load: '0', tags: [], labels: {}, \
          hull: {depth: 0}, maybe: '', slots: [{number: 0, lit: false}], level: 0, tier: '', calm: false, extra: 0, \
          words: [], grade: '', ready: false, ratio: 0, port: 0, hint: '', bare: '', more: {x: 0, wet: false}}",
        // Nothing but what is required.
        "{open: true, count: 1, total: 2, share: 0.5, note: words, mode: A, limit: 80%, load: 1500m, tags: [a], \
          labels: {a: b}, hull: {depth: 3, tall: false}, maybe: m, slots: []}",
        // Nulls, where they are values.
        "{open: false, count: 0, total: 0, share: 0, note: '', mode: '', limit: '', load: 0, tags: [''], labels: {a: ''}, \
          hull: {depth: 0, tall: true}, maybe: null, slots: [{number: 1, lit: true}], \
          hint: null, bare: null}",
        // Something that is required is missing, or null: refused.
        "{open: false}",
        "{open: null, count: 0, total: 0, share: 0, note: '', mode: '', limit: 0, load: '0', tags: [], labels: {}, \
          hull: {depth: 0}, maybe: '', slots: []}",
        "{open: false, count: 0, total: 0, share: 0, note: '', mode: '', limit: 0, load: '0', tags: [], labels: {}, \
          hull: {}, maybe: '', slots: []}",
        "{open: false, count: 0, total: 0, share: 0, note: '', mode: '', limit: 0, load: '0', tags: [], labels: {}, \
          hull: {depth: 0}, maybe: '', slots: [{number: 0}]}",
    ];
    let start = "apiVersion: harbour.example/v1\nkind: Berth\nmetadata: {name: NAME}\nspec: ";
    let stored = manifests.iter().enumerate();
    let stored = stored.filter(|(index, spec)| as_kubectl::<Berth>(bed, &format!("{start}{spec}\n"), *index));
    assert_eq!(stored.count(), 3, "the others are refused to both");
    // Nulls where they are no values: the default, or nothing.
    let nulls = manifests[1].replace(
        "slots: []",
        "slots: [{number: 1, lit: true, dry: null}], level: null, tier: null, extra: null, more: null",
    );
    let nulls = format!("{start}{nulls}\n");
    let right = bed.kubectl_create::<Berth>(&nulls, "kubectl-nulls").expect("created");
    let read: Berth = yaml::from_str(&nulls.replace("NAME", "nulls")).expect("a manifest");
    block_on(async { bed.api::<Berth>().create(&read).await }).expect("created");
    assert_eq!(block_on(bed.spec::<Berth>("nulls")), right);
    block_on(async {
        let zeros = Berth { metadata: ObjectMeta::named("made"), ..Default::default() };
        bed.api::<Berth>().create(&zeros).await.expect("created");
        let spec = bed.spec::<Berth>("made").await;
        let right = json!({
            "open": false, "count": 0, "total": 0, "share": 0, "note": "", "mode": "", "limit": 0, "load": "0", "tags": [],
            "labels": {}, "hull": {"depth": 0}, "maybe": null, "slots": [],
            "level": 0, "tier": "gold", "calm": true,
            "grade": "", "ready": false, "ratio": 0, "port": 0, "hint": "x", "more": {"x": 5, "wet": false},
        });
        assert_eq!(spec, right, "what is required is sent, and what has a default is not");
    });
}

#[test]
fn a_status_is_applied_with_its_zeros() {
    let Some(bed) = Bed::get() else { return };
    block_on(async {
        let berths = bed.client.harbour_example_v1().berths("default");
        let berth = full_berth("status");
        berths.create(&berth).await.expect("created");
        let mut status = Berth { metadata: ObjectMeta::named("status"), ..Default::default() };
        status.status = Some(Box::new(BerthStatus { phase: "Idle".into(), ..Default::default() }));
        berths.apply_status(&status, "s").await.expect("applied");
        let owned = bed.owned_by::<Berth>("status", "s", "status").await;
        assert_eq!(owned.status, json!({"ready": 0, "phase": "Idle"}));
        assert_eq!(owned.status_fields, json!({"f:phase": {}, "f:ready": {}}));
        let mut part = status.clone();
        part.status = Some(Box::new(BerthStatus { since: Some("noon".into()), ..Default::default() }));
        berths.apply_status(&part, "t").partial().await.expect("applied");
        let owned = bed.owned_by::<Berth>("status", "t", "status").await;
        assert_eq!(owned.status_fields, json!({"f:since": {}}));
        assert_eq!(owned.status, json!({"ready": 0, "phase": "Idle", "since": "noon"}));
    });
}

#[test]
fn what_was_absent_when_it_was_read_stays_absent() {
    let Some(bed) = Bed::get() else { return };
    let _alone = bed.buoys();
    block_on(async {
        let buoys = bed.api::<Buoy>();
        for name in ["bare", "half", "zero", "specless"] {
            let before = bed.raw::<Buoy>(name).await;
            let read = buoys.get(name).await.expect("there");
            let answer = buoys.replace(&read).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let after = bed.raw::<Buoy>(name).await;
            assert_eq!((&after["spec"], &after["status"]), (&before["spec"], &before["status"]), "{name}");
            assert_eq!((answer.spec, answer.status), (read.spec.clone(), read.status.clone()), "{name}");
            // The same through YAML, and through a copy.
            let read = buoys.get(name).await.expect("there");
            let again: Buoy = yaml::from_str(&yaml::to_string(&read).expect("YAML")).expect("a manifest");
            buoys.replace(&again.clone()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(bed.raw::<Buoy>(name).await["spec"], before["spec"], "{name}");
        }
        // What is put into it is written, and nothing else: of a spec that changes the server wants all that is required.
        let mut half = buoys.get("half").await.expect("there");
        half.spec.get_or_insert_default().depth = 5;
        let refused = buoys.replace(&half).await.expect_err("the rest is missing").to_string();
        assert!(refused.contains("spec.lit") && refused.contains("spec.maybe"), "{refused}");
        assert!(!refused.contains("spec.depth") && !refused.contains("spec.anchor"), "{refused}");
        // A zero is written once it is said to be one.
        let flag = bed.spec::<Buoy>("half").await["flag"].take();
        let modified = buoys.modify("half", |half| {
            let spec = half.spec.get_or_insert_default();
            (spec.depth, spec.note) = (5, "words".into());
            for name in ["lit", "marks", "maybe"] {
                assert!(spec.unknown_fields.mark_present(name), "{name}");
            }
        });
        let text = format!("{:?}", modified.await.expect("modified"));
        assert!(text.contains("weight: absent") && !text.contains("lit: absent"), "{text}");
        let right = json!({
            "anchor": {"chain": "c"}, "depth": 5, "depths": [{}, {"low": 0}], "flag": flag, "lit": false, "marks": [],
            "maybe": null, "note": "words",
        });
        assert_eq!(bed.spec::<Buoy>("half").await, right);
        let manifest = "metadata: {name: n}\nspec: {flag: false}\n";
        let read: Buoy = yaml::from_str(manifest).expect("a manifest");
        let refused = buoys.apply(&read, "m").await.expect_err("what is required is missing");
        assert!(refused.is_invalid() && refused.to_string().contains("spec.depth"), "{refused}");
    });
}

#[test]
fn a_zero_that_equals_its_default_is_kept_when_the_default_changes() {
    let Some(bed) = Bed::get() else { return };
    let _alone = bed.buoys();
    block_on(async {
        let buoys = bed.api::<Buoy>();
        let mut buoy = buoys.get("zero").await.expect("there");
        buoy.metadata = ObjectMeta::named("default");
        buoys.create(&buoy).await.expect("created");
        let mut read = buoys.get("default").await.expect("there");
        assert_eq!(read.spec.as_ref().expect("a spec").flag, Some(false));
        read.metadata.labels.insert("a", "b");
        buoys.replace(&read).await.expect("replaced");
        bed.change_default_of_flag().await;
        assert_eq!(buoys.get("default").await.expect("there").spec.expect("a spec").flag, Some(false));
    });
}

#[test]
fn what_a_manager_owns_is_extracted_with_its_zeros_and_applied_again_as_it_was() {
    let Some(bed) = Bed::get() else { return };
    block_on(async {
        let berths = bed.api::<Berth>();
        let mut whole = full_berth("extracted");
        whole.spec.slots = vec![BerthSlot::default(), BerthSlot { number: 1, ..Default::default() }];
        berths.apply(&whole, "owner").await.expect("applied");
        let mut part = Berth { metadata: ObjectMeta::named("extracted"), ..Default::default() };
        part.spec.slots = vec![BerthSlot { number: 1, dry: Some(false), ..Default::default() }];
        part.spec.ready = Some(false);
        let last = berths.apply(&part, "part").partial().await.expect("applied");
        for manager in ["owner", "part"] {
            let before = bed.owned_by::<Berth>("extracted", manager, "").await;
            let own = extract(&last, manager).expect("extracted");
            let after = berths.apply(&own, manager).await.unwrap_or_else(|error| panic!("{manager}: {error}"));
            assert_eq!(bed.owned_by::<Berth>("extracted", manager, "").await, before, "{manager}");
            assert_eq!(extract(&after, manager).expect("extracted"), own, "{manager}");
        }
        // What is set in it is all that comes to it: not the zeros beside it.
        whole.spec.hull.depth = 5;
        let last = berths.apply(&whole, "owner").await.expect("applied");
        let mut own = extract(&last, "part").expect("extracted");
        own.spec.hull.tall = Some(true);
        berths.apply(&own, "part").await.expect("the depth is not applied");
        let owned = bed.owned_by::<Berth>("extracted", "part", "").await;
        assert_eq!(
            (&owned.fields["f:hull"], &owned.spec["hull"]),
            (&json!({"f:tall": {}}), &json!({"depth": 5, "tall": true}))
        );
        // Nobody's own is nothing.
        let own = extract(&last, "nobody").expect("extracted");
        let refused = berths.apply(&own, "nobody").await;
        assert!(refused.is_ok(), "{refused:?}");
        let managers = &bed.raw::<Berth>("extracted").await["metadata"]["managedFields"];
        assert!(!managers.to_string().contains("nobody"), "{managers}");
    });
}

/// Case 20.
#[test]
fn numbers_times_and_base64_come_back_letter_by_letter() {
    let Some(bed) = Bed::get() else { return };
    let spec = json!({
        "captain": "",
        "depth": 9_007_199_254_740_993_i64,
        "depths": [9_007_199_254_740_993_i64, i64::MIN, 1.5, 0],
        "byName": {"a": 9_007_199_254_740_993_i64},
        "since": "2024-01-01T00:00:00.1234567890123Z",
        "times": ["2024-01-01t00:00:00z", "2024-01-01T00:00:00-00:00"],
        "key": "YR==",
        "keys": {"a": "YWL="},
    });
    let manifest =
        json!({"apiVersion": "harbour.example/v1", "kind": "Logbook", "metadata": {"name": "NAME"}, "spec": spec});
    let manifest = manifest.to_string();
    assert_eq!(bed.kubectl_create::<Logbook>(&manifest, "letters").expect("created"), spec);
    block_on(async {
        let logbooks = bed.api::<Logbook>();
        let before = bed.spec_text::<Logbook>("letters").await;
        let read = logbooks.get("letters").await.expect("there");
        let listed = logbooks.list().await.expect("a list");
        let listed = listed.items.iter().find(|item| item.metadata.name == read.metadata.name).expect("listed");
        let text = yaml::to_string(&read).expect("YAML");
        for again in [&read, &read.clone(), listed, &yaml::from_str(&text).expect("a manifest")] {
            logbooks.replace(again).await.expect("replaced");
            assert_eq!(bed.spec_text::<Logbook>("letters").await, before);
        }
        let mut created: Logbook = yaml::from_str(&manifest.replace("NAME", "ours")).expect("a manifest");
        logbooks.create(&created).await.expect("created");
        created.metadata.name = Some("applied".into());
        logbooks.apply(&created, "m").await.expect("applied");
        for name in ["ours", "applied"] {
            assert_eq!(bed.spec_text::<Logbook>(name).await, before, "{name}");
        }
        let spec = read.spec.expect("a spec");
        assert_eq!(spec.depth.expect("a depth").as_i64(), Some(9_007_199_254_740_993));
        assert_eq!(spec.key.expect("a key").decode().as_deref(), Ok(&b"a"[..]));
        assert_eq!(spec.since.expect("a time").time().expect("an instant").subsec_nanos(), 123_456_789);
    });
}

#[test]
fn what_was_stored_under_another_schema_costs_neither_its_object_nor_the_list() {
    let Some(bed) = Bed::get() else { return };
    let manifest = r#"{"apiVersion": "harbour.example/v0", "kind": "Logbook", "metadata": {"name": "NAME"}, "spec": {
        "captain": {"name": "Ada"}, "depth": "deep", "depths": "none", "byName": [1], "since": 1700000000,
        "times": [1, null], "key": true, "keys": ["a"], "crew": "all", "entries": [{"mile": "far", "note": "n"}]}}"#;
    bed.kubectl_create::<Logbook>(manifest, "earlier").expect("created");
    block_on(async {
        let logbooks = bed.api::<Logbook>();
        let before = bed.spec_text::<Logbook>("earlier").await;
        let list = logbooks.list().await.expect("a list");
        let listed = list.items.iter().find(|item| item.metadata.name.as_deref() == Some("earlier")).expect("listed");
        let mut read = logbooks.get("earlier").await.expect("there");
        assert_eq!(listed.spec, read.spec);
        for again in [listed, &read] {
            logbooks.replace(again).await.expect("an unchanged object is taken");
            assert_eq!(bed.spec_text::<Logbook>("earlier").await, before);
        }
        // What is set takes its place, and the rest stays.
        read = logbooks.get("earlier").await.expect("there");
        let spec = read.spec.as_mut().expect("a spec");
        spec.depth = Some(0.into());
        spec.since = Some(DateTime::new("2026-11-22T10:00:00Z"));
        assert_eq!(spec.entries.as_ref().expect("entries")[0].note.as_deref(), Some("n"));
        logbooks.replace(&read).await.expect("replaced");
        let (mut right, after): (serde_json::Value, _) =
            (serde_json::from_str(&before).expect("JSON"), bed.spec::<Logbook>("earlier").await);
        right["depth"] = json!(0);
        right["since"] = json!("2026-11-22T10:00:00Z");
        assert_eq!(after, right);
    });
}

/// A berth with values in what is required.
fn full_berth(name: &str) -> Berth {
    let spec = BerthSpec { count: 1, mode: "A".into(), limit: "80%".into(), ..Default::default() };
    Berth { metadata: ObjectMeta::named(name), spec, ..Default::default() }
}

/// Whether the manifest is taken, by kubectl and by us alike, with the same result: created, read and replaced, and applied.
fn as_kubectl<K: bed::Custom>(bed: &Bed, manifest: &str, index: usize) -> bool {
    let name = |what: &str| format!("{what}-{index}");
    let created = bed.kubectl_create::<K>(manifest, &name("kubectl-create"));
    let applied = bed.kubectl_apply::<K>(manifest, &name("kubectl-apply"));
    block_on(async {
        let api = bed.api::<K>();
        let read = |what: &str| -> K { yaml::from_str(&manifest.replace("NAME", &name(what))).expect("a manifest") };
        let ours = api.create(&read("create")).await;
        assert_eq!(ours.is_ok(), created.is_ok(), "{manifest}: {created:?}");
        if let (Ok(ours), Ok(right)) = (ours, &created) {
            assert_eq!(&bed.spec::<K>(&name("create")).await, right, "created: {manifest}");
            api.replace(&ours).await.expect("replaced");
            assert_eq!(&bed.spec::<K>(&name("create")).await, right, "replaced: {manifest}");
            // A manifest that replaces all that is there.
            let mut other = read("create");
            other.metadata_mut().resource_version =
                api.get(&name("create")).await.expect("there").metadata().resource_version.clone();
            api.replace(&other).await.expect("replaced");
            assert_eq!(&bed.spec::<K>(&name("create")).await, right, "replaced by the manifest: {manifest}");
        }
        let ours = api.apply(&read("apply"), "m").await;
        assert_eq!(ours.is_ok(), applied.is_ok(), "{manifest}: {applied:?}");
        if let Ok(right) = &applied {
            assert_eq!(&bed.owned::<K>(&name("apply")).await, right, "applied: {manifest}");
        }
        created.is_ok()
    })
}
