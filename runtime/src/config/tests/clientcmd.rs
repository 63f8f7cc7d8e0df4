//! What client-go sends with whole sets of kubeconfig files, and what we send with them. Where the two differ, a table
//! says so and why; it fails as well where they no longer do.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Request, Response};
use serde_json::Value;
use tower::ServiceExt as _;
use tower::service_fn;

use crate::config::Config;
use crate::config::environment::Environment;
use crate::transport::{self, BoxError};

/// One set of files each: `input` has the files and `KUBECONFIG`, `output` what client-go understood and sent.
const VECTORS: &str = include_str!("clientcmd.jsonl");

/// What differs on purpose: a name for it, why, and for each line of the vectors what we do.
const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "a string without quotes is a string",
        why: "there is one meaning that `token: 12345` can have; client-go refuses it",
        lines: &[
            (57, "/api/v1/pods, authorization: Bearer 12345"),
            (58, "/api/v1/pods, authorization: Bearer true"),
            (62, "/api/v1/pods, authorization: Basic YW5uOjAxMjM="),
            (73, "/api/v1/pods, authorization: Bearer tok, impersonate-user: bob, impersonate-group: 1"),
            (94, "/api/v1/pods, authorization: Bearer tok"),
            (95, "/api/v1/pods, authorization: Bearer tok"),
        ],
    },
    Difference {
        name: "half of a login is an error where nothing else is left",
        why: "client-go passes over a key without a certificate, or a password without a user name, and is nobody then",
        lines: &[(63, "error"), (69, "error")],
    },
    Difference {
        name: "blanks around a token are cut off",
        why: "in the kubeconfig as in a file; client-go sends them",
        lines: &[(59, "/api/v1/pods, authorization: Bearer tok")],
    },
    Difference {
        name: "a port that there is not is an error at once",
        why: "client-go finds out when it connects",
        lines: &[(30, "error")],
    },
    Difference {
        name: "a YAML directive is no error",
        why: "`%YAML 1.2` changes no meaning",
        lines: &[(111, "/api/v1/pods, authorization: Bearer tok")],
    },
];

struct Difference {
    name: &'static str,
    why: &'static str,
    lines: &'static [(usize, &'static str)],
}

const HEADERS: [&str; 5] =
    ["authorization", "impersonate-user", "impersonate-uid", "impersonate-group", "impersonate-extra-r"];

#[tokio::test]
async fn kubeconfigs_are_read_as_client_go_reads_them_but_for_a_table_of_differences() {
    let material = Material::new();
    let listed = || DIFFERENCES.iter().flat_map(|row| row.lines.iter().map(|(line, ours)| (*line, (row.name, *ours))));
    let mut differences: BTreeMap<usize, (&str, &str)> = listed().collect();
    assert_eq!(differences.len(), listed().count(), "a line comes twice");
    assert!(DIFFERENCES.iter().all(|row| !row.why.is_empty() && !row.lines.is_empty()));
    let (mut count, mut wrong) = (0, Vec::new());
    for (line, text) in (1..).zip(VECTORS.lines()) {
        count += 1;
        let vector: Value = serde_json::from_str(text).expect("JSON");
        let (go, (ours, why)) = (go(&vector), ours(&vector, &material).await);
        match differences.remove(&line) {
            None if go == ours => {}
            None => wrong.push(format!("line {line}: client-go {go:?}, here {ours:?} {why}\n  {}", vector["input"])),
            Some((name, _)) if go == ours => {
                wrong.push(format!("line {line}: no longer differs ({go:?}): remove it from {name:?}"));
            }
            Some((_, expected)) if ours == expected => {}
            Some((name, expected)) => {
                wrong.push(format!("line {line}: {name:?} says {expected:?}, here {ours:?} {why}"));
            }
        }
    }
    assert_eq!(count, 124);
    wrong.extend(differences.iter().map(|(line, (name, _))| format!("line {line}: {name:?} has no such vector")));
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
        let text = material.fill(text, folder.path());
        if text.starts_with("#!") { program(&path, &text) } else { std::fs::write(path, text).expect("a file") }
    }
    let list = match input["kubeconfig"].as_str().expect("a list") {
        "-" => None,
        // client-go ran in this folder, which a test can't.
        "config" => Some("$DIR/cwd/config"),
        list => Some(list),
    };
    let environment = Environment {
        kubeconfig: list.map(|list| material.fill(list, folder.path()).into()),
        ..super::environment(folder.path())
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

/// Writes a program. By another process, since a file that this one has open for writing can't be run, and one that it has
/// closed is open for a moment in whatever it starts meanwhile.
fn program(path: &Path, text: &str) {
    let mut shell = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    shell.stdin.take().expect("its input").write_all(text.as_bytes()).expect("it reads");
    assert!(shell.wait().expect("it ends").success());
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
