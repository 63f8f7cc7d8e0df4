//! Zero, null and absent in what a custom resource requires.

use crate::json::tests::samples::{Buoy, BuoyItem};
use crate::json::tests::{read, rewritten, written};
use crate::json::{Mode, encode_into};
use crate::message::{Field, Message};
use crate::reflect::{copy, extract, is_default};
use crate::types::Nullable;

/// What is required, at zero.
const ZEROS: &str = r#"{"lit":false,"depth":0,"item":{"key":0,"on":false},"items":[],"strict":null}"#;

fn applied(message: &dyn Message, mode: Mode) -> String {
    let mut out = Vec::new();
    encode_into(message, &mut out, mode).expect("JSON");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn what_is_required_is_created_and_applied_even_at_zero() {
    assert_eq!(written(&Buoy::default()), ZEROS);
    assert_eq!(applied(&Buoy::default(), Mode::Apply), ZEROS);
    assert_eq!(applied(&Buoy::default(), Mode::ApplyPartial), "{}");
    let both = crate::json::applied(&Buoy::default()).expect("JSON");
    assert_eq!((both.whole, both.partial), (ZEROS.into(), Some("{}".into())));
}

#[test]
fn an_object_without_zeros_is_written_once_for_both_sorts_of_apply() {
    let text = r#"{"lit":true,"depth":1,"item":{"key":1,"on":true},"items":[{"key":1,"on":true}],"strict":"s"}"#;
    let both = crate::json::applied(&read::<Buoy>(text)).expect("JSON");
    assert_eq!((both.whole, both.partial), (text.into(), None));
    // What was absent when it was read is in neither.
    assert_eq!(crate::json::applied(&read::<Buoy>("{}")).expect("JSON").partial, None);
}

#[test]
fn a_partial_apply_has_the_keys_of_a_lists_items() {
    let item = BuoyItem { note: Some("n".into()), ..Default::default() };
    let buoy = Buoy { items: vec![item.clone()], item, ..Default::default() };
    assert_eq!(applied(&buoy, Mode::ApplyPartial), r#"{"item":{"note":"n"},"items":[{"key":0,"note":"n"}]}"#);
}

#[test]
fn a_partial_apply_has_the_whole_of_what_is_owned_as_a_whole() {
    let note = r#""note":"n""#;
    let text = format!(
        r#"{{"mooring":{{"anchor":{{"key":0,{note}}},"listed":[{{"key":0,"on":false,{note}}}],"atomic":[{{"key":0,"on":false,{note}}}],"whole":{{"key":0,"on":false,{note}}},"map":{{"a":{{"key":0,"on":false,{note}}}}},"merged":{{"a":{{"on":false,{note}}}}},"part":{{"key":0,"on":false,{note}}}}}}}"#
    );
    let right = format!(
        r#"{{"mooring":{{"anchor":{{{note}}},"listed":[{{"key":0,"on":false,{note}}}],"atomic":[{{"key":0,"on":false,{note}}}],"whole":{{"key":0,"on":false,{note}}},"map":{{"a":{{"key":0,"on":false,{note}}}}},"merged":{{"a":{{{note}}}}},"part":{{{note}}}}}}}"#
    );
    assert_eq!(applied(&read::<Buoy>(&text), Mode::ApplyPartial), right);
}

#[test]
fn a_partial_apply_has_the_whole_of_atomic_values_inside_lists_and_maps() {
    let item = r#"{"key":0,"on":false,"note":"n"}"#;
    for inner in [
        format!(r#"{{"lists":{{"a":[{item}]}}}}"#),
        format!(r#"{{"keyed":[{item}]}}"#),
        format!(r#"{{"refs":{{"a":{item}}}}}"#),
        format!(r#"{{"pool":[{item}]}}"#),
    ] {
        let text = format!(r#"{{"mooring":{inner}}}"#);
        assert_eq!(applied(&read::<Buoy>(&text), Mode::ApplyPartial), text);
    }
}

#[test]
fn what_was_absent_is_written_nowhere_and_what_was_zero_everywhere() {
    for text in ["{}", ZEROS, r#"{"lit":false}"#, r#"{"item":{}}"#, r#"{"items":[{},{"key":0}]}"#, r#"{"strict":null}"#]
    {
        let buoy = read::<Buoy>(text);
        assert_eq!(written(&buoy), text);
        assert_eq!(applied(&buoy, Mode::Apply), text);
        assert_eq!(written(&buoy.clone()), text);
        let mut other = read::<Buoy>(ZEROS);
        assert!(copy(buoy.as_value(), other.as_slot()));
        assert_eq!(written(&other), text, "copied");
        assert_eq!(serde_json::to_string(&buoy).expect("JSON"), text, "through serde");
        assert_eq!(written(&serde_json::from_str::<Buoy>(text).expect("good")), text, "through serde");
        let yaml = serde_saphyr::to_string(&buoy).expect("YAML");
        assert_eq!(written(&serde_saphyr::from_str::<Buoy>(&yaml).expect("good")), text, "{yaml}");
    }
}

#[test]
fn null_is_absent_where_it_is_no_value() {
    let text = r#"{"lit":null,"depth":null,"item":null,"items":null,"strict":null}"#;
    assert_eq!(rewritten::<Buoy>(text), r#"{"strict":null}"#);
    assert_eq!(written(&serde_json::from_str::<Buoy>(text).expect("good")), r#"{"strict":null}"#);
    assert_eq!(rewritten::<Buoy>(r#"{"strict":""}"#), r#"{"strict":""}"#);
}

#[test]
fn a_value_that_is_put_into_what_was_absent_is_written() {
    let mut buoy: Buoy = read("{}");
    (buoy.lit, buoy.item.note, buoy.strict) = (true, Some("n".into()), Nullable::Value("".into()));
    assert_eq!(written(&buoy), r#"{"lit":true,"item":{"key":0,"on":false,"note":"n"},"strict":""}"#);
    buoy.lit = false;
    assert_eq!(written(&buoy), r#"{"item":{"key":0,"on":false,"note":"n"},"strict":""}"#);
    assert!(buoy.unknown_fields.mark_present("lit"));
    assert_eq!(written(&buoy), r#"{"lit":false,"item":{"key":0,"on":false,"note":"n"},"strict":""}"#);
}

#[test]
fn absent_and_zero_are_not_equal_and_debug_shows_which() {
    let (absent, zero): (Buoy, Buoy) = (read("{}"), read(ZEROS));
    assert_eq!(zero, Buoy::default());
    assert_ne!(absent, zero);
    assert_eq!(absent, read::<Buoy>("{}"));
    assert!(is_default(&absent));
    assert_eq!(format!("{zero:?}"), "Buoy");
    assert_eq!(
        format!("{:?}", read::<Buoy>(r#"{"depth":1,"items":[],"strict":"","item":{"key":2,"on":true}}"#)),
        r#"Buoy { depth: 1, item: BuoyItem { key: 2, on: true }, strict: "", lit: absent }"#
    );
    // A mark on what has a value by now counts for nothing.
    let [mut filled, mut made] = [absent, zero];
    for buoy in [&mut filled, &mut made] {
        (buoy.lit, buoy.depth, buoy.item.on, buoy.strict) = (true, 1, true, Nullable::Value("".into()));
        buoy.items.push(BuoyItem::default());
    }
    assert_eq!(filled, made);
}

#[test]
fn an_object_that_comes_twice_lacks_what_neither_has() {
    assert_eq!(rewritten::<Buoy>(r#"{"item":{"note":"n"},"item":{"key":0}}"#), r#"{"item":{"key":0,"note":"n"}}"#);
}

#[test]
fn unknown_fields_may_be_forgotten_without_adding_zeros() {
    let mut buoy: Buoy = read(r#"{"future":1}"#);
    buoy.unknown_fields.clear();
    assert_eq!(written(&buoy), "{}");
    crate::reflect::clear(&mut buoy);
    assert_eq!(written(&buoy), ZEROS, "this makes a new one");
}

#[test]
fn what_is_left_out_on_reading_is_not_written_back_as_zero() {
    use crate::json::{Filter, Options, decode_into};
    use crate::message::MessageType;
    let filter = Filter::new(Buoy::table(), &["depth"]).expect("a field");
    let mut buoy = Buoy::default();
    decode_into(&mut buoy, r#"{"lit":false,"depth":7}"#, &Options::default().filter(filter)).expect("good");
    assert_eq!(written(&buoy), r#"{"lit":false}"#);
}

#[test]
fn what_a_manager_does_not_own_is_absent_from_what_is_extracted() {
    let set = r#"{"f:depth":{},"f:items":{"k:{\"key\":0}":{".":{},"f:note":{}}}}"#;
    let text = format!(
        r#"{{"metadata":{{"managedFields":[{{"manager":"m","operation":"Apply","fieldsV1":{set}}}]}},"lit":false,"depth":0,"item":{{"key":0,"on":false}},"items":[{{"key":0,"on":false,"note":"n"}}],"strict":null}}"#
    );
    let source: Buoy = read(&text);
    let mut own = Buoy::default();
    assert!(extract(&source, "m", None, &mut own).expect("good"));
    let right = r#"{"depth":0,"items":[{"key":0,"note":"n"}]}"#;
    assert_eq!(applied(&own, Mode::Apply), right);
    assert!(!extract(&source, "nobody", None, &mut own).expect("good"));
    assert_eq!(applied(&own, Mode::Apply), "{}");
}

#[test]
fn a_field_that_is_set_in_what_was_extracted_brings_no_zeros_along() {
    let managed = |set: &str| {
        let text = format!(
            r#"{{"metadata":{{"managedFields":[{{"manager":"m","operation":"Apply","fieldsV1":{set}}}]}},"lit":false,"depth":0,"item":{{"key":0,"on":false}},"items":[],"strict":null,"mooring":{{"anchor":{{"key":0,"on":true}},"part":{{"key":0,"on":false}}}}}}"#
        );
        let mut own = Buoy::default();
        extract(&read::<Buoy>(&text), "m", None, &mut own).expect("good");
        own
    };
    for set in [r#"{"f:depth":{}}"#, r#"{"f:depth":{},"f:item":{}}"#] {
        let mut own = managed(set);
        own.item.note = Some("n".into());
        assert_eq!(applied(&own, Mode::Apply), r#"{"depth":0,"item":{"note":"n"}}"#, "{set}");
    }
    let mut own = managed(r#"{"f:mooring":{"f:part":{"f:on":{}}}}"#);
    own.mooring.as_deref_mut().expect("a mooring").anchor.note = Some("n".into());
    assert_eq!(applied(&own, Mode::Apply), r#"{"mooring":{"anchor":{"note":"n"},"part":{"on":false}}}"#);
    // Nor does one in what was extracted for somebody who owns nothing.
    let mut own = managed("{}");
    own.item.key = 1;
    assert_eq!(applied(&own, Mode::Apply), r#"{"item":{"key":1}}"#);
}

#[test]
fn atomic_items_of_lists_and_maps_are_extracted_whole() {
    let (first, second) = (r#"{"key":0,"on":false,"note":"n"}"#, r#"{"key":1,"on":true}"#);
    let value = r#"v:{\"key\":0,\"on\":false,\"note\":\"n\"}"#;
    for (set, inner, right) in [
        (
            r#"{"f:keyed":{"k:{\"key\":0}":{}}}"#.to_owned(),
            format!(r#"{{"keyed":[{first},{second}]}}"#),
            format!(r#"{{"keyed":[{first}]}}"#),
        ),
        (
            r#"{"f:refs":{"f:a":{}}}"#.to_owned(),
            format!(r#"{{"refs":{{"a":{first},"b":{second}}}}}"#),
            format!(r#"{{"refs":{{"a":{first}}}}}"#),
        ),
        (
            format!(r#"{{"f:pool":{{"{value}":{{}}}}}}"#),
            format!(r#"{{"pool":[{second},{first}]}}"#),
            format!(r#"{{"pool":[{first}]}}"#),
        ),
    ] {
        let text = format!(
            r#"{{"metadata":{{"managedFields":[{{"manager":"m","operation":"Apply","fieldsV1":{{"f:mooring":{set}}}}}]}},"mooring":{inner}}}"#
        );
        let mut own = Buoy::default();
        assert!(extract(&read::<Buoy>(&text), "m", None, &mut own).expect("good"));
        assert_eq!(applied(&own, Mode::Apply), format!(r#"{{"mooring":{right}}}"#), "{set}");
    }
}
