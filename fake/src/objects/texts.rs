//! The rules of names, labels and keys, in the words of the API server.

/// What is wrong with a text, message by message; nothing if it is valid.
pub(crate) type Problems = Vec<String>;

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_WITH_LETTER: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SEARCHED: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// A DNS label, as of containers and ports of services.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names>
pub(crate) fn label(text: &str) -> Problems {
    label_counted(text, "bytes")
}

/// A DNS label as the name of an object: its length is counted in other words.
pub(crate) fn label_name(text: &str) -> Problems {
    label_counted(text, "characters")
}

fn label_counted(text: &str, unit: &str) -> Problems {
    if text.len() > 63 {
        return vec![format!("must be no more than 63 {unit}")];
    }
    match (is_part(text), is_subdomain(text)) {
        (true, _) => Problems::new(),
        (false, true) => vec!["must not contain dots".to_owned()],
        (false, false) => vec![LABEL.to_owned()],
    }
}

/// A DNS label that starts with a letter, as names of kinds and versions.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names>
pub(crate) fn label_with_letter(text: &str) -> Problems {
    let mut problems = Problems::new();
    if text.len() > 63 {
        problems.push("must be no more than 63 bytes".to_owned());
    }
    if !is_part(text) || !text.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        problems.push(LABEL_WITH_LETTER.to_owned());
    }
    problems
}

/// A DNS subdomain, as most names of objects are.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
pub(crate) fn subdomain(text: &str) -> Problems {
    subdomain_counted(text, "bytes")
}

/// A DNS subdomain as the name of an object.
pub(crate) fn subdomain_name(text: &str) -> Problems {
    subdomain_counted(text, "characters")
}

fn subdomain_counted(text: &str, unit: &str) -> Problems {
    let mut problems = Problems::new();
    if text.len() > 253 {
        problems.push(format!("must be no more than 253 {unit}"));
    }
    if !is_subdomain(text) {
        problems.push(SUBDOMAIN.to_owned());
    }
    problems
}

/// A domain that resolvers search in: its parts may start with `_`.
pub(crate) fn subdomain_of_search(text: &str) -> Problems {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inner = |byte: u8| is_letter(byte) || matches!(byte, b'-' | b'_');
    let is_part = |part: &str| is_made_of(part.strip_prefix('_').unwrap_or(part), is_letter, is_inner);
    let mut problems = Problems::new();
    if text.len() > 253 {
        problems.push("must be no more than 253 bytes".to_owned());
    }
    if !text.split('.').all(is_part) {
        problems.push(SEARCHED.to_owned());
    }
    problems
}

/// A segment of a path, as names of RBAC's kinds are.
pub(crate) fn path_segment(text: &str) -> Problems {
    match text {
        "." => return vec!["may not be '.'".to_owned()],
        ".." => return vec!["may not be '..'".to_owned()],
        _ => {}
    }
    ["/", "%"].iter().filter(|part| text.contains(**part)).map(|part| format!("may not contain '{part}'")).collect()
}

/// The value of a label.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
pub(crate) fn label_value(text: &str) -> Problems {
    let mut problems = Problems::new();
    if text.len() > 63 {
        problems.push("must be no more than 63 bytes".to_owned());
    }
    if !text.is_empty() && !is_name_part(text) {
        problems.push(LABEL_VALUE.to_owned());
    }
    problems
}

/// The key of a label or an annotation: a name, perhaps with a prefix.
pub(crate) fn qualified_name(text: &str) -> Problems {
    let mut problems = Problems::new();
    let name = match text.split_once('/') {
        None => text,
        Some((prefix, name)) if !name.contains('/') => {
            if prefix.is_empty() {
                problems.push("prefix part must be non-empty".to_owned());
            } else {
                problems.extend(subdomain(prefix).into_iter().map(|problem| format!("prefix part {problem}")));
            }
            name
        }
        Some(_) => {
            let with = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("a valid label key {QUALIFIED} {with}")];
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        problems.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_name_part(name) {
        problems.push(format!("name part {QUALIFIED}"));
    }
    problems
}

/// The key of an entry of a ConfigMap or Secret.
pub(crate) fn config_key(text: &str) -> Problems {
    let mut problems = Problems::new();
    if text.len() > 253 {
        problems.push("must be no more than 253 bytes".to_owned());
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.is_empty() || !text.bytes().all(is_letter) {
        problems.push(CONFIG_KEY.to_owned());
    }
    match text {
        "." => problems.push("must not be '.'".to_owned()),
        ".." => problems.push("must not be '..'".to_owned()),
        _ if text.starts_with("..") => problems.push("must not start with '..'".to_owned()),
        _ => {}
    }
    problems
}

/// The name of a port of a container, which is an IANA service name.
pub(crate) fn port_name(text: &str) -> Problems {
    let mut problems = Problems::new();
    if text.len() > 15 {
        problems.push("must be no more than 15 characters".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        problems.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        problems.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        problems.push("must not begin or end with a hyphen".to_owned());
    }
    problems
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_part)
}

fn is_part(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    is_made_of(part, is_letter, |byte| is_letter(byte) || byte == b'-')
}

fn is_name_part(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    is_made_of(text, |byte| byte.is_ascii_alphanumeric(), is_inner)
}

/// Whether a text has at least one letter, all of them of one set, and the first and last of another.
fn is_made_of(text: &str, is_outer: impl Fn(u8) -> bool, is_inner: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| is_inner(*byte))
        && bytes.first().is_some_and(|byte| is_outer(*byte))
        && bytes.last().is_some_and(|byte| is_outer(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_texts_have_no_problems() {
        assert!(label("a-1").is_empty() && subdomain("a.b-c").is_empty() && path_segment("system:Admin").is_empty());
        assert!(label_value("").is_empty() && label_value("A_b.c-1").is_empty() && port_name("http").is_empty());
        assert!(qualified_name("app").is_empty() && qualified_name("example.com/App_1").is_empty());
        assert!(config_key("a.b_C-1").is_empty() && config_key(".bashrc").is_empty());
    }

    #[test]
    fn each_problem_of_a_text_is_named() {
        assert_eq!(label("a.b"), ["must not contain dots"]);
        assert_eq!(label_name(&"a".repeat(64)), ["must be no more than 63 characters"]);
        assert_eq!(label("A"), [LABEL]);
        assert_eq!(subdomain("a..b"), [SUBDOMAIN]);
        assert_eq!(label_value("a b"), [LABEL_VALUE]);
        assert_eq!(qualified_name("/a"), ["prefix part must be non-empty"]);
        assert_eq!(qualified_name("").len(), 2);
        assert_eq!(qualified_name("a/b/c").len(), 1);
        assert_eq!(config_key(".."), ["must not be '..'"]);
        assert_eq!(port_name("A").len(), 2);
        assert_eq!(path_segment("a/b%"), ["may not contain '/'", "may not contain '%'"]);
    }
}
