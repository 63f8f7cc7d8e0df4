//! A server in this process, with or without TLS, that counts its connections.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme, SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::config::{ClientIdentity, Config, Pem};
use crate::transport::Body;

/// The crypto library, the client's own.
fn provider() -> Arc<CryptoProvider> {
    crate::transport::tls::provider().expect("a crypto library")
}

/// A certificate authority and what it issues.
pub(super) struct Authority {
    pub(super) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both PEM.
pub(super) struct Issued {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (params, key) = Self::params(change);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// An authority that this one issued.
    pub(super) fn authority(&self, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let (params, key) = Self::params(change);
        let pem = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn params(change: impl FnOnce(&mut CertificateParams)) -> (CertificateParams, KeyPair) {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        (params, KeyPair::generate().expect("a key"))
    }

    pub(super) fn issue(&self, name: &str) -> Issued {
        self.issue_with(name, |_| {})
    }

    pub(super) fn issue_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Issued { certificate, key: key.serialize_pem() }
    }
}

impl Issued {
    /// Issued by itself.
    pub(super) fn by_itself(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self::by_itself_with(&key, name, change)
    }

    pub(super) fn by_itself_with(key: &KeyPair, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        Self { certificate: params.self_signed(key).expect("a certificate").pem(), key: key.serialize_pem() }
    }

    /// A certificate and its key out of one text of PEM.
    pub(super) fn of_pem(text: &str) -> Self {
        Self { certificate: text.to_owned(), key: text.to_owned() }
    }

    pub(super) fn identity(&self) -> ClientIdentity {
        ClientIdentity {
            certificate: Pem::from_bytes(self.certificate.clone()),
            key: Pem::from_bytes(self.key.clone()),
        }
    }
}

/// What clients may do.
#[derive(Clone, Default)]
pub(super) struct Options {
    /// Clients need a certificate from this authority.
    pub(super) client_ca: Option<String>,
    /// Clients need a certificate, whatever it is, and it is written down here.
    pub(super) any_client: Option<AnyClient>,
    /// Only these versions of TLS.
    pub(super) tls: Option<&'static SupportedProtocolVersion>,
    /// Streams at once on one HTTP/2 connection.
    pub(super) max_streams: Option<u32>,
    /// Doesn't offer HTTP/2.
    pub(super) http1_only: bool,
    /// Says GOAWAY after that many requests.
    pub(super) requests_per_connection: Option<usize>,
}

/// An extension of a request: the certificate that the client presented on its connection.
#[derive(Clone, PartialEq)]
pub(super) struct Presented(pub(super) CertificateDer<'static>);

pub(super) struct Server {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Speaks plain HTTP.
    pub(super) async fn plain<F, R>(answer: F) -> Self
    where
        F: Fn(http::Request<Incoming>) -> R + Clone + Send + 'static,
        R: Future<Output = http::Response<Body>> + Send + 'static,
    {
        Self::start(None, Options::default(), answer).await
    }

    /// Speaks HTTP over TLS as `issued`.
    pub(super) async fn tls<F, R>(issued: &Issued, options: Options, answer: F) -> Self
    where
        F: Fn(http::Request<Incoming>) -> R + Clone + Send + 'static,
        R: Future<Output = http::Response<Body>> + Send + 'static,
    {
        let (chain, key) = der(issued);
        let builder = ServerConfig::builder_with_provider(provider());
        let builder = match options.tls {
            Some(version) => builder.with_protocol_versions(&[version]),
            None => builder.with_safe_default_protocol_versions(),
        };
        let builder = builder.expect("TLS versions");
        let builder = match (&options.client_ca, &options.any_client) {
            (None, None) => builder.with_no_client_auth(),
            (None, Some(any)) => builder.with_client_cert_verifier(Arc::new(any.clone())),
            (Some(ca), _) => {
                let ca = Pem::from_bytes(ca.clone());
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(crate::transport::tls::certificates(&ca, "CA").expect("PEM"));
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        // Without a look at the certificate: some of the tests' are such as rustls doesn't take.
        let key = provider().key_provider.load_private_key(key).expect("a usable key");
        let mut tls = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))));
        if !options.http1_only {
            tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        }
        Self::start(Some(TlsAcceptor::from(Arc::new(tls))), options, answer).await
    }

