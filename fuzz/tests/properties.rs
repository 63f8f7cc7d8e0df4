//! Every property, for every type, from a seed that is always the same. `cargo xtask fuzz` goes on from others.
#![allow(missing_docs)]

use kubewright_fuzz::run::check_all;
use kubewright_fuzz::{PROPERTIES, Plan, types};

fn holds(property: &str, rounds: u64) {
    let plan = Plan { seed: 1, property: Some(property.to_owned()), ty: None };
    match check_all(&plan, rounds) {
        Ok(cases) => assert!(cases >= 20, "{cases} cases of {property}"),
        Err(failures) => panic!("{}", failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")),
    }
}

macro_rules! properties {
    ($($test:ident: $name:literal, $rounds:literal;)*) => {
        $(#[test]
        fn $test() {
            holds($name, $rounds);
        })*

        #[test]
        fn each_property_is_checked_here() {
            let here = [$($name),*];
            assert_eq!(PROPERTIES.iter().map(|property| property.name).collect::<Vec<_>>(), here);
            assert!(types().len() > 700, "{} types", types().len());
        }
    };
}

properties! {
    what_is_written_is_read_as_the_same: "identity", 2;
    fields_that_no_table_knows_survive_in_both_encodings: "unknown-fields", 2;
    an_object_that_is_cut_off_is_an_error_or_whole: "truncation", 1;
    a_list_that_is_cut_off_gives_whole_items_and_an_error: "truncated-lists", 1;
    damaged_bytes_make_nothing_panic: "damage", 1;
    a_list_splits_the_same_in_any_chunks: "chunks", 2;
    what_is_too_deep_or_too_long_is_an_error: "limits", 1;
    streams_give_whole_objects_however_their_bodies_come: "streams", 1;
    texts_with_a_meaning_come_back_or_are_refused: "leaves", 1;
}
