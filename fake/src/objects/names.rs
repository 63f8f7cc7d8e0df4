//! Names of objects.

use uuid::Uuid;

use super::texts::{self, Problems};
use crate::builtin;

/// The letters of generated names: without vowels, so that they make no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const SUFFIX: usize = 5;
const MAX_BASE: usize = 63 - SUFFIX;

/// Makes a name from `generateName` and random bytes.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#generated-values>
pub(crate) fn generate(base: &str, random: Uuid) -> String {
    let random = random.into_bytes();
    let suffix = random.iter().take(SUFFIX).map(|byte| LETTERS[usize::from(*byte) % LETTERS.len()] as char);
    base.chars().take(MAX_BASE).chain(suffix).collect()
}

/// What is wrong with a name, by the rule that a kind has: of RBAC's kinds and of requests of certificates that of path segments, of namespaces, services
/// and stateful sets DNS labels, of most others subdomains.
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names>
pub(super) fn problems(name: &str, group: &str, plural: &str) -> Problems {
    match (group, plural) {
        ("apiregistration.k8s.io" | "rbac.authorization.k8s.io", _) => texts::path_segment(name),
        ("certificates.k8s.io", "certificatesigningrequests") => texts::path_segment(name),
        // It depends on the signer.
        ("certificates.k8s.io", "clustertrustbundles") => Problems::new(),
        ("networking.k8s.io", "ipaddresses") => builtin::problems_of_address(name),
        ("coordination.k8s.io", "leasecandidates") => texts::config_key(name),
        ("", "namespaces" | "services") | ("apps", "statefulsets") => texts::label_name(name),
        ("internal.apiserver.k8s.io", "storageversions") => of_storage_version(name),
        ("batch", "cronjobs") if name.len() > 52 => vec!["must be no more than 52 characters".to_owned()],
        _ => texts::subdomain_name(name),
    }
}

/// A group and a resource in it.
fn of_storage_version(name: &str) -> Problems {
    let Some((group, resource)) = name.rsplit_once('.') else {
        return vec!["name must be in the form of <group>.<resource>".to_owned()];
    };
    let group = texts::subdomain(group).into_iter().map(|problem| format!("the group segment {problem}"));
    let resource = texts::label_with_letter(resource).into_iter();
    group.chain(resource.map(|problem| format!("the resource segment {problem}"))).collect()
}

/// The same for `generateName`, after which letters follow.
pub(super) fn problems_of_base(base: &str, group: &str, plural: &str) -> Problems {
    match base.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => problems(&format!("{rest}a"), group, plural),
        _ => problems(base, group, plural),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_name_has_five_letters_more_and_fits_a_label() {
        let generate = |base: &str| generate(base, Uuid::new_v4());
        let name = generate("web-");
        assert_eq!((name.len(), &name[..4]), (9, "web-"));
        assert_eq!(generate(&"x".repeat(100)).len(), 63);
        assert_ne!(generate("a"), generate("a"));
    }

    #[test]
    fn names_follow_the_rule_of_their_kind() {
        let is_valid = |name, group, plural| problems(name, group, plural).is_empty();
        assert!(is_valid("a.b-c", "", "configmaps") && is_valid("1a", "", "pods"));
        assert!(!is_valid("A", "", "configmaps") && !is_valid("-a", "", "pods") && !is_valid("", "", "pods"));
        assert!(!is_valid("a.b", "", "namespaces") && !is_valid("a.b", "", "services"));
        assert!(is_valid("system:Admin", "rbac.authorization.k8s.io", "roles"));
        assert!(!is_valid("a/b", "rbac.authorization.k8s.io", "roles"));
        assert!(problems_of_base("web-", "", "pods").is_empty() && !problems_of_base("A_", "", "pods").is_empty());
    }
}
