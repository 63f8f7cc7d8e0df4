//! Tokens that are known, and whose they are: those of kubeconfigs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::User;

/// A token, and whose it is.
type Known = (String, Arc<User>);

/// The users who have tokens.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<Vec<Known>>>);

impl Tokens {
    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token of a user; a new one, if there is none yet.
    #[cfg(feature = "listen")]
    pub fn of(&self, user: &User) -> String {
        let mut known = self.known();
        if let Some((token, _)) = known.iter().find(|(_, other)| **other == *user) {
            return token.clone();
        }
        let token = uuid::Uuid::new_v4().simple().to_string();
        known.push((token.clone(), Arc::new(user.clone())));
        token
    }

    /// The user of a token.
    pub fn user(&self, token: &[u8]) -> Option<Arc<User>> {
        let mut found = None;
        for (known, user) in self.known().iter() {
            if is_same(token, known.as_bytes()) {
                found = Some(user.clone());
            }
        }
        found
    }
}

/// Without the tokens.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// Compares in a time that does not depend on where two secrets differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}
