//! Lists after the first one.

use std::sync::Arc;

use super::{Bed, key, object, of_uid, polled};

#[test]
fn a_relist_emits_exactly_what_changed_and_what_was_deleted() {
    let bed = Bed::with(&[object("a", 1), object("b", 2), object("c", 3)]);
    let mut subscription = bed.store.subscribe();
    polled(&mut subscription);
    bed.restarted();
    bed.list(&[object("a", 1), object("b", 22), object("d", 23)], "30");
    assert_eq!(polled(&mut subscription), ["modified b@2 to b@22", "added d@23", "deleted c@3"]);
    assert_eq!(bed.names(), ["a@1", "b@22", "d@23"]);
    assert_eq!(bed.store.resource_version().as_deref(), Some("30"));
}

#[test]
fn an_object_that_a_relist_returns_unchanged_stays_the_same_one() {
    let bed = Bed::with(&[object("a", 1), of_uid("b", "first", 1)]);
    let (a, b) = (bed.store.get(&key("a")).expect("a"), bed.store.get(&key("b")).expect("b"));
    bed.restarted();
    bed.list(&[object("a", 1), of_uid("b", "second", 1)], "30");
    assert!(Arc::ptr_eq(&a, &bed.store.get(&key("a")).expect("a")));
    // The same version of another object is another one.
    assert!(!Arc::ptr_eq(&b, &bed.store.get(&key("b")).expect("b")));
}

#[test]
fn an_object_without_a_version_is_replaced_by_a_relist() {
    let unversioned = |label: &str| {
        let mut object = object("a", 1);
        object.metadata.resource_version = None;
        object.metadata.labels.insert("label", label);
        object
    };
    let bed = Bed::with(&[unversioned("old")]);
    bed.restarted();
    bed.list(&[unversioned("new")], "30");
    assert_eq!(bed.store.get(&key("a")).expect("a").metadata.labels["label"], "new");
}

#[test]
fn the_store_stays_readable_and_synced_during_a_relist() {
    let bed = Bed::with(&[object("a", 1), object("b", 2)]);
    bed.restarted();
    assert!(bed.store.is_synced());
    assert_eq!(bed.names(), ["a@1", "b@2"]);
    bed.initial(&object("a", 21));
    assert_eq!(bed.names(), ["a@21", "b@2"]);
    // Nothing is known yet of what changed up to 21.
    assert_eq!(bed.store.resource_version().as_deref(), Some("10"));
    bed.synced("30");
    assert_eq!(bed.names(), ["a@21"]);
}

#[test]
fn changes_within_a_list_count_as_listed() {
    let bed = Bed::with(&[object("a", 1), object("b", 2), object("c", 3)]);
    bed.restarted();
    bed.initial(&object("a", 1));
    bed.applied(&object("b", 21));
    bed.applied(&object("d", 22));
    bed.deleted(&object("a", 23));
    bed.synced("30");
    assert_eq!(bed.names(), ["b@21", "d@22"]);
}

#[test]
fn a_list_that_was_not_completed_deletes_nothing_and_the_next_one_does() {
    let bed = Bed::with(&[object("a", 1), object("b", 2)]);
    let mut subscription = bed.store.subscribe();
    polled(&mut subscription);
    bed.restarted();
    bed.initial(&object("a", 1));
    bed.initial(&object("c", 21));
    bed.restarted();
    bed.list(&[object("b", 2)], "40");
    assert_eq!(polled(&mut subscription), ["deleted a@1"], "c came and went between two polls");
    assert_eq!(bed.names(), ["b@2"]);
}

#[test]
fn a_server_that_was_restored_to_an_earlier_state_takes_the_store_back() {
    let bed = Bed::with(&[object("a", 100)]);
    bed.bookmark("200");
    bed.restarted();
    bed.list(&[object("a", 50)], "60");
    assert_eq!(bed.names(), ["a@50"]);
    assert_eq!(bed.store.resource_version().as_deref(), Some("60"));
}

#[test]
fn an_incomplete_first_list_leaves_no_object_behind() {
    let bed = Bed::new();
    bed.initial(&object("a", 1));
    bed.restarted();
    assert!(!bed.store.is_synced());
    bed.list(&[object("b", 2)], "10");
    assert_eq!(bed.names(), ["b@2"]);
}
