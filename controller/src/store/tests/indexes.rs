//! Indexes by a function of the user.

use kubewright::core::v1::ConfigMap;

use super::{Bed, object, shown};
use crate::Index;

fn coloured(name: &str, version: u64, colours: &[&str]) -> ConfigMap {
    let mut object = object(name, version);
    object.data = colours.iter().map(|colour| (*colour, "")).collect();
    object
}

fn by_colour(bed: &Bed) -> Index<ConfigMap, String> {
    bed.store.index(|object: &ConfigMap| object.data.keys().map(ToString::to_string).collect::<Vec<_>>())
}

fn found(index: &Index<ConfigMap, String>, colour: &str) -> Vec<String> {
    index.get(colour).iter().map(|object| shown(&object)).collect()
}

#[test]
fn an_index_that_is_added_late_has_the_present_objects_and_follows_changes() {
    for is_packed in [false, true] {
        let bed = Bed::of(is_packed);
        let early = by_colour(&bed);
        bed.list(&[coloured("a", 1, &["red"]), coloured("b", 2, &["red", "blue"]), coloured("c", 3, &[])], "10");
        let late = by_colour(&bed);
        for index in [&early, &late] {
            assert_eq!(found(index, "red"), ["a@1", "b@2"]);
            assert_eq!(found(index, "blue"), ["b@2"]);
            assert!(found(index, "green").is_empty());
        }
        bed.applied(&coloured("a", 11, &["green"]));
        bed.applied(&coloured("b", 12, &["red", "blue"]));
        bed.deleted(&coloured("c", 13, &[]));
        bed.applied(&coloured("d", 14, &["red"]));
        for index in [&early, &late] {
            assert_eq!(found(index, "red"), ["b@12", "d@14"]);
            assert_eq!(found(index, "green"), ["a@11"]);
        }
        bed.restarted();
        bed.list(&[coloured("d", 14, &["red"])], "20");
        for index in [&early, &late] {
            assert_eq!(index.keys(), ["red"]);
            assert_eq!(found(index, "red"), ["d@14"]);
        }
    }
}

#[test]
fn the_function_of_an_index_may_read_the_store() {
    let bed = Bed::with(&[object("a", 1)]);
    let store = bed.store.clone();
    let index = bed.store.index(move |_: &ConfigMap| Some(store.len()));
    assert_eq!(index.keys(), [1]);
    bed.applied(&object("b", 11));
    assert_eq!(index.get(&1).len(), 2, "the store does not have the new object yet");
}

#[test]
fn an_index_that_nobody_holds_computes_nothing() {
    let bed = Bed::with(&[object("a", 1)]);
    let counted = std::sync::Arc::new(());
    let count = counted.clone();
    let index = bed.store.index(move |_: &ConfigMap| Some(std::sync::Arc::strong_count(&count)));
    let other = index.clone();
    drop(index);
    bed.applied(&object("b", 11));
    assert_eq!(other.get(&2).len(), 2);
    drop(other);
    bed.applied(&object("c", 12));
    assert_eq!(std::sync::Arc::strong_count(&counted), 1, "its function is dropped with it");
}
