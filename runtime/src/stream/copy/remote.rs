//! Paths in a container: the arguments of `tar`, and the name of a copy.

/// A parsed path in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// The working directory, which can't be mistaken for an option.
    pub(super) folder: String,
    /// The member in it; empty for the directory itself.
    pub(super) member: Option<String>,
    /// The name of its copy in another directory; empty for its contents.
    pub(super) name: Option<String>,
    /// Whether it ends in a slash, and so denotes a directory.
    pub(super) slash: bool,
}

impl Remote {
    /// # Errors
    /// The error in the path.
    pub(super) fn new(path: &str, windows: bool) -> Result<Self, String> {
        if path.is_empty() {
            return Err("the path in the container is empty".to_owned());
        }
        if path.contains('\0') {
            return Err(format!("the path in the container, {path:?}, contains NUL"));
        }
        let trimmed = path.trim_end_matches('/');
        let slash = trimmed.len() < path.len();
        let (parent, last) = match trimmed.rsplit_once('/') {
            Some(("", last)) => ("/", last),
            // `C:` alone is the current directory of that drive.
            Some((drive, last)) if windows && is_drive(drive) => (&path[..=drive.len()], last),
            Some((parent, last)) => (parent, last),
            None => (".", trimmed),
        };
        // The root has no name, and "a/." and "a/.." denote the contents of a directory.
        if matches!(last, "" | "." | "..") || (windows && slash && is_drive(trimmed)) {
            return Ok(Self { folder: no_option(path), member: None, name: None, slash: true });
        }
        let name = Some(last.to_owned());
        if slash {
            return Ok(Self { folder: no_option(trimmed), member: None, name, slash });
        }
        Ok(Self { folder: no_option(parent), member: name.clone(), name, slash })
    }
}

/// Whether this is a drive: `C:`.
fn is_drive(name: &str) -> bool {
    matches!(name.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

/// Returns a relative path that can't be mistaken for an option.
fn no_option(path: &str) -> String {
    if path.starts_with('-') { format!("./{path}") } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Remote;

    fn parts(path: &str) -> (String, Option<String>, Option<String>, bool) {
        let Remote { folder, member, name, slash } = Remote::new(path, false).expect("a path");
        (folder, member, name, slash)
    }

    fn expected(folder: &str, member: &str, name: &str, slash: bool) -> (String, Option<String>, Option<String>, bool) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (folder.to_owned(), some(member), some(name), slash)
    }

    #[test]
    fn a_path_is_taken_apart_as_cp_does() {
        assert_eq!(parts("/etc/nginx"), expected("/etc", "nginx", "nginx", false));
        assert_eq!(parts("/etc"), expected("/", "etc", "etc", false));
        assert_eq!(parts("/etc/nginx/"), expected("/etc/nginx", "", "nginx", true));
        assert_eq!(parts("/etc/nginx/."), expected("/etc/nginx/.", "", "", true));
        assert_eq!(parts("/etc/nginx/.."), expected("/etc/nginx/..", "", "", true));
        assert_eq!(parts("a"), expected(".", "a", "a", false));
        assert_eq!(parts("."), expected(".", "", "", true));
        assert_eq!(parts("//"), expected("//", "", "", true));
        assert_eq!(parts("-x/-y"), expected("./-x", "-y", "-y", false));
        assert_eq!(parts("-x/"), expected("./-x", "", "-x", true));
    }

    #[test]
    fn the_root_of_a_drive_is_one_in_windows_alone() {
        let parts = |path: &str, windows| {
            let Remote { folder, member, name, slash } = Remote::new(path, windows).expect("a path");
            (folder, member, name, slash)
        };
        assert_eq!(parts("C:/", true), expected("C:/", "", "", true));
        assert_eq!(parts("C:/site", true), expected("C:/", "site", "site", false));
        assert_eq!(parts("C:/srv/site", true), expected("C:/srv", "site", "site", false));
        assert_eq!(parts("C:/", false), expected("C:", "", "C:", true));
        assert_eq!(parts("C:/site", false), expected("C:", "site", "site", false));
    }

    #[test]
    fn a_path_that_can_not_be_one_is_refused() {
        assert!(Remote::new("", false).expect_err("empty").contains("empty"));
        assert!(Remote::new("a\0b", true).expect_err("a NUL").contains("NUL"));
    }
}
