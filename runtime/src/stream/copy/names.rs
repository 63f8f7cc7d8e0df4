//! Validates names in an archive, and links that must stay inside the tree.

use std::ffi::OsString;

/// Number of a name's bytes shown in messages.
const SHOWN: usize = 1 << 10;

/// Returns the components of an entry's name.
///
/// # Errors
/// Why the name is rejected: it is not that of something below a directory.
pub(super) fn parts(name: &[u8]) -> Result<Vec<OsString>, &'static str> {
    if name.first() == Some(&b'/') {
        return Err("its name is absolute");
    }
    let mut parts = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return Err("its name leaves the directory by \"..\""),
            part if part.contains(&0) => return Err("its name contains NUL"),
            part => parts.push(native(part)?),
        }
    }
    Ok(parts)
}

/// Whether a symbolic link resolves to something in its own tree, whichever other links of that tree are on its way.
/// `depth` is the number of directories of the tree that contain the link.
///
/// Only leading `..` count as such: after a name that is itself a link, `..` may resolve anywhere.
pub(super) fn leads_inside(depth: usize, target: &[u8]) -> bool {
    if target.is_empty() || target[0] == b'/' || target.contains(&0) {
        return false;
    }
    let (mut up, mut down) = (0, false);
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if down => return false,
            b".." => up += 1,
            _ => down = true,
        }
    }
    up <= depth
}

/// Formats text that may not be UTF-8 for messages, truncated.
pub(super) fn shown(name: &[u8]) -> String {
    let shown = &name[..name.len().min(SHOWN)];
    let rest = if shown.len() < name.len() { " …" } else { "" };
    format!("{:?}{rest}", String::from_utf8_lossy(shown))
}

/// Converts a file's name to that of this system.
#[cfg(unix)]
pub(super) fn native(name: &[u8]) -> Result<OsString, &'static str> {
    use std::os::unix::ffi::OsStringExt as _;
    Ok(OsString::from_vec(name.to_vec()))
}

/// Converts a file's name to that of this system.
#[cfg(not(unix))]
pub(super) fn native(name: &[u8]) -> Result<OsString, &'static str> {
    use std::path::{Component, Path};
    let name = std::str::from_utf8(name).map_err(|_| "its name is not UTF-8, which this system requires")?;
    let mut components = Path::new(name).components();
    match (components.next(), components.next()) {
        (Some(Component::Normal(only)), None) if only == name && !name.contains([':', '\\']) => Ok(name.into()),
        _ => Err("its name is invalid on this system"),
    }
}

/// Returns a path's bytes, as in an archive.
#[cfg(unix)]
pub(super) fn bytes(name: &std::ffi::OsStr) -> Result<Vec<u8>, &'static str> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(name.as_bytes().to_vec())
}

/// Returns a path's bytes, as in an archive.
#[cfg(not(unix))]
pub(super) fn bytes(name: &std::ffi::OsStr) -> Result<Vec<u8>, &'static str> {
    let name = name.to_str().ok_or("its name is not Unicode")?;
    Ok(name.replace('\\', "/").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::{leads_inside, parts};

    #[test]
    fn names_that_lead_elsewhere_are_not_taken() {
        let of = |name: &[u8]| parts(name).map(|parts| parts.len());
        assert_eq!(of(b"./a//b/."), Ok(2));
        assert_eq!(of(b"./"), Ok(0));
        assert_eq!(of(b"a/..b/c.."), Ok(3));
        for bad in [&b"/a"[..], b"../a", b"a/../b", b"a/..", b"..", b"a\0b"] {
            assert!(of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_link_is_inside_if_it_can_not_lead_out_on_any_way() {
        for (depth, target) in [(0, &b"a"[..]), (0, b"./a/b"), (1, b"../a"), (2, b"../../a"), (1, b"..")] {
            assert!(leads_inside(depth, target), "{depth} {target:?}");
        }
        for (depth, target) in [(0, &b""[..]), (0, b"/a"), (0, b".."), (1, b"../../a"), (3, b"a/../b"), (1, b"../a/..")]
        {
            assert!(!leads_inside(depth, target), "{depth} {target:?}");
        }
    }
}
