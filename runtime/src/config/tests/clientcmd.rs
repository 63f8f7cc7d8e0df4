//! What client-go sends with whole sets of kubeconfig files, and what we send with them. Where the two differ, a table
//! says so and why; it fails as well where they no longer do.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use tower::ServiceExt as _;
use tower::service_fn;

use super::super::environment::Environment;
use crate::config::Config;
use crate::transport::{self, BoxError};

/// One set of files each: `input` has the files and `KUBECONFIG`, `output` what client-go understood and sent.
const VECTORS: &str = include_str!("clientcmd.jsonl");

const EXEC: &str = "not yet: exec";
const SOCKS: &str = "not yet: SOCKS proxies";
const SCHEME: &str = "not yet: client-go takes it as http; here the error says what is missing";
const BOTH: &str = "the data wins over the file, as the documentation says; client-go refuses the two together";
const KEPT: &str = "a string is what is written, also without quotes: there is one meaning";
const HALF: &str = "half of a pair is an error, where client-go passes it over";

/// The line of the vector, what comes of it here, and why.
const DIFFERENCES: &[(usize, &str, &str)] = &[
    (5, "/api/v1/pods, certificate", BOTH),
    (11, "error", SCHEME),
    (12, "error", SCHEME),
    (14, "error", EXEC),
    (17, "error", EXEC),
    (18, "error", EXEC),
    (23, "error", "a query in a server's URL is refused: client-go drops it"),
    (28, "error", SCHEME),
    (31, "ready", "a path is sent as it is written, be its escapes good or not: the server says what is wrong"),
    (41, "/api/v1/pods, authorization: Bearer tok", BOTH),
    (49, "error", SOCKS),
    (57, "/api/v1/pods, authorization: Bearer 12345", KEPT),
    (58, "/api/v1/pods, authorization: Bearer true", KEPT),
    (
        59,
        "/api/v1/pods, authorization: Bearer tok",
        "blanks around a token are cut off, in the kubeconfig as in a file",
    ),
    (62, "/api/v1/pods, authorization: Basic YW5uOjAxMjM=", KEPT),
    (63, "error", HALF),
    (69, "error", HALF),
    (73, "/api/v1/pods, authorization: Bearer tok, impersonate-user: bob, impersonate-group: 1", KEPT),
    (81, "error", EXEC),
    (86, "error", EXEC),
    (94, "/api/v1/pods, authorization: Bearer tok", KEPT),
    (95, "/api/v1/pods, authorization: Bearer tok", KEPT),
    (96, "error", "an empty name is no name: no context is current"),
    (111, "/api/v1/pods, authorization: Bearer tok", "the directive `%YAML 1.2` changes no meaning"),
];

const HEADERS: [&str; 5] =
    ["authorization", "impersonate-user", "impersonate-uid", "impersonate-group", "impersonate-extra-r"];

#[tokio::test]
async fn kubeconfigs_are_read_as_client_go_reads_them_but_for_a_table_of_differences() {
    let material = Material::new();
    let mut differences: BTreeMap<usize, &str> = DIFFERENCES.iter().map(|(line, ours, _)| (*line, *ours)).collect();
    assert_eq!(differences.len(), DIFFERENCES.len(), "a row comes twice");
    assert!(DIFFERENCES.iter().all(|(.., why)| !why.is_empty()));
    let (mut count, mut wrong) = (0, Vec::new());
    for (line, text) in (1..).zip(VECTORS.lines()) {
        count += 1;
        let vector: Value = serde_json::from_str(text).expect("JSON");
        let (go, (ours, why)) = (go(&vector), ours(&vector, &material).await);
        match differences.remove(&line) {
            None if go == ours => {}
            None => wrong.push(format!("line {line}: client-go {go:?}, here {ours:?} {why}\n  {}", vector["input"])),
            Some(_) if go == ours => wrong.push(format!("line {line}: no longer differs ({go:?}): remove the row")),
            Some(expected) if ours == expected => {}
            Some(expected) => wrong.push(format!("line {line}: the table says {expected:?}, here {ours:?} {why}")),
        }
    }
    assert_eq!(count, 124);
    wrong.extend(differences.keys().map(|line| format!("line {line}: a row without a vector")));
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What stands for the vectors' certificates.
struct Material {
    certificate: String,
    key: String,
}

impl Material {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self { certificate, key: key.serialize_pem() }
    }

    fn fill(&self, text: &str, folder: &Path) -> String {
        text.replace("$DIR", &folder.display().to_string())
            .replace("$HTTPSERVER", "http://127.0.0.1:8001")
            .replace("$SERVER", "https://127.0.0.1:6443")
            .replace("$CA64", &STANDARD.encode(&self.certificate))
            .replace("$CERT64", &STANDARD.encode(&self.certificate))
            .replace("$KEY64", &STANDARD.encode(&self.key))
            .replace("$CAPEM", &self.certificate)
            .replace("$CERTPEM", &self.certificate)
            .replace("$KEYPEM", &self.key)
    }
}

