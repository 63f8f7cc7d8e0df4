//! Reading.

use super::samples::{
    Affinity, Claim, Container, EnvVar, ObjectMeta, POD, Pod, PodPhase, Secret, StatefulSet, WIDGET, Widget,
};
use super::{error, read, rewritten};
use crate::json::{Options, decode_into, from_slice, from_str};
use crate::types::{IntOrString, Nullable, Quantity};

#[test]
fn every_type_of_field_is_read() {
    let pod: Pod = read(POD);
    assert_eq!(pod.metadata.name.as_deref(), Some("web-0"));
    assert_eq!(pod.metadata.generation, Some(3));
    assert_eq!(pod.metadata.labels["app"], "web");
    assert_eq!(pod.metadata.creation_timestamp.map(|time| time.to_string()).as_deref(), Some("2026-11-22T10:00:00Z"));
    assert!(pod.metadata.managed_fields[0].fields_v1.as_ref().is_some_and(|set| set.as_str().contains("f:phase")));
    let app = &pod.spec.containers[0];
    assert_eq!(app.args[1], "echo \"hi\"\n");
    assert_eq!(app.ports[0].container_port, 80);
    assert_eq!(app.env[0].value.as_deref(), Some(""));
    assert_eq!(app.env[1].value, None);
    assert_eq!(app.resources.limits["cpu"], Quantity::new("100m"));
    assert_eq!(app.probe.as_ref().map(|probe| &probe.port), Some(&IntOrString::from("http")));
    assert_eq!(pod.spec.containers[1].probe.as_ref().map(|probe| &probe.port), Some(&IntOrString::from(8080)));
    assert_eq!(pod.spec.host_network, Some(false));
    assert_eq!(pod.status.phase, Some(PodPhase::Running));
    assert!(pod.status.ready);
    assert!(pod.unknown_fields.is_empty());

    let widget: Widget = read(WIDGET);
    assert_eq!(widget.bytes.as_ref().and_then(|bytes| bytes.to_str().ok()), Some("hi"));
    assert_eq!(widget.duration.map(|duration| duration.to_string()).as_deref(), Some("1m30s"));
    assert_eq!(widget.extra.as_ref().map(|raw| raw.as_str()), Some(r#"{"deep":[{}]}"#));
    assert_eq!(widget.matrix, [vec![], vec![1, -2]]);
    assert_eq!(widget.odd_name.as_deref(), Some("q"));
    assert_eq!(widget.parts["p"].name, "n");
    assert_eq!(widget.ratio, Some(0.25));
    assert_eq!(widget.total, i64::MAX);
    assert!(widget.unknown_fields.is_empty());
}

#[test]
fn absent_empty_null_and_a_value_are_told_apart_where_the_type_does() {
    let absent: Widget = read("{}");
    assert!(absent.names.is_none() && absent.size.is_none() && absent.tags.is_none() && absent.maybe.is_none());
    let null: Widget = read(r#"{"names":null,"size":null,"tags":null,"maybe":null,"strict":null}"#);
    assert!(null.names.is_none() && null.tags.is_none());
    assert_eq!(null.size, Some(Nullable::Null));
    assert_eq!(null.maybe, Some(Nullable::Null));
    assert!(null.strict.is_null());
    let empty: Widget = read(r#"{"names":[],"size":0,"tags":{},"maybe":[],"strict":""}"#);
    assert_eq!(empty.names.as_deref(), Some(&[][..]));
    assert_eq!(empty.size, Some(Nullable::Value(0)));
    assert!(empty.tags.is_some_and(|tags| tags.is_empty()));
    assert_eq!(empty.maybe, Some(Nullable::Value(vec![])));
    assert_eq!(empty.strict, Nullable::Value("".into()));
}

#[test]
fn null_leaves_a_plain_field_at_its_default() {
    let text = r#"{"metadata":null,"spec":{"containers":null,"nodeName":null,"overhead":null,"affinity":null},
        "status":{"phase":null,"ready":null,"startTime":null}}"#;
    assert!(crate::message::is_default(&read::<Pod>(text)));
    assert_eq!(read::<Widget>(r#"{"total":null,"matrix":[null],"groups":{"a":null}}"#).matrix, [Vec::<i64>::new()]);
}

#[test]
fn null_inside_a_list_or_map_is_an_item_at_its_default() {
    let pod: Pod = read(r#"{"metadata":{"labels":{"a":null},"finalizers":[null,"x"]},"spec":{"containers":[null]}}"#);
    assert_eq!(pod.metadata.labels["a"], "");
    assert_eq!(pod.metadata.finalizers, ["", "x"]);
    assert_eq!(pod.spec.containers, [Container::default()]);
}

#[test]
fn fields_come_in_any_order_and_with_any_white_space() {
    let text = "\n{ \"status\" : {\t\"ready\" :true\r\n} ,\n\"spec\":{\"nodeName\"\n:\n\"n\" , \"containers\":[ ] },\"kind\":\"Pod\" } \n";
    let pod: Pod = read(text);
    assert!(pod.status.ready);
    assert_eq!(pod.spec.node_name.as_deref(), Some("n"));
    // And again, so that what was learned from the first object meets another order in the second.
    let spec = r#"{"containers":[{"name":"a","image":"i","env":[]},{"image":"j","name":"b"},{"env":[{"name":"E"}],"name":"c","image":"k"}]}"#;
    let pod: Pod = read(&format!(r#"{{"spec":{spec}}}"#));
    let images: Vec<_> = pod.spec.containers.iter().map(|c| (c.name.as_str(), c.image.as_deref())).collect();
    assert_eq!(images, [("a", Some("i")), ("b", Some("j")), ("c", Some("k"))]);
}

#[test]
fn escaped_keys_are_the_keys_that_they_stand_for() {
    let pod: Pod =
        read(r#"{"sp\u0065c":{"nodeNam\u0065" :"n","\u00fcber":1},"metadata":{"labels":{"a\/b":"\u0041"}}}"#);
    assert_eq!(pod.spec.node_name.as_deref(), Some("n"));
    assert_eq!(pod.metadata.labels["a/b"], "A");
    assert_eq!(pod.spec.unknown_fields.get("über").map(|raw| raw.as_str()), Some("1"));
    assert_eq!(read::<Widget>(r#"{"odd\u0022name":"q"}"#).odd_name.as_deref(), Some("q"));
}

#[test]
fn of_a_key_that_comes_twice_the_last_value_wins() {
    let pod: Pod = read(
        r#"{"metadata":{"name":"a","name":"b","labels":{"x":"1"},"labels":{"y":"1","y":"2"},"finalizers":["x"],"finalizers":["y"]},
            "spec":{"containers":[{"name":"a"}],"overhead":{"x":"1"},"overhead":{"y":"1"},"containers":[{"image":"b"}]}}"#,
    );
    assert_eq!(pod.metadata.name.as_deref(), Some("b"));
    assert_eq!(pod.metadata.labels, [("y", "2")].into());
    assert_eq!(pod.metadata.finalizers, ["y"]);
    assert_eq!(pod.spec.overhead.len(), 1);
    assert_eq!((pod.spec.containers.len(), pod.spec.containers[0].name.as_str()), (1, ""));
    let widget: Widget = read(r#"{"names":["a"],"names":null,"size":1,"size":null,"count":1,"count":null}"#);
    assert_eq!((widget.names, widget.size, widget.count), (None, Some(Nullable::Null), None));
    let parts: Widget = read(r#"{"parts":{"a":{"name":"n","value":"v"},"a":{"value":"w"}}}"#);
    assert_eq!(parts.parts["a"], EnvVar { value: Some("w".into()), ..Default::default() });
}

#[test]
fn an_object_that_comes_twice_is_read_over_the_first() {
    let pod: Pod = read(
        r#"{"spec":{"nodeName":"n","affinity":{"terms":[1]}},"spec":{"hostNetwork":true,"affinity":{"nested":{}}}}"#,
    );
    assert_eq!(pod.spec.node_name.as_deref(), Some("n"));
    assert_eq!(pod.spec.host_network, Some(true));
    let affinity = pod.spec.affinity.unwrap_or_default();
    assert_eq!((affinity.terms.len(), affinity.nested.is_some()), (1, true));
}

#[test]
fn unknown_fields_are_kept_word_for_word() {
    let text = r#"{"future":{"a" : [1.50, "\u0041"]},"metadata":{"x":null},"spec":{"containers":[{"name":"a","new":18446744073709551617}]}}"#;
    let pod: Pod = read(text);
    assert_eq!(pod.unknown_fields.get("future").map(|raw| raw.as_str()), Some(r#"{"a" : [1.50, "\u0041"]}"#));
    assert_eq!(pod.metadata.unknown_fields.get("x").map(|raw| raw.as_str()), Some("null"));
    let new = pod.spec.containers[0].unknown_fields.get("new");
    assert_eq!(new.map(|raw| raw.as_str()), Some("18446744073709551617"));
}

#[test]
fn of_an_unknown_field_that_comes_twice_the_last_is_kept() {
    let pod: Pod = read(r#"{"b":1,"a":1,"b":2,"c":1,"a":2}"#);
    let kept: Vec<_> = pod.unknown_fields.iter().map(|(name, raw)| (name, raw.as_str())).collect();
    assert_eq!(kept, [("b", "2"), ("c", "1"), ("a", "2")]);
}

#[test]
fn of_an_unknown_field_the_last_is_kept_if_its_object_comes_twice() {
    let mut pod: Pod = read(r#"{"spec":{"a":1,"b":1},"spec":{"b":2},"metadata":{"x":1}}"#);
    let kept = |pod: &Pod| pod.spec.unknown_fields.iter().map(|(name, raw)| format!("{name}{raw}")).collect::<Vec<_>>();
    assert_eq!(kept(&pod), ["a1", "b2"]);
    decode_into(&mut pod, r#"{"spec":{"a":3}}"#, &Options::default()).expect("good JSON");
    assert_eq!(kept(&pod), ["b2", "a3"]);
}

#[test]
fn an_object_that_comes_again_and_again_takes_no_quadratic_time() {
    // Ten thousand times ten thousand fields, each time to be sorted.
    let specs: Vec<String> = (0..10_000).map(|n| format!("\"spec\":{{\"k{n}\":0}}")).collect();
    let read = |count: usize| {
        decode_into(&mut Pod::default(), &format!("{{{}}}", specs[..count].join(",")), &Options::default())
    };
    read(1000).expect("a thousand times");
    let error = read(10_000).expect_err("too often");
    assert!(error.to_string().contains("is repeated too often"), "{error}");
}

#[test]
fn unknown_fields_are_dropped_if_asked_for_but_still_checked() {
    let options = Options { drop_unknown_fields: true, ..Default::default() };
    let mut pod = Pod::default();
    decode_into(&mut pod, r#"{"future":{"a":1},"spec":{"x":[]}}"#, &options).expect("good JSON");
    assert!(pod.unknown_fields.is_empty() && pod.spec.unknown_fields.is_empty());
    assert!(decode_into(&mut pod, r#"{"future":{"a":01}}"#, &options).is_err());
}

#[test]
fn many_unknown_fields_take_no_quadratic_time() {
    // Half a million would take minutes, compared each with each.
    let fields: Vec<String> = (0..500_000).map(|n| format!("\"k{}\":{n}", n % 400_000)).collect();
    let pod: Pod = read(&format!("{{{}}}", fields.join(",")));
    assert_eq!(pod.unknown_fields.iter().count(), 400_000);
}

#[test]
fn integers_may_be_written_with_a_fraction_of_zero_or_an_exponent() {
    let widget: Widget = read(r#"{"count":1e3,"total":-9.223372036854775808e18,"size":3.0,"ratio":3}"#);
    assert_eq!((widget.count, widget.total, widget.ratio), (Some(1000), i64::MIN, Some(3.0)));
    assert_eq!(widget.size, Some(Nullable::Value(3)));
    for (text, value) in
        [("0", 0), ("-0", 0), ("999999999999999999", 999_999_999_999_999_999), ("-9223372036854775808", i64::MIN)]
    {
        assert_eq!(read::<Widget>(&format!(r#"{{"total":{text}}}"#)).total, value);
    }
}

#[test]
fn numbers_that_do_not_fit_are_errors() {
    for (text, message) in [
        (r#"{"count":2147483648}"#, "at .count (byte 9): expected a 32-bit integer, found a number out of its range"),
        (r#"{"count":-2147483649}"#, "at .count (byte 9): expected a 32-bit integer, found a number out of its range"),
        (
            r#"{"total":9223372036854775808}"#,
            "at .total (byte 9): expected a 64-bit integer, found a number out of its range",
        ),
        (r#"{"total":1.5}"#, "at .total (byte 9): expected a 64-bit integer, found a number with a fraction"),
        (r#"{"ratio":1e999}"#, "at .ratio (byte 9): expected a number, found a number out of its range"),
    ] {
        assert_eq!(error::<Widget>(text).to_string(), message);
    }
}

#[test]
fn numbers_must_keep_to_the_grammar() {
    for number in ["01", "-", "1.", ".5", "+1", "1e", "1e+", "0x1", "--1", "1_0", "NaN", "Infinity", "-a"] {
        for field in ["count", "total", "ratio", "quantity", "unknown"] {
            assert!(from_str::<Widget>(&format!(r#"{{"{field}":{number}}}"#)).is_err(), "{field}: {number}");
        }
    }
}

#[test]
fn a_quantity_may_be_a_number_and_stays_one() {
    let widget: Widget = read(r#"{"quantity":1.50}"#);
    assert_eq!(widget.quantity, Some(Quantity::new("1500m")));
    assert_eq!(
        rewritten::<Widget>(r#"{"quantity":1.50,"strict":"s"}"#),
        r#"{"apiVersion":"example.com/v1beta1","kind":"Widget","quantity":1.50,"strict":"s"}"#
    );
}

#[test]
fn a_value_of_the_wrong_type_is_an_error_that_names_the_place() {
    for (text, message) in [
        (
            r#"{"spec":{"containers":[{"image":1}]}}"#,
            "at .spec.containers[0].image (byte 32): expected a string, found a number",
        ),
        (
            r#"{"spec":{"containers":[{},{"env":[{},{"name":{}}]}]}}"#,
            "at .spec.containers[1].env[1].name (byte 45): expected a string, found an object",
        ),
        (
            r#"{"metadata":{"labels":{"a.b/c":[]}}}"#,
            r#"at .metadata.labels["a.b/c"] (byte 31): expected a string, found a list"#,
        ),
        (r#"{"metadata":{"labels":7}}"#, "at .metadata.labels (byte 22): expected an object, found a number"),
        (
            r#"{"metadata":{"finalizers":[true]}}"#,
            "at .metadata.finalizers[0] (byte 27): expected a string, found true",
        ),
        (
            r#"{"spec":{"overhead":{"cpu":{}}}}"#,
            "at .spec.overhead.cpu (byte 27): expected a quantity such as 100m, found an object",
        ),
        (r#"{"spec":[]}"#, "at .spec (byte 8): expected an object, found a list"),
        (r#"{"status":{"ready":"yes"}}"#, "at .status.ready (byte 19): expected true or false, found a string"),
        (
            r#"{"status":{"startTime":"yesterday"}}"#,
            "at .status.startTime (byte 23): expected a time such as 2026-11-22T10:00:00Z, found another string",
        ),
        (r#"{"spec":{"containers":{}}}"#, "at .spec.containers (byte 22): expected a list, found an object"),
        (r"[]", "at byte 0: expected an object, found a list"),
        (r"null", "at byte 0: expected an object, found null"),
        (
            r#"{"spec":{"containers":[{"livenessProbe":{"port":{}}}]}}"#,
            "at .spec.containers[0].livenessProbe.port (byte 48): expected an integer or a string, found an object",
        ),
    ] {
        let error = error::<Pod>(text);
        assert_eq!(error.to_string(), message);
        assert!(!error.is_truncated() && !error.is_wrong_kind());
    }
    let error = error::<Pod>(r#"{"spec":{"containers":[{"image":1}]}}"#);
    assert_eq!((error.path().as_str(), error.offset()), (".spec.containers[0].image", Some(32)));
}

#[test]
fn text_that_is_no_json_is_an_error_that_names_the_place() {
    for (text, message) in [
        (r#"{"spec":}"#, "at .spec (byte 8): expected an object, found the end of an object"),
        (r#"{"spec":{"nodeName" "n"}}"#, "at .spec (byte 20): expected a colon after the key, found a string"),
        (r#"{"spec":{},}"#, "at byte 11: expected a key in quotes, found the end of an object"),
        (r#"{"spec":{}{"#, "at byte 10: expected a comma or the end of the object, found an object"),
        (r#"{"x":[1,]}"#, "at .x (byte 8): expected a value, found the end of a list"),
        (r#"{"x":tru}"#, "at .x (byte 8): expected true, false or null, found the end of an object"),
        (r#"{'x':1}"#, "at byte 1: expected a key in quotes, found a single quote"),
        (
            "{\"spec\":{\"nodeName\":\"a\nb\"}}",
            "at .spec.nodeName (byte 22): expected the end of a string, found a control character that is not escaped",
        ),
        (
            r#"{"spec":{"nodeName":"\x"}}"#,
            "at .spec.nodeName (byte 22): expected an escape sequence, found a stray character",
        ),
        (
            r#"{"spec":{"nodeName":"\u12g4"}}"#,
            "at .spec.nodeName (byte 25): expected four hexadecimal digits, found a stray character",
        ),
        (r#"{} {}"#, "at byte 3: expected the end of the text after the document, found more"),
    ] {
        assert_eq!(error::<Pod>(text).to_string(), message);
    }
    assert!(from_str::<Pod>("").is_err_and(|error| error.is_truncated()));
}

#[test]
fn escapes_are_read_and_half_a_surrogate_pair_is_an_error() {
    let read_name = |text: &str| {
        from_str::<ObjectMeta>(&format!(r#"{{"name":"{text}"}}"#)).map(|meta| meta.name.unwrap_or_default())
    };
    for (text, name) in [
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u00e9\u20AC\ud83d\ude00", "é€😀"),
        (r"a rather long plain start, then \u0000", "a rather long plain start, then \0"),
        ("é€😀\u{7f}\u{2028}", "é€😀\u{7f}\u{2028}"),
    ] {
        assert_eq!(read_name(text).expect("good"), name);
    }
    for text in [r"\ud83d", r"\ude00", r"\ud83dx", r"\ud83d\n", r"\ud83d\u0041", r"\ude00\ud83d"] {
        let error = read_name(text).expect_err(text);
        assert!(error.to_string().contains("half of a surrogate pair"), "{error}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| format!(r#"{{"x":{}1{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert!(from_str::<Pod>(&nested(128)).is_ok());
    let error = error::<Pod>(&nested(129));
    assert_eq!(error.to_string(), "at .x (byte 132): nested deeper than 128 levels");
    assert!(from_str::<Pod>(&nested(100_000)).is_err());
    let deep = |levels: usize| format!("{}{}", r#"{"nested":"#.repeat(levels - 1) + "{", "}".repeat(levels));
    assert!(from_str::<Affinity>(&deep(128)).is_ok());
    assert!(from_str::<Affinity>(&deep(129)).is_err());
    assert!(from_str::<Affinity>(&deep(100_000)).is_err());
}

#[test]
fn depth_counts_what_is_open_not_what_was() {
    let many = format!(
        r#"{{"spec":{{"containers":[{}{{}}]}},"x":[{}0]}}"#,
        r#"{"env":[],"args":[]},"#.repeat(500),
        "[],{},[{}],".repeat(500)
    );
    assert_eq!(read::<Pod>(&many).spec.containers.len(), 501);
}

#[test]
fn bytes_that_are_not_utf_8_are_an_error() {
    let error = from_slice::<Pod>(b"{\"metadata\":{\"name\":\"\xff\"}}").expect_err("no UTF-8");
    assert_eq!(error.to_string(), "at byte 21: the text is not UTF-8");
}

#[test]
fn the_kind_and_version_of_the_document_are_checked() {
    assert!(from_str::<StatefulSet>(r#"{"apiVersion":"apps/v1","kind":"StatefulSet"}"#).is_ok());
    assert!(from_str::<StatefulSet>(r#"{"kind":"StatefulSet"}"#).is_ok());
    assert!(from_str::<StatefulSet>(r#"{"apiVersion":"apps/v1"}"#).is_ok());
    assert!(from_str::<StatefulSet>(r#"{"apiVersion":"","kind":null}"#).is_ok());
    for (text, message) in [
        (r#"{"kind":"Status","apiVersion":"v1"}"#, "at byte 0: expected apps/v1 StatefulSet, got v1 Status"),
        (
            r#"{"kind":"StatefulSet","apiVersion":"apps/v1beta1"}"#,
            "at byte 0: expected apps/v1 StatefulSet, got apps/v1beta1 StatefulSet",
        ),
        (r#"{"kind":"Status"}"#, "at byte 0: expected apps/v1 StatefulSet, got a Status without an apiVersion"),
        (r#"{"apiVersion":"v1"}"#, "at byte 0: expected apps/v1 StatefulSet, got v1 without a kind"),
    ] {
        let error = error::<StatefulSet>(text);
        assert_eq!(error.to_string(), message);
        assert!(error.is_wrong_kind());
    }
}

#[test]
fn a_document_of_another_kind_is_told_as_such_even_if_a_field_fails_first() {
    let error = error::<Pod>(r#"{"status":"Failure","code":404,"apiVersion":"v1","kind":"Status","metadata":{}}"#);
    assert_eq!(error.to_string(), "at byte 0: expected v1 Pod, got v1 Status");
    // Of the right kind, it is the field that counts.
    let error = super::error::<Pod>(r#"{"status":"Failure","apiVersion":"v1","kind":"Pod"}"#);
    assert_eq!(error.path(), ".status");
}

#[test]
fn an_object_inside_another_need_not_say_its_kind_and_keeps_one_that_is_not_its_own() {
    let set = |kind: &str| {
        format!(
            r#"{{"apiVersion":"apps/v1","kind":"StatefulSet","volumeClaimTemplates":[{{"metadata":{{"name":"d"}}{kind}}}]}}"#
        )
    };
    // As the server writes it: protobuf, in which it does not stand, is read as the same.
    let said: StatefulSet = read(&set(r#","apiVersion":"v1","kind":"PersistentVolumeClaim""#));
    assert_eq!(said, read::<StatefulSet>(&set("")));
    assert!(said.templates[0].unknown_fields.is_empty());
    // What the table would not say is kept, and so is what it would say of half of it.
    for (api_version, kind) in [("v2", "Other"), ("v2", "PersistentVolumeClaim"), ("v1", "Other")] {
        let other = set(&format!(r#","apiVersion":"{api_version}","kind":"{kind}""#));
        assert_eq!(rewritten::<StatefulSet>(&other), other);
        assert!(crate::protobuf::to_vec(&read::<StatefulSet>(&other)).is_err_and(|error| error.needs_json()));
    }
    // What has no place in protobuf is stored as it was sent, and nobody adds to it.
    let foreign =
        set(r#","apiVersion":"v1","kind":"PersistentVolumeClaim""#).replace("volumeClaimTemplates", "foreign");
    assert_eq!(rewritten::<StatefulSet>(&foreign), foreign);
    // On its own it is a document again, and has one kind.
    let claim: &Claim = &said.templates[0];
    assert_eq!(super::written(claim), r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"d"}}"#);
}

#[test]
fn errors_never_quote_a_secret() {
    for text in [
        r#"{"data":{"password":"aHVudGVy!"}}"#,
        r#"{"data":{"password":5551234}}"#,
        r#"{"token":5551234}"#,
        r#"{"token":"hunter\x"}"#,
        r#"{"token":"hunter"#,
    ] {
        let error = error::<Secret>(text);
        let shown = format!("{error} {error:?}");
        for secret in ["hunter", "aHVu", "555"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    let error = error::<Secret>(r#"{"data":{"password":"aHVudGVy!"}}"#);
    assert_eq!(error.to_string(), "at .data.password (byte 20): expected base64 text, found another string");
}

#[test]
fn reading_into_a_message_leaves_what_the_text_does_not_name() {
    let mut pod: Pod = read(POD);
    decode_into(&mut pod, r#"{"status":{"phase":"Odd"}}"#, &Options::default()).expect("good");
    assert_eq!(pod.status.phase, Some(PodPhase::from("Odd")));
    assert!(pod.status.ready);
    assert_eq!(pod.spec.containers.len(), 2);
}

#[test]
fn a_string_enum_keeps_a_value_that_it_does_not_know() {
    let pod: Pod = read(r#"{"status":{"phase":"Evicting"}}"#);
    assert_eq!(pod.status.phase, Some(PodPhase::Other("Evicting".into())));
    assert!(rewritten::<Pod>(r#"{"status":{"phase":"Evicting"}}"#).contains(r#""phase":"Evicting""#));
}
