//! From a configuration to what its requests are sent with.

use std::sync::Arc;

use http::HeaderValue;

use super::cached::Cached;
#[cfg(feature = "kubeconfig")]
use super::exec;
use super::header::{basic, bearer};
use super::lease::Lease;
use super::means::Means;
use super::oidc;
use super::registry::WeakRegistry;
use super::token_file::{TokenFile, unusable};
use crate::config::{Config, ConfigError, Credentials, SharedSource};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The credentials of a client. Clones share what was fetched.
#[derive(Clone)]
pub(crate) struct Authenticator(Kind);

#[derive(Clone)]
enum Kind {
    /// The same header for each request, or none.
    Fixed(Option<HeaderValue>),
    /// A token in a file.
    File(Arc<TokenFile>),
    /// What is fetched, from a plugin, a provider or the program itself.
    Fetched(Arc<Cached>),
}

static SOURCES: WeakRegistry = WeakRegistry::new();

impl Authenticator {
    /// By the credentials of `config`. Nothing is fetched or read yet.
    pub(crate) fn new(config: &Config, means: &'static dyn Means) -> Result<Self, ConfigError> {
        Ok(Self(match &config.credentials {
            Credentials::None => Kind::Fixed(None),
            Credentials::Token(token) => {
                Kind::Fixed(Some(bearer(token).map_err(|error| unusable("the token", error))?))
            }
            Credentials::TokenFile { path, fallback } => Kind::File(Arc::new(TokenFile::new(path, fallback.as_ref())?)),
            Credentials::Basic { username, password } => {
                let header = basic(username, password);
                Kind::Fixed(Some(header.map_err(|error| unusable("the user name and password", error))?))
            }
            #[cfg(feature = "kubeconfig")]
            Credentials::Exec(plugin) => Kind::Fetched(exec::cached(config, plugin, means)?),
            #[cfg(not(feature = "kubeconfig"))]
            Credentials::Exec(plugin) => {
                let command = plugin.command.display();
                let message = format!(
                    "the exec plugin {command} cannot be run: the program was built without the feature `kubeconfig` of \
                     kubewright"
                );
                return Err(ConfigError::new(crate::config::Kind::Unsupported, message));
            }
            Credentials::Oidc(oidc) => Kind::Fetched(oidc::cached(config, oidc, means)?),
            Credentials::Source(source) => Kind::Fetched(of_source(source, means)),
        }))
    }

    /// The header of every request, or that there is none, if that never changes.
    pub(crate) fn fixed(&self) -> Option<Option<&HeaderValue>> {
        match &self.0 {
            Kind::Fixed(header) => Some(header.as_ref()),
            Kind::File(_) | Kind::Fetched(_) => None,
        }
    }

    /// What credentials are fetched from, in words, such as `the exec plugin aws`: requests may wait for it. `None` if they
    /// are there at all times.
    pub(crate) fn fetched_from(&self) -> Option<&Arc<str>> {
        match &self.0 {
            Kind::Fixed(_) | Kind::File(_) => None,
            Kind::Fetched(cached) => Some(cached.source_name()),
        }
    }

    /// The credential for one attempt.
    pub(crate) async fn lease(&self) -> Result<Lease, BoxError> {
        Ok(match &self.0 {
            Kind::Fixed(header) => Lease::of_header(header.clone()),
            Kind::File(file) => Lease::of_header(Some(file.header()?)),
            Kind::Fetched(cached) => Lease::of_held(cached.get().await?),
        })
    }

    /// After the server refused this one: another credential, if there is one.
    pub(crate) async fn another(&self, refused: &Lease) -> Option<Lease> {
        match &self.0 {
            Kind::Fixed(_) => None,
            Kind::File(file) => file.another(refused.header()?).map(|header| Lease::of_header(Some(header))),
            Kind::Fetched(cached) => cached.another(refused.held()?).await.map(Lease::of_held),
        }
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator")
    }
}

fn of_source(source: &SharedSource, means: &'static dyn Means) -> Arc<Cached> {
    let source = source.get();
    SOURCES.get_or_make(Arc::as_ptr(source).cast::<()>().addr(), || {
        Cached::new(source.clone(), means, "the program's source of credentials")
    })
}
