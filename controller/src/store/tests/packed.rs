//! Packed stores.

use kubewright::core::v1::{ConfigMap, Pod};
use kubewright::{DynamicObject, DynamicResource, Object, RawJson, json};
use serde_json::json;

use super::super::packed::Packer;
use super::{Bed, key, object};

fn text(object: &dyn kubewright::message::Message) -> String {
    String::from_utf8(json::to_vec(object).expect("JSON")).expect("UTF-8")
}

#[test]
fn a_packed_object_is_read_as_it_was_written_at_any_size() {
    let bed = Bed::of(true);
    let mut random = fastrand::Rng::with_seed(7);
    let objects: Vec<ConfigMap> = (0..200)
        .map(|index| {
            let mut object = object(&format!("object-{index}"), index + 1);
            // Much in common, little in common, and larger than LZ4 can refer back.
            let common = "a setting that each of them has ".repeat(random.usize(0..20));
            let size = if index % 50 == 0 { 100_000 } else { random.usize(0..400) };
            let own: String = std::iter::repeat_with(|| random.alphanumeric()).take(size).collect();
            object.data = [("common", common), ("own", own)].into_iter().collect();
            object
        })
        .collect();
    bed.list(&objects, "1000");
    for object in &objects {
        let name = object.metadata.name.as_deref().expect("a name");
        let read = bed.store.get(&key(name)).expect("there");
        assert_eq!(text(&*read), text(object));
    }
    assert_eq!(bed.store.list().iter().count(), objects.len());
}

#[test]
fn what_protobuf_can_not_represent_is_kept_in_json() {
    let bed = Bed::of(true);
    let mut odd = object("odd", 1);
    odd.unknown_fields.insert("fromANewerServer", RawJson::from(json!({ "depth": 3 })));
    bed.list(&[odd.clone(), object("plain", 2)], "10");
    let read = bed.store.get(&key("odd")).expect("there");
    assert_eq!(text(&*read), text(&odd));
    assert!(text(&*read).contains("fromANewerServer"));
    // Its labels are read from JSON, too.
    assert_eq!(bed.store.list().labels(&"!a".parse().expect("a selector")).len(), 2);
}

#[test]
fn objects_of_kinds_without_protobuf_are_kept_in_json() {
    let resource = DynamicResource {
        group: "stable.example.com".into(),
        version: "v1".into(),
        kind: "CronTab".into(),
        plural: "crontabs".into(),
        namespaced: true,
    };
    let mut packer = Packer::new::<DynamicObject>();
    for index in 0..20 {
        let mut object = DynamicObject::new(&resource, &format!("nightly-{index}"));
        object
            .set("spec", json!({ "schedule": format!("{index} 3 * * *"), "image": "registry.example.com/cron:1.2" }))
            .expect("JSON");
        object.metadata_mut().labels.insert("app", "cron");
        let packed = packer.pack(&object).expect("packed");
        assert_eq!(text(&packed.decode::<DynamicObject>().expect("decoded")), text(&object));
        assert_eq!(packed.metadata::<DynamicObject>().expect("decoded").labels["app"], "cron");
    }
}

/// The dictionary changes while they are packed, and what was packed before must still be read.
#[test]
fn objects_stay_readable_while_the_dictionary_grows_and_is_replaced() {
    let mut packer = Packer::new::<Pod>();
    let mut random = fastrand::Rng::with_seed(11);
    let pods: Vec<Pod> = (0..600)
        .map(|index| {
            let mut pod = Pod::default();
            pod.metadata.name = Some(format!("pod-{index}").into());
            // Nothing in common, so that each is a candidate for the dictionary.
            let size = random.usize(100..2000);
            let own: String = std::iter::repeat_with(|| random.alphanumeric()).take(size).collect();
            pod.metadata.annotations.insert("own", own);
            pod
        })
        .collect();
    let packed: Vec<_> = pods.iter().map(|pod| packer.pack(pod).expect("packed")).collect();
    for (pod, packed) in pods.iter().zip(&packed) {
        assert_eq!(text(&packed.decode::<Pod>().expect("decoded")), text(pod));
    }
}
