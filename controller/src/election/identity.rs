//! The identity of a replica, by default.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use crate::host;

/// Returns the pod's or host's name, if it is known, and a random number: two processes never share it.
pub(crate) fn unique() -> String {
    let number = random();
    match host::name() {
        Some(name) => format!("{name}_{number}"),
        None => number,
    }
}

/// Returns a random number in sixteen hexadecimal digits.
pub(crate) fn random() -> String {
    // Its keys come from the operating system's source of randomness.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_identities_of_one_host_differ() {
        assert_ne!(super::unique(), super::unique());
    }
}