    async fn start<F, R>(tls: Option<TlsAcceptor>, options: Options, answer: F) -> Self
    where
        F: Fn(http::Request<Incoming>) -> R + Clone + Send + 'static,
        R: Future<Output = http::Response<Body>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, answer, counter, options) = (tls.clone(), answer.clone(), counter.clone(), options.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &options, &counter, None, answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                let peer = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).cloned();
                                serve(stream, &options, &counter, peer, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }

    /// How many connections got as far as HTTP.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// A configuration for it by this host name.
    pub(super) fn config(&self, scheme: &str, host: &str) -> Config {
        let url = format!("{scheme}://{host}:{}", self.address.port());
        Config::new(url.parse().expect("a URL"))
    }
}

impl Issued {
    /// What a server sees of a client that presents it.
    pub(super) fn presented(&self) -> Presented {
        Presented(der(self).0.swap_remove(0))
    }
}

/// Takes every client certificate, of any version, whose key the client has.
#[derive(Clone, Debug, Default)]
pub(super) struct AnyClient {
    seen: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl AnyClient {
    /// The certificates that were presented.
    pub(super) fn seen(&self) -> Vec<CertificateDer<'static>> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.seen.lock().expect("not poisoned").push(end_entity.clone().into_owned());
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 is what the tests speak".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).expect("a certificate");
        let key = SubjectPublicKeyInfoDer::from(parsed.public_key().raw);
        let provider = provider();
        verify_tls13_signature_with_raw_key(message, &key, signature, &provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// TLS as `issued`, for what is no [`Server`].
pub(super) fn acceptor(issued: &Issued) -> TlsAcceptor {
    acceptor_of(issued, &[])
}

/// The same, for a server that speaks HTTP/2 alone.
pub(super) fn acceptor_of_http2(issued: &Issued) -> TlsAcceptor {
    acceptor_of(issued, &[b"h2"])
}

fn acceptor_of(issued: &Issued, protocols: &[&[u8]]) -> TlsAcceptor {
    let (chain, key) = der(issued);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a matching key");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

fn der(issued: &Issued) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let identity = issued.identity();
    let chain = crate::transport::tls::certificates(&identity.certificate, "server certificate").expect("PEM");
    (chain, crate::transport::tls::private_key(&identity.key, "client").expect("PEM"))
}

async fn serve<S, F, R>(
    stream: S,
    options: &Options,
    counter: &AtomicUsize,
    peer: Option<CertificateDer<'static>>,
    answer: F,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(http::Request<Incoming>) -> R + Clone + Send + 'static,
    R: Future<Output = http::Response<Body>> + Send + 'static,
{
    counter.fetch_add(1, Ordering::SeqCst);
    let mut server = auto::Builder::new(TokioExecutor::new());
    if let Some(max) = options.max_streams {
        server.http2().max_concurrent_streams(max);
    }
    let served = Arc::new(AtomicUsize::new(0));
    let enough = Arc::new(Notify::new());
    let notify = enough.clone();
    let limit = options.requests_per_connection;
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        if let Some(peer) = &peer {
            request.extensions_mut().insert(Presented(peer.clone()));
        }
        let answering = answer(request);
        let last = limit == Some(served.fetch_add(1, Ordering::SeqCst) + 1);
        let notify = notify.clone();
        async move {
            let response = answering.await;
            if last {
                notify.notify_one();
            }
            Ok::<_, Infallible>(response)
        }
    });
    let mut connection = pin!(server.serve_connection_with_upgrades(TokioIo::new(stream), service));
    // A client that goes away is no failure of the server.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = enough.notified() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
