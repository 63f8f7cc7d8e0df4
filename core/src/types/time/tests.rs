use std::hash::{BuildHasher, RandomState};

use super::*;

fn time(text: &str) -> Time {
    Time::parse(text).expect(text)
}

#[test]
fn a_time_is_two_words_and_so_is_an_optional_one() {
    assert_eq!((size_of::<Time>(), size_of::<Option<Time>>()), (16, 16));
    assert_eq!((size_of::<MicroTime>(), size_of::<Option<MicroTime>>()), (16, 16));
}

#[test]
fn a_time_that_was_read_is_written_letter_by_letter() {
    for text in [
        "2026-11-22T10:00:00Z",
        "2026-11-22t10:00:00z",
        "2026-11-22 10:00:00Z",
        "2026-11-22T10:00:00.123456Z",
        "2026-11-22T10:00:00.0Z",
        "2026-11-22T10:00:00.120000000+05:45",
        "2026-11-22T10:00:00.000000001-23:59",
        "2026-11-22T10:00:00+00:00",
        "2026-11-22T10:00:00-00:00",
        "0000-01-01T00:00:00Z",
        "0000-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999999-23:59",
        "0001-01-01T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2000-02-29T23:59:59Z",
    ] {
        assert_eq!(time(text).to_string(), text);
        let mut out = Vec::new();
        time(text).with_text(|text| out.extend_from_slice(text.as_bytes()));
        assert_eq!(out, text.as_bytes());
    }
}

