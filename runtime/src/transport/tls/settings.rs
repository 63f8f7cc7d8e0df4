//! The settings of connections, which follow the files that they come from.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{CertificateError, ClientConfig, ConfigBuilder};
use tokio::time::Instant;

use super::authorities::Authorities;
use super::identity::certified_key;
use super::provider::provider;
use super::verify::Verifier;
use super::x509;
use crate::config::{ClientIdentity, Config, ConfigError, Kind, Pem};

/// How long files that have been read are taken to be unchanged by requests on connections that are there. A new connection
/// reads them in any case.
const RELOAD_INTERVAL: Duration = Duration::from_secs(10);

/// The TLS settings of one server's connections, for as long as a client lives.
///
/// Files are read again, and other client certificates taken ([`present`](Self::present)); each time what they say has
/// changed, there are new [`Settings`]. What can't be used any more (a file that is being written, a certificate without its
/// key yet) is reported, and the last good settings stay.
pub(crate) struct Tls {
    source: Source,
    state: Mutex<State>,
}

/// The settings of a moment. All connections of one epoch are alike.
pub(crate) struct Settings {
    pub(crate) client: Arc<ClientConfig>,
    /// Grows with each change.
    pub(crate) epoch: u64,
    /// Where the authorities are from, in words.
    pub(super) trust: Arc<str>,
    /// Where the client certificate is from, in words.
    pub(super) identity: Option<Arc<str>>,
    /// The client certificate itself.
    certificate: Option<CertificateDer<'static>>,
}

impl Settings {
    /// Whether the client certificate's dates are why a server refuses it: it says no more than that the certificate is
    /// bad.
    pub(super) fn identity_dates_error(&self) -> Option<CertificateError> {
        let certificate = x509::Certificate::parse(self.certificate.as_ref()?).ok()?;
        certificate.check_dates(UnixTime::now()).err()
    }
}

/// What the configuration says.
struct Source {
    ca: Option<Pem>,
    identity: Option<ClientIdentity>,
    insecure: bool,
    alpn: Vec<Vec<u8>>,
}

struct State {
    settings: Arc<Settings>,
    material: Material,
    read_at: Instant,
    presented: Option<Arc<ClientIdentity>>,
}

/// What the files said.
#[derive(Clone, PartialEq)]
struct Material {
    ca: Option<Pem>,
    identity: Option<ClientIdentity>,
}

impl Tls {
    /// By `config`, for connections that offer these protocols. Everything is read at once.
    pub(crate) fn new(config: &Config, alpn: &[&[u8]]) -> Result<Self, ConfigError> {
        let source = Source {
            ca: config.ca.clone(),
            identity: config.client_identity.clone(),
            insecure: config.insecure_skip_tls_verify,
            alpn: alpn.iter().map(|protocol| protocol.to_vec()).collect(),
        };
        let material = source.read()?;
        let settings = Arc::new(source.settings(&material, None, 0)?);
        let state = State { settings, material, read_at: Instant::now(), presented: None };
        Ok(Self { source, state: Mutex::new(state) })
    }

    /// For a request that would use a connection that is there.
    pub(crate) fn current(&self) -> Arc<Settings> {
        let mut state = self.lock();
        if state.read_at.elapsed() >= RELOAD_INTERVAL {
            self.reload(&mut state);
        }
        state.settings.clone()
    }

    /// For a new connection.
    pub(crate) fn fresh(&self) -> Arc<Settings> {
        let mut state = self.lock();
        self.reload(&mut state);
        state.settings.clone()
    }

    /// Presents this client certificate from now on; `None` is the configuration's.
    pub(crate) fn present(&self, identity: Option<&Arc<ClientIdentity>>) -> Result<(), ConfigError> {
        let mut state = self.lock();
        let same = match (&state.presented, identity) {
            (None, None) => true,
            (Some(old), Some(new)) => Arc::ptr_eq(old, new) || old == new,
            _ => false,
        };
        if !same {
            let settings = self.source.settings(&state.material, identity, state.settings.epoch + 1)?;
            state.settings = Arc::new(settings);
            state.presented = identity.cloned();
        }
        Ok(())
    }

