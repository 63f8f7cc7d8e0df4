//! A command that prints credentials, as a kubeconfig or a program names it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::redacted::{Names, Redacted, Url};
use super::{Pem, SecretString, null};

/// A command that prints credentials: an exec plugin, such as `gke-gcloud-auth-plugin` or `aws eks get-token`.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
///
/// In a [`Kubeconfig`](super::Kubeconfig) it holds what is written there. In [`Credentials`](super::Credentials) it is
/// checked, and ready to be run: a relative `command` is made absolute, and `cluster` is filled in. `Debug` shows neither
/// arguments nor values of the environment.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExecConfig {
    /// The version of what the command reads and prints: `client.authentication.k8s.io/v1`, or `…/v1beta1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The command. With a path separator in it, it is relative to the folder of the kubeconfig; without one it is looked
    /// for in `$PATH` alone.
    #[serde(deserialize_with = "null::as_default")]
    pub command: PathBuf,
    /// Its arguments.
    #[serde(deserialize_with = "null::as_default", skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Variables of its environment beside those of this process.
    #[serde(deserialize_with = "null::as_default_items", skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<ExecEnv>,
    /// The message for people who don't have the command: how to install it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install_hint: Option<String>,
    /// Whether the command receives the [cluster](Self::cluster), in the variable `KUBERNETES_EXEC_INFO`. Default
    /// `false`.
    #[serde(deserialize_with = "null::as_default", skip_serializing_if = "is_false")]
    pub provide_cluster_info: bool,
    /// Whether it uses standard input. Required for `v1`; for `v1beta1` the default is [`InteractiveMode::IfAvailable`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactive_mode: Option<InteractiveMode>,
    /// Fields that are not known here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
    /// What the command receives about the cluster. Set where [`provide_cluster_info`](Self::provide_cluster_info) is, when
    /// a kubeconfig's user becomes [`Credentials`](super::Credentials).
    #[serde(skip)]
    pub cluster: Option<Box<ExecCluster>>,
}

/// A variable of a command's environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecEnv {
    /// The name.
    pub name: String,
    /// The value, which may be secret.
    pub value: SecretString,
}

/// How a command uses standard input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InteractiveMode {
    /// Never.
    Never,
    /// If it is a terminal.
    IfAvailable,
    /// Always: without a terminal the command is not run.
    Always,
    /// Another value, which no command can be run with.
    Unknown(String),
}

/// What a command receives about the cluster that it prints credentials for: the field `spec.cluster` of an
/// `ExecCredential`, as which it is serialised.
///
/// <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#client-authentication-k8s-io-v1-Cluster>
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExecCluster {
    /// The API server's URL.
    pub server: String,
    /// The name that its certificate is checked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    /// Whether any certificate is taken.
    #[serde(skip_serializing_if = "is_false")]
    pub insecure_skip_tls_verify: bool,
    /// The certificate authorities, also where the kubeconfig names a file.
    #[serde(serialize_with = "as_base64", skip_serializing_if = "Option::is_none")]
    pub certificate_authority_data: Option<Pem>,
    /// The proxy, which may hold a login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<SecretString>,
    /// Whether compressed responses are not asked for.
    #[serde(skip_serializing_if = "is_false")]
    pub disable_compression: bool,
    /// The cluster's extension `client.authentication.k8s.io/exec`: settings for this command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
}

impl ExecConfig {
    /// `client.authentication.k8s.io/v1`.
    pub const V1: &'static str = "client.authentication.k8s.io/v1";
    /// `client.authentication.k8s.io/v1beta1`.
    pub const V1BETA1: &'static str = "client.authentication.k8s.io/v1beta1";

    /// A command that speaks `v1` and never uses standard input.
    pub fn new(command: impl Into<PathBuf>) -> Self {
        Self {
            api_version: Some(Self::V1.to_owned()),
            command: command.into(),
            interactive_mode: Some(InteractiveMode::Never),
            ..Self::default()
        }
    }
}

impl InteractiveMode {
    /// As a kubeconfig has it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Never => "Never",
            Self::IfAvailable => "IfAvailable",
            Self::Always => "Always",
            Self::Unknown(other) => other,
        }
    }
}

impl From<String> for InteractiveMode {
    fn from(text: String) -> Self {
        match text.as_str() {
            "Never" => Self::Never,
            "IfAvailable" => Self::IfAvailable,
            "Always" => Self::Always,
            _ => Self::Unknown(text),
        }
    }
}

impl Serialize for InteractiveMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for InteractiveMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

// By hand: arguments may hold secrets, such as a client's, and so may fields that are not known.
impl fmt::Debug for ExecConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let env: BTreeMap<_, _> = self.env.iter().map(|variable| (&variable.name, Redacted)).collect();
        f.debug_struct("ExecConfig")
            .field("api_version", &self.api_version)
            .field("command", &self.command)
            .field("args", &self.args.iter().map(|_| Redacted).collect::<Vec<_>>())
            .field("env", &env)
            .field("install_hint", &self.install_hint)
            .field("provide_cluster_info", &self.provide_cluster_info)
            .field("interactive_mode", &self.interactive_mode)
            .field("other", &Names(&self.other))
            .field("cluster", &self.cluster)
            .finish()
    }
}

// By hand: the settings for the command may be secret.
impl fmt::Debug for ExecCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecCluster")
            .field("server", &Url(&self.server))
            .field("tls_server_name", &self.tls_server_name)
            .field("insecure_skip_tls_verify", &self.insecure_skip_tls_verify)
            .field("certificate_authority_data", &self.certificate_authority_data)
            .field("proxy_url", &self.proxy_url)
            .field("disable_compression", &self.disable_compression)
            .field("config", &self.config.as_ref().map(|_| Redacted))
            .finish()
    }
}

fn as_base64<S: Serializer>(pem: &Option<Pem>, serializer: S) -> Result<S::Ok, S::Error> {
    match pem {
        Some(pem) => serializer.serialize_str(&STANDARD.encode(pem.as_bytes())),
        None => serializer.serialize_none(),
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
