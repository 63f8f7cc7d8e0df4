//! The certificates of a listener: an authority of its own, and what that vouches for.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::ListenError;

/// What the server of a listener presents, and what clients check it by.
pub(super) struct Certificates {
    pub server: Arc<ServerConfig>,
    /// The certificate of the authority, in PEM.
    pub authority: String,
}

impl Certificates {
    /// Makes an authority and a certificate of the server. Their keys are in memory alone.
    pub fn new() -> Result<Self, ListenError> {
        let key = KeyPair::generate()?;
        let mut params = named("kubewright-fake-authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);

        let key = KeyPair::generate()?;
        let mut server = named("kubewright-fake");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        for name in ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"] {
            server.subject_alt_names.push(SanType::DnsName(name.try_into()?));
        }
        let certificate = server.signed_by(&key, &issuer)?.der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { server: Arc::new(server), authority })
    }
}

fn named(name: &str) -> CertificateParams {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = named;
    params
}
