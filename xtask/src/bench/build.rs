//! What a user waits for: building a small program, clean and after an edit; and what comes out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use super::peers::{KUBE, OURS, clean_command, copy_out, folder, manifest, tool};
use super::report::{Key, Report, Section, Unit};
use super::statistics::Spread;
use crate::Outcome;
use crate::progress::Spinner;
use crate::repository;

const TASK: &str = "a small program";
/// How often it is built after an edit.
const EDITS: usize = 3;
/// How often it is built from nothing: the programs take turns.
const CLEAN: usize = 1;

/// Measures the builds.
pub fn measure(report: &mut Report, spinner: &mut Spinner) -> Outcome {
    let parent = folder()?.join("programs");
    let programs = [
        (OURS, "ours", manifest(include_str!("programs/ours/manifest.toml")), include_str!("programs/ours/main.rs")),
        (KUBE, "kube", include_str!("programs/kube/manifest.toml").to_owned(), include_str!("programs/kube/main.rs")),
    ];
    let mut clean = vec![Vec::new(); programs.len()];
    for _ in 0..CLEAN {
        for ((name, short, manifest, main), clean) in programs.iter().zip(&mut clean) {
            let folder = parent.join(short);
            copy_out(&folder, &[("Cargo.toml", manifest), ("src/main.rs", main)])?;
            // So that downloads are not measured.
            tool(&folder, "cargo", &["fetch"])?;
            if folder.join("target").exists() {
                fs::remove_dir_all(folder.join("target"))?;
            }
            spinner.say(&format!("building a program with {name} from nothing"));
            clean.push(seconds(&folder, &["build"])?);
        }
    }
    for ((name, short, _, main), clean) in programs.iter().zip(clean) {
        let folder = parent.join(short);
        let mut add = |what: &str, unit: Unit, spread: Option<Spread>| {
            if let Some(spread) = spread {
                report.add(Key { section: Section::Build, task: TASK, what, pods: None, unit }, name, spread);
            }
        };
        add("clean build", Unit::Seconds, Spread::of(clean));
        spinner.say(&format!("building the program with {name} after edits"));
        add("rebuild (dev)", Unit::Seconds, Spread::of(edits(&folder, main, &["build"])?));
        tool(&folder, "cargo", &["build", "--release"])?;
        add("rebuild (release)", Unit::Seconds, Spread::of(edits(&folder, main, &["build", "--release"])?));
        let size = fs::metadata(folder.join("target/release/program"))?.len();
        add("binary", Unit::Megabytes, Spread::of([size as f64 / 1e6]));
        add("packages", Unit::Count, Spread::of([packages(&folder)? as f64]));
    }
    source(report, &parent.join("kube"))
}

/// How large the types' source is: ours for every pinned minor, theirs for the minor that the program asks for.
fn source(report: &mut Report, kube_program: &Path) -> Outcome {
    let key =
        Key { section: Section::Build, task: "generated code", what: "source", pods: None, unit: Unit::Megabytes };
    let mut add = |peer: &str, folder: &Path| -> Outcome {
        report.add(key, peer, (bytes_below(folder)? as f64 / 1e6).into());
        Ok(())
    };
    add(OURS, &repository::root().join("generated/src"))?;
    let metadata = tool(kube_program, "cargo", &["metadata", "--offline", "--format-version", "1"])?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let is_theirs = |package: &&serde_json::Value| package["name"] == "k8s-openapi";
    let package = metadata["packages"].as_array().and_then(|packages| packages.iter().find(is_theirs));
    let manifest = package.and_then(|package| package["manifest_path"].as_str()).ok_or("k8s-openapi has no source")?;
    add(KUBE, &Path::new(manifest).with_file_name("src").join("v1_37"))
}

/// How many bytes of Rust are in a folder.
fn bytes_below(folder: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            bytes += bytes_below(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            bytes += fs::metadata(&path)?.len();
        }
    }
    Ok(bytes)
}

/// How long cargo takes, in seconds.
fn seconds(folder: &Path, arguments: &[&str]) -> Result<f64, Box<dyn std::error::Error>> {
    let start = Instant::now();
    let output = clean_command("cargo").args(arguments).args(["--offline"]).current_dir(folder).output()?;
    let elapsed = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(elapsed)
}

/// How long each of several edits takes to build.
fn edits(folder: &Path, main: &str, arguments: &[&str]) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let mut all = Vec::new();
    for edit in 0..EDITS {
        let edited = main.replace("Ok(())\n}\n", &format!("println!(\"edit {edit}\");\n    Ok(())\n}}\n"));
        fs::write(folder.join("src/main.rs"), edited)?;
        all.push(seconds(folder, arguments)?);
    }
    fs::write(folder.join("src/main.rs"), main)?;
    Ok(all)
}

/// How many packages it is made of, itself left out: those that are built on this platform.
fn packages(folder: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let tree = tool(folder, "cargo", &["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"])?;
    let names = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    Ok(names.collect::<BTreeSet<_>>().len().saturating_sub(1))
}
