//! What kubectl does with the same manifests.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// How many documents a kubectl gets: it holds itself to 50 requests a second once it has sent 300.
const DOCUMENTS: usize = 100;

/// kubectl, and the cluster that it talks to.
pub struct Kubectl {
    pub program: PathBuf,
    pub kubeconfig: PathBuf,
    pub cache: PathBuf,
}

/// What came of documents.
#[derive(Default)]
pub struct Outcomes {
    /// How often each object, by its name, was given, less how often it was written.
    refused: BTreeMap<String, i32>,
    errors: String,
}

impl Kubectl {
    /// Runs it on these documents, each with the name of its object, one after the other.
    pub fn run(&self, arguments: &[&str], documents: &[(String, String)]) -> Outcomes {
        let mut outcomes = Outcomes::default();
        for chunk in documents.chunks(DOCUMENTS) {
            let texts: Vec<&str> = chunk.iter().map(|(_, text)| text.as_str()).collect();
            let (told, errors) = self.once(arguments, texts.join("\n---\n"));
            for (name, _) in chunk {
                *outcomes.refused.entry(name.clone()).or_default() += 1;
            }
            // It prints KIND.GROUP/NAME of each object that it has written.
            for name in told.lines().filter_map(|line| line.split_once('/').map(|(_, name)| name)) {
                *outcomes.refused.entry(name.to_owned()).or_default() -= 1;
            }
            outcomes.errors.push_str(&errors);
        }
        outcomes
    }

    fn once(&self, arguments: &[&str], input: String) -> (String, String) {
        let mut child = Command::new(&self.program)
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .arg("--cache-dir")
            .arg(&self.cache)
            .args(arguments)
            .args(["--namespace", "default", "-o", "name", "-f", "-"])
            // The developer's own kubectl settings have no say here.
            .env("KUBERC", "off")
            .env_remove("KUBECONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kubectl runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("kubectl ends");
        writer.join().expect("no panic").expect("kubectl reads its input");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    /// The one of the test bed, for this cluster.
    pub fn new(program: &Path, kubeconfig: &Path) -> Self {
        let cache = kubeconfig.with_file_name("kubectl-cache");
        Self { program: program.into(), kubeconfig: kubeconfig.into(), cache }
    }
}

impl Outcomes {
    pub fn append(&mut self, other: Self) {
        self.refused.extend(other.refused);
        self.errors.push_str(&other.errors);
    }

    /// Why a document of the object of this name was refused, if one was. Not every error of kubectl names its object.
    pub fn refusal(&self, name: &str) -> Option<String> {
        let refused = self.refused.get(name).is_some_and(|count| *count > 0);
        let quoted = format!("\"{name}\"");
        let line = || self.errors.lines().find(|line| line.contains(&quoted));
        refused.then(|| line().unwrap_or("an error that does not name the object").to_owned())
    }
}
