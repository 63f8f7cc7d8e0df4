//! Lists of whole objects, and taking them apart.

use super::samples::{Pod, PodList};
use super::{error, read, rewritten};
use crate::json::Error;
use crate::json::split::ListSplitter;

#[test]
fn items_of_a_list_may_leave_out_their_kind_or_give_the_right_one() {
    let list: PodList = read(
        r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"apiVersion":"v1","kind":"Pod"}]}"#,
    );
    assert_eq!(list.items.len(), 2);
    assert!(list.items.iter().all(|pod| pod.unknown_fields.is_empty()));
    let error = error::<PodList>(r#"{"items":[{},{"kind":"Node","apiVersion":"v1"}]}"#);
    assert_eq!(error.to_string(), "at .items[1] (byte 13): expected v1 Pod, got v1 Node");
}

#[test]
fn a_list_has_the_kind_of_its_items_with_list_at_the_end() {
    assert_eq!(
        rewritten::<PodList>(r#"{"kind":"List","apiVersion":"v1","items":[{"metadata":{"name":"a"}}]}"#),
        r#"{"apiVersion":"v1","kind":"PodList","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}]}"#
    );
    let error = error::<PodList>(r#"{"kind":"NodeList","apiVersion":"v1","items":[]}"#);
    assert_eq!(error.to_string(), "at byte 0: expected v1 PodList, got v1 NodeList");
}

/// Splits a text that comes in chunks of some size.
fn split(text: &str, size: usize, limit: usize) -> Result<(Vec<String>, String), Error> {
    let mut splitter = ListSplitter::new(limit);
    let mut items = Vec::new();
    for mut chunk in text.as_bytes().chunks(size) {
        while let Some(item) = splitter.next(&mut chunk)? {
            items.push(String::from_utf8(item.to_vec()).expect("whole characters"));
        }
    }
    Ok((items, String::from_utf8(splitter.finish()?).expect("UTF-8")))
}

#[test]
fn a_list_is_split_wherever_the_chunks_end() {
    let items = [r#"{"a":"}]\"{[\\","é":[{"items":[{}]}]}"#, "{}", r#"{"b" : "\\\"",  "c":{}}"#];
    for (start, end, envelope) in [
        (
            r#"{"kind":"PodList","metadata":{"items":[1,{}]},"items":["#,
            "]}",
            r#"{"kind":"PodList","metadata":{"items":[1,{}]},"items":[]}"#,
        ),
        (
            r#"{ "items" : [ "#,
            " ],\n \"metadata\":{\"continue\":\"]\\\"\"} } ",
            "{ \"items\" : [],\n \"metadata\":{\"continue\":\"]\\\"\"} } ",
        ),
    ] {
        for separator in [",", " ,\n "] {
            let text = format!("{start}{}{end}", items.join(separator));
            for size in 1..text.len() + 1 {
                let (found, rest) = split(&text, size, 1000).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(found, items, "chunks of {size}");
                assert_eq!(rest, envelope, "chunks of {size}");
            }
        }
    }
}

#[test]
fn what_is_no_list_comes_out_as_it_is() {
    for text in [
        r#"{"kind":"Status","details":{"items":[{}]}}"#,
        r#"{"items":null}"#,
        r#"{"x":"items","y":{"items":[]}}"#,
        r#"{"items":{"a":1}}"#,
    ] {
        assert_eq!(split(text, 3, 1000).expect("good"), (vec![], text.to_owned()));
    }
}

#[test]
fn split_items_and_the_rest_are_read_like_the_whole() {
    let text = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
    let (items, rest) = split(text, 10, 1000).expect("good");
    let mut list: PodList = read(&rest);
    list.items.extend(items.iter().map(|item| read::<Pod>(item)));
    assert!(list == read::<PodList>(text));
}

#[test]
fn a_split_list_that_stops_early_is_an_error() {
    let text = r#"{"kind":"PodList","items":[{"a":"x"},{}],"metadata":{}}"#;
    for end in 0..text.len() {
        assert!(split(&text[..end], 7, 1000).is_err_and(|error| error.is_truncated()), "{end}");
    }
}

#[test]
fn what_a_splitter_holds_is_bounded() {
    let long = format!(r#"{{"items":[{{"a":"{}"}}]}}"#, "x".repeat(100));
    assert_eq!(
        split(&long, 16, 50).expect_err("too long").to_string(),
        "at byte 64: larger than the limit of 50 bytes"
    );
    let long = format!(r#"{{"metadata":"{}"}}"#, "x".repeat(100));
    assert_eq!(
        split(&long, 16, 50).expect_err("too long").to_string(),
        "at byte 50: larger than the limit of 50 bytes"
    );
    let many = format!(r#"{{"items":[{}{{}}]}}"#, r#"{"a":"b"},"#.repeat(100));
    assert_eq!(split(&many, 16, 50).expect("each is small").0.len(), 101);
}

#[test]
fn something_else_than_an_object_among_the_items_is_an_error() {
    for text in [r#"{"items":[1]}"#, r#"{"items":[{},null]}"#, r#"{"items":[[]]}"#, r#"{"items":["a"]}"#] {
        assert!(split(text, 4, 100).is_err(), "{text}");
    }
}
