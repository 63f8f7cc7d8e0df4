//! What holds for all the types that are read from text: no text makes them panic, and none is changed on the way.

mod vectors;

use super::*;

/// Texts that the parsers accept, to be damaged.
const SEEDS: [&str; 12] = [
    "2026-11-22T10:00:00.123456Z",
    "9999-12-31t23:59:59-23:59",
    "1.5Gi",
    "-9223372036854775807e-9",
    "0.000000000931322574615478515625Ei",
    "99999999999999999999999999999999999999",
    "1h3m0.5s",
    "-2562047h47m16.854775808s",
    "aHVudGVyMg==",
    r#"{"a":[1,-2.5e3,"\ud83d\ude00",null,{"b":true}]}"#,
    "25%",
    "é\u{1}\u{0}",
];

/// What gets written over, into or instead of a piece of a seed.
const PIECES: [&str; 20] = [
    "",
    "0",
    "9",
    "-",
    "+",
    ".",
    ":",
    "e",
    "E",
    "i",
    "K",
    "\"",
    "\\",
    "{",
    "]",
    ",",
    "é",
    "\u{1}",
    " ",
    "99999999999999999999",
];

#[test]
fn no_text_makes_a_parser_panic_or_comes_back_changed() {
    let mut random = 42_u64;
    let mut next = move |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let mut accepted = 0;
    for round in 0..20_000 {
        let mut text: Vec<char> = SEEDS[round % SEEDS.len()].chars().collect();
        for _ in 0..=next(3) {
            let start = next(text.len() + 1);
            let end = (start + next(3)).min(text.len());
            text.splice(start..end, PIECES[next(PIECES.len())].chars());
        }
        let text: String = text.into_iter().collect();
        accepted += usize::from(try_all(&text));
    }
    assert!(accepted > 1000, "{accepted} of the damaged texts were still accepted");
}

/// Reads a text as every type, checks what each promises, and says whether one accepted it.
fn try_all(text: &str) -> bool {
    let mut accepted = false;
    if let Ok(time) = Time::parse(text) {
        // What Go's parser takes beyond RFC 3339 is written as RFC 3339 has it.
        let plain = text.as_bytes().get(12) != Some(&b':') && !text.contains(',');
        if plain && text.bytes().filter(u8::is_ascii_digit).count() <= 14 + 9 {
            assert_eq!(time.to_string(), text);
        }
        assert_eq!(Time::parse(&time.to_string()), Ok(time), "{text}");
        let _ = (time.to_timestamp(), std::time::SystemTime::try_from(time));
        accepted = true;
    }
    if let Ok(span) = Duration::parse(text) {
        assert_eq!(Duration::parse(&span.to_string()), Ok(span), "{text}");
        accepted = true;
    }
    if let Ok(json) = RawJson::from_text(text) {
        assert_eq!(json.as_str(), text.trim_ascii());
        // A tree holds numbers of fewer digits exactly.
        let small_numbers = text.chars().filter(char::is_ascii_digit).count() < 16;
        if let (true, Ok(value)) = (small_numbers, json.to_value()) {
            assert_eq!(json, RawJson::from(&value));
        }
        accepted = true;
    }
    if let Ok(bytes) = ByteString::from_base64(text) {
        assert_eq!(ByteString::from_base64(&bytes.to_base64()), Ok(bytes));
        accepted = true;
    }
    let _ = RawJson::from_valid_text(text) == RawJson::default();
    let _ = IntOrString::from(text).scaled(i64::MAX, true);

    let quantity = Quantity::new(text);
    assert_eq!(quantity.as_str(), text);
    assert_eq!(quantity, Quantity::from_json_number(text));
    if let Ok(canonical) = quantity.canonical() {
        assert_eq!(canonical, quantity, "{text}");
        assert_eq!(quantity.checked_sub(&canonical).map(|rest| rest.is_zero()), Ok(true), "{text}");
        let _ = (quantity.to_i64(), quantity.to_milli_i64(), quantity.to_f64(), quantity.checked_mul(i64::MIN));
        accepted = true;
    }
    accepted
}

/// Of each text a parser that takes a short cut makes the float beside the nearest.
#[test]
fn a_number_with_a_fraction_keeps_its_value_through_serde_and_in_trees() {
    for text in ["123456789.12345679", "9.222246136947933e18", "-123456789.12345679", "0.000031662489065573694"] {
        let nearest: f64 = text.parse().expect("a float");
        let is_nearest = |written: String| assert_eq!(written.parse(), Ok(nearest), "{text}: {written}");
        let raw = RawJson::from_text(text).expect("JSON");
        assert_eq!(raw.to_value().expect("a tree").as_f64(), Some(nearest), "{text}");
        assert_eq!(raw.decode::<f64>().expect("a float"), nearest, "{text}");
        is_nearest(serde_json::to_string(&raw).expect("JSON"));
        is_nearest(serde_json::to_string(&Quantity::from_json_number(text)).expect("JSON"));
        is_nearest(serde_json::from_str::<Quantity>(text).expect("a quantity").as_str().to_owned());
        is_nearest(serde_json::to_string(&Number::parse(text).expect("a number")).expect("JSON"));
        is_nearest(serde_json::from_str::<Number>(text).expect("a number").as_str().to_owned());
    }
}
