//! How to reach a cluster, and as whom: kubeconfig files, a pod's service account, or settings made by hand.
//!
//! [`Config`] is what a client is built from; [`Config::infer`] finds one as kubectl and client-go do. [`Kubeconfig`]
//! is the file itself, for programs that pick contexts or write it. What else can be set, and where client-go differs, is
//! in [configuration](https://github.com/kubewright/kubewright/blob/main/docs/configuration.md).

mod credentials;
mod encoding;
mod environment;
mod error;
mod exec;
mod exec_options;
mod exec_policy;
mod in_cluster;
mod infer;
#[cfg(feature = "kubeconfig")]
mod kubeconfig;
mod null;
mod oidc;
mod pem;
mod proxy;
mod rate_limit;
mod redacted;
mod secret;
mod source;
#[cfg(all(test, feature = "kubeconfig"))]
mod tests;

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Uri};

pub use self::credentials::{ClientIdentity, Credentials, Impersonate};
pub use self::encoding::Encoding;
pub use self::error::ConfigError;
pub(crate) use self::error::Kind;
pub use self::exec::{ExecCluster, ExecConfig, ExecEnv, InteractiveMode};
pub use self::exec_options::{ExecOptions, ExecStderr};
pub use self::exec_policy::ExecPolicy;
#[cfg(feature = "kubeconfig")]
pub use self::kubeconfig::{
    AuthProvider, Cluster, Context, Kubeconfig, KubeconfigOptions, NamedCluster, NamedContext, NamedUser, User,
};
pub use self::oidc::{OidcConfig, OidcStore};
pub use self::pem::Pem;
pub use self::proxy::Proxy;
pub use self::rate_limit::RateLimit;
pub use self::secret::SecretString;
pub use self::source::{Credential, CredentialFuture, CredentialRequest, CredentialSource, SharedSource};

use self::environment::Environment;
use crate::metrics::MetricsHook;
use crate::retry::{RetryBudget, RetryPolicy};

/// How to reach a cluster, and as whom. `Debug` shows no secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The API server's URL, `http` or `https`; its path, if it has one, is put before that of every request. With a login in
    /// it (`https://NAME:PASSWORD@HOST`) no client is made: that belongs into [`credentials`](Self::credentials).
    pub server: Uri,
    /// The namespace to use where none is named; `default` unless the context or the service account says otherwise.
    pub namespace: String,
    /// The certificate authorities that the server's certificate must come from. `None`: those of the operating system.
    pub ca: Option<Pem>,
    /// The name that the server's certificate is checked for. `None`: the URL's host.
    pub tls_server_name: Option<String>,
    /// Take any server certificate. Unsafe: whoever sits in between can read and change everything. Default `false`.
    pub insecure_skip_tls_verify: bool,
    /// The client certificate.
    pub client_identity: Option<ClientIdentity>,
    /// What goes into the `Authorization` header, over `http` too: of a kubeconfig whose server is
    /// `http` none are taken, but one that is pointed elsewhere afterwards keeps them.
    pub credentials: Credentials,
    /// Which commands may be run for credentials. Default: every one.
    pub exec_policy: ExecPolicy,
    /// How they are run.
    pub exec_options: ExecOptions,
    /// Whom to act as.
    pub impersonate: Option<Impersonate>,
    /// A proxy to go through. `None`: what the environment names, see
    /// [`proxy_from_environment`](Self::proxy_from_environment).
    pub proxy: Option<Proxy>,
    /// Without a [`proxy`](Self::proxy), use the one that the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for
    /// the server: by [Go's rules](crate::transport::ProxyEnvironment). Default `true`.
    pub proxy_from_environment: bool,
    /// Ask for compressed (gzip) responses. Default `true`; worth turning off where the network is faster than the
    /// server's compression, as on the same machine.
    pub compression: bool,
    /// Whether to speak protobuf for the kinds that have it. Default [`Encoding::Auto`]: yes.
    pub encoding: Encoding,
    /// The longest time to make a connection: TCP, proxy and TLS together. Default 30 s; `None` is no limit.
    pub connect_timeout: Option<Duration>,
    /// The longest silence of the server, before a response's head or between pieces of its body. Default `None`, no
    /// limit: a watch may be silent for long, and dead connections are found by HTTP/2 pings anyway. A log that is
    /// followed has none in any case.
    pub read_timeout: Option<Duration>,
    /// The longest time for the whole of a request: from the first attempt, through retries, to the end of the response's
    /// body. Default `None`, no limit. It does not hold for what lasts as long as its caller wants: watches, logs that are
    /// followed, exec, attach and port-forward. A request can have [one of its own](crate::transport::layers::Timeouts).
    pub request_timeout: Option<Duration>,
    /// The most requests in a time, retries included. Default `None`, no limit: the API server's own flow control is fairer,
    /// and the client heeds it.
    pub rate_limit: Option<RateLimit>,
    /// Where to report requests and connections. Default `None`: nothing is counted, and it costs nothing.
    pub metrics: Option<MetricsHook>,
    /// How requests are sent again that failed in a way that makes it safe. Default [`RetryPolicy::new`]: at most 3
    /// attempts. A policy that a request has as an extension takes precedence.
    pub retry: RetryPolicy,
    /// How many of all requests may be sent again. Default [`RetryBudget::default`]: one for five requests, and ten a second
    /// besides; `None` is no limit.
    pub retry_budget: Option<RetryBudget>,
    /// The `User-Agent` header. Default `kubewright/VERSION`.
    pub user_agent: String,
    /// Further headers for every request, unless the request sets them itself.
    pub headers: HeaderMap,
}

