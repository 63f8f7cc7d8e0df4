//! The cluster's certificates: an authority of its own, made for each start.

use std::fs::{self, File};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

use crate::Error;

/// The address of the `kubernetes` service, the first of [`SERVICE_RANGE`].
const SERVICE_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// The authority's name.
const AUTHORITY: &str = "kubewright-testbed";

/// The file with its key.
const AUTHORITY_KEY: &str = "ca.key";

/// The addresses that services get.
pub(crate) const SERVICE_RANGE: &str = "10.0.0.0/16";

/// How the API server calls itself to aggregated API servers.
pub(crate) const FRONT_PROXY: &str = "front-proxy";

/// The name that the API server expects of the aggregated API server: that of its service.
const SAMPLE_APISERVER: &str = "sample-apiserver.kube-system.svc";

/// The files of a cluster's certificates and keys, in PEM.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// The authority that signed the others.
    pub authority: PathBuf,
    /// The key of `authority`.
    pub authority_key: PathBuf,
    /// For the API server, the fake kubelet and the aggregated API server, at 127.0.0.1.
    pub server: PathBuf,
    /// The key of `server`.
    pub server_key: PathBuf,
    /// A client in the group `system:masters`, to which everything is allowed.
    pub admin: PathBuf,
    /// The key of `admin`.
    pub admin_key: PathBuf,
    /// The authority that signed `front_proxy`. It is another one, because whoever it vouches for may claim to be
    /// any user.
    pub front_proxy_authority: PathBuf,
    /// The API server, as a client of aggregated API servers.
    pub front_proxy: PathBuf,
    /// The key of `front_proxy`.
    pub front_proxy_key: PathBuf,
    /// Signs the tokens of service accounts.
    pub service_account_key: PathBuf,
    /// Checks the tokens of service accounts.
    pub service_account_public_key: PathBuf,
}

impl Certificates {
    /// Makes all of them, in a folder that exists.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        let file = |name: &str| folder.join(name);
        let certificates = Self {
            authority: file("ca.crt"),
            authority_key: file(AUTHORITY_KEY),
            server: file("server.crt"),
            server_key: file("server.key"),
            admin: file("admin.crt"),
            admin_key: file("admin.key"),
            front_proxy_authority: file("front-proxy-ca.crt"),
            front_proxy: file("front-proxy.crt"),
            front_proxy_key: file("front-proxy.key"),
            service_account_key: file("service-account.key"),
            service_account_public_key: file("service-account.pub"),
        };
        certificates.fill()?;
        Ok(certificates)
    }

    /// A kubeconfig for the admin, at that address of the API server.
    pub fn kubeconfig(&self, server: &str) -> Result<String, Error> {
        let data = |path: &Path| {
            let text = fs::read(path).map_err(|e| Error::io(format!("cannot read {}", path.display()), e))?;
            Ok::<_, Error>(STANDARD.encode(text))
        };
        let (authority, certificate, key) = (data(&self.authority)?, data(&self.admin)?, data(&self.admin_key)?);
        Ok(format!(
            "apiVersion: v1\n\
             kind: Config\n\
             current-context: kubewright-testbed\n\
             contexts:\n\
             - name: kubewright-testbed\n  context: {{cluster: kubewright-testbed, user: admin}}\n\
             clusters:\n\
             - name: kubewright-testbed\n  cluster:\n    server: {server}\n    \
               certificate-authority-data: {authority}\n\
             users:\n\
             - name: admin\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}\n"
        ))
    }

    fn fill(&self) -> Result<(), Error> {
        let key = KeyPair::generate().map_err(cannot)?;
        write(&self.authority_key, &key.serialize_pem())?;
        let issuer = authority(AUTHORITY, key, &self.authority)?;
        let server_key = KeyPair::generate().map_err(cannot)?;
        let mut server = named("kube-apiserver", None);
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        for address in [Ipv4Addr::LOCALHOST, SERVICE_ADDRESS] {
            server.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(address)));
        }
        let kubernetes = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
        for name in kubernetes.into_iter().chain([SAMPLE_APISERVER]) {
            server.subject_alt_names.push(SanType::DnsName(name.try_into().map_err(cannot)?));
        }
        write(&self.server, &server.signed_by(&server_key, &issuer).map_err(cannot)?.pem())?;
        write(&self.server_key, &server_key.serialize_pem())?;

        client("admin", Some("system:masters"), &issuer, &self.admin, &self.admin_key)?;

        let key = KeyPair::generate().map_err(cannot)?;
        let front_proxy = authority("kubewright-testbed-front-proxy", key, &self.front_proxy_authority)?;
        client(FRONT_PROXY, None, &front_proxy, &self.front_proxy, &self.front_proxy_key)?;

        let service_account_key = KeyPair::generate().map_err(cannot)?;
        write(&self.service_account_key, &service_account_key.serialize_pem())?;
        write(&self.service_account_public_key, &service_account_key.public_key_pem())
    }
}

/// Makes an authority, whose certificate goes to that file.
fn authority(name: &str, key: KeyPair, file: &Path) -> Result<Issuer<'static, KeyPair>, Error> {
    let authority = authority_named(name);
    write(file, &authority.self_signed(&key).map_err(cannot)?.pem())?;
    Ok(Issuer::new(authority, key))
}

fn authority_named(name: &str) -> CertificateParams {
    let mut authority = named(name, None);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    authority
}

/// Issues a client's certificate, by the authority whose key is in that folder. Both are PEM.
pub(crate) fn issue(folder: &Path, user: &str, group: Option<&str>) -> Result<(String, String), Error> {
    let file = folder.join(AUTHORITY_KEY);
    let key = fs::read_to_string(&file).map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?;
    let issuer = Issuer::new(authority_named(AUTHORITY), KeyPair::from_pem(&key).map_err(cannot)?);
    client_pem(user, group, &issuer)
}

fn client_pem(user: &str, group: Option<&str>, issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), Error> {
    let key = KeyPair::generate().map_err(cannot)?;
    let mut client = named(user, group);
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok((client.signed_by(&key, issuer).map_err(cannot)?.pem(), key.serialize_pem()))
}

/// Makes a client's certificate and key, which go to those files.
fn client(
    user: &str,
    group: Option<&str>,
    issuer: &Issuer<'_, KeyPair>,
    file: &Path,
    key_file: &Path,
) -> Result<(), Error> {
    let (certificate, key) = client_pem(user, group, issuer)?;
    write(file, &certificate)?;
    write(key_file, &key)
}

fn cannot(error: rcgen::Error) -> Error {
    Error::new(format!("cannot make the cluster's certificates: {error}"))
}

/// A certificate for that user, in that group.
fn named(user: &str, group: Option<&str>) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, user);
    if let Some(group) = group {
        name.push(DnType::OrganizationName, group);
    }
    let mut certificate = CertificateParams::default();
    certificate.distinguished_name = name;
    certificate
}

/// Writes a file that only its owner may read.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let cannot = |e| Error::io(format!("cannot write {}", path.display()), e);
    let mut file: File =
        File::options().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)
}
