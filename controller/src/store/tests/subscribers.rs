//! Subscribers, quick and slow.

use super::{Bed, object, of_uid, polled};

#[test]
fn a_subscriber_begins_with_the_present_objects_and_is_synced_once() {
    let bed = Bed::with(&[object("b", 2), object("a", 1)]);
    let mut subscription = bed.store.subscribe();
    assert_eq!(polled(&mut subscription), ["initial a@1", "initial b@2", "synced"]);
    bed.restarted();
    bed.list(&[object("a", 1), object("b", 2)], "20");
    bed.applied(&object("a", 21));
    assert_eq!(polled(&mut subscription), ["modified a@1 to a@21"]);
}

#[test]
fn a_subscriber_before_the_first_list_is_synced_at_its_end() {
    let bed = Bed::new();
    let mut subscription = bed.store.subscribe();
    bed.initial(&object("a", 1));
    assert_eq!(polled(&mut subscription), ["initial a@1"]);
    bed.initial(&object("b", 2));
    bed.synced("10");
    bed.applied(&object("c", 11));
    assert_eq!(polled(&mut subscription), ["initial b@2", "synced", "added c@11"]);
}

#[test]
fn a_slow_subscriber_receives_the_newest_state_after_the_one_that_it_has() {
    let bed = Bed::with(&[object("a", 1), object("b", 2)]);
    let (mut quick, mut slow) = (bed.store.subscribe(), bed.store.subscribe());
    polled(&mut slow);
    polled(&mut quick);
    for version in 11..14 {
        bed.applied(&object("a", version));
        polled(&mut quick);
    }
    bed.applied(&object("b", 14));
    assert_eq!(polled(&mut quick), ["modified b@2 to b@14"]);
    assert_eq!(polled(&mut slow), ["modified a@1 to a@13", "modified b@2 to b@14"]);
}

#[test]
fn an_initial_object_that_changed_before_it_was_polled_is_a_live_change() {
    let bed = Bed::with(&[object("a", 1), object("b", 2)]);
    let mut subscription = bed.store.subscribe();
    bed.applied(&object("a", 11));
    assert_eq!(polled(&mut subscription), ["added a@11", "initial b@2", "synced"]);
}

#[test]
fn a_slow_subscriber_loses_no_deletion_of_what_it_received() {
    let bed = Bed::with(&[object("a", 1), object("b", 2)]);
    let mut slow = bed.store.subscribe();
    polled(&mut slow);
    bed.applied(&object("a", 11));
    bed.deleted(&object("a", 12));
    bed.restarted();
    bed.list(&[], "20");
    assert_eq!(polled(&mut slow), ["deleted a@12", "deleted b@2"]);
}

#[test]
fn an_object_that_was_deleted_and_created_again_is_both() {
    let bed = Bed::with(&[of_uid("a", "first", 1)]);
    let mut slow = bed.store.subscribe();
    polled(&mut slow);
    bed.deleted(&of_uid("a", "first", 11));
    bed.applied(&of_uid("a", "second", 12));
    bed.applied(&of_uid("a", "second", 13));
    assert_eq!(polled(&mut slow), ["deleted a@11", "added a@13"]);
    // Without an event of the deletion, as a relist reports it.
    bed.restarted();
    bed.list(&[of_uid("a", "third", 14)], "20");
    assert_eq!(polled(&mut slow), ["deleted a@13", "added a@14"]);
    // The second of these was never returned.
    bed.deleted(&of_uid("a", "third", 21));
    bed.applied(&of_uid("a", "fourth", 22));
    bed.deleted(&of_uid("a", "fourth", 23));
    assert_eq!(polled(&mut slow), ["deleted a@21"]);
}

#[test]
fn an_object_that_was_created_and_deleted_between_two_polls_is_not_reported() {
    let bed = Bed::with(&[]);
    let mut slow = bed.store.subscribe();
    polled(&mut slow);
    bed.applied(&object("a", 11));
    bed.deleted(&object("a", 12));
    bed.applied(&object("b", 13));
    assert_eq!(polled(&mut slow), ["added b@13"]);
}

#[test]
fn a_subscriber_of_a_packed_store_receives_the_same_changes() {
    let bed = super::Bed::of(true);
    let mut subscription = bed.store.subscribe();
    bed.list(&[object("a", 1)], "10");
    assert_eq!(polled(&mut subscription), ["initial a@1", "synced"]);
    bed.applied(&object("a", 11));
    assert_eq!(polled(&mut subscription), ["modified a@1 to a@11"]);
    bed.deleted(&object("a", 12));
    assert_eq!(polled(&mut subscription), ["deleted a@12"]);
}

#[test]
fn a_deletion_of_an_unknown_object_is_no_change() {
    let bed = Bed::with(&[]);
    let mut subscription = bed.store.subscribe();
    polled(&mut subscription);
    bed.deleted(&object("a", 11));
    assert!(polled(&mut subscription).is_empty());
    assert_eq!(bed.store.resource_version().as_deref(), Some("11"));
}
