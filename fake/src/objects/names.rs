//! Names of objects.

use crate::status::Cause;
use serde_json::Value;

/// The letters of generated names: without vowels, so that they make no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;
const MAX_BASE: usize = 63 - SUFFIX;

/// Makes a name from `generateName`.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#generated-values>
pub(crate) fn generate(base: &str) -> String {
    let random = uuid::Uuid::new_v4().into_bytes();
    let suffix = random.iter().take(SUFFIX).map(|byte| LETTERS[usize::from(*byte) % LETTERS.len()] as char);
    base.chars().take(MAX_BASE).chain(suffix).collect()
}

/// The rule of names that a kind has: of RBAC's kinds those of path segments, of namespaces and services DNS labels.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names>
pub(crate) fn validate_name(name: &str, group: &str, plural: &str) -> Option<Cause> {
    let value = Value::from(name);
    if group == "rbac.authorization.k8s.io" {
        let why = match name {
            "." => "may not be '.'",
            ".." => "may not be '..'",
            _ if name.contains('/') => "may not contain '/'",
            _ if name.contains('%') => "may not contain '%'",
            _ => return None,
        };
        return Some(Cause::invalid("metadata.name", &value, why));
    }
    let (is_valid, why) = match (group, plural) {
        ("", "namespaces") => (is_label(name), LABEL),
        ("", "services") => (is_label(name) && !name.starts_with(|first: char| first.is_ascii_digit()), SERVICE_LABEL),
        _ => (is_subdomain(name), SUBDOMAIN),
    };
    (!is_valid).then(|| Cause::invalid("metadata.name", &value, why))
}

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE_LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

fn is_part(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    bytes.iter().all(|byte| is_letter(*byte) || *byte == b'-')
        && bytes.first().is_some_and(|byte| is_letter(*byte))
        && bytes.last().is_some_and(|byte| is_letter(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_name_has_five_letters_more_and_fits_a_label() {
        let name = generate("web-");
        assert_eq!((name.len(), &name[..4]), (9, "web-"));
        assert_eq!(generate(&"x".repeat(100)).len(), 63);
        assert_ne!(generate("a"), generate("a"));
    }

    #[test]
    fn names_follow_the_rule_of_their_kind() {
        let is_valid = |name, group, plural| validate_name(name, group, plural).is_none();
        assert!(is_valid("a.b-c", "", "configmaps") && is_valid("1a", "", "pods"));
        assert!(!is_valid("A", "", "configmaps") && !is_valid("-a", "", "pods") && !is_valid("", "", "pods"));
        assert!(!is_valid("a.b", "", "namespaces") && !is_valid("1a", "", "services"));
        assert!(is_valid("system:Admin", "rbac.authorization.k8s.io", "roles"));
        assert!(!is_valid("a/b", "rbac.authorization.k8s.io", "roles"));
    }
}
