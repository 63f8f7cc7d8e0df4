//! The program lists and writes pages, as a process of its own.

use std::path::Path;
use std::process::{Command, Output};

use kubewright::Api;
use kubewright_example_tested::Page;
use kubewright_fake::FakeCluster;

fn pages(kubeconfig: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_pages")).args(arguments).env("KUBECONFIG", kubeconfig).output()
}

// The server needs a thread while this one waits for the program.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_written_and_listed() -> Result<(), Box<dyn std::error::Error>> {
    let cluster = FakeCluster::builder().with_object(&Page::crd()?).build()?;
    let listener = cluster.listen().await?;
    let folder = tempfile::tempdir()?;
    let admin = folder.path().join("admin.kubeconfig");
    listener.write_kubeconfig(&admin)?;

    let written = pages(&admin, &["publish", "home", "Welcome"])?;
    assert_eq!(String::from_utf8(written.stdout)?, "home is written\n");
    let page = Api::<Page>::namespaced(&cluster.client(), "default").get("home").await?;
    assert_eq!(page.spec.title, "Welcome");

    let listed = pages(&admin, &["list"])?;
    assert_eq!(String::from_utf8(listed.stdout)?, "home         pending    Welcome\n");

    // Somebody without a role sees why it does not work.
    let jane = folder.path().join("jane.kubeconfig");
    std::fs::write(&jane, listener.kubeconfig_for(&cluster.as_user("jane")))?;
    let refused = pages(&jane, &["list"])?;
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8(refused.stderr)?;
    assert!(message.contains(r#"User "jane" cannot list resource "pages""#), "{message}");
    Ok(())
}
