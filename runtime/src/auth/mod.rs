//! Credentials: where they come from, how long they hold, and when they are fetched again.
//!
//! [`Config::credentials`](crate::config::Config::credentials) says where from: a token, a token's file, an exec plugin, an
//! OpenID Connect provider, or a [source of the program's own](crate::config::CredentialSource). The [layer of the
//! transport](crate::transport::layers::AuthLayer) asks for the credential of each attempt, and after a 401 once for
//! another one.
//!
//! What is fetched is fetched once for all requests that wait for it, and once for all clients of a process that have the
//! same plugin or provider.

mod authenticator;
mod cached;
mod error;
mod exec;
mod expiry;
mod header;
mod lease;
mod means;
mod oidc;
mod registry;
mod shown;
#[cfg(test)]
mod tests;
mod token_file;

pub(crate) use self::authenticator::Authenticator;
pub use self::error::AuthError;
pub(crate) use self::lease::Lease;
pub(crate) use self::means::{Http, Means};
pub use crate::config::{Credential, CredentialFuture, CredentialRequest, CredentialSource};
