//! The documents of a test's cluster.

use std::time::{Duration, Instant};

use kubewright_codegen::cluster::{Request, read};
use kubewright_codegen::documents::{Cache, Documents};
use kubewright_runtime::Client;

/// How long the server may take to publish its documents, and how often to look.
const TIMEOUT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// The cluster's documents, once they are as they should be: a change takes a moment to be in all of them. The function
/// says what they lack.
///
/// # Panics
/// They can't be read, or lack it for two minutes.
pub async fn documents_when(client: &Client, ready: impl Fn(&Documents) -> Result<(), String>) -> Documents {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path());
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let request = Request { groups: &[], cache: &cache, progress: &mut |_, _| {} };
        let documents = read(client, request).await.expect("answers").documents(&[]).expect("documents");
        let Err(lack) = ready(&documents) else { return documents };
        assert!(
            Instant::now() < deadline,
            "the server does not publish the documents: {lack}; their problems: {:?}",
            documents.problems
        );
        tokio::time::sleep(PAUSE).await;
    }
}
