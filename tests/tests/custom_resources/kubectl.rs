//! What kubectl does with the same manifests.

use kubewright_testbed::Cluster;

/// How many documents a kubectl gets: it holds itself to 50 requests a second once it has sent 300.
const DOCUMENTS: usize = 100;

/// Runs kubectl on these documents, and gives what it refused: its errors, one of which names each object.
pub fn run(cluster: &Cluster, arguments: &[&str], documents: &[String]) -> String {
    let mut errors = String::new();
    for chunk in documents.chunks(DOCUMENTS) {
        let arguments = [arguments, &["--namespace", "default", "-o", "name", "-f", "-"]].concat();
        if let Err(error) = cluster.kubectl_with_input(&arguments, &chunk.join("\n---\n")) {
            errors.push_str(&error.to_string());
            errors.push('\n');
        }
    }
    errors
}

/// The line of the errors that is about the object of this name.
pub fn error_of(errors: &str, name: &str) -> Option<String> {
    let quoted = format!("\"{name}\"");
    errors.lines().find(|line| line.contains(&quoted)).map(str::to_owned)
}
