//! What one item of a list is called.

/// Plurals that no rule gives.
const IRREGULAR: &[(&str, &str)] = &[
    ("aliases", "alias"),
    ("axes", "axis"),
    ("caches", "cache"),
    ("children", "child"),
    ("databases", "database"),
    ("halves", "half"),
    ("indices", "index"),
    ("leaves", "leaf"),
    ("leases", "lease"),
    ("matrices", "matrix"),
    ("people", "person"),
    ("series", "series"),
    ("shelves", "shelf"),
    ("vertices", "vertex"),
    ("wolves", "wolf"),
];

/// The singular of the last word of a name: `volumeMounts` → `volumeMount`, `policies` → `policy`, `podIPs` → `podIP`. A
/// name that is no plural stays as it is.
pub fn singular(name: &str) -> String {
    let start = name.char_indices().rev().find(|(_, c)| !c.is_ascii_lowercase()).map_or(0, |(at, _)| at);
    let (before, word) = name.split_at(start);
    let lower = word.to_ascii_lowercase();
    let like = |singular: &str| {
        let mut letters = singular.chars();
        let first = letters
            .next()
            .map(|c| if word.starts_with(|c: char| c.is_ascii_uppercase()) { c.to_ascii_uppercase() } else { c });
        format!("{before}{}{}", first.map(String::from).unwrap_or_default(), letters.as_str())
    };
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == lower) {
        return like(singular);
    }
    let cut = |end: usize, add: &str| format!("{before}{}{add}", &word[..word.len() - end]);
    match lower.as_str() {
        // An acronym's plural: `IPs`, of which the last word is `Ps`.
        _ if lower.len() == 2 && lower.ends_with('s') && !before.is_empty() => cut(1, ""),
        short if short.len() < 4 => name.to_owned(),
        _ if ends(&lower, &["ss", "us", "is", "as"]) => name.to_owned(),
        _ if lower.ends_with("ies") && lower.len() > 4 => cut(3, "y"),
        _ if ends(&lower, &["sses", "shes", "ches", "xes", "zzes", "uses"]) && !ends(&lower, &["auses", "causes"]) => {
            cut(2, "")
        }
        _ if lower.ends_with('s') => cut(1, ""),
        _ => name.to_owned(),
    }
}

fn ends(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_called_by_the_singular_of_the_last_word() {
        for (plural, expected) in [
            ("containers", "container"),
            ("volumeMounts", "volumeMount"),
            ("policies", "policy"),
            ("ingresses", "ingress"),
            ("addresses", "address"),
            ("matches", "match"),
            ("boxes", "box"),
            ("statuses", "status"),
            ("indices", "index"),
            ("nodeShelves", "nodeShelf"),
            ("podIPs", "podIP"),
            ("env", "env"),
            ("status", "status"),
            ("tls", "tls"),
            ("aws", "aws"),
            ("https", "http"),
            ("args", "arg"),
            ("databases", "database"),
            ("analysis", "analysis"),
            ("", ""),
        ] {
            assert_eq!(singular(plural), expected, "{plural}");
        }
    }
}
