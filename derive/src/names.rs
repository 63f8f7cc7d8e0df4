//! Names: which Kubernetes takes, and which serde gives.

/// A DNS label, as plurals and versions are: `ferries`, `v1beta1`.
pub fn is_label(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= 63 && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

/// A version: a label that starts with a letter.
pub fn is_version(name: &str) -> bool {
    is_label(name) && name.starts_with(|letter: char| letter.is_ascii_lowercase())
}

/// A group of custom resources: labels with dots between, two at least.
pub fn is_group(name: &str) -> bool {
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// A kind: a label in any case, that is a name in Rust, too.
pub fn is_kind(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && is_label(&name.to_ascii_lowercase())
}

/// The groups that the Kubernetes project keeps for itself.
///
/// <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/2337-k8s.io-group-protection>
pub fn is_protected(group: &str) -> bool {
    ["k8s.io", "kubernetes.io"].iter().any(|own| group == *own || group.ends_with(&format!(".{own}")))
}

/// The plural of a singular, by English rules.
pub fn plural(singular: &str) -> String {
    let before_last = singular.chars().rev().nth(1);
    if ["s", "x", "z", "ch", "sh"].iter().any(|end| singular.ends_with(end)) {
        format!("{singular}es")
    } else if let Some(stem) = singular.strip_suffix('y')
        && !before_last.is_some_and(|letter| "aeiou".contains(letter))
    {
        format!("{stem}ies")
    } else {
        format!("{singular}s")
    }
}

/// What serde calls a field under a rule of `rename_all`; `None` if there is no such rule.
///
/// <https://serde.rs/container-attrs.html#rename_all>
pub fn renamed(field: &str, rule: &str) -> Option<String> {
    let pascal = || {
        let words = field.split('_').filter(|word| !word.is_empty());
        words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect::<String>()
    };
    Some(match rule {
        "lowercase" | "snake_case" => field.to_owned(),
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => field.to_ascii_uppercase(),
        "PascalCase" => pascal(),
        "camelCase" => {
            let pascal = pascal();
            pascal.get(..1).unwrap_or_default().to_ascii_lowercase() + pascal.get(1..).unwrap_or_default()
        }
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => field.to_ascii_uppercase().replace('_', "-"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_english() {
        let words = ["ferry", "bus", "box", "day", "patch", "gateway", "cron"];
        assert_eq!(words.map(plural), ["ferries", "buses", "boxes", "days", "patches", "gateways", "crons"]);
    }

    #[test]
    fn names_are_those_that_the_server_takes() {
        assert!(is_group("sea.example.com") && !is_group("sea") && !is_group("Sea.com") && !is_group("a..b"));
        assert!(is_version("v1beta1") && !is_version("1") && !is_version("v1.2"));
        assert!(is_kind("Ferry") && is_kind("HTTPRoute") && !is_kind("2Ferries") && !is_kind("Fer_ry"));
        assert!(is_protected("x.k8s.io") && is_protected("kubernetes.io") && !is_protected("notk8s.io"));
    }

    #[test]
    fn fields_are_called_as_serde_calls_them() {
        let rules = ["camelCase", "PascalCase", "kebab-case", "SCREAMING_SNAKE_CASE", "lowercase"];
        let names = rules.map(|rule| renamed("max_decks", rule).expect("a rule"));
        assert_eq!(names, ["maxDecks", "MaxDecks", "max-decks", "MAX_DECKS", "max_decks"]);
        assert_eq!(renamed("max_decks", "Title Case"), None);
    }
}
