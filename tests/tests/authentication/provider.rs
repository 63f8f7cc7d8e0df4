//! An OpenID Connect provider whose tokens an API server verifies: discovery, keys, and new ID tokens for refresh tokens.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kubewright_runtime::transport::Body;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, PublicKeyData as _,
    SigningKey as _,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub struct Provider {
    shared: Arc<Shared>,
    authority: String,
}

struct Shared {
    issuer: String,
    key: KeyPair,
    refreshes: AtomicUsize,
}

impl Provider {
    /// Refresh tokens are `refresh-0` and so on, each good for once.
    pub async fn start() -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "provider");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&authority_key).expect("a certificate").pem();
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate: CertificateDer<'static> = params.signed_by(&key, &issuer).expect("a certificate").into();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a matching key");

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            issuer: format!("https://localhost:{port}"),
            key: KeyPair::generate().expect("a key"),
            refreshes: AtomicUsize::new(0),
        });
        let (acceptor, serving) = (TlsAcceptor::from(Arc::new(tls)), shared.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, shared) = (acceptor.clone(), serving.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let shared = shared.clone();
                        async move { Ok::<_, Infallible>(shared.answer(request).await) }
                    });
                    // A client that goes away is no failure.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { shared, authority }
    }

    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn refreshes(&self) -> usize {
        self.shared.refreshes.load(Ordering::SeqCst)
    }

    pub fn id_token(&self, user: &str, seconds: i64) -> String {
        self.shared.id_token(user, seconds)
    }

    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration>
    pub fn server_configuration(&self) -> String {
        json!({
            "apiVersion": "apiserver.config.k8s.io/v1beta1",
            "kind": "AuthenticationConfiguration",
            "jwt": [{
                "issuer": {
                    "url": self.issuer(), "audiences": ["kubewright"], "certificateAuthority": self.authority,
                },
                "claimMappings": {"username": {"claim": "sub", "prefix": "oidc:"}},
            }],
        })
        .to_string()
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let (code, content) = match parts.uri.path() {
            "/.well-known/openid-configuration" => (200, self.metadata()),
            "/keys" => (200, self.keys()),
            "/token" => self.refresh(&String::from_utf8_lossy(&body)),
            _ => (404, json!({})),
        };
        let response = Response::builder().status(code).header("content-type", "application/json");
        response.body(content.to_string().into()).expect("a response")
    }

    fn metadata(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "jwks_uri": format!("{}/keys", self.issuer),
            "token_endpoint": format!("{}/token", self.issuer),
            "authorization_endpoint": format!("{}/authorize", self.issuer),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
    }

    /// The key as JSON Web Key (RFC 7517, and RFC 7518, section 6.2).
    fn keys(&self) -> Value {
        // An uncompressed point: 4, x, y.
        let point = self.key.der_bytes();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
        json!({"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": x, "y": y}]})
    }

    fn refresh(&self, form: &str) -> (u16, Value) {
        let count = self.refreshes.load(Ordering::SeqCst);
        if !form.split('&').any(|pair| pair == format!("refresh_token=refresh-{count}")) {
            return (400, json!({"error": "invalid_grant"}));
        }
        self.refreshes.store(count + 1, Ordering::SeqCst);
        let next = format!("refresh-{}", count + 1);
        let id = self.id_token(&format!("refreshed-{count}"), 600);
        (200, json!({"id_token": id, "refresh_token": next, "access_token": "a", "token_type": "Bearer"}))
    }

    fn id_token(&self, user: &str, seconds: i64) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let claims = json!({
            "iss": self.issuer, "aud": "kubewright", "sub": user,
            "iat": now.saturating_sub(3600), "exp": now.saturating_add_signed(seconds),
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(json!({"alg": "ES256", "kid": "one", "typ": "JWT"})), part(claims));
        let signature = fixed(&self.key.sign(signed.as_bytes()).expect("a signature"));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A signature as JSON Web Tokens have it (RFC 7518, section 3.4), from the form of ASN.1: a sequence of two integers, all
/// shorter than 128 bytes.
fn fixed(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut out = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        rest = &rest[2 + length..];
        // One byte more if the first bit is set, fewer if the first bytes are 0.
        let number = &number[number.len().saturating_sub(32)..];
        out.extend(std::iter::repeat_n(0, 32 - number.len()));
        out.extend_from_slice(number);
    }
    out
}
