//! Which version of a group is preferred.

use std::cmp::Reverse;

/// The order of versions: stable ones first, then betas, then alphas, each from the newest; others by name.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
pub(crate) fn priority(version: &str) -> (u8, Reverse<u64>, Reverse<u64>, String) {
    let parsed = version.strip_prefix('v').and_then(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let major: u64 = rest[..end].parse().ok()?;
        let (stage, minor) = match &rest[end..] {
            "" => (0, 0),
            beta if beta.starts_with("beta") => (1, beta[4..].parse().ok()?),
            alpha if alpha.starts_with("alpha") => (2, alpha[5..].parse().ok()?),
            _ => return None,
        };
        Some((stage, major, minor))
    });
    match parsed {
        Some((stage, major, minor)) => (stage, Reverse(major), Reverse(minor), String::new()),
        None => (3, Reverse(0), Reverse(0), version.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_how_stable_and_how_new_they_are() {
        let mut versions = ["v1alpha1", "foo", "v1", "v1beta2", "v2", "v1beta1", "v10"];
        versions.sort_by_key(|version| priority(version));
        assert_eq!(versions, ["v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "foo"]);
    }
}