impl Config {
    /// A configuration for `server`, without credentials, and otherwise with the defaults that the fields document.
    pub fn new(server: Uri) -> Self {
        Self {
            server,
            namespace: "default".to_owned(),
            ca: None,
            tls_server_name: None,
            insecure_skip_tls_verify: false,
            client_identity: None,
            credentials: Credentials::None,
            exec_policy: ExecPolicy::AllowAll,
            exec_options: ExecOptions::default(),
            impersonate: None,
            proxy: None,
            proxy_from_environment: true,
            compression: true,
            encoding: Encoding::Auto,
            connect_timeout: Some(Duration::from_secs(30)),
            read_timeout: None,
            request_timeout: None,
            rate_limit: None,
            metrics: None,
            retry: RetryPolicy::new(),
            retry_budget: Some(RetryBudget::default()),
            user_agent: concat!("kubewright/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: HeaderMap::new(),
        }
    }

    /// The service account of the pod that this runs in: address from `KUBERNETES_SERVICE_HOST` and
    /// `KUBERNETES_SERVICE_PORT`, token, certificate authority and namespace from
    /// `/var/run/secrets/kubernetes.io/serviceaccount`. `POD_NAMESPACE`, if it is set, wins over the file with the
    /// namespace.
    ///
    /// # Errors
    /// This is not a pod ([`ConfigError::is_not_found`]), or its service account can't be read.
    pub fn in_cluster() -> Result<Self, ConfigError> {
        in_cluster::load(&Environment::current())
    }
}

// By hand: the values of headers may be secret, and a URL may hold a login.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            server,
            namespace,
            ca,
            tls_server_name,
            insecure_skip_tls_verify,
            client_identity,
            credentials,
            exec_policy,
            exec_options,
            impersonate,
            proxy,
            proxy_from_environment,
            compression,
            encoding,
            connect_timeout,
            read_timeout,
            request_timeout,
            rate_limit,
            metrics,
            retry,
            retry_budget,
            user_agent,
            headers,
        } = self;
        f.debug_struct("Config")
            .field("server", &without_secrets(server))
            .field("namespace", namespace)
            .field("ca", ca)
            .field("tls_server_name", tls_server_name)
            .field("insecure_skip_tls_verify", insecure_skip_tls_verify)
            .field("client_identity", client_identity)
            .field("credentials", credentials)
            .field("exec_policy", exec_policy)
            .field("exec_options", exec_options)
            .field("impersonate", impersonate)
            .field("proxy", proxy)
            .field("proxy_from_environment", proxy_from_environment)
            .field("compression", compression)
            .field("encoding", encoding)
            .field("connect_timeout", connect_timeout)
            .field("read_timeout", read_timeout)
            .field("request_timeout", request_timeout)
            .field("rate_limit", rate_limit)
            .field("metrics", metrics)
            .field("retry", retry)
            .field("retry_budget", retry_budget)
            .field("user_agent", user_agent)
            .field("headers", &headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Without a login, and without a query, which has no meaning here and may be secret.
fn without_secrets(url: &Uri) -> String {
    let text = url.to_string();
    let text = text.split_once('?').map_or(text.as_str(), |(text, _)| text).to_owned();
    match url.authority().and_then(|authority| authority.as_str().rsplit_once('@')) {
        Some((login, _)) => text.replacen(&format!("{login}@"), "", 1),
        None => text,
    }
}
