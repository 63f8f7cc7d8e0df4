//! The name of the host of this process, which for a pod is the pod's.

/// The variables of a pod that have its name: by the downward API, and as the host name that the container runtime sets.
const VARIABLES: [&str; 2] = ["POD_NAME", "HOSTNAME"];

/// Returns the name; `None` if it is not known.
pub(crate) fn name() -> Option<String> {
    let variables = VARIABLES.iter().filter_map(|name| std::env::var(name).ok());
    let file = std::iter::once_with(|| std::fs::read_to_string("/etc/hostname").ok()).flatten();
    first(variables.chain(file))
}

fn first(mut names: impl Iterator<Item = String>) -> Option<String> {
    names.find_map(|name| Some(name.trim().to_owned()).filter(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_name_that_is_not_empty_is_that_of_the_host() {
        let first = |names: &[&str]| super::first(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(first(&["", " \n", "web-0\n", "other"]).as_deref(), Some("web-0"));
        assert_eq!(first(&["", ""]), None);
    }
}
