//! Who the client says it is: credentials, a client certificate, and whom to impersonate.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{CredentialSource, ExecConfig, OidcConfig, Pem, SecretString, SharedSource};

/// What goes into the `Authorization` header. A client certificate is separate: see [`ClientIdentity`].
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Credentials {
    /// No such header: a client certificate, or nobody (`system:anonymous`).
    #[default]
    None,
    /// A bearer token.
    Token(SecretString),
    /// A bearer token in a file, which is read again at most once a minute, since the tokens of pods are replaced there
    /// before they expire. If it can't be read, the last token that could be is used.
    TokenFile {
        /// The file.
        path: PathBuf,
        /// The token until the file could be read once.
        fallback: Option<SecretString>,
    },
    /// A user name and a password, for proxies in front of a cluster: Kubernetes itself no longer takes them.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: SecretString,
    },
    /// What a command prints: a token, or a client certificate, or both.
    Exec(Box<ExecConfig>),
    /// An ID token of an OpenID Connect provider, refreshed when it expires.
    Oidc(Box<OidcConfig>),
    /// What a source of the program's own returns: see [`source`](Self::source).
    Source(SharedSource),
}

impl Credentials {
    /// Credentials that the program fetches by itself, such as from Vault or a cloud provider's SDK: by an async closure, or a
    /// [`CredentialSource`] of its own.
    pub fn source(source: impl CredentialSource) -> Self {
        Self::Source(SharedSource::new(source))
    }
}

/// A client certificate and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate, then any intermediate ones.
    pub certificate: Pem,
    /// The key: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: Pem,
}

/// Whom the client acts as, if its own user may impersonate.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impersonate {
    /// The user's name. Required, and not empty.
    pub user: String,
    /// The user's UID.
    pub uid: Option<String>,
    /// The groups.
    pub groups: Vec<String>,
    /// Further facts for authorisers.
    pub extra: BTreeMap<String, Vec<String>>,
}
