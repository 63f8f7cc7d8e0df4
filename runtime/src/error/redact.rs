//! Redacts the server's messages in errors and logs: the sentence and the field path are kept, values are not.
//!
//! An API server quotes what it rejects: a value (`spec.password: Invalid value: "…"`), the start of a body, and for
//! some patches the whole object, as JSON, even a Secret. It does not report which values are secret. So every value is
//! omitted, for all kinds, and the full message is available by a method whose name says so:
//! [`Error::unredacted_message`](crate::Error::unredacted_message).

/// Replaces each omitted value.
const LEFT_OUT: &str = "…";

/// The longest quoted text that is shown: names are shorter.
const LONGEST: usize = 253;

/// The longest message that is shown, in bytes.
const LONGEST_MESSAGE: usize = 16 << 10;

/// Limits the values that are searched for in the remaining text, and the consecutive brackets of a value, so that long
/// messages do not cost more.
const MANY: usize = 32;

/// A value follows these words.
const BEFORE_VALUES: &[&str] =
    &["Invalid value: ", "Unsupported value: ", "Duplicate value: ", "Not found: ", "Too many: "];

/// A quoted value that could not be parsed follows these words.
const BEFORE_QUOTES: &[&str] = &["parsing ", "parsing time ", "parse ", "value "];

/// After these, the start of an unparsable body is in parentheses at the end.
const UNREADABLE: &[&str] = &["json parse error: ", "the object provided is unrecognized", "yaml: "];

/// Returns the message without values.
pub(crate) fn redacted(message: &str) -> String {
    let message = match message.rfind(" (") {
        Some(at) if message.ends_with(')') && UNREADABLE.iter().any(|words| message.contains(words)) => {
            format!("{} ({LEFT_OUT})", &message[..at])
        }
        _ => message.to_owned(),
    };
    let mut out = String::with_capacity(message.len().min(1024));
    // Omitted values, and the position in `out` after each of them.
    let mut echoes: Vec<(&str, usize)> = Vec::new();
    let mut rest = &*message;
    while let Some(first) = rest.chars().next() {
        if out.len() > LONGEST_MESSAGE {
            out.push_str(LEFT_OUT);
            break;
        }
        let (length, is_shown) = if let Some(words) = words_before_value(rest) {
            out.push_str(words);
            rest = &rest[words.len()..];
            let length = length_of_value(rest);
            let value = &rest[..length];
            let text = value.trim_matches('"');
            if !is_harmless(value, text) && text.len() >= 3 && echoes.len() < MANY {
                echoes.push((text, out.len()));
            }
            (length, is_harmless(value, text))
        } else {
            match first {
                '"' => {
                    let length = quoted(rest);
                    let text = &rest[1..length];
                    // An unmatched quote before JSON: what looks quoted is not, and what follows is.
                    let json = text.find('{').filter(|at| *at > 0).map(|at| at + 1);
                    let length = json.map_or(length, |at| length.max(at + balanced(&rest[at..])));
                    (length, text.len() <= LONGEST && !text.contains('{') && !text.contains("\\n"))
                }
                '{' => {
                    let length = balanced(rest);
                    let text = &rest[..length];
                    // The bounds in a regular expression, such as `{1,63}`, are not a value.
                    let is_bound = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '{' | ',' | '}'));
                    (length, is_bound && text.ends_with('}'))
                }
                'm' if rest.starts_with("map[") => ("map".len() + balanced(&rest["map".len()..]), false),
                _ => (plain_run(rest), true),
            }
        };
        out.push_str(if is_shown { &rest[..length] } else { LEFT_OUT });
        rest = &rest[length..];
    }
    // The sentence after a value may repeat it.
    for (value, start) in echoes.into_iter().rev() {
        let replaced = without(&out[start..], value);
        out.truncate(start);
        out.push_str(&replaced);
    }
    out
}

