//! The certificates of a listener: an authority of its own, and what that vouches for.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};

use super::ListenError;
use crate::access::User;

/// What the server of a listener presents, and what clients check it by.
pub(super) struct Certificates {
    pub server: Arc<ServerConfig>,
    /// The certificate of the authority, in PEM.
    pub authority: String,
    /// Who makes certificates of clients.
    pub issuer: Issuer<'static, KeyPair>,
}

/// The certificate of a client, and who the client is.
pub(super) struct ClientCertificate {
    /// In PEM.
    pub certificate: String,
    /// The private key, in PEM.
    pub key: String,
    /// The certificate as clients present it.
    pub der: Vec<u8>,
    pub user: User,
}

impl Certificates {
    /// Makes an authority and a certificate of the server. Their keys are in memory alone.
    pub fn new() -> Result<Self, ListenError> {
        let key = KeyPair::generate()?;
        let mut params = named("kubewright-fake-authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key)?;
        let authority = certificate.pem();
        let root = certificate.der().clone();
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
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(root)?;
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .allow_unauthenticated()
            .build()
            .map_err(|error| ListenError {
                what: "cannot verify the certificates of clients".to_owned(),
                source: Some(Box::new(error)),
            })?;
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate], key)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { server: Arc::new(server), authority, issuer })
    }
}

impl ClientCertificate {
    /// Makes one: the name of the user is its common name, and the groups are its organizations. It has no more than two of those.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates>
    pub fn of(user: &User, issuer: &Issuer<'static, KeyPair>) -> Result<Self, ListenError> {
        let refused =
            |why: &str| ListenError { what: format!("no certificate is of {}: {why}", user.name), source: None };
        if !user.uid.is_empty() || !user.extra.is_empty() {
            return Err(refused("certificates have neither a uid nor extra fields here"));
        }
        if !user.is_authenticated() {
            return Err(refused("who has one is known"));
        }
        let groups: Vec<&String> = user.groups.iter().filter(|group| !User::is_of_all(group)).collect();
        // The same attribute, which the library has once by each of its names.
        let organizations = [DnType::OrganizationName, DnType::CustomDnType(vec![2, 5, 4, 10])];
        if groups.len() > organizations.len() {
            return Err(refused("it would have more than two groups"));
        }
        let mut params = named(&user.name);
        for (organization, group) in organizations.into_iter().zip(groups) {
            params.distinguished_name.push(organization, group.as_str());
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, issuer)?;
        let der = certificate.der().to_vec();
        let digest: String = Sha256::digest(&der).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut user = user.clone();
        let id = "authentication.kubernetes.io/credential-id".to_owned();
        user.extra.insert(id, vec![format!("X509SHA256={digest}")]);
        Ok(Self { certificate: certificate.pem(), key: key.serialize_pem(), der, user })
    }
}

fn named(name: &str) -> CertificateParams {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = named;
    params
}
