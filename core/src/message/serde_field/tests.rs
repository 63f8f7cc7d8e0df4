use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_assume, prop_oneof, proptest};
use serde::{Deserialize, Serialize};

use super::*;
use crate::message::{Descriptor, Field, FieldDesc, Message, MessageType, Slot, field};
use crate::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use crate::types::{FieldsV1, Nullable};
use crate::{Object, json};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FerrySpec {
    route: String,
    #[serde(default)]
    decks: u32,
    captain: Option<String>,
    mate: Option<Option<String>>,
    #[serde(default)]
    cars: Vec<Car>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    flags: BTreeMap<String, Option<bool>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
struct Car {
    name: String,
    #[serde(default)]
    wheels: u8,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct FerryStatus {
    at_sea: bool,
}

/// As the derive macro makes it.
#[derive(Clone, Default)]
struct Ferry {
    metadata: ObjectMeta,
    spec: FerrySpec,
    status: Option<FerryStatus>,
    unknown_fields: UnknownFields,
}

crate::message!(Ferry);

impl MessageType for Ferry {
    fn table() -> &'static Descriptor {
        static FIELDS: &[FieldDesc] = &[
            field("\"metadata\":").message(ObjectMeta::table),
            field("\"spec\":").explicit().kept(),
            field("\"status\":").optional().kept(),
        ];
        static TABLE: Descriptor = Descriptor::new("Ferry", None, FIELDS);
        &TABLE
    }
}

impl Message for Ferry {
    fn descriptor(&self) -> &'static Descriptor {
        Self::table()
    }

    fn slot(&mut self, field: usize) -> Slot<'_> {
        match field {
            0 => self.metadata.as_slot(),
            1 => Slot::Serde(SerdeSlot::new(&mut self.spec, &mut self.unknown_fields, "spec")),
            2 => Slot::Serde(SerdeSlot::new(&mut self.status, &mut self.unknown_fields, "status")),
            _ => Slot::None,
        }
    }

    fn value(&self, field: usize) -> Value<'_> {
        match field {
            0 => self.metadata.as_value(),
            1 => SerdeValue::new(&self.spec, &self.unknown_fields, "spec").into(),
            2 if self.status.is_some() => SerdeValue::new(&self.status, &self.unknown_fields, "status").into(),
            _ => Value::Absent,
        }
    }

    fn unknown_fields(&self) -> &UnknownFields {
        &self.unknown_fields
    }

    fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
        &mut self.unknown_fields
    }
}

