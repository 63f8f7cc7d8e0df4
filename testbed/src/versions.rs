//! The Kubernetes minors that the test bed can be built for: one line each.

use crate::Error;

/// One Kubernetes minor that the test bed can be built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minor {
    /// The minor, as people say it: `1.37`.
    pub name: &'static str,
    /// The release of `k8s.io/kubernetes` that stands for it: `1.37.1`. Its own `go.mod` says which etcd goes with it.
    pub kubernetes: &'static str,
}

impl Minor {
    /// Its module file in `testbed/go`: `v1.37.mod`. The checksums stand beside it, in `v1.37.sum`.
    #[must_use]
    pub fn modfile(&self) -> String {
        format!("v{}.mod", self.name)
    }
}

/// To add a minor, add its line here, newest first, and run `cargo xtask spec --kubernetes` with its name: see
/// `docs/adding-a-minor.md`.
pub(crate) const MINORS: &[Minor] = &[
    Minor { name: "1.37", kubernetes: "1.37.1" },
    Minor { name: "1.36", kubernetes: "1.36.3" },
    Minor { name: "1.35", kubernetes: "1.35.4" },
    Minor { name: "1.34", kubernetes: "1.34.4" },
];

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
    MINORS.iter().find(|minor| minor.name == name).ok_or_else(|| unknown(name))
}

pub(crate) fn unknown(name: &str) -> Error {
    let known: Vec<_> = MINORS.iter().map(|minor| minor.name).collect();
    Error::new(format!("the test bed has no Kubernetes {name:?}; it has {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sources;

    #[test]
    fn every_minor_has_a_module_file_that_requires_its_release() {
        for minor in MINORS {
            let text = std::fs::read_to_string(sources().join(minor.modfile())).expect("a module file");
            let line = format!("k8s.io/kubernetes v{}", minor.kubernetes);
            assert!(text.lines().any(|found| found.trim() == line), "{minor:?}");
            assert!(minor.kubernetes.starts_with(&format!("{}.", minor.name)), "{minor:?}");
        }
    }

    #[test]
    fn minors_are_listed_newest_first() {
        let numbers = |minor: &Minor| -> Vec<u32> {
            minor.name.split('.').map(|number| number.parse().expect("a number")).collect()
        };
        assert!(MINORS.is_sorted_by(|newer, older| numbers(newer) > numbers(older)), "{MINORS:?}");
    }

    #[test]
    fn go_by_itself_uses_the_newest_minor() {
        for (name, file) in [("go.mod", "mod"), ("go.sum", "sum")] {
            let target = std::fs::read_link(sources().join(name)).expect("a symbolic link");
            assert_eq!(target.to_str(), Some(format!("v{}.{file}", MINORS[0].name).as_str()));
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
