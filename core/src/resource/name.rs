//! Names of a resource for users: its plural, singular, short names and kind, case-insensitively.

/// Returns how well `name` matches a resource; less is better. `None` if it doesn't.
#[doc(hidden)]
pub fn rank<S: AsRef<str>>(name: &str, plural: &str, singular: &str, short_names: &[S], kind: &str) -> Option<u8> {
    let is = |known: &str| !known.is_empty() && known.eq_ignore_ascii_case(name);
    if is(plural) {
        Some(0)
    } else if is(singular) {
        Some(1)
    } else if short_names.iter().any(|known| is(known.as_ref())) {
        Some(2)
    } else if is(kind) {
        Some(3)
    } else {
        None
    }
}

/// Returns the part of `name` before group and version, if it has none, or these: `deploy`, `deploy.apps`,
/// `deploy.v1.apps`.
pub(super) fn without_place<'a>(name: &'a str, group: &str, version: &str) -> Option<&'a str> {
    // // A resource's name has no dots, but a group may.
    let Some((plain, place)) = name.split_once('.') else { return Some(name) };
    let place = place.strip_suffix('.').unwrap_or(place);
    let (of_version, of_group) = place.split_once('.').unwrap_or((place, ""));
    let here = place.eq_ignore_ascii_case(group)
        || (of_version.eq_ignore_ascii_case(version) && of_group.eq_ignore_ascii_case(group));
    here.then_some(plain)
}
