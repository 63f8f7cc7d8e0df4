use std::hash::{BuildHasher, RandomState};

use super::*;

/// What k8s.io/apimachinery v0.37.1 makes of many quantities, as `go run ./cmd/quantities` in `testbed/go` prints it,
/// one line each:
///
/// `parse|text|canonical|sign|Value|MilliValue|AsFloat64Slow`, or `parse|text|error`;
/// `op|a|b|Cmp|Add|Sub|Neg a|factor|Mul`.
///
/// `range` is a value beyond int64 (Go wraps around). `=` is followed by the exact value, where Go's own answer is
/// another (it rounds some negative fractions up) or would not be read back as that value (it drops the suffix from E
/// on; binary amounts beyond int64 are capped when read).
const GO: &str = include_str!("../testdata/quantity.txt");

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect(text)
}

fn lines(kind: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = GO.lines().map(|line| line.split('|').collect::<Vec<_>>());
    lines.filter(move |line| line[0] == kind)
}

/// Checks a result against Go's canonical text, or the exact value.
fn assert_is(ours: Result<Quantity, QuantityError>, go: &str, what: &str) {
    let ours = match ours {
        Ok(ours) => ours,
        // Go's integers have no limit.
        Err(error) => {
            let digits = go.chars().filter(char::is_ascii_digit).count();
            assert!(matches!(error, QuantityError::OutOfRange { .. }) && digits > 38, "{what}: {error}");
            return;
        }
    };
    match go.strip_prefix('=') {
        Some(value) => assert_eq!(ours, quantity(value), "{what}"),
        None => assert_eq!(ours.as_str(), go, "{what}"),
    }
    assert_eq!(ours.canonical().as_ref(), Ok(&ours), "{what}: no precision is lost");
}

