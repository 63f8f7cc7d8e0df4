//! Field selectors.

use std::borrow::Cow;

use crate::selector::FieldSelector;

fn field(path: &str) -> Option<Cow<'static, str>> {
    match path {
        "metadata.name" => Some("web".into()),
        "spec.text" => Some(r"a,b=c\d".into()),
        _ => None,
    }
}

#[test]
fn all_terms_of_a_field_selector_must_be_met() {
    for (text, matches) in [
        ("", true),
        ("metadata.name=web", true),
        ("metadata.name==web", true),
        ("metadata.name!=web", false),
        ("metadata.name=web,status.phase!=Failed", true),
        ("metadata.name=web,status.phase=Failed", false),
        // An absent field counts as empty.
        ("status.phase=", true),
        (r"spec.text=a\,b\=c\\d", true),
        (",metadata.name=web,", true),
        // Spaces count.
        ("metadata.name= web", false),
    ] {
        let selector: FieldSelector = text.parse().expect(text);
        assert_eq!(selector.matches(field), matches, "{text}");
        assert_eq!(selector.to_string().parse::<FieldSelector>().expect("its own text"), selector, "{text}");
    }
}

#[test]
fn the_text_of_a_field_selector_is_sorted_and_escaped() {
    let selector: FieldSelector = r"b==1,a!=x\,y".parse().expect("valid");
    assert_eq!(selector.to_string(), r"a!=x\,y,b=1");
    let terms: Vec<_> = selector.terms().iter().map(|term| (term.field(), term.is_equal(), term.value())).collect();
    assert_eq!(terms, [("a", false, "x,y"), ("b", true, "1")]);
}

#[test]
fn a_term_without_an_operator_or_with_a_wrong_escape_is_an_error() {
    for text in ["a", "a=b,c", r"a=b\", r"a=\x", "a=b=c", "a!=b=c", "a===b"] {
        text.parse::<FieldSelector>().expect_err(text);
    }
}
