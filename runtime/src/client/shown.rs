//! What of a server's message is shown in errors and logs: the sentence and the field path, never the values.
//!
//! An API server quotes what it refuses: a value (`spec.password: Invalid value: "…"`), the start of a body, and for some
//! patches the whole object, as JSON, though it is a Secret. Which values are secret it does not say. So every value is
//! left out, whatever the kind, and the whole message is asked for by its name:
//! [`Error::unredacted_message`](crate::Error::unredacted_message).

/// What stands for what is left out.
const LEFT_OUT: &str = "…";

/// The longest text in quotes that is shown: names are shorter.
const LONGEST: usize = 253;

/// After these words stands a value.
const BEFORE_VALUES: &[&str] = &[
    "Invalid value: ",
    "Unsupported value: ",
    "Duplicate value: ",
    "Not found: ",
    "Too long: ",
    "Too many: ",
    "parsing time ",
    "cannot parse ",
    "parsing ",
    "unable to parse ",
];

/// Before these a body was read, whose start stands in parentheses at the end.
const UNREADABLE: &[&str] = &["json parse error: ", "the object provided is unrecognized", "yaml: "];

/// The message without the values in it.
pub(crate) fn shown(message: &str) -> String {
    let message = match message.rfind(" (") {
        Some(at) if message.ends_with(')') && UNREADABLE.iter().any(|words| message.contains(words)) => {
            format!("{} ({LEFT_OUT})", &message[..at])
        }
        _ => message.to_owned(),
    };
    let mut out = String::with_capacity(message.len().min(1024));
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        if let Some(words) = BEFORE_VALUES.iter().find(|words| rest.starts_with(**words)) {
            let (value, after) = rest[words.len()..].split_at(length_of_value(&rest[words.len()..]));
            let text = value.trim_matches('"');
            // A number or a word of JSON gives nothing away, and names of types stand where a value has the wrong one.
            let harmless = value.parse::<f64>().is_ok()
                || matches!(value, "true" | "false" | "null")
                || matches!(text, "" | "string" | "integer" | "number" | "boolean" | "array" | "object" | "null");
            out.push_str(words);
            if harmless {
                out.push_str(value);
                rest = after.to_owned();
            } else {
                out.push_str(LEFT_OUT);
                // What follows may say it again.
                rest = if text.len() < 3 { after.to_owned() } else { after.replace(text, LEFT_OUT) };
            }
            continue;
        }
        let length = match first {
            '"' => {
                let length = quoted(&rest);
                let text = &rest[1..length];
                Some(length).filter(|_| text.len() > LONGEST || text.contains('{') || text.contains("\\n"))
            }
            '{' => {
                let length = balanced(&rest);
                Some(length).filter(|length| rest[..*length].contains(['"', ':']))
            }
            'm' if rest.starts_with("map[") => Some("map".len() + balanced(&rest["map".len()..])),
            _ => None,
        };
        match length {
            Some(length) => {
                out.push_str(LEFT_OUT);
                rest = rest[length..].to_owned();
            }
            None if first == '"' => {
                let length = quoted(&rest);
                out.push_str(&rest[..length]);
                rest = rest[length..].to_owned();
            }
            None => {
                let length = plain_run(&rest);
                out.push_str(&rest[..length]);
                rest = rest[length..].to_owned();
            }
        }
    }
    out
}

/// How many bytes from the start can hold nothing that is left out: at least one character.
fn plain_run(text: &str) -> usize {
    let mut starts = text.char_indices().skip(1);
    let is_start = |c: char| matches!(c, '"' | '{' | 'm' | 'I' | 'U' | 'D' | 'N' | 'T' | 'p' | 'c' | 'u');
    starts.find(|(_, c)| is_start(*c)).map_or(text.len(), |(at, _)| at)
}

/// The length of the value at the start.
fn length_of_value(text: &str) -> usize {
    if text.starts_with('"') {
        return quoted(text);
    }
    // It ends before what is said of it, or before the next error; brackets (JSON, Go's own form) belong to it.
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let ends = [": ", ", ", "]"].into_iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        match rest.find(['{', '[']) {
            Some(bracket) if bracket < ends => at += bracket + balanced(&rest[bracket..]),
            _ => return at + ends,
        }
    }
}

/// The length of a quoted string; all of the text if it is not closed.
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

/// The length of what starts with a bracket, up to the one that closes it; all of the text if none does.
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
            "data[tls.crt]: Required value, regex used is '[a-z]{1,63}'",
            "data[tls.crt]: Required value, regex used is '[a-z]{1,63}'",
        ),
    ];

    #[test]
    fn values_are_left_out_and_the_field_path_and_the_reason_stay() {
        for (message, expected) in MESSAGES {
            let shown = shown(message);
            assert_eq!(shown.trim(), expected.trim(), "{message}");
            assert!(!shown.contains("hunter") && !shown.contains("aHVudGVyMg"), "{shown}");
        }
    }

    #[test]
    fn any_text_is_taken() {
        for (message, _) in MESSAGES {
            for end in (0..message.len()).filter(|end| message.is_char_boundary(*end)) {
                assert!(shown(&message[end..]).len() <= message.len() + 64);
                assert!(shown(&message[..end]).len() <= message.len() + 64);
            }
        }
        assert_eq!(shown("\"…\\"), "\"…\\");
    }
}