#[test]
fn parsing_canonical_form_and_conversions_are_those_of_apimachinery() {
    let mut checked = 0;
    for line in lines("parse") {
        let text = line[1];
        let ours = Quantity::parse(text);
        let has_number = text.trim_start_matches(['+', '-', '.']).starts_with(|c: char| c.is_ascii_digit());
        if line[2] == "error" || !has_number {
            // Go takes a number without any digit for zero.
            assert!(matches!(ours, Err(QuantityError::Syntax { .. })), "{text:?}");
            continue;
        }
        let ours = ours.expect(text);
        assert_eq!(ours.as_str(), text);
        assert_is(ours.canonical(), line[2], text);
        assert_eq!(ours.canonical().as_ref(), Ok(&ours), "{text}");
        assert_eq!(ours.signum().map(|sign| sign.to_string()), Ok(line[3].to_owned()), "{text}");
        assert_eq!(ours.is_zero(), line[3] == "0", "{text}");
        for (value, go) in [(ours.to_i64(), line[4]), (ours.to_milli_i64(), line[5])] {
            match go {
                "range" => assert!(matches!(value, Err(QuantityError::OutOfRange { .. })), "{text}: {value:?}"),
                go => assert_eq!(value.map(|v| v.to_string()), Ok(go.trim_start_matches('=').to_owned()), "{text}"),
            }
        }
        let (float, go) = (ours.to_f64().expect(text), line[6].parse::<f64>().expect("a float"));
        // Go rounds twice, so the last bit may differ.
        assert!((float - go).abs() <= go.abs() * f64::EPSILON, "{text}: {float} {go}");
        checked += 1;
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn comparison_and_arithmetic_are_those_of_apimachinery() {
    let mut checked = 0;
    for line in lines("op") {
        let (a, b, what) = (quantity(line[1]), quantity(line[2]), line.join("|"));
        assert_eq!((a.cmp(&b) as i8).to_string(), line[3], "{what}");
        assert_eq!(b.cmp(&a), a.cmp(&b).reverse(), "{what}");
        assert_eq!(a == b, line[3] == "0", "{what}");
        assert_is(a.checked_add(&b), line[4], &what);
        assert_is(a.checked_sub(&b), line[5], &what);
        assert_is(a.checked_neg(), line[6], &what);
        assert_is(a.checked_mul(line[7].parse().expect("a factor")), line[8], &what);
        checked += 1;
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn it_is_as_small_as_its_string() {
    assert_eq!((size_of::<Quantity>(), size_of::<Option<Quantity>>()), (24, 24));
}

#[test]
fn equal_values_hash_alike() {
    let hasher = RandomState::new();
    for (a, b) in
        [("1", "1000m"), ("1Gi", "1024Mi"), ("0", "-0Ki"), ("1e100", "10e99"), ("0.1", "100m"), ("1n", "0.1n")]
    {
        assert_eq!(quantity(a), quantity(b));
        assert_eq!(hasher.hash_one(quantity(a)), hasher.hash_one(quantity(b)), "{a} {b}");
    }
}

#[test]
fn text_that_is_no_quantity_survives_and_sorts_last() {
    let mut all = ["much", "1", "a lot", "-1Ki", "\u{1}5", "\u{2}5"].map(Quantity::from);
    all.sort();
    assert_eq!(all.each_ref().map(Quantity::as_str), ["-1Ki", "1", "\u{1}5", "\u{2}5", "a lot", "much"]);
    assert_eq!(Quantity::from("much"), Quantity::from("much"));
    assert_ne!(Quantity::from("much"), Quantity::default());
    assert!(all.iter().skip(2).all(|q| !q.is_json_number() && q.canonical().is_err() && !q.is_zero()));
}

#[test]
fn a_json_number_stays_a_number_and_shows_no_mark() {
    for text in ["2", "-2", "1.50", "1e3", "1E-2", "0"] {
        let number = Quantity::from_json_number(text);
        assert!(number.is_json_number());
        assert_eq!((number.as_str(), number.to_string().as_str()), (text, text));
        assert_eq!(format!("{number:?}"), format!("{text:?}"));
        assert_eq!(number, Quantity::from(text));
        assert!(!number.canonical().expect(text).is_json_number());
    }
    for text in ["", "1Gi", "01", "+1", ".5", "\"1\"", "1 "] {
        let other = Quantity::from_json_number(text);
        assert!(!other.is_json_number() && other.as_str() == text, "{text}");
    }
}

#[test]
fn numbers_and_strings_pass_through_json() {
    let text = r#"["500m",2,-3,1.5,"\u0001x"]"#;
    let read: Vec<Quantity> = serde_json::from_str(text).expect("quantities");
    assert_eq!(serde_json::to_string(&read).expect("plain"), text);
    assert!(serde_json::from_str::<Quantity>("null").expect("null").is_zero());
    assert!(serde_json::from_str::<Quantity>("true").is_err());
}

#[test]
fn values_with_too_many_digits_are_kept_but_not_calculated_with() {
    let long = "2345678901234567890123456789012345678901";
    for text in [long, "1234567890123456789012345678901.123456789"] {
        let kept = quantity(text);
        assert_eq!(kept.as_str(), text);
        assert!(matches!(kept.canonical(), Err(QuantityError::TooManyDigits { .. })), "{text}");
        assert_eq!(kept, kept.clone());
        assert!(kept > quantity("1e30"));
    }
    // A binary amount is exact however long: it is capped above, and rounded to nanos below.
    assert_eq!(quantity(&format!("{long}Ki")), quantity("9223372036854775807"));
    let fine = quantity(&format!("1.{long}{long}Ki")).canonical().expect("rounded");
    assert_eq!(fine.as_str(), "1264197519487n");
}

#[test]
fn an_exponent_that_takes_long_elsewhere_is_refused_at_once_and_its_text_is_kept() {
    let zeros = format!("1{}", "0".repeat(1001));
    for text in ["1e1001", "1e-1001", "1e2147483647", "1e-2147483648", "0e99999999999999999999", "10e1000", &zeros] {
        assert!(matches!(Quantity::parse(text), Err(QuantityError::Exponent { .. })), "{text}");
        let kept = Quantity::new(text);
        assert_eq!(kept.as_str(), text);
        assert_eq!(kept, kept.clone());
        assert!(matches!(kept.to_i64(), Err(QuantityError::Exponent { .. })) && kept > quantity("1e1000"), "{text}");
    }
}

#[test]
fn white_space_around_a_quantity_is_kept_and_not_calculated_with() {
    assert!(Quantity::parse(" 1Gi").is_err());
    let read: Quantity = serde_json::from_str("\"  1Gi \"").expect("a string");
    assert_eq!((read.as_str(), read.to_i64()), ("  1Gi ", Ok(1 << 30)));
}

#[test]
fn results_that_do_not_fit_are_errors() {
    let (huge, tiny) = (quantity("1e100"), quantity("1n"));
    let error = huge.checked_add(&tiny).expect_err("110 digits");
    assert_eq!(error.to_string(), "1e100 + 1n exceeds the range of a quantity (38 significant digits)");
    assert!(huge.checked_sub(&tiny).is_err());
    assert!(quantity("99999999999999999999999999999999999999").checked_mul(7).is_err());
    assert!(huge > tiny && huge.checked_neg().expect("a sign") < tiny);
    let extreme = quantity("1e1000");
    assert!(extreme > huge && extreme.to_i64().is_err() && extreme.checked_mul(10).is_err());
    assert_eq!(extreme.to_f64(), Ok(f64::INFINITY));
    assert_eq!(extreme.canonical().map(|q| q.to_string()), Ok("10e999".into()));
    assert_eq!(quantity("1e-1000").canonical().map(|q| q.to_string()), Ok("1e-9".into()));
    assert_eq!(
        quantity("100000000000000000000000000000000000001"),
        quantity("100000000000000000000000000000000000001")
    );
    assert!(quantity("170141183460469231731687303715884105727") < quantity("2e38"));
    assert!(quantity("170141183460469231731687303715884105727") > quantity("17e37"));
}

#[test]
fn it_is_made_from_numbers_and_text() {
    assert_eq!(Quantity::from(5_i64).as_str(), "5");
    assert_eq!(Quantity::from_milli(1500).as_str(), "1500m");
    assert_eq!(Quantity::from_milli(-2000).as_str(), "-2");
    assert_eq!(Quantity::from_bytes(3 << 30).as_str(), "3Gi");
    assert_eq!(Quantity::from_bytes(1000).as_str(), "1k");
    assert_eq!(Quantity::default().as_str(), "0");
    assert_eq!(format!("{:>6}", Quantity::from("1Gi")), "   1Gi");
}
