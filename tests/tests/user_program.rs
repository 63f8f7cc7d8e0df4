//! The main job, end to end: a real server's documents go in, a typed client comes out, and a user's program that is
//! compiled with it works with real objects of built-in kinds and of CRDs.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use kubewright_codegen::{Options, Target, generate, write};
use kubewright_tests::{client, documents_when};

/// How long the server may take to serve what it was told, and how often to look.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// CRDs as other projects publish them. They are not part of the repository: beside it, or not there.
const SHARED: [&str; 2] = [
    "SlinkyProject__slurm-operator__slinky.slurm.net__v1beta1__nodesets.yaml",
    "fluxcd__source-controller__source.toolkit.fluxcd.io__v1__helmrepositories.yaml",
];

#[test]
fn a_program_works_with_the_client_that_was_generated_from_its_cluster() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let mut crds: Vec<PathBuf> =
        ["webshops.yaml", "regions.yaml"].map(|name| root.join("tests/crds").join(name)).into();
    let shared = SHARED.map(|name| root.join("../shared/crds").join(name));
    let has_shared = shared.iter().all(|crd| crd.exists());
    if has_shared {
        crds.extend(shared);
    } else {
        eprintln!("SKIPPED: the CRDs of other projects: there is no ../shared/crds");
    }
    for crd in &crds {
        install(bed.kubeconfig(), crd);
    }

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("user-program");
    let groups = if has_shared { 4 } else { 2 };
    generate_client(bed.kubeconfig(), &folder.join("src/kube"), groups);
    write_program(root, &folder);

    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet"]).current_dir(&folder).env("KUBECONFIG", bed.kubeconfig());
    // Shared with the other programs, so that their dependencies are compiled once.
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs"));
    if has_shared {
        cargo.args(["--features", "shared_crds"]);
    }
    if bed.has_kubelet() == Some(false) {
        cargo.env("KUBEWRIGHT_NO_NODES", "1");
    }
    let output = cargo.output().expect("cargo runs");
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.ends_with("all is well\n"), "{told}\n{errors}");
}

/// Installs a CRD through the client, and waits until the server serves it.
fn install(kubeconfig: &Path, crd: &Path) {
    use kubewright::apiextensions::v1::CustomResourceDefinition;
    use kubewright::prelude::*;

    let text = std::fs::read_to_string(crd).expect("a CRD");
    block_on(async {
        let crds = client(kubeconfig).apiextensions_v1().custom_resource_definitions();
        let wanted: CustomResourceDefinition =
            kubewright::yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", crd.display()));
        let name = wanted.metadata.name.clone().expect("a name");
        if let Err(error) = crds.create(&wanted).await {
            assert!(error.is_already_exists(), "{}: {error}", crd.display());
        }
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            let conditions = crds.get(&name).await.expect("it was created").status.conditions;
            if conditions.iter().any(|condition| condition.type_ == "Established" && condition.status == "True") {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{name} is not served");
    });
}

/// Generates a client from the cluster, once its documents have these many groups that are not built in.
fn generate_client(kubeconfig: &Path, out: &Path, groups: usize) {
    let options = Options::new(Target::Tree, "kubewright_runtime", "the test");
    let documents = block_on(documents_when(&client(kubeconfig), |documents| {
        // A new CRD is in discovery a little before it is in OpenAPI.
        let custom = [
            "demo.kubewright.dev/v1",
            "demo.kubewright.dev/v1beta1",
            "slinky.slurm.net/v1beta1",
            "source.toolkit.fluxcd.io/v1",
        ];
        let served = custom.iter().filter(|name| documents.openapi.contains_key(&format!("apis/{name}"))).count();
        let all = served >= groups && documents.problems.is_empty();
        if all { Ok(()) } else { Err(format!("{served} of the {groups} groups of the CRDs are there")) }
    }));
    let tree = generate(&documents, &options).expect("a client");
    write::write(&tree, out, &[""]).expect("files");
    assert_eq!(write::write(&tree, out, &[""]).expect("files").written, [""; 0], "twice gives no difference");
}

fn write_program(root: &Path, folder: &Path) {
    let manifest = format!(
        "[package]\nname = \"user-program\"\nedition = \"2024\"\n\n[dependencies]\n\
         futures-util = {{ version = \"0.3\", default-features = false }}\n\
         kubewright-runtime = {{ path = {:?} }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt\", \"time\"] }}\n\n\
         [features]\nshared_crds = []\n\n[lints.rust]\nwarnings = \"deny\"\n\n[workspace]\n",
        root.join("runtime")
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
    // The versions that the workspace is tested with.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a file");
    for name in ["main.rs", "builtin.rs", "custom.rs", "shared.rs"] {
        std::fs::copy(root.join("tests/programs/user").join(name), folder.join("src").join(name)).expect("a file");
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
