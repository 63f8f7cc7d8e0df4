//! `cargo xtask features`: what can be turned off can be: every minor's feature builds alone and passes its tests, and so
//! does each other feature, without a warning.
//!
//! With the newest minor and the default features everything else is built.

use crate::{Outcome, repository};

/// What a client has by default, but for the minor.
const WHOLE: &str = "kubeconfig,logs,ring,streams,yaml";

/// Features that are checked, each line alone: those that turn code on, and those between which there is a choice.
const ALONE: &[(&str, &[&str])] = &[
    ("kubewright-core", &["", "cel", "schemars", "schemars,validate", "validate", "yaml"]),
    (
        "kubewright-runtime",
        &[
            "",
            "ring",
            "aws-lc-rs",
            "ring,aws-lc-rs",
            "kubeconfig",
            "yaml",
            "logs",
            "streams",
            "copy",
            "validate",
            "cel",
        ],
    ),
    (
        "kubewright",
        &[
            "latest",
            "latest,yaml",
            "latest,registry",
            "latest,derive",
            "latest,validate",
            "latest,cel",
            "latest,client",
            "latest,kubeconfig",
            "latest,ring",
            "latest,aws-lc-rs",
            "latest,logs",
            "latest,streams",
            "latest,copy",
        ],
    ),
    ("kubewright-ops", &["latest"]),
    ("kubewright-controller", &["latest", "latest,health", "latest,testing", "latest,webhooks", "latest,yaml"]),
    ("kubewright-fake", &["latest", "latest,cel", "latest,client", "latest,listen"]),
    ("kubewright-cli", &["", "fake", "fake,cel"]),
];

#[derive(clap::Args)]
pub struct Arguments {
    /// One Kubernetes minor alone, such as 1.36, and nothing else [default: each but the newest, and every other feature]
    #[arg(long, value_name = "MINOR")]
    kubernetes: Option<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let minors = match arguments.kubernetes.as_deref() {
        Some(one) => vec![kubewright_testbed::minor(Some(one))?],
        None => kubewright_testbed::minors()[1..].iter().rev().collect(),
    };
    for minor in minors {
        let minor = of(minor);
        for (package, features) in [
            ("kubewright", format!("{minor},registry,{WHOLE}")),
            ("kubewright-ops", format!("{minor},kubewright/ring")),
        ] {
            let alone = ["--no-default-features", "--features", &features];
            cargo(&["clippy", "-p", package, "--all-targets"], &alone, &["--", "-D", "warnings"])?;
            cargo(&["test", "-p", package, "--all-targets"], &alone, &[])?;
        }
    }
    if arguments.kubernetes.is_some() {
        return Ok(());
    }
    // The tests of TLS, with each crypto library. With both it is aws-lc-rs.
    for library in ["aws-lc-rs", "ring,aws-lc-rs"] {
        let features = WHOLE.replace("ring", library);
        cargo(
            &["test", "-p", "kubewright-runtime", "--lib"],
            &["--no-default-features", "--features", &features],
            &["--", "transport::"],
        )?;
    }
    // What an exec plugin is without the feature that runs it.
    cargo(
        &["test", "-p", "kubewright-runtime", "--lib"],
        &["--no-default-features", "--features", "ring"],
        &["--", "auth::"],
    )?;
    // The fake without CEL: what it refuses then, and that all else is as with it.
    cargo(
        &["test", "-p", "kubewright-fake", "--all-targets"],
        &["--no-default-features", "--features", "latest,client"],
        &[],
    )?;
    for (package, sets) in ALONE {
        for features in *sets {
            let alone = ["--no-default-features", "--features", features];
            cargo(&["clippy", "-p", package], &alone, &["--", "-D", "warnings"])?;
        }
        cargo(&["clippy", "-p", package], &["--all-features"], &["--", "-D", "warnings"])?;
    }
    Ok(())
}

/// The feature of a minor: `v1_36`.
pub fn of(minor: &kubewright_testbed::Minor) -> String {
    format!("v{}", minor.name.replace('.', "_"))
}

fn cargo(command: &[&str], features: &[&str], more: &[&str]) -> Outcome {
    let mut cargo = launcher::cargo();
    cargo.args(command).args(features).args(more);
    let said = format!("cargo {} {}", command.join(" "), features.join(" "));
    println!("{said}");
    let status =
        cargo.current_dir(repository::root()).status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed: {status}").into()) }
}
