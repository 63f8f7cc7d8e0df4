//! What kubectl does with the same manifests.

use std::collections::BTreeMap;

use std::thread;

use kubewright_testbed::Cluster;

use super::plan::Run;

/// How many documents a kubectl gets: it holds itself to 50 requests a second once it has sent 300.
const DOCUMENTS: usize = 100;

/// What came of documents.
#[derive(Default)]
pub struct Outcomes {
    /// How often each object, by its name, was given, less how often it was written.
    refused: BTreeMap<String, i32>,
    errors: String,
}

/// Runs kubectl for each of these, all at once.
pub fn run_all(cluster: &Cluster, runs: Vec<Run>) -> Outcomes {
    thread::scope(|scope| {
        let runs =
            runs.into_iter().map(|(arguments, documents)| scope.spawn(move || run(cluster, arguments, &documents)));
        let mut outcomes = Outcomes::default();
        for run in runs.collect::<Vec<_>>() {
            outcomes.append(run.join().expect("kubectl runs"));
        }
        outcomes
    })
}

/// Runs kubectl on these documents, each with the name of its object, one after the other.
fn run(cluster: &Cluster, arguments: &[&str], documents: &[(String, String)]) -> Outcomes {
    let arguments = [arguments, &["--namespace", "default", "-o", "name", "-f", "-"]].concat();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut outcomes = Outcomes::default();
    for chunk in documents.chunks(DOCUMENTS) {
        let texts: Vec<&str> = chunk.iter().map(|(_, text)| text.as_str()).collect();
        let output = cluster.kubectl_output(&arguments, &texts.join("\n---\n")).expect("kubectl runs");
        for (name, _) in chunk {
            *outcomes.refused.entry(name.clone()).or_default() += 1;
        }
        // It prints KIND.GROUP/NAME of each object that it has written.
        for name in text(&output.stdout).lines().filter_map(|line| line.split_once('/').map(|(_, name)| name)) {
            *outcomes.refused.entry(name.to_owned()).or_default() -= 1;
        }
        outcomes.errors.push_str(&text(&output.stderr));
    }
    outcomes
}

impl Outcomes {
    fn append(&mut self, other: Self) {
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
