//! What a user sets in a custom resource is what a real API server stores: the same as kubectl gets there with the same
//! manifest.
//!
//! From a seed, random CRDs are made, with all that a [structural schema] can have and a liking for defaults, and random
//! objects of them, with a liking for zeros. The generator makes a client from the cluster that serves the CRDs, and a
//! program (`tests/programs/custom_resources`) with this client does to some objects what kubectl does to others:
//!
//! | verb | kubectl | the program |
//! |---|---|---|
//! | create | `create -f` | the manifest read as YAML, or the fields set one by one; `create` |
//! | apply | `apply --server-side`, of some a second manifest after it | the same; `apply`, once or twice |
//! | replace | `replace -f` over another manifest | the same; `replace` |
//! | change | `replace -f` of what the server has, with a field set | `get`, the field set, `replace` |
//! | status | `replace` and `apply --server-side`, with `--subresource=status` | `replace_subresource`, `apply_status` |
//! | keep | – | `get` or `list`, then `replace`: nothing may change, not even the version |
//! | earlier | `replace -f` of what the server has | the same of objects that were stored when the CRD required less and had other defaults and types |
//!
//! What is stored then is compared letter by letter, numbers too, with the field managers' field sets, but without names,
//! times and versions. A manifest that kubectl can't get stored, the program must not get stored, either.
//!
//! A fourth of the objects are odd: they have values that a type which stands for less than their text would change (a time
//! of 13 fractional digits, base64 that isn't canonical, an integer beyond 2^53).
//!
//! A failure is told with its seed, the CRD and the manifests; all of them are in the file that it names. Other seeds and
//! numbers:
//!
//! ```sh
//! KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_KINDS=40 KUBEWRIGHT_OBJECTS=50 cargo test -p kubewright-tests --test custom_resources
//! ```
//!
//! The second test does the same with definitions as projects have them: those of `tests/crds`, or of the folder that
//! `KUBEWRIGHT_CRDS` names. Their objects are synthesised from the schemas (`synthesize.rs`): with every field, each arm of a
//! union, each value of an enum, `null`, `[]` and `{}` where they are allowed, and zeros of what is required alone. The client is
//! generated from the files. kubectl creates and applies them, the program does the same to others, and the program writes
//! back what kubectl got stored: nothing differs then but the version, not even the generation. Rules in CEL are left out of the
//! definitions that are installed, since a synthesised object knows nothing of them.
//!
//! [structural schema]: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
#![allow(missing_docs)]

#[path = "custom_resources/json.rs"]
mod json;
#[path = "custom_resources/kind.rs"]
mod kind;
#[path = "custom_resources/kubectl.rs"]
mod kubectl;
#[path = "custom_resources/pattern.rs"]
mod pattern;
#[path = "custom_resources/plan.rs"]
mod plan;
#[path = "custom_resources/program.rs"]
mod program;
#[path = "custom_resources/real.rs"]
mod real;
#[path = "custom_resources/report.rs"]
mod report;
#[path = "custom_resources/schema.rs"]
mod schema;
#[path = "custom_resources/server.rs"]
mod server;
#[path = "custom_resources/synthesize.rs"]
mod synthesize;
#[path = "custom_resources/target.rs"]
mod target;
#[path = "custom_resources/value.rs"]
mod value;

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use kubewright_testbed::{Binaries, Cluster, Options, or_skip};
use kubewright_tests::{client, number};

use kind::Kind;
use plan::Plan;
use report::Report;
use server::Server;