/// `error`; or `ready`, where no server was there to say what was sent; or the path and what says who is asking.
fn go(vector: &Value) -> String {
    let output = &vector["output"];
    if let Some(sent) = output.get("sent") {
        let path = sent["path"].as_str().expect("a path").split('?').next().unwrap_or_default().to_owned();
        let mut parts = vec![path];
        for name in HEADERS {
            let found = sent.as_object().expect("headers").iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            parts.extend(found.map(|(_, value)| format!("{name}: {}", value.as_str().expect("a text"))));
        }
        parts.extend(sent.get("clientCertificate").map(|_| "certificate".to_owned()));
        return parts.join(", ");
    }
    let network = ["dial tcp", "certificate signed by", "certificate is valid"];
    match output["sendError"].as_str() {
        Some(error) if network.iter().any(|words| error.contains(words)) => "ready".to_owned(),
        _ => "error".to_owned(),
    }
}

async fn ours(vector: &Value, material: &Material) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let input = &vector["input"];
    for (name, text) in input["files"].as_object().expect("files") {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        let text = text.as_str().expect("a text");
        std::fs::write(path, material.fill(text, folder.path())).expect("a file");
    }
    let list = match input["kubeconfig"].as_str().expect("a list") {
        "-" => None,
        // client-go ran in this folder, which a test can't.
        "config" => Some("$DIR/cwd/config"),
        list => Some(list),
    };
    let environment = Environment {
        kubeconfig: list.map(|list| material.fill(list, folder.path()).into()),
        home: Some(folder.path().join("home")),
        service_host: None,
        service_port: None,
        service_account: folder.path().join("sa"),
    };
    let outcome = match Config::infer_from(&environment) {
        Ok(config) => sent(&config).await.map(|parts| (config.server.to_string(), parts)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        // The vectors' server is known by this name.
        Ok((server, parts)) if server.contains("127.0.0.1") || vector["output"].get("sent").is_some() => {
            let ready = vector["output"].get("sendError").is_some();
            (if ready { "ready".to_owned() } else { parts }, String::new())
        }
        Ok(_) => ("ready".to_owned(), String::new()),
        Err(error) => ("error".to_owned(), format!("({error})")),
    }
}

/// What the server would get.
async fn sent(config: &Config) -> Result<String, BoxError> {
    transport::from_config(config)?;
    let request: Arc<Mutex<Option<(String, HeaderMap)>>> = Arc::default();
    let kept = request.clone();
    let service = service_fn(move |request: Request<transport::Body>| {
        let head = (request.uri().path().to_owned(), request.headers().clone());
        *kept.lock().expect("not poisoned") = Some(head);
        async { Ok::<_, Infallible>(Response::new(transport::Body::empty())) }
    });
    let service = tower::ServiceBuilder::new().map_err(BoxError::from).service(service);
    let pods = Request::get("/api/v1/pods").body(transport::Body::empty())?;
    transport::stack(config, service)?.oneshot(pods).await?;
    let (path, headers) = request.lock().expect("not poisoned").take().expect("a request");
    let mut parts = vec![path];
    for name in HEADERS {
        let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        if !values.is_empty() {
            parts.push(format!("{name}: {}", values.join(" | ")));
        }
    }
    parts.extend(config.client_identity.as_ref().map(|_| "certificate".to_owned()));
    Ok(parts.join(", "))
}