#[test]
fn a_micro_time_is_written_with_six_digits_however_it_was_read() {
    for (read, written) in [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000Z"),
        ("2026-11-22t10:00:00.5z", "2026-11-22t10:00:00.500000z"),
        ("2026-11-22T10:00:00.123+05:45", "2026-11-22T10:00:00.123000+05:45"),
        ("2026-11-22T10:00:00.123456Z", "2026-11-22T10:00:00.123456Z"),
        ("2026-11-22T10:00:00.123456999-23:59", "2026-11-22T10:00:00.123456-23:59"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"),
    ] {
        let parsed = MicroTime::parse(read).expect(read);
        assert_eq!(parsed.to_string(), written);
        assert_eq!(parsed.subsec_nanos() % 1000, 0, "{read}");
        let json: MicroTime = serde_json::from_value(read.into()).expect(read);
        assert_eq!(serde_json::to_value(json).expect("a string"), written);
    }
}

#[test]
fn what_is_no_rfc_3339_is_a_syntax_error() {
    for text in [
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00Z",
        "2026-11-22_10:00:00Z",
        "2026/11/22T10:00:00Z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00+0100",
        "2026-11-22T10:00:00+01",
        "2026-11-22T10:00:00ZZ",
        "2026-11-22T10:00:00Z ",
        " 2026-11-22T10:00:00Z",
        "+026-11-22T10:00:00Z",
        "2026-1a-22T10:00:00Z",
        "２026-11-22T10:00:00Z",
        "2026-11-22T10:00:0é",
    ] {
        assert!(matches!(Time::parse(text), Err(TimeError::Syntax { .. })), "{text}");
    }
}

#[test]
fn a_day_or_an_hour_that_does_not_exist_is_named() {
    for (text, wrong) in [
        ("2026-00-22T10:00:00Z", "month"),
        ("2026-13-22T10:00:00Z", "month"),
        ("2026-11-00T10:00:00Z", "day"),
        ("2026-11-31T10:00:00Z", "day"),
        ("2025-02-29T10:00:00Z", "day"),
        ("1900-02-29T10:00:00Z", "day"),
        ("2026-11-22T24:00:00Z", "hour"),
        ("2026-11-22T10:60:00Z", "minute"),
        ("2026-11-22T10:00:60Z", "second"),
        ("2026-11-22T10:00:00+25:00", "offset"),
        ("2026-11-22T10:00:00+00:61", "offset"),
    ] {
        match Time::parse(text) {
            Err(TimeError::NoSuchTime { field, .. }) => assert_eq!(field, wrong, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn equality_order_and_hash_are_those_of_the_instant() {
    let (paris, utc) = (time("2026-11-22T11:00:00.50+01:00"), time("2026-11-22 10:00:00.5z"));
    let hasher = RandomState::new();
    assert_eq!(paris, utc);
    assert_eq!(hasher.hash_one(paris), hasher.hash_one(utc));
    assert!(time("2026-11-22T23:00:00-05:00") > time("2026-11-23T03:59:59Z"));
    assert!(time("1969-12-31T23:59:59.9Z") < time("1970-01-01T00:00:00Z"));
}

#[test]
fn the_calendar_agrees_with_jiff() {
    // Steps of 3 days, 7 hours and a bit, through all of jiff's years that have four digits.
    let mut seconds = -62_167_219_200_i64;
    while seconds < 253_402_207_200 {
        let theirs = jiff::Timestamp::from_second(seconds).expect("in range");
        let ours = Time::from_unix(seconds, 0);
        assert_eq!(ours.to_string(), theirs.to_string());
        assert_eq!(time(&theirs.to_string()).unix_seconds(), seconds);
        assert_eq!(ours.to_timestamp(), Ok(theirs));
        seconds += 284_521 * 37;
    }
}

#[test]
fn what_we_make_is_utc_with_no_or_six_fractional_digits() {
    let instant: jiff::Timestamp = "2026-11-22T10:00:00.123456789Z".parse().expect("a time");
    assert_eq!(Time::from(instant).to_string(), "2026-11-22T10:00:00Z");
    assert_eq!(MicroTime::from(instant).to_string(), "2026-11-22T10:00:00.123456Z");
    assert_eq!(MicroTime::from(Time::from(instant)).to_string(), "2026-11-22T10:00:00.000000Z");
    assert_eq!(Time::from(MicroTime::from(instant)), Time::from(instant));
    assert_eq!(Time::now().subsec_nanos(), 0);
    assert_eq!(MicroTime::now().subsec_nanos() % 1000, 0);
}

#[test]
fn instants_before_1970_round_towards_the_past() {
    let instant: jiff::Timestamp = "1969-12-31T23:59:58.25Z".parse().expect("a time");
    assert_eq!(MicroTime::from(instant).to_string(), "1969-12-31T23:59:58.250000Z");
    assert_eq!(Time::from(instant).to_string(), "1969-12-31T23:59:58Z");
    let system = SystemTime::UNIX_EPOCH - StdDuration::from_millis(1750);
    assert_eq!(MicroTime::from(system).to_string(), "1969-12-31T23:59:58.250000Z");
    assert_eq!(SystemTime::try_from(MicroTime::from(system)), Ok(system));
    assert_eq!(jiff::Timestamp::try_from(MicroTime::from(instant)), Ok(instant));
}

#[test]
fn times_beyond_another_types_range_are_errors_and_never_panic() {
    let end = time("9999-12-31T23:59:59Z");
    assert_eq!(end.to_string(), "9999-12-31T23:59:59Z");
    assert!(matches!(end.to_timestamp(), Err(TimeError::OutOfRange { .. })));
    for seconds in [i64::MIN, i64::MAX, 253_402_300_800, -62_167_219_201] {
        for nanos in [i64::MIN, -1, 0, i64::MAX] {
            let far = Time::from_unix(seconds, nanos);
            assert!(far.to_string().ends_with('Z'));
            assert!(Time::parse(&far.to_string()).is_err() || seconds.abs() < 300_000_000_000, "{far}");
            let _ = (far.to_timestamp(), SystemTime::try_from(far));
        }
    }
    assert_eq!(Time::from_unix(253_402_300_800, 0).to_string(), "10000-01-01T00:00:00Z");
    assert_eq!(Time::from(jiff::Timestamp::MIN).to_string(), "-9999-01-02T01:59:59Z");
}

#[test]
fn the_default_is_gos_zero_time() {
    assert_eq!(Time::default().to_string(), "0001-01-01T00:00:00Z");
    assert!(Time::default().is_zero() && !Time::now().is_zero());
    assert_eq!(MicroTime::default().to_string(), "0001-01-01T00:00:00.000000Z");
}

#[test]
fn in_json_it_is_its_text_and_null_is_the_zero_time() {
    let text = r#""2026-11-22T10:00:00.5+01:00""#;
    let read: Time = serde_json::from_str(text).expect("a time");
    assert_eq!(serde_json::to_string(&read).expect("a string"), text);
    assert!(serde_json::from_str::<Time>("null").expect("null").is_zero());
    assert_eq!(serde_json::to_string(&(Time::default(), MicroTime::default())).expect("nulls"), "[null,null]");
    let error = serde_json::from_str::<Time>(r#""yesterday""#).expect_err("no time");
    assert!(error.to_string().contains("RFC 3339"), "{error}");
}
