//! Comparison of resource versions.

use std::cmp::Ordering;

/// Compares two resource versions of one resource. `None` if one of them is not a decimal number without leading zeros.
///
/// Resource versions were opaque; since Kubernetes 1.35 those of a kind that kube-apiserver stores are comparable as
/// integers, of any length ([KEP-5504](https://www.kubernetes.dev/resources/keps/5504/)). An aggregated API server may
/// still have others.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    (is_comparable(a) && is_comparable(b)).then(|| a.len().cmp(&b.len()).then_with(|| a.cmp(b)))
}

/// Whether a resource version can be compared with others.
pub(crate) fn is_comparable(version: &str) -> bool {
    !version.is_empty() && !version.starts_with('0') && version.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_versions_compare_as_integers_of_any_length() {
        let greater = [("10", "9"), ("12", "11"), ("18446744073709551616", "18446744073709551615")];
        for (a, b) in greater {
            assert_eq!(compare(a, b), Some(Ordering::Greater), "{a} {b}");
            assert_eq!(compare(b, a), Some(Ordering::Less), "{a} {b}");
        }
        assert_eq!(compare("7", "7"), Some(Ordering::Equal));
    }

    #[test]
    fn a_version_that_is_no_decimal_number_is_not_comparable() {
        for other in ["", "0", "07", "-1", "+1", "1a", "v1", "1.0", "１"] {
            assert_eq!(compare(other, "7"), None, "{other:?}");
            assert_eq!(compare("7", other), None, "{other:?}");
        }
    }
}
