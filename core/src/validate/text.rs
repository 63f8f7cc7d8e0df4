//! Values as the API server writes them into messages, which are those of Go.

use serde_json::Value as Json;

/// What stands in the place of a secret.
const REDACTED: &str = "\"<redacted>\"";

/// A value in a message; `secret` if it must not be shown.
pub fn value(value: &Json, secret: bool) -> String {
    match value {
        _ if secret => REDACTED.to_owned(),
        Json::String(text) => quoted(text),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => integer.to_string(),
            None => float(number.as_f64().unwrap_or_default()),
        },
        Json::Bool(flag) => flag.to_string(),
        other => json(other),
    }
}

/// JSON as Go writes it: in HTML it would do no harm.
pub fn json(value: &Json) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// A text in quotes (`%q`).
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\u{b}' => quoted.push_str("\\v"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A floating-point number (`%v`): with an exponent below 1e-4 and from 1e21 on.
pub fn float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{number:e}");
        // Go writes a sign and at least two digits.
        if let Some((digits, exponent)) = text.split_once('e') {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            return format!("{digits}e{sign}{exponent:0>2}");
        }
        return text;
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_go_writes_them() {
        for (given, expected) in [
            (json!("a\"b\u{7f}\n"), r#""a\"b\x7f\n""#),
            (json!(3), "3"),
            (json!(3.0), "3"),
            (json!(0.5), "0.5"),
            (json!(1e21), "1e+21"),
            (json!(0.00001), "1e-05"),
            (json!(true), "true"),
            (json!(null), "null"),
            (json!({"b": "<", "a": [1]}), r#"{"a":[1],"b":"\u003c"}"#),
        ] {
            assert_eq!(value(&given, false), expected);
        }
        assert_eq!(value(&json!("hunter2"), true), REDACTED);
    }
}
