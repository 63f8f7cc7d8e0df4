//! Lists that are still coming in.

use super::samples::Part;
use super::{bytes, enveloped, number};
use crate::List;
use crate::protobuf::split::ListSplitter;
use crate::protobuf::{Error, Options, decode_bare, from_slice};

fn list() -> Vec<u8> {
    let items: Vec<_> =
        (0..3).map(|size| bytes(2, [bytes(1, bytes(1, "x".repeat(200))), number(2, size)].concat())).collect();
    let meta = bytes(1, [bytes(2, "77"), bytes(3, "more")].concat());
    enveloped("v1", "PartList", &[meta, items.concat(), bytes(2, ""), number(9, 300), items.concat()].concat())
}

fn split(body: &[u8], chunk: usize, limit: usize) -> Result<(Vec<i32>, Vec<u8>), Error> {
    let mut splitter = ListSplitter::new(limit);
    let mut sizes = Vec::new();
    for mut chunk in body.chunks(chunk) {
        while let Some(item) = splitter.next(&mut chunk)? {
            let mut part = Part::default();
            decode_bare(&mut part, item, &Options::default())?;
            sizes.push(part.size);
        }
    }
    Ok((sizes, splitter.finish()?))
}

#[test]
fn items_come_out_whole_however_the_chunks_fall() {
    let body = list();
    for chunk in [1, 2, 3, 7, 100, body.len()] {
        let (sizes, rest) = split(&body, chunk, 1 << 20).expect("a list");
        assert_eq!(sizes, [0, 1, 2, 0, 0, 1, 2], "chunks of {chunk}");
        let rest: List<Part> = from_slice(&rest).expect("a list");
        assert_eq!(rest.metadata.resource_version.as_deref().unwrap_or("77"), "77");
        assert!(rest.items.is_empty());
        assert_eq!(rest.unknown_fields.protobuf(), number(9, 300));
    }
}

#[test]
fn a_list_that_is_cut_off_is_an_error() {
    let body = list();
    // After the list itself come two empty fields of the envelope, which may be missing.
    for end in 0..body.len() - 4 {
        let error = split(&body[..end], 64, 1 << 20).expect_err("cut off");
        assert!(error.is_truncated(), "{end}: {error}");
    }
}

#[test]
fn an_item_over_the_limit_is_an_error_before_it_is_held() {
    assert!(split(&list(), 64, 300).is_ok());
    let error = split(&list(), 64, 100).expect_err("too large");
    assert!(error.to_string().contains("larger than the limit of 100 bytes"), "{error}");
}

#[test]
fn an_item_that_goes_beyond_its_list_is_an_error() {
    let item = [0x12, 0x50, 1, 2, 3];
    let body = enveloped("v1", "PartList", &item);
    assert!(split(&body, 5, 1 << 20).is_err());
}

#[test]
fn a_field_without_end_is_an_error_even_if_nothing_is_too_large() {
    let endless = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    // Of the envelope; of the list; of an item.
    for tags in [&[0x0a][..], &[0x12, 0x0a], &[0x12, 0x12]] {
        let heads: Vec<_> = tags.iter().flat_map(|tag| [&[*tag][..], &endless].concat()).collect();
        let error = split(&[b"k8s\0", &*heads, &[7; 50]].concat(), 5, usize::MAX).expect_err("no end");
        assert!(error.is_truncated(), "{tags:?}: {error}");
    }
}

#[test]
fn what_is_no_list_in_an_envelope_is_an_error() {
    assert!(split(br#"{"kind":"PartList"}"#, 4, 100).is_err());
    assert!(split(b"", 4, 100).expect_err("nothing").is_truncated());
}

#[test]
fn an_empty_list_has_no_items() {
    let (sizes, rest) = split(&enveloped("v1", "PartList", &[]), 3, 100).expect("a list");
    assert!(sizes.is_empty());
    assert!(from_slice::<List<Part>>(&rest).expect("a list").items.is_empty());
}
