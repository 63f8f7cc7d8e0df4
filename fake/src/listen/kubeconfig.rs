//! The kubeconfig of a listener.
//!
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The first line, by which the file is recognized.
const FIRST_LINE: &str = "# The kubeconfig of a fake cluster, by kubewright-fake.";

/// The name of the context, the cluster and the user.
const NAME: &str = "kubewright-fake";

/// What a kubeconfig proves its user by.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    Token(&'a str),
    /// A certificate and its private key, in PEM.
    Certificate(&'a str, &'a str),
}

/// The kubeconfig for a server, an authority in PEM and a user, perhaps with a default namespace.
pub(super) fn text(server: &str, authority: &str, proof: Proof<'_>, namespace: Option<&str>) -> String {
    let proof = match proof {
        Proof::Token(token) => format!("token: {token}"),
        Proof::Certificate(certificate, key) => {
            let (certificate, key) = (STANDARD.encode(certificate), STANDARD.encode(key));
            format!("client-certificate-data: {certificate}\n    client-key-data: {key}")
        }
    };
    let authority = STANDARD.encode(authority);
    let namespace = namespace.map(|namespace| format!(", namespace: {namespace}")).unwrap_or_default();
    format!(
        "{FIRST_LINE}\n\
         apiVersion: v1\n\
         kind: Config\n\
         current-context: {NAME}\n\
         contexts:\n\
         - name: {NAME}\n  context: {{cluster: {NAME}, user: {NAME}{namespace}}}\n\
         clusters:\n\
         - name: {NAME}\n  cluster:\n    server: {server}\n    certificate-authority-data: {authority}\n\
         users:\n\
         - name: {NAME}\n  user:\n    {proof}\n"
    )
}

/// Whether a text is such a kubeconfig.
pub(super) fn is_own(text: &str) -> bool {
    text.lines().next() == Some(FIRST_LINE)
}