/// The name of the program for random kinds.
const PROGRAM: &str = "custom-resources";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_user_sets_in_a_custom_resource_is_what_the_server_stores() {
    // A cluster as people have them, with the features that are on by default.
    let options = Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    let seed = number("KUBEWRIGHT_SEED", 1);
    let kinds: Vec<Kind> =
        (0..number("KUBEWRIGHT_KINDS", 12)).map(|index| Kind::random(seed, index as usize)).collect();
    let plans: Vec<Plan<'_>> =
        kinds.iter().map(|kind| Plan::of(kind, number("KUBEWRIGHT_OBJECTS", 28) as usize)).collect();

    let server = Server { client: client(cluster.kubeconfig()) };
    server.create_crds(&kinds).await;
    server.create(plans.iter().flat_map(|plan| plan.earlier()).collect()).await;
    server.update_crds(&kinds).await;

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PROGRAM);
    let tree = program::client(&server.client).await;
    program::create(PROGRAM, &tree, &program::types(&kinds), root, &folder);
    let mut report = Report::new(seed);
    let program = {
        let folder = folder.clone();
        thread::spawn(move || program::build(PROGRAM, &folder))
    };
    server.create(plans.iter().flat_map(|plan| plan.bases()).collect()).await;
    let mut before = Vec::new();
    for kind in &kinds {
        before.push(server.stored(&kind.target).await);
    }
    let kubectl = kubectl::run_all(&cluster, plan::kubectl(&plans, &before));
    let program = program.join().expect("it compiles");

    let actions: Vec<_> = plans.iter().zip(&before).flat_map(|(plan, before)| plan.actions(before)).collect();
    let outcomes = program::run(&program, cluster.kubeconfig(), &folder, &actions);
    for ((plan, kind), before) in plans.iter().zip(&kinds).zip(&before) {
        let after = server.stored(&kind.target).await;
        plan.compare(before, &after, &outcomes, &kubectl, &mut report);
    }
    report.finish(&folder.join("failures.txt"), plan::ALL);
}

/// The name of the program for real kinds.
const REAL: &str = "round-trip";
/// What is done to statuses.
const STATUS: &[&str] = &["replace-status", "apply-status"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_real_definitions_come_back_unchanged_and_are_stored_as_kubectl_stores_them() {
    let options = Options { nodes: 0, everything: false, ..Default::default() };
    let Some(binaries) = or_skip(Binaries::find(options.minor)) else { return };
    let cluster = Cluster::start_from(&binaries, &options).expect("a cluster");
    let server = Server { client: client(cluster.kubeconfig()) };
    let definitions = real::definitions();
    let (served, refused) = real::install(&server, &definitions).await;
    for (name, reason) in &refused {
        println!("refused: {name}: {}", reason.chars().take(300).collect::<String>());
    }
    println!(
        "{} of {} definitions are installed, {} versions",
        definitions.len() - refused.len(),
        definitions.len(),
        served.len()
    );
    assert!(refused.len() * 10 <= definitions.len(), "too many definitions are refused");
    let tested: BTreeSet<(&str, &str)> =
        served.iter().map(|served| (served.target.group.as_str(), served.target.plural.as_str())).collect();
    assert_eq!(tested.len(), definitions.len() - refused.len(), "a version of each definition is tested");

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(REAL);
    let tree = real::client(&definitions, &refused);
    let types = real::types(&tree);
    assert!(types.len() >= served.len(), "a type for each version that is served");
    program::create(REAL, &tree, &types, root, &folder);
    let program = {
        let folder = folder.clone();
        thread::spawn(move || program::build(REAL, &folder))
    };
    let plans: Vec<Plan<'_>> = served.iter().map(real::plan).collect();
    let stored = async || {
        let mut stored = Vec::new();
        for served in &served {
            stored.push(server.stored(&served.target).await);
        }
        stored
    };
    server.create(plans.iter().flat_map(|plan| plan.bases()).collect()).await;
    let before = stored().await;
    let kubectl = kubectl::run_all(&cluster, plan::kubectl(&plans, &before));
    let by_kubectl = stored().await;
    let program = program.join().expect("it compiles");

    let mut actions = Vec::new();
    for (plan, (before, by_kubectl)) in plans.iter().zip(before.iter().zip(&by_kubectl)) {
        actions.extend(plan.actions(before));
        actions.extend(plan.write_back(by_kubectl));
    }
    let outcomes = program::run(&program, cluster.kubeconfig(), &folder, &actions);
    let after = stored().await;
    let mut report = Report::new(0);
    for (index, plan) in plans.iter().enumerate() {
        plan.compare(&before[index], &after[index], &outcomes, &kubectl, &mut report);
        plan.compare_written_back(&by_kubectl[index], &after[index], &outcomes, &mut report);
        let none = by_kubectl[index].is_empty();
        assert!(!none, "the server took no object of {}", served[index].target.id());
    }
    // A folder may have no definition with the subresource.
    let of_status = if served.iter().any(|served| served.target.status) { STATUS } else { &[] };
    report.finish(&folder.join("failures.txt"), &[&["create", "apply", "keep"], of_status].concat());
}