/// Removes repetitions of a value from a text: as a whole word, since `Alway` is not in `Always`.
fn without(text: &str, value: &str) -> String {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(value) {
        let end = at + value.len();
        let joins_before = value.starts_with(is_inside) && text[..at].ends_with(is_inside);
        let joins_after = value.ends_with(is_inside) && text[end..].starts_with(is_inside);
        if !joins_before && !joins_after {
            out.push_str(&text[done..at]);
            out.push_str(LEFT_OUT);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// Returns the words at the start, if a value follows them.
fn words_before_value(text: &str) -> Option<&'static str> {
    let before = |words: &&&str| text.starts_with(**words);
    let quoted = |words: &&&str| text.strip_prefix(**words).is_some_and(|rest| rest.starts_with('"'));
    BEFORE_VALUES.iter().find(before).or_else(|| BEFORE_QUOTES.iter().find(quoted)).copied()
}

/// Numbers and JSON keywords reveal nothing, and type names replace values of a wrong type.
fn is_harmless(value: &str, text: &str) -> bool {
    const WORDS: [&str; 10] =
        ["", "true", "false", "null", "string", "integer", "number", "boolean", "array", "object"];
    value.parse::<f64>().is_ok() || WORDS.contains(&text)
}

/// Returns the length of a prefix that contains nothing to omit: at least one character.
fn plain_run(text: &str) -> usize {
    let mut starts = text.char_indices().skip(1);
    let is_start = |c: char| matches!(c, '"' | '{' | 'm' | 'I' | 'U' | 'D' | 'N' | 'T' | 'p' | 'v');
    starts.find(|(_, c)| is_start(*c)).map_or(text.len(), |(at, _)| at)
}

/// Returns the length of the value at the start.
fn length_of_value(text: &str) -> usize {
    if text.starts_with('"') {
        return quoted(text);
    }
    // It ends before its description, or before the next error; brackets (JSON, Go's own form) belong to it.
    let mut at = 0;
    for _ in 0..MANY {
        let rest = &text[at..];
        let Some(stop) = rest.find([':', ',', ']', '{', '[']) else { return text.len() };
        let (found, after) = rest[stop..].split_at(1);
        at += stop;
        match found {
            "{" | "[" => at += balanced(&rest[stop..]),
            ":" | "," if !after.starts_with(' ') => at += 1,
            _ => return at,
        }
    }
    text.len()
}

/// Returns the length of a quoted string; all of the text if it is not closed.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a bracketed text; all of the text if it is not closed.
fn balanced(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            '"' => {
                at += quoted(&text[at..]);
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of a real API server 1.37.1, with hunter2 or hunter3 for a secret, and what is shown of them.
    const MESSAGES: &[(&str, &str)] = &[
        (
            r#" "" is invalid: patch: Invalid value: "{\"apiVersion\":\"v1\",\"bogus\":1,\"data\":{\"password\":\"aHVudGVyMg==\"},\"kind\":\"Secret\",\"stringData\":{\"k\":\"hunter3\"},\"type\":\"Opaque\"}": strict decoding error: unknown field "bogus""#,
            r#" "" is invalid: patch: Invalid value: …: strict decoding error: unknown field "bogus""#,
        ),
        (
            r#" "" is invalid: patch: Invalid value: "{\"data\":{\"k\":\"hunter3\"}}": illegal base64 data at input byte 4"#,
            r#" "" is invalid: patch: Invalid value: …: illegal base64 data at input byte 4"#,
        ),
        (
            r#" "" is invalid: patch: Invalid value: {"data":{"k":"hunter3"}}: json: cannot unmarshal array into Go struct field Secret.stringData of type string"#,
            r#" "" is invalid: patch: Invalid value: …: json: cannot unmarshal array into Go struct field Secret.stringData of type string"#,
        ),
        (
            r#"the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: unexpected end of JSON input ({"data":{"k":"hunter3")"#,
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: unexpected end of JSON input (…)",
        ),
        (
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68756e74657233)",
            "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (…)",
        ),
        (
            r#"Secret in version "v1" cannot be handled as a Secret: parsing time "hunter3" as "2006-01-02T15:04:05Z07:00": cannot parse "hunter3" as "2006""#,
            r#"Secret in version "v1" cannot be handled as a Secret: parsing time … as "2006-01-02T15:04:05Z07:00": cannot parse … as "2006""#,
        ),
        (
            r#"Widget "w" is invalid: [spec.password: Invalid value: "hunter2": spec.password in body should be at least 8 chars long, not "hunter2", spec.port: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.mode: Unsupported value: "hunter2": supported values: "a", "b"]"#,
            r#"Widget "w" is invalid: [spec.password: Invalid value: …: spec.password in body should be at least 8 chars long, not "…", spec.port: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.mode: Unsupported value: …: supported values: "a", "b"]"#,
        ),
        (
            r#"Widget "w" is invalid: spec: Invalid value: map[string]interface {}{"password":"hunter2"}: no such field"#,
            "Widget \"w\" is invalid: spec: Invalid value: …: no such field",
        ),
        (
            r#"Secret "w" is invalid: spec: Invalid value: v1.SecretSpec{Password:"hunter2}", Other:[]string{"a"}}: immutable"#,
            "Secret \"w\" is invalid: spec: Invalid value: …: immutable",
        ),
        (
            r#"Widget "w" is invalid: spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string""#,
            r#"Widget "w" is invalid: spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string""#,
        ),
        (
            r#"admission webhook "x.example.com" denied the request: {"password": "hunter2"}"#,
            r#"admission webhook "x.example.com" denied the request: …"#,
        ),
        ("denied: map[password:hunter2 user:[a b]] is not allowed", "denied: … is not allowed"),
        // Cut off by the server.
        (r#"patch: Invalid value: "{\"data\":{\"password\":\"hunter2"#, "patch: Invalid value: …"),
        (r#"strconv.ParseInt: parsing "hunter2": invalid syntax"#, "strconv.ParseInt: parsing …: invalid syntax"),
        // Nothing to leave out.
        (r#"pods "web-0" not found"#, r#"pods "web-0" not found"#),
        (
            r#"secrets "a" is forbidden: User "system:serviceaccount:x:y" cannot get resource "secrets" in API group "" in the namespace "x""#,
            r#"secrets "a" is forbidden: User "system:serviceaccount:x:y" cannot get resource "secrets" in API group "" in the namespace "x""#,
        ),
        (
            r#"Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again"#,
            r#"Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again"#,
        ),
        (
            r#"Pod "w" is invalid: spec.restartPolicy: Unsupported value: "Alway": supported values: "Always", "OnFailure", "Never""#,
            r#"Pod "w" is invalid: spec.restartPolicy: Unsupported value: …: supported values: "Always", "OnFailure", "Never""#,
        ),
        (
            "metadata.annotations: Too long: may not be more than 262144 bytes",
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        ("denied: credentials {admin hunter2} are refused", "denied: credentials … are refused"),
        (r#"a 5" disk: {"password":"hunter2"} is refused"#, "a 5… is refused"),
        (
            "data[tls.crt]: Required value, regex used is '[a-z]{1,63}'",
            "data[tls.crt]: Required value, regex used is '[a-z]{1,63}'",
        ),
    ];

    #[test]
    fn values_are_left_out_and_the_field_path_and_the_reason_stay() {
        for (message, expected) in MESSAGES {
            let shown = redacted(message);
            assert_eq!(shown.trim(), expected.trim(), "{message}");
            assert!(!shown.contains("hunter") && !shown.contains("aHVudGVyMg"), "{shown}");
        }
    }

    #[test]
    fn any_text_is_taken() {
        for (message, _) in MESSAGES {
            for end in (0..message.len()).filter(|end| message.is_char_boundary(*end)) {
                assert!(redacted(&message[end..]).len() <= message.len() + 64);
                assert!(redacted(&message[..end]).len() <= message.len() + 64);
            }
        }
        assert_eq!(redacted("\"…\\"), "\"…\\");
    }

    #[test]
    fn a_long_message_takes_no_longer_than_it_is() {
        // With a search from each character to the end these would take hours.
        let many = 100_000;
        for (part, closing) in [
            ("{", ""),
            ("{", "}"),
            ("\"", ""),
            ("[", ""),
            ("{}", ""),
            ("map[", ""),
            ("Invalid value: {}", ""),
            ("Invalid value: \"a b\", ", ""),
        ] {
            let message = format!("{}{}", part.repeat(many), closing.repeat(many));
            assert!(redacted(&message).len() <= 3 * LONGEST_MESSAGE.max(message.len()));
            assert!(redacted(&format!("Invalid value: {message}")).len() <= 3 * LONGEST_MESSAGE.max(message.len()));
        }
        let whole = format!("patch: Invalid value: \"{}\": strict decoding error", "{\\\"a\\\":1}".repeat(many));
        assert_eq!(redacted(&whole), "patch: Invalid value: …: strict decoding error");
    }
}
