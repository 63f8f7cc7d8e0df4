//! Label selectors, compared with Go's library.

use compact_str::CompactString;
use serde::Deserialize;

use crate::meta::v1::{LabelSelector, LabelSelectorRequirement};
use crate::selector::{Operator, Requirement, Selector};
use crate::types::Map;

/// The results of `labels.Parse` of k8s.io/apimachinery v0.37.1, call by call.
const VECTORS: &str = include_str!("selectors.jsonl");

#[derive(Deserialize)]
struct Vector {
    input: String,
    output: Option<Output>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Output {
    string: String,
    empty: bool,
    #[serde(default)]
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Match {
    labels: std::collections::BTreeMap<String, String>,
    matches: bool,
}

#[test]
fn label_selectors_are_parsed_matched_and_written_as_go_does() {
    let vectors: Vec<Vector> = VECTORS.lines().map(|line| serde_json::from_str(line).expect("a vector")).collect();
    assert_eq!(vectors.len(), 80);
    let mut matched = 0;
    for Vector { input, output, error } in vectors {
        match (input.parse::<Selector>(), output) {
            (Ok(selector), Some(output)) => {
                assert_eq!(selector.to_string(), output.string, "{input:?}");
                assert_eq!(selector.is_empty(), output.empty, "{input:?}");
                let again: Selector = output.string.parse().expect("its own text");
                assert_eq!(again, selector, "{input:?}");
                for Match { labels, matches } in output.matches {
                    let map: Map<CompactString> = labels
                        .iter()
                        .map(|(key, value)| (CompactString::from(key), CompactString::from(value)))
                        .collect();
                    assert_eq!(selector.matches(&map), matches, "{input:?} of {labels:?}");
                    matched += 1;
                }
            }
            (Err(ours), None) => assert!(error.is_some() && ours.to_string().contains("invalid label selector")),
            (ours, _) => panic!("{input:?}: {ours:?}, but Go: {error:?}"),
        }
    }
    assert!(matched > 20, "{matched}");
}

#[test]
fn values_between_commas_may_be_empty() {
    for (text, values) in [("a in (b,,c)", vec!["", "b", "c"]), ("a in (,,)", vec![""]), ("a in (,b)", vec!["", "b"])] {
        let selector: Selector = text.parse().expect("a selector");
        assert_eq!(selector.requirements()[0].values(), values, "{text}");
    }
}

#[test]
fn an_error_says_what_was_found_and_what_was_expected() {
    for (text, message) in [
        ("a b", "invalid label selector \"a b\": found 'b', expected one of in, notin, =, ==, !=, > and <"),
        ("a,", "invalid label selector \"a,\": found the end, expected an identifier after ','"),
        ("a>x", "invalid label selector \"a>x\": the value \"x\" of \"a\" must be an integer"),
        ("a/", "invalid label selector \"a/\": invalid label key \"a/\": the name is empty"),
    ] {
        assert_eq!(text.parse::<Selector>().expect_err(text).to_string(), message);
    }
}

#[test]
fn a_selector_of_an_object_is_the_sum_of_its_labels_and_expressions() {
    let expression = |key: &str, operator: &str, values: &[&str]| LabelSelectorRequirement {
        key: key.into(),
        operator: operator.into(),
        values: values.iter().map(|value| (*value).into()).collect(),
        ..Default::default()
    };
    let selector = LabelSelector {
        match_labels: Map::from([("tier", "front"), ("app", "web")]),
        match_expressions: vec![expression("track", "NotIn", &["b", "a"]), expression("canary", "DoesNotExist", &[])],
        ..Default::default()
    };
    let converted = Selector::try_from(&selector).expect("valid");
    assert_eq!(converted.to_string(), "app=web,!canary,tier=front,track notin (a,b)");
    assert!(Selector::try_from(&LabelSelector::default()).expect("valid").matches(&Map::new()));
    for invalid in [expression("a", "Gt", &["1"]), expression("a", "In", &[]), expression("a", "Exists", &["b"])] {
        let selector = LabelSelector { match_expressions: vec![invalid], ..Default::default() };
        Selector::try_from(&selector).expect_err("invalid");
    }
}

#[test]
fn a_requirement_has_as_many_values_as_its_operator_compares() {
    for (operator, values, fits) in [
        (Operator::In, &[][..], false),
        (Operator::In, &["a", "b"], true),
        (Operator::Exists, &["a"], false),
        (Operator::Equals, &["a", "b"], false),
        (Operator::GreaterThan, &["5"], true),
        (Operator::GreaterThan, &["five"], false),
        (Operator::Equals, &["-a"], false),
    ] {
        let made = Requirement::new("key", operator, values.iter().copied());
        assert_eq!(made.is_ok(), fits, "{operator:?} {values:?}");
    }
}
