//! From the names of Kubernetes to those of Rust.
//!
//! Every rule here is a function of the name alone, so that a name does not depend on what else a cluster has; where
//! two names come out the same, [`unique`] numbers the later one.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;

/// Rust's keywords, of every edition, and the names that can't be used otherwise.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A field or method: `clusterIP` → `cluster_ip`, `podIPs` → `pod_ips`, `type` → `type_`, `$ref` → `ref_`, `3d` → `_3d`.
pub fn snake(name: &str) -> String {
    let words = plain(&plural_acronyms(name)).to_snake_case();
    usable(if words.is_empty() { "field".to_owned() } else { words })
}

/// A module: `cert-manager.io` → `cert_manager_io`.
pub fn module(name: &str) -> String {
    let words: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    usable(if words.is_empty() { "module".to_owned() } else { words })
}

/// A type, or a part of its name: `issuerRef` → `IssuerRef`, `x-y` → `XY`. What is in capitals stays so.
pub fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        // `v1_2`, not `v12`: numbers that stand apart stay apart.
        let apart = pascal.ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit());
        pascal.extend(apart.then_some('_'));
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.extend(letters);
    }
    pascal
}

/// A type: as [`pascal`], and never empty, a keyword or a number.
pub fn type_name(name: &str) -> String {
    match pascal(name) {
        empty if empty.is_empty() => "Unnamed".to_owned(),
        own if own == "Self" => "Self_".to_owned(),
        number if number.starts_with(|c: char| c.is_ascii_digit()) => format!("V{number}"),
        name => name,
    }
}

/// A variant of an enum, for a value: `ClusterFirst` → `ClusterFirst`, `a.b/c` → `ABC`, `1.2` → `V1_2`, `*` → `Star`,
/// the empty string → `Empty`.
pub fn variant(value: &str) -> String {
    let name = match pascal(value) {
        empty if empty.is_empty() => symbols(value),
        name => name,
    };
    match name.as_str() {
        "" => "Empty".to_owned(),
        // `Other` is the variant for values that are not listed.
        "Other" | "Self" => format!("{name}Value"),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("V{name}"),
        _ => name,
    }
}

/// The plural of a kind, spelled like the kind: `NetworkPolicy` and `networkpolicies` → `NetworkPolicies`.
pub fn plural(kind: &str, plural: &str) -> String {
    let lower = kind.to_lowercase();
    let common = lower.bytes().zip(plural.bytes()).take_while(|(a, b)| a == b).count();
    // One letter may differ, as in policy and policies; else the two names are not forms of one word.
    if lower.len() == kind.len() && kind.is_ascii() && plural.is_ascii() && common + 1 >= kind.len() && common > 0 {
        return type_name(&format!("{}{}", &kind[..common], &plural[common..]));
    }
    type_name(plural)
}

/// The name, or the first of `name2`, `name3`, … that is not taken yet; and takes it.
pub fn unique(taken: &mut BTreeSet<String>, name: String) -> String {
    let separator = if name.starts_with(|c: char| c.is_ascii_uppercase()) { "" } else { "_" };
    let mut candidate = name.clone();
    let mut number = 1;
    while !taken.insert(candidate.clone()) {
        number += 1;
        // `ref_` and another of its kind: `ref_2`.
        candidate = format!("{}{separator}{number}", name.trim_end_matches('_'));
    }
    candidate
}

/// Everything but letters and digits becomes a word's end.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// `podIPs` → `podIps`: the s of a plural belongs to the acronym before it.
fn plural_acronyms(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let upper = |index: usize| letters.get(index).is_some_and(char::is_ascii_uppercase);
    let mut plain = String::with_capacity(name.len());
    let mut index = 0;
    while index < letters.len() {
        let start = index;
        while upper(index) {
            index += 1;
        }
        let ends = letters.get(index) == Some(&'s') && !letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if index - start >= 2 && ends {
            plain.push(letters[start]);
            plain.extend(letters[start + 1..index].iter().map(char::to_ascii_lowercase));
        } else {
            plain.extend(&letters[start..index]);
        }
        plain.extend(letters.get(index));
        index += 1;
    }
    plain
}

fn usable(name: String) -> String {
    if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// A name for a value without letters and digits.
fn symbols(value: &str) -> String {
    let name = |c: char| match c {
        '*' => "Star".to_owned(),
        '+' => "Plus".to_owned(),
        '-' => "Minus".to_owned(),
        '=' => "Equal".to_owned(),
        '!' => "Not".to_owned(),
        '<' => "Less".to_owned(),
        '>' => "Greater".to_owned(),
        '~' => "Tilde".to_owned(),
        '/' => "Slash".to_owned(),
        '.' => "Dot".to_owned(),
        '%' => "Percent".to_owned(),
        ' ' => "Space".to_owned(),
        other => format!("U{:X}", u32::from(other)),
    };
    value.chars().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_words_in_snake_case() {
        for (name, expected) in [
            ("nodeName", "node_name"),
            ("clusterIP", "cluster_ip"),
            ("podIPs", "pod_ips"),
            ("podCIDRs", "pod_cidrs"),
            ("nonResourceURLs", "non_resource_urls"),
            ("serverAddressByClientCIDRs", "server_address_by_client_cidrs"),
            ("awsElasticBlockStore", "aws_elastic_block_store"),
            ("insecureSkipTLSVerifyBackend", "insecure_skip_tls_verify_backend"),
            ("TLSSecret", "tls_secret"),
            ("x-kubernetes-list-type", "x_kubernetes_list_type"),
            ("type", "type_"),
            ("$ref", "ref_"),
            ("self", "self_"),
            ("3scale", "_3scale"),
            ("", "field"),
            ("ünï", "n"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn modules_are_groups_in_snake_case() {
        for (name, expected) in
            [("cert-manager.io", "cert_manager_io"), ("3scale.net", "_3scale_net"), ("mod", "mod_"), ("v1", "v1")]
        {
            assert_eq!(module(name), expected, "{name}");
        }
    }

    #[test]
    fn variants_have_a_name_for_every_value() {
        for (value, expected) in [
            ("ClusterFirst", "ClusterFirst"),
            ("kubernetes.io/tls", "KubernetesIoTls"),
            ("a.b/c", "ABC"),
            ("1.2", "V1_2"),
            ("*", "Star"),
            ("!=", "NotEqual"),
            ("", "Empty"),
            ("Other", "OtherValue"),
            ("Self", "SelfValue"),
            ("é", "UE9"),
        ] {
            assert_eq!(variant(value), expected, "{value}");
        }
    }

    #[test]
    fn plurals_are_spelled_like_their_kind() {
        for (kind, name, expected) in [
            ("Deployment", "deployments", "Deployments"),
            ("NetworkPolicy", "networkpolicies", "NetworkPolicies"),
            ("ComponentStatus", "componentstatuses", "ComponentStatuses"),
            ("CSIDriver", "csidrivers", "CSIDrivers"),
            ("Endpoints", "endpoints", "Endpoints"),
            ("IPAddress", "ipaddresses", "IPAddresses"),
            ("Index", "indices", "Indices"),
            ("Foo", "bars", "Bars"),
            ("Foo", "my-bars", "MyBars"),
        ] {
            assert_eq!(plural(kind, name), expected, "{kind}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_numbered() {
        let mut taken = BTreeSet::new();
        let names = ["Foo", "Foo", "Foo", "bar", "bar", "ref_", "ref_"].map(|name| unique(&mut taken, name.to_owned()));
        assert_eq!(names, ["Foo", "Foo2", "Foo3", "bar", "bar_2", "ref_", "ref_2"]);
    }
}
