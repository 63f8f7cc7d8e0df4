//! Texts that have a meaning: quantities, times, durations, base64, raw JSON.

use std::fmt::Display;

use kubewright::{ByteString, Duration, IntOrString, MicroTime, Quantity, RawJson, Time};

use super::{Checked, must};
use crate::damage::damage;
use crate::random::{self, Rng};
use crate::{Type, fill};

/// How many texts are tried.
const TIMES: usize = 200;

/// Any text.
pub fn texts(rng: &mut Rng, _: &Type) -> Checked {
    for _ in 0..TIMES {
        let text = text(rng);
        read_as("time", &text, |text| Time::parse(text).ok())?;
        read_as("micro time", &text, |text| MicroTime::parse(text).ok())?;
        read_as("duration", &text, |text| Duration::parse(text).ok())?;
        read_as("number or string", &text, |text| text.parse::<IntOrString>().ok())?;
        read_as("JSON", &text, |text| RawJson::from_text(text).ok())?;
        quantity(&text)?;
        if let Ok(bytes) = ByteString::from_base64(&text) {
            let again = ByteString::from_base64(&bytes.to_base64());
            must(again.is_ok_and(|again| again == bytes), || format!("base64 {text:?} does not come back"))?;
        }
    }
    Ok(())
}

fn read_as<T: PartialEq + Display>(what: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Checked {
    let Some(value) = read(text) else { return Ok(()) };
    let written = value.to_string();
    must(read(&written).is_some_and(|again| again == value), || {
        format!("{what} {text:?} is written {written:?}, which is not read as the same")
    })
}

fn quantity(text: &str) -> Checked {
    let Ok(value) = Quantity::parse(text) else { return Ok(()) };
    let (_, _, _) = (value.to_i64(), value.to_milli_i64(), value.to_f64());
    let (_, _) = (value.checked_mul(i64::MIN), value.checked_neg());
    let (_, _) = (value.checked_add(&value), value.checked_sub(&value));
    if let Ok(canonical) = value.canonical() {
        must(canonical == value || value.checked_cmp(&canonical).is_ok_and(|order| order.is_ge()), || {
            format!("quantity {text:?} is {canonical} in canonical form")
        })?;
        must(canonical.canonical().is_ok_and(|again| again.as_str() == canonical.as_str()), || {
            format!("quantity {text:?} has the canonical form {canonical}, which is none")
        })?;
    }
    Ok(())
}

fn text(rng: &mut Rng) -> String {
    let good = match rng.u32(..6) {
        0 => fill::quantity(rng),
        1 => Time::from_unix(random::integer(rng), random::integer(rng)).to_string(),
        2 => MicroTime::from_unix(rng.i64(-62_135_596_800..253_402_300_800), rng.i64(0..1_000_000_000)).to_string(),
        3 => Duration::from_nanos(random::integer(rng)).to_string(),
        4 => ByteString(random::bytes(rng, 20)).to_base64(),
        _ => random::json(rng, 3),
    };
    if rng.bool() {
        return good;
    }
    let mut bytes = good.into_bytes();
    damage(&mut bytes, rng);
    String::from_utf8_lossy(&bytes).into_owned()
}
