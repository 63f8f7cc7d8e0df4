//! The Kubernetes minors that the test bed can be built for: one line each.

use crate::Error;

/// One Kubernetes minor that the test bed can be built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minor {
    /// The minor, as people say it: `1.37`.
    pub name: &'static str,
    /// The release of `k8s.io/kubernetes` that its module file requires: `1.37.1`.
    pub kubernetes: &'static str,
    /// The release of `go.etcd.io/etcd/server/v3` that its module file requires: `3.7.0`.
    pub etcd: &'static str,
    /// Its module file in `tests/testbed`; the checksums stand beside it, in a file that ends in `.sum`.
    pub modfile: &'static str,
}

/// To add a minor, add its line here, newest first, and its module file.
const MINORS: &[Minor] = &[Minor { name: "1.37", kubernetes: "1.37.1", etcd: "3.7.0", modfile: "go.mod" }];

/// The release of [kwok](https://kwok.sigs.k8s.io), the fake kubelet, that serves every minor.
pub const KWOK: &str = "0.8.0";

/// All minors, newest first. The first is the one that is used when nobody asks for another.
#[must_use]
pub fn minors() -> &'static [Minor] {
    MINORS
}

/// The minor of that name (`1.37`), or the newest for `None`.
///
/// # Errors
/// There is no such minor; the error lists those that there are.
pub fn minor(name: Option<&str>) -> Result<&'static Minor, Error> {
    let Some(name) = name else { return Ok(&MINORS[0]) };
    MINORS.iter().find(|minor| minor.name == name).ok_or_else(|| {
        let known: Vec<_> = MINORS.iter().map(|minor| minor.name).collect();
        Error::new(format!("the test bed has no Kubernetes {name:?}; it has {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sources;

    #[test]
    fn every_minor_has_a_module_file_that_requires_its_releases() {
        for minor in MINORS {
            let text = std::fs::read_to_string(sources().join(minor.modfile)).expect(minor.modfile);
            let requires = |line: String| text.lines().any(|found| found.trim() == line);
            assert!(requires(format!("k8s.io/kubernetes v{}", minor.kubernetes)), "{minor:?}");
            assert!(requires(format!("go.etcd.io/etcd/server/v3 v{}", minor.etcd)), "{minor:?}");
            assert!(minor.kubernetes.starts_with(&format!("{}.", minor.name)), "{minor:?}");
        }
    }

    #[test]
    fn kwok_is_the_release_that_its_module_file_requires() {
        let text = std::fs::read_to_string(sources().join("kwok/go.mod")).expect("kwok/go.mod");
        assert!(text.contains(&format!("sigs.k8s.io/kwok v{KWOK}\n")));
    }

    #[test]
    fn an_unknown_minor_is_refused_with_a_list_of_those_there_are() {
        let error = minor(Some("1.2")).expect_err("1.2 must be unknown");
        assert!(error.to_string().contains("1.37"), "{error}");
        assert_eq!(minor(None).expect("newest").name, MINORS[0].name);
    }
}
