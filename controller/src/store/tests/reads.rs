//! Reading a store.

use std::sync::Arc;

use kubewright::Error;
use kubewright::watch::WatcherEvent;

use super::{Bed, key, object, of_uid, owned, shown};
use crate::ObjectKey;

fn labelled(name: &str, labels: &[(&str, &str)]) -> kubewright::core::v1::ConfigMap {
    let mut object = object(name, 1);
    object.metadata.labels = labels.iter().copied().collect();
    object
}

#[test]
fn objects_are_found_by_key_and_by_uid() {
    let bed = Bed::with(&[of_uid("a", "3f0c9a5e-5a2c-4f5b-9f3e-0d9f4a6b7c8d", 1), of_uid("b", "odd", 2)]);
    let store = &bed.store;
    assert_eq!(store.get(&key("a")).map(|it| shown(&it)).as_deref(), Some("a@1"));
    let by_uid = |uid: &str| store.get_by_uid(uid).map(|it| shown(&it));
    assert_eq!(by_uid("3f0c9a5e-5a2c-4f5b-9f3e-0d9f4a6b7c8d").as_deref(), Some("a@1"));
    assert_eq!(by_uid("odd").as_deref(), Some("b@2"));
    assert!(store.get(&key("c")).is_none() && store.get_by_uid("even").is_none());
    assert!(store.get(&ObjectKey::cluster("a")).is_none());
    assert!(store.contains(&key("b")) && store.len() == 2);
}

#[test]
fn an_object_that_was_created_again_is_found_by_its_new_uid_alone() {
    let bed = Bed::with(&[of_uid("a", "first", 1)]);
    bed.applied(&of_uid("a", "second", 12));
    assert!(bed.store.get_by_uid("first").is_none());
    assert!(bed.store.get_by_uid("second").is_some());
    bed.deleted(&of_uid("a", "second", 13));
    assert!(bed.store.get_by_uid("second").is_none() && bed.store.is_empty());
    bed.applied(&of_uid("a", "third", 14));
    assert!(bed.store.get_by_uid("second").is_none() && bed.store.get_by_uid("third").is_some());
}

#[test]
fn reads_share_the_object_and_copy_nothing() {
    let bed = Bed::with(&[object("a", 1)]);
    let one = bed.store.get(&key("a")).expect("there");
    let all: Vec<_> = bed.store.list().into_iter().collect();
    assert!(Arc::ptr_eq(&one, &all[0]) && Arc::ptr_eq(&one, &bed.store.get_by_uid("a").expect("there")));
}

#[test]
fn a_snapshot_is_not_affected_by_later_changes() {
    let bed = Bed::with(&[object("b", 1), object("a", 2)]);
    let before = bed.store.list();
    bed.applied(&object("a", 11));
    bed.deleted(&object("b", 12));
    assert_eq!(before.iter().map(|it| shown(&it)).collect::<Vec<_>>(), ["a@2", "b@1"]);
    assert_eq!(bed.names(), ["a@11"]);
}

#[test]
fn a_list_is_of_one_namespace_or_of_all() {
    let in_namespace = |namespace: &str, name: &str| {
        let mut object = object(name, 1);
        object.metadata.namespace = Some(namespace.into());
        object
    };
    let bed =
        Bed::with(&[in_namespace("shop", "b"), in_namespace("sho", "c"), in_namespace("shops", "a"), object("a", 1)]);
    let names = |namespace: &str| -> Vec<_> {
        bed.store.list_namespace(namespace).iter().map(|object| shown(&object)).collect()
    };
    assert_eq!(names("shop"), ["a@1", "b@1"]);
    assert_eq!(names("sho"), ["c@1"]);
    assert!(names("sh").is_empty() && names("").is_empty());
    assert_eq!(bed.store.list().len(), 4);
}

#[test]
fn labels_are_selected_in_memory() {
    for is_packed in [false, true] {
        let bed = Bed::of(is_packed);
        let objects =
            [labelled("a", &[("app", "web")]), labelled("b", &[("app", "web"), ("canary", "")]), labelled("c", &[])];
        bed.list(&objects, "10");
        let names = |selector: &str| -> Vec<String> {
            let selector = selector.parse().expect("a selector");
            bed.store.list().labels(&selector).iter().map(|it| shown(&it)).collect()
        };
        assert_eq!(names("app=web"), ["a@1", "b@1"]);
        assert_eq!(names("app in (web,db),!canary"), ["a@1"]);
        assert_eq!(names("app!=web"), ["c@1"]);
        assert_eq!(names("").len(), 3);
        assert_eq!(bed.store.list().filter(|object| object.metadata.labels.is_empty()).len(), 1);
    }
}

#[test]
fn dependents_are_found_by_the_uid_of_their_owner() {
    let bed = Bed::with(&[owned("a", "x", true), owned("b", "x", false), owned("c", "y", true)]);
    let shown = |snapshot: super::super::Snapshot<_>| snapshot.iter().map(|it| shown(&it)).collect::<Vec<_>>();
    assert_eq!(shown(bed.store.owned_by("x")), ["a@1", "b@1"]);
    assert_eq!(shown(bed.store.controlled_by("x")), ["a@1"]);
    bed.applied(&owned("a", "y", true));
    bed.deleted(&owned("c", "y", true));
    assert_eq!(shown(bed.store.owned_by("x")), ["b@1"]);
    assert_eq!(shown(bed.store.owned_by("y")), ["a@1"]);
}

#[test]
fn the_state_of_the_watch_is_readable() {
    let bed = Bed::new();
    let store = &bed.store;
    assert!(store.last_event().is_none() && store.last_bookmark().is_none() && store.resource_version().is_none());
    bed.initial(&object("a", 1));
    assert!(store.last_event().is_some() && store.last_bookmark().is_none() && !store.is_synced());
    bed.synced("10");
    assert!(store.is_synced() && store.last_bookmark().is_some());
    assert_eq!(store.resource_version().as_deref(), Some("10"));
    bed.applied(&object("a", 12));
    assert_eq!(store.resource_version().as_deref(), Some("12"));
    bed.bookmark("20");
    assert_eq!(store.resource_version().as_deref(), Some("20"));

    let interrupted = || WatcherEvent::Interrupted {
        error: Some(Error::aborted("connection reset")),
        pause: std::time::Duration::from_secs(1),
    };
    bed.shared.apply(interrupted());
    assert!(store.last_error().is_some() && store.is_synced());
    bed.bookmark("21");
    assert!(store.last_error().is_none());
    bed.shared.apply(interrupted());
    bed.deleted(&object("a", 22));
    assert!(store.last_error().is_none());
    assert_eq!(store.resource_version().as_deref(), Some("22"));
}
