//! A fake cluster on a port, for kubectl and clients in other languages and processes.

mod authenticate;
mod certificates;
mod kubeconfig;
mod serve;

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::access::{Tokens, User};
use crate::cluster::FakeCluster;
use crate::file;
use crate::streams::Lifetime;
use crate::user::FakeUser;
use authenticate::{Authenticated, Clients};
use certificates::{Certificates, ClientCertificate};
use kubeconfig::Proof;
use rcgen::{Issuer, KeyPair};

/// A [`FakeCluster`] that listens on 127.0.0.1, until this is dropped: connections are closed then.
///
/// It is HTTPS, over HTTP/1.1 and HTTP/2, with certificates that were made for it. The user of its kubeconfig may do everything,
/// and act as others (`kubectl --as`); those of [`kubeconfig_for`](FakeListener::kubeconfig_for) and
/// [`kubeconfig_with_certificate`](FakeListener::kubeconfig_with_certificate) may do what roles allow, and so may service accounts with a
/// token of a `TokenRequest`. Requests of others are answered with 401, but for `/version` and the health endpoints.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let cluster = kubewright_fake::FakeCluster::builder().build()?;
/// let listener = cluster.listen().await?;
/// listener.write_kubeconfig("fake.kubeconfig")?;
/// // kubectl --kubeconfig fake.kubeconfig get namespaces
/// # Ok(())
/// # }
/// ```
#[must_use = "it stops listening when it is dropped"]
pub struct FakeListener {
    address: SocketAddr,
    kubeconfig: String,
    /// The certificate of the authority, in PEM.
    authority: String,
    tokens: Tokens,
    issuer: Issuer<'static, KeyPair>,
    clients: Clients,
    task: JoinHandle<()>,
}

/// Why a fake cluster can't listen.
#[derive(Debug)]
pub struct ListenError {
    what: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl FakeCluster {
    /// Listens on a free port of 127.0.0.1, by the tokio runtime that calls this.
    ///
    /// # Errors
    /// If the certificates can't be made, or no port is free.
    pub async fn listen(&self) -> Result<FakeListener, ListenError> {
        self.listen_on(0).await
    }

    /// Listens on a port of 127.0.0.1, by the tokio runtime that calls this; 0 is any free port.
    ///
    /// # Errors
    /// If the certificates can't be made, or the port is in use.
    pub async fn listen_on(&self, port: u16) -> Result<FakeListener, ListenError> {
        let certificates = Certificates::new()?;
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |error: io::Error| ListenError {
            what: format!("cannot listen on {wanted}"),
            source: Some(Box::new(error)),
        };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let service = self.service();
        let tokens = service.tokens().clone();
        let (authority, token) = (certificates.authority, tokens.of(&User::admin()));
        let kubeconfig = kubeconfig::text(&format!("https://{address}"), &authority, Proof::Token(&token), None);
        let (alive, lifetime) = watch::channel(());
        let (issuer, clients) = (certificates.issuer, Clients::default());
        let service = Authenticated::new(service, clients.clone(), Lifetime(lifetime));
        let acceptor = TlsAcceptor::from(certificates.server);
        let task = tokio::spawn(serve::serve(listener, acceptor, service, self.server().clone(), alive));
        Ok(FakeListener { address, kubeconfig, authority, tokens, issuer, clients, task })
    }
}

impl FakeListener {
    /// The address: 127.0.0.1 and the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL: `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// A kubeconfig with the address, the certificate of the authority and a token. It is a secret.
    #[must_use]
    pub fn kubeconfig(&self) -> &str {
        &self.kubeconfig
    }

    /// A kubeconfig of a user of the cluster, with a token of its own. It is a secret. The default namespace is that of the user's
    /// clients.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let cluster = kubewright_fake::FakeCluster::builder().build()?;
    /// let listener = cluster.listen().await?;
    /// std::fs::write("jane.kubeconfig", listener.kubeconfig_for(&cluster.as_user("jane")))?;
    /// // kubectl --kubeconfig jane.kubeconfig auth can-i --list
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn kubeconfig_for(&self, user: &FakeUser) -> String {
        let (user, namespace) = user.identity();
        kubeconfig::text(&self.url(), &self.authority, Proof::Token(&self.tokens.of(user)), Some(namespace))
    }

    /// A kubeconfig of a user of the cluster, with a
    /// [client certificate](https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates) that the
    /// authority of the listener has signed: its common name is the user's name, and its organizations are the groups. It is a secret, and
    /// each call makes another.
    ///
    /// # Errors
    /// If the user is [anonymous](FakeCluster::as_anonymous), has a uid or extra fields, or is in more than two groups beside that of
    /// all users: such certificates can't be made here.
    pub fn kubeconfig_with_certificate(&self, user: &FakeUser) -> Result<String, ListenError> {
        let (user, namespace) = user.identity();
        let made = ClientCertificate::of(user, &self.issuer)?;
        self.clients.add(made.der, made.user);
        let proof = Proof::Certificate(&made.certificate, &made.key);
        Ok(kubeconfig::text(&self.url(), &self.authority, proof, Some(namespace)))
    }

    /// Writes the kubeconfig to a file that only its owner may read, in place of an earlier one.
    ///
    /// # Errors
    /// If the file can't be written, or is there and is not the kubeconfig of a fake cluster: that of a user is not
    /// overwritten.
    pub fn write_kubeconfig(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        match std::fs::read_to_string(path) {
            Ok(present) if !kubeconfig::is_own(&present) => {
                let what = format!("{} is there and is not the kubeconfig of a fake cluster", path.display());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        file::replace(path, self.kubeconfig.as_bytes())
    }

    /// Stops listening, closes the connections, and waits until that is done: the port is free again then.
    pub async fn close(mut self) {
        self.task.abort();
        // It was cancelled.
        let _ = (&mut self.task).await;
    }
}

impl Drop for FakeListener {
    fn drop(&mut self) {
        // Its connections are tasks of a set that ends with it.
        self.task.abort();
    }
}

/// Without the token.
impl fmt::Debug for FakeListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeListener").field("address", &self.address).finish_non_exhaustive()
    }
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for ListenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<rcgen::Error> for ListenError {
    fn from(error: rcgen::Error) -> Self {
        Self { what: "cannot make the certificates".to_owned(), source: Some(Box::new(error)) }
    }
}

impl From<rustls::Error> for ListenError {
    fn from(error: rustls::Error) -> Self {
        Self { what: "cannot use the certificates".to_owned(), source: Some(Box::new(error)) }
    }
}