    // Blocks for a few small files, seldom: not worth a thread.
    fn reload(&self, state: &mut State) {
        state.read_at = Instant::now();
        let reloaded = self.source.read().and_then(|material| {
            if material == state.material {
                return Ok(None);
            }
            let settings = self.source.settings(&material, state.presented.as_ref(), state.settings.epoch + 1)?;
            Ok(Some((material, settings)))
        });
        match reloaded {
            Ok(None) => {}
            Ok(Some((material, settings))) => {
                tracing::debug!("certificates on disk have changed: new connections use the new ones");
                state.material = material;
                state.settings = Arc::new(settings);
            }
            Err(error) => {
                tracing::warn!(%error, "certificates on disk have changed and can't be used: the last good ones are used on");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in there is changed half.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    fn read(&self) -> Result<Material, ConfigError> {
        let identity = self.identity.as_ref();
        let identity = identity.map(|ClientIdentity { certificate, key }| {
            Ok(ClientIdentity { certificate: certificate.reread()?, key: key.reread()? })
        });
        Ok(Material { ca: self.ca.as_ref().map(Pem::reread).transpose()?, identity: identity.transpose()? })
    }

    fn settings(
        &self,
        material: &Material,
        presented: Option<&Arc<ClientIdentity>>,
        epoch: u64,
    ) -> Result<Settings, ConfigError> {
        let ca = material.ca.as_ref();
        let identity = presented.map(|identity| &**identity).or(material.identity.as_ref());
        let provider = provider()?;
        let key = identity
            .map(|identity| certified_key(&identity.certificate, &identity.key, "client", &provider))
            .transpose()?;
        let certificate = key.as_ref().and_then(|key| key.cert.first().cloned());
        let builder = trusting(&provider, self.insecure, || match ca {
            Some(ca) => Authorities::read(ca),
            None => Authorities::of_the_system(),
        })?;
        let mut client = match key {
            None => builder.with_no_client_auth(),
            Some(key) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key))),
        };
        client.alpn_protocols.clone_from(&self.alpn);
        Ok(Settings {
            client: Arc::new(client),
            epoch,
            trust: ca.map_or("the operating system's", |ca| ca.origin()).into(),
            identity: identity.map(|identity| identity.certificate.origin().into()),
            certificate,
        })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// The settings of a connection to a proxy by TLS: its certificate comes from one of the cluster's certificate authorities
/// or of the operating system's. It is not shown the client's certificate.
pub(crate) fn proxy_config(config: &Config) -> Result<ClientConfig, ConfigError> {
    let builder =
        trusting(&provider()?, config.insecure_skip_tls_verify, || match (&config.ca, Authorities::of_the_system()) {
            (Some(ca), Ok(system)) => Ok(Authorities::read(ca)?.and(system)),
            (Some(ca), Err(_)) => Authorities::read(ca),
            (None, system) => system,
        })?;
    Ok(builder.with_no_client_auth())
}

/// rustls's settings, with nothing in common with any others: a session that is resumed keeps the trust and the client
/// certificate with which it began.
fn trusting(
    provider: &Arc<CryptoProvider>,
    insecure: bool,
    authorities: impl FnOnce() -> Result<Authorities, ConfigError>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, ConfigError> {
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(
        |error| ConfigError::new(Kind::Invalid, "the crypto library supports none of TLS 1.2 and 1.3").because(error),
    )?;
    let verifier = match insecure {
        true => Verifier::insecure(provider.clone()),
        false => Verifier::new(authorities()?, provider.clone()).map_err(|error| {
            ConfigError::new(Kind::Invalid, "the certificate authorities cannot be used").because(error)
        })?,
    };
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)))
}

/// The name that the server's certificate is checked for.
pub(crate) fn server_name(config: &Config) -> Result<ServerName<'static>, ConfigError> {
    let (name, what) = match &config.tls_server_name {
        Some(name) => (name.as_str(), "tls-server-name"),
        None => (config.server.host().unwrap_or_default(), "the host of the server's URL"),
    };
    host_name(name).map_err(|error| {
        ConfigError::new(Kind::Invalid, format!("{what} {name:?} is neither a host name nor an IP address"))
            .because(error)
    })
}

/// A host as it stands in a URL.
pub(crate) fn host_name(host: &str) -> Result<ServerName<'static>, rustls::pki_types::InvalidDnsNameError> {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(host.to_owned())
}
