//! What holds for any input.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::samples::{Affinity, Container, EnvVar, POD, Pod, PodList, WIDGET, Widget};
use super::written;
use crate::json::split::ListSplitter;
use crate::json::{from_slice, from_str};
use crate::message::MessageType;
use crate::types::{ByteString, IntOrString, Nullable, Quantity, RawJson};

/// Whether the codec takes a text as one JSON value, which it skips.
fn skips(text: &str) -> bool {
    from_str::<Pod>(&format!(r#"{{"x":{text}}}"#)).is_ok()
}

/// Random JSON text, in any layout.
fn json() -> impl Strategy<Value = String> {
    let space = prop_oneof![8 => Just(""), 1 => Just(" "), 1 => Just("\n\t\r ")];
    let string = prop_oneof![
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap_or_default()),
        "[ -~]{0,20}".prop_map(|text| serde_json::to_string(&text).unwrap_or_default()),
        Just(r#""\u00e9\ud83d\ude00\/""#.to_owned()),
    ];
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
    ];
    let key = string.clone();
    let leaf = prop_oneof![string, number, Just("null".to_owned()), Just("true".to_owned()), Just("false".to_owned())];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let padded = (space.clone(), inner, space.clone()).prop_map(|(a, inner, b)| format!("{a}{inner}{b}"));
        let entry = (key.clone(), space.clone(), padded.clone())
            .prop_map(|(key, space, inner)| format!("{key}{space}:{inner}"));
        prop_oneof![
            vec(padded, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            vec(entry, 0..5).prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    })
}

/// JSON with something broken in it, or not.
fn nearly_json() -> impl Strategy<Value = String> {
    (json(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[\\[\\]{},:\"\\\\0-9a-fntue.+ -]{0,2}")
        .prop_map(|(text, from, to, insert)| {
            let chars: Vec<char> = text.chars().collect();
            let (from, to) = (from.index(chars.len()), to.index(chars.len()));
            let cut = if to > from && to - from < 3 { to } else { from };
            chars[..from].iter().copied().chain(insert.chars()).chain(chars[cut..].iter().copied()).collect()
        })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,30}", any::<String>()]
}

fn widget() -> impl Strategy<Value = Widget> {
    let first = (
        option::of(vec(any::<u8>(), 0..40)),
        option::of(any::<i32>()),
        option::of(json()),
        btree_map(name(), vec(name(), 0..3), 0..4),
        vec(vec(any::<i64>(), 0..3), 0..3),
        option::of(vec(name(), 0..3)),
        option::of(name()),
    );
    let second = (
        btree_map(name(), (name(), option::of(name())), 0..3),
        option::of(name()),
        option::of(any::<f64>().prop_filter("finite", |n| n.is_finite())),
        option::of(option::of(any::<i64>())),
        option::of(name()),
        option::of(btree_map(name(), name(), 0..4)),
        option::of(option::of(vec(option::of(any::<i64>()), 0..3))),
        any::<i64>(),
        btree_map(name(), json(), 0..3),
    );
    fn nullable<T>(value: Option<T>) -> Nullable<T> {
        value.map_or(Nullable::Null, Nullable::Value)
    }
    (first, second).prop_map(|(first, second)| {
        let (bytes, count, extra, groups, matrix, names, odd_name) = first;
        let (parts, quantity, ratio, size, strict, tags, maybe, total, unknown) = second;
        let mut widget = Widget {
            bytes: bytes.map(ByteString),
            count,
            // A null there would be read as an absent one.
            extra: extra
                .filter(|text| text.trim() != "null")
                .map(|text| RawJson::from_text(text.trim()).expect("JSON")),
            groups: groups
                .into_iter()
                .map(|(key, names)| (key, names.into_iter().map(Into::into).collect::<Vec<_>>()))
                .collect(),
            matrix,
            names: names.map(|names| names.into_iter().map(Into::into).collect()),
            odd_name: odd_name.map(Into::into),
            parts: parts
                .into_iter()
                .map(|(key, (name, value))| {
                    (key, EnvVar { name: name.into(), value: value.map(Into::into), ..Default::default() })
                })
                .collect(),
            quantity: quantity.map(Quantity::new),
            ratio,
            size: size.map(nullable),
            strict: nullable(strict.map(Into::into)),
            tags: tags.map(Into::into),
            maybe: maybe.map(|list| nullable(list.map(|list| list.into_iter().map(nullable).collect()))),
            total,
            ..Default::default()
        };
        for (name, json) in
            unknown.into_iter().filter(|(name, _)| Widget::table().fields.iter().all(|f| f.name() != name))
        {
            if name != "apiVersion" && name != "kind" {
                widget.unknown_fields.insert(name, RawJson::from_text(json).expect("JSON"));
            }
        }
        widget
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = from_slice::<Pod>(&bytes);
        let _ = from_slice::<Widget>(&bytes);
    }

    #[test]
    fn arbitrary_text_of_json_letters_never_panics(text in "[\\[\\]{},:\"\\\\0-9a-z.+ -]{0,60}") {
        let _ = from_str::<Pod>(&text);
        let _ = from_str::<Widget>(&format!(r#"{{"extra":{text}}}"#));
    }

    #[test]
    fn a_changed_byte_anywhere_never_panics(at in 0..POD.len(), byte in any::<u8>(), cut in 0..5usize) {
        for text in [POD, WIDGET] {
            let mut bytes = text.as_bytes().to_vec();
            let at = at % bytes.len();
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, [byte]);
            if let Ok(pod) = from_slice::<Pod>(&bytes) {
                // What is taken can be written, and then says the same.
                let again = from_str::<Pod>(&written(&pod));
                prop_assert!(again.is_ok_and(|again| again == pod));
            }
            let _ = from_slice::<Widget>(&bytes);
        }
    }

    #[test]
    fn skipping_takes_exactly_what_serde_json_takes(text in nearly_json()) {
        // Inside an object, as it is skipped: a text such as `1,"y":2` is two fields there.
        let inside = format!(r#"{{"x":{text}}}"#);
        let theirs = serde_json::from_str::<Box<serde_json::value::RawValue>>(&inside).is_ok();
        prop_assert_eq!(skips(&text), theirs, "{}", text);
    }

    #[test]
    fn good_json_is_kept_word_for_word(text in json()) {
        prop_assert!(skips(&text));
        let pod = from_str::<Pod>(&format!(r#"{{"x": {text} ,"y":0}}"#)).expect("good");
        prop_assert_eq!(pod.unknown_fields.get("x").map(RawJson::as_str), Some(text.as_str()));
    }

    #[test]
    fn strings_read_as_serde_json_reads_them(text in "\"([ -~é€😀]|\\\\[bfnrt\"/\\\\]|\\\\u[0-9a-fA-F]{4}|\\\\ud8[0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2}){0,12}\"") {
        let ours = from_str::<EnvVar>(&format!(r#"{{"value":{text}}}"#)).ok().and_then(|env| env.value);
        let theirs = serde_json::from_str::<String>(&text).ok();
        prop_assert_eq!(ours.as_deref(), theirs.as_deref());
    }

    #[test]
    fn integers_read_as_serde_json_reads_them(text in "-?[0-9]{1,21}") {
        let ours = from_str::<Widget>(&format!(r#"{{"total":{text}}}"#)).ok().map(|widget| widget.total);
        prop_assert_eq!(ours, serde_json::from_str::<i64>(&text).ok().or((text == "-0").then_some(0)));
    }

    #[test]
    fn what_is_written_is_read_back_the_same(widget in widget()) {
        let text = written(&widget);
        let back = from_str::<Widget>(&text);
        prop_assert!(back.as_ref().is_ok_and(|back| *back == widget), "{text}");
        prop_assert_eq!(back.map(|back| written(&back)).unwrap_or_default(), text);
    }

    #[test]
    fn what_is_written_is_what_serde_writes(mut widget in widget()) {
        // Three is written 3, and by serde 3.0; and serde_json reads the last digit of others wrong.
        widget.ratio = None;
        let ours: serde_json::Value = serde_json::from_str(&written(&widget)).expect("good JSON");
        let through_serde = serde_json::to_value(&widget);
        // Through serde, raw JSON is what serde_json makes of it.
        if let Ok(theirs) = through_serde {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_splitter_takes_any_bytes_in_any_chunks(start in "[ -~]{0,5}", bytes in vec(any::<u8>(), 0..80), size in 1..9usize) {
        let mut text = start.into_bytes();
        text.extend_from_slice(b"{\"items\":[{");
        text.extend(bytes);
        let whole = { let mut s = ListSplitter::new(60); let mut n = 0; let mut chunk = &text[..]; while let Ok(Some(_)) = s.next(&mut chunk) { n += 1; } n };
        let mut splitter = ListSplitter::new(60);
        let mut count = 0;
        'text: for mut chunk in text.chunks(size) {
            loop {
                match splitter.next(&mut chunk) {
                    Ok(Some(_)) => count += 1,
                    Ok(None) => break,
                    Err(_) => break 'text,
                }
            }
        }
        prop_assert_eq!(count, whole);
    }
}

#[test]
fn a_text_that_stops_early_is_an_error_wherever_it_stops() {
    let list = format!(r#"{{"items":[{POD},{POD}],"metadata":{{"a":[true,null,-1.5e+3,"\u00e9\n"]}}}}"#);
    for end in 0..list.len() {
        let error = from_slice::<PodList>(&list.as_bytes()[..end]).err();
        assert!(error.is_some(), "{end}");
    }
    for end in 0..WIDGET.len() {
        assert!(from_slice::<Widget>(&WIDGET.as_bytes()[..end]).is_err(), "{end}");
    }
    let ascii: String = list.chars().filter(char::is_ascii).collect();
    let told = (0..ascii.len())
        .filter(|end| from_str::<PodList>(&ascii[..*end]).is_err_and(|error| error.is_truncated()))
        .count();
    assert_eq!(told, ascii.len(), "each is told to be cut short");
}

#[test]
fn one_stack_is_enough_for_the_deepest_document() {
    // Two tables that contain each other, raw JSON at the bottom.
    let text = format!(
        "{}{}1{}{}",
        r#"{"nested":"#.repeat(60),
        r#"{"terms":["#.to_owned() + &"[".repeat(60),
        "]".repeat(60),
        "]}".to_owned() + &"}".repeat(60)
    );
    let affinity = from_str::<Affinity>(&text).expect("not too deep");
    assert_eq!(written(&affinity), text);
    let container = Container { probe: Some(Box::default()), ..Default::default() };
    assert!(matches!(container.probe.as_ref().map(|probe| &probe.port), Some(IntOrString::Int(0))));
}