impl Object for Ferry {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

fn read(text: &str) -> Ferry {
    json::from_str(text).expect("it is lenient")
}

fn written(ferry: &Ferry) -> String {
    String::from_utf8(json::to_vec(ferry).expect("it can be written")).expect("UTF-8")
}

fn applied(ferry: &Ferry) -> String {
    String::from_utf8(json::applied(ferry).expect("it can be written").whole).expect("UTF-8")
}

#[test]
fn what_is_read_and_written_back_unchanged_is_what_was_read() {
    for text in [
        r#"{"spec":{"route":"north"}}"#,
        r#"{"spec":{"zones":[1.0,12345678901234567890123],"route":"north","captain":null,"cars":[{"name":"a","x":{}}]}}"#,
        r#"{"spec":{"zones":[1.0],"route":"north","cars":[{"name":"a","x":{}}]},"status":{"at_sea":false,"y":2}}"#,
        r#"{"spec":{"route":"n\u006frth","decks":0,"flags":{"a":null}},"status":{"at_sea":true,"speed":1e2}}"#,
        r#"{"spec":{"route":5}}"#,
        r#"{"spec":{"decks":3}}"#,
        r#"{"spec":null,"status":null}"#,
        r#"{"status":{"at_sea":false}}"#,
        "{}",
    ] {
        let ferry = read(text);
        assert_eq!(written(&ferry), text);
        assert_eq!(written(&ferry.clone()), text);
        assert_eq!(ferry, read(text));
        // Through serde, a null stands for the lack of a value, and a wrong value is an error.
        if let (false, Ok(ferry)) = (text.contains("null,"), serde_json::from_str::<Ferry>(text)) {
            let json = serde_json::from_str::<Json>(text).expect("JSON");
            assert_eq!(serde_json::to_value(&ferry).expect("it can be written"), json);
        }
    }
}

#[test]
fn a_change_of_one_field_leaves_the_others_as_they_were_read() {
    let mut ferry = read(r#"{"spec":{"zones":[1.0],"route":"north","captain":null,"cars":[]},"other":1}"#);
    ferry.spec.route = "south".into();
    assert_eq!(written(&ferry), r#"{"spec":{"zones":[1.0],"route":"south","captain":null,"cars":[]},"other":1}"#);
    ferry.spec.captain = Some("Ada".into());
    ferry.spec.decks = 2;
    let expected = r#"{"spec":{"zones":[1.0],"route":"south","captain":"Ada","cars":[],"decks":2},"other":1}"#;
    assert_eq!(written(&ferry), expected);
}

#[test]
fn what_is_taken_away_is_gone_and_what_it_held_too() {
    let mut ferry = read(r#"{"spec":{"route":"north","captain":"Ada","mate":null}}"#);
    ferry.spec.captain = None;
    assert_eq!(written(&ferry), r#"{"spec":{"route":"north","mate":null}}"#);
    let mut ferry = read(r#"{"spec":{"route":"north"},"status":{"at_sea":true,"speed":3}}"#);
    ferry.status = None;
    assert_eq!(written(&ferry), r#"{"spec":{"route":"north"}}"#);
}

#[test]
fn unknown_fields_of_list_items_follow_their_items() {
    let text = r#"{"spec":{"route":"n","cars":[{"name":"a","x":1},{"name":"b","x":2},{"name":"c","x":3}]}}"#;
    let mut ferry = read(text);
    ferry.spec.cars.reverse();
    ferry.spec.cars[2].wheels = 4;
    ferry.spec.cars.remove(1);
    ferry.spec.cars.push(Car { name: "d".into(), wheels: 0 });
    assert_eq!(
        written(&ferry),
        r#"{"spec":{"route":"n","cars":[{"name":"c","x":3},{"name":"a","x":1,"wheels":4},{"name":"d","wheels":0}]}}"#
    );
    let mut ferry = read(text);
    ferry.spec.cars[0].name = "z".into();
    let expected = r#"{"spec":{"route":"n","cars":[{"name":"z","wheels":0},{"name":"b","x":2},{"name":"c","x":3}]}}"#;
    assert_eq!(written(&ferry), expected, "another name is another item");
}

#[test]
fn none_is_absent_and_a_null_that_is_meant_is_null() {
    let mut ferry = Ferry { spec: FerrySpec { route: "north".into(), ..Default::default() }, ..Default::default() };
    assert_eq!(applied(&ferry), r#"{"spec":{"cars":[],"decks":0,"route":"north"}}"#);
    ferry.spec.mate = Some(None);
    ferry.spec.flags.insert("a".into(), None);
    assert_eq!(applied(&ferry), r#"{"spec":{"cars":[],"decks":0,"flags":{"a":null},"mate":null,"route":"north"}}"#);

    #[derive(Serialize)]
    struct Flat {
        none: Option<u8>,
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Serialize)]
    struct Inner {
        nothing: Option<u8>,
        null: Nullable<u8>,
        float: f32,
    }
    let flat = Flat { none: None, inner: Inner { nothing: None, null: Nullable::Null, float: 0.1 } };
    assert_eq!(sparse::to_json(&flat), Ok(serde_json::json!({ "null": null, "float": 0.1 })));
}

#[test]
fn what_the_type_does_not_take_is_kept_until_the_field_is_set() {
    let mut ferry = read(r#"{"spec":{"route":5,"secret":"hunter2"}}"#);
    assert_eq!(ferry.spec.route, "");
    ferry.spec.route = "north".into();
    assert_eq!(written(&ferry), r#"{"spec":{"cars":[],"decks":0,"route":"north"}}"#);
    let options = json::Options { strict: true, ..Default::default() };
    let error = json::decode_into(&mut Ferry::default(), r#"{"spec":{"route":5}}"#, &options).expect_err("strict");
    assert_eq!(error.to_string(), "at .spec (byte 8): expected a string");
    let error = json::decode_into(&mut Ferry::default(), r#"{"spec":{"decks":5}}"#, &options).expect_err("strict");
    assert_eq!(error.to_string(), "at .spec (byte 8): missing field `route`");
    let error = json::decode_into(&mut Ferry::default(), r#"{"spec":{"route":"a","decks":"hunter2"}}"#, &options);
    assert!(!error.expect_err("strict").to_string().contains("hunter2"), "errors quote no values");
}

#[test]
fn unknown_fields_are_dropped_where_that_is_asked_for() {
    let mut ferry = Ferry::default();
    let options = json::Options { drop_unknown_fields: true, ..Default::default() };
    json::decode_into(&mut ferry, r#"{"spec":{"route":"a","x":1}}"#, &options).expect("it is lenient");
    assert_eq!(written(&ferry), r#"{"spec":{"cars":[],"decks":0,"route":"a"}}"#);
    let mut ferry = read(r#"{"spec":{"route":"a","x":1}}"#);
    ferry.unknown_fields.clear();
    assert_eq!(written(&ferry), r#"{"spec":{"cars":[],"decks":0,"route":"a"}}"#);
}

#[test]
fn what_a_manager_owns_of_a_serde_type_is_extracted_and_applied_again() {
    let mut ferry = read(
        r#"{"metadata":{"name":"f"},"spec":{"route":"n","decks":2,"cars":[{"name":"a","wheels":4},{"name":"b","wheels":2}]},"status":{"at_sea":true}}"#,
    );
    let owns = |fields: &str| ManagedFieldsEntry {
        manager: Some("me".into()),
        operation: Some("Apply".into()),
        fields_v1: Some(FieldsV1::from_text(fields).expect("fields")),
        ..Default::default()
    };
    ferry.metadata.managed_fields =
        vec![owns(r#"{"f:spec":{"f:route":{},"f:cars":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}}"#)];
    let own = crate::extract(&ferry, "me").expect("fields that can be read");
    assert_eq!(applied(&own), r#"{"metadata":{"name":"f"},"spec":{"cars":[{"name":"b"}],"route":"n"}}"#);
    // An object that is owned as such, with nothing in it, is empty.
    ferry.metadata.managed_fields = vec![owns(r#"{"f:spec":{}}"#)];
    let own = crate::extract(&ferry, "me").expect("fields that can be read");
    assert_eq!(applied(&own), r#"{"metadata":{"name":"f"},"spec":{}}"#);
    // Its type wants a route: the part is applied all the same.
    ferry.metadata.managed_fields = vec![owns(r#"{"f:spec":{"f:decks":{}}}"#)];
    let own = crate::extract(&ferry, "me").expect("fields that can be read");
    assert_eq!(applied(&own), r#"{"metadata":{"name":"f"},"spec":{"decks":2}}"#);
    let none = crate::extract(&ferry, "you").expect("fields that can be read");
    assert_eq!(applied(&none), r#"{"metadata":{"name":"f"}}"#);
}

#[test]
fn debug_is_that_of_the_type() {
    let ferry = read(r#"{"spec":{"route":"n"}}"#);
    assert!(format!("{ferry:?}").contains("FerrySpec { route: \"n\""), "{ferry:?}");
}

/// Random JSON, with the type's own names among those of its members.
fn json_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    let name = prop_oneof!["(route|decks|captain|mate|cars|flags|name|wheels)", any::<String>()];
    leaf.prop_recursive(4, 30, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::from),
            vec((name.clone(), inner), 0..5).prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// A spec that the type takes, with members that it does not know.
fn spec() -> impl Strategy<Value = Json> {
    let car = ("[a-c]", option::of(any::<u8>()), json_value()).prop_map(|(name, wheels, unknown)| {
        let mut car = serde_json::json!({ "name": name, "unknown": unknown });
        if let Some(wheels) = wheels {
            car["wheels"] = wheels.into();
        }
        car
    });
    (any::<String>(), option::of(vec(car, 0..4)), vec(("[x-z]{1,3}", json_value()), 0..4)).prop_map(
        |(route, cars, unknown)| {
            let mut spec: serde_json::Map<String, Json> = unknown.into_iter().collect();
            spec.insert("route".into(), route.into());
            spec.extend(cars.map(|cars| ("cars".into(), cars.into())));
            Json::Object(spec)
        },
    )
}

proptest! {
    #[test]
    fn any_spec_is_written_back_as_it_was_read(spec in prop_oneof![json_value(), spec()]) {
        let text = format!(r#"{{"spec":{spec}}}"#);
        prop_assert_eq!(written(&read(&text)), text);
    }

    #[test]
    fn a_change_is_made_where_it_was_made_and_nowhere_else(mut spec in spec(), route in any::<String>(), wheels in any::<u8>()) {
        let mut ferry = read(&format!(r#"{{"spec":{spec}}}"#));
        ferry.spec.route.clone_from(&route);
        spec["route"] = route.into();
        if let Some(car) = ferry.spec.cars.first_mut() && car.wheels != wheels {
            car.wheels = wheels;
            spec["cars"][0]["wheels"] = wheels.into();
        }
        let written: Json = serde_json::from_str(&written(&ferry)).expect("JSON");
        // Of cars that have one name, the first that is left is taken for it: their unknown fields may change places.
        let names: Vec<_> = ferry.spec.cars.iter().map(|car| &car.name).collect();
        prop_assume!((1..names.len()).all(|index| !names[index..].contains(&names[index - 1])));
        prop_assert_eq!(written, serde_json::json!({ "spec": spec }));
    }
}
