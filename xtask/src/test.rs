//! `cargo xtask test`: every tier of tests that this machine can run, and a word on those that it can't.

use std::ffi::OsStr;

use kubewright_testbed::{Cluster, Error, Minor, Options, build, minor, minors, name_clusters};
use launcher::cargo;

use crate::progress::Spinner;
use crate::{Outcome, features};

#[derive(clap::Args)]
pub struct Arguments {
    /// One Kubernetes minor alone, such as 1.37 [default: the newest and the oldest]
    #[arg(long, value_name = "MINOR")]
    kubernetes: Option<String>,
    /// Every Kubernetes minor, and not the newest and the oldest alone: each is built once, in some minutes
    #[arg(long, conflicts_with = "kubernetes")]
    all_minors: bool,
    /// What to hand to `cargo test`, such as `-p kubewright-runtime` or a test's name
    #[arg(last = true)]
    cargo: Vec<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let wanted = wanted(arguments.kubernetes.as_deref(), arguments.all_minors)?;
    let (clusters, missing) = start(&wanted)?;

    let whole = arguments.cargo.is_empty();
    let mut succeeded = if whole {
        cargo_test(&clusters, &["--workspace", "--no-fail-fast"])?
    } else {
        cargo_test(&clusters, &arguments.cargo)?
    };
    // The client of the newest minor has met every server by now; those of the others have not.
    for (minor, _) in clusters.iter().skip(1).filter(|_| whole) {
        let feature = features::of(minor);
        println!("\nThe client of Kubernetes {} and the servers of the others:", minor.name);
        let skew = ["-p", "kubewright-tests", "--test", "skew", "--no-default-features", "--features", &feature];
        succeeded &= cargo_test(&clusters, &skew)?;
    }

    println!("\ntier unit, golden, property, mocked: {}", if succeeded { "ran" } else { "failed, or not all ran" });
    for (minor, _) in &clusters {
        println!("tier real: ran against Kubernetes {}", minor.kubernetes);
    }
    for (minor, error) in &missing {
        println!("tier real: Kubernetes {} SKIPPED: {error}", minor.kubernetes);
    }
    if succeeded { Ok(()) } else { Err("there are tests that failed".into()) }
}

/// Runs `cargo test` with the clusters at hand, and tells whether all tests passed.
fn cargo_test(
    clusters: &OfMinors<Cluster>,
    arguments: &[impl AsRef<OsStr>],
) -> Result<bool, Box<dyn std::error::Error>> {
    let mut cargo = cargo();
    cargo.arg("test").args(arguments);
    // Property tests try the same values in every run, so that none fails by chance; `cargo xtask fuzz` tries others.
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        cargo.env("PROPTEST_RNG_SEED", "1");
    }
    cargo.env("KUBEWRIGHT_PEERS", "1");
    if let Some((_, newest)) = clusters.first() {
        let named = clusters.iter().map(|(minor, cluster)| (minor.name, cluster.kubeconfig()));
        cargo
            .env("KUBEWRIGHT_TESTBED_KUBECONFIG", newest.kubeconfig())
            .env("KUBEWRIGHT_TESTBED_CLUSTERS", name_clusters(named)?)
            .env("KUBEWRIGHT_REQUIRE_TESTBED", "1");
        if !newest.has_kubelet() {
            cargo.env("KUBEWRIGHT_NO_NODES", "1");
        }
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo test: {error}"))?;
    Ok(status.success())
}

/// The minors that this run is about, newest first.
fn wanted(one: Option<&str>, all: bool) -> Result<Vec<&'static Minor>, Error> {
    // These binaries are of one release.
    let given = std::env::var_os("KUBEBUILDER_ASSETS").is_some_and(|folder| !folder.is_empty());
    Ok(match minors() {
        _ if one.is_some() || given => vec![minor(one)?],
        [newest, .., oldest] if !all => vec![newest, oldest],
        all => all.iter().collect(),
    })
}

/// What there is of each minor: its cluster, or why there is none.
type OfMinors<T> = Vec<(&'static Minor, T)>;

/// Builds and starts a cluster of each minor; what this machine has no means to build is reported, and skipped.
fn start(wanted: &[&'static Minor]) -> Result<(OfMinors<Cluster>, OfMinors<Error>), Error> {
    let (mut clusters, mut missing) = (Vec::new(), Vec::new());
    let mut spinner = Spinner::default();
    for &minor in wanted {
        match build(minor, &mut |step| spinner.show(step)) {
            Ok(_) => {
                spinner.say(&format!("starting Kubernetes {}", minor.kubernetes));
                clusters.push((minor, Cluster::start(&Options { minor, ..Options::default() })?));
            }
            Err(error) if error.is_not_installed() => missing.push((minor, error)),
            Err(error) => return Err(error),
        }
    }
    Ok((clusters, missing))
}
