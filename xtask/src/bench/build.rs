//! What a user waits for: building a small program, clean and after an edit; and what comes out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::peers::{KUBE, OURS, clean_command, copy_out, folder, manifest, tool};
use super::report::{Key, Report, Section, Unit};
use super::statistics::Spread;
use crate::Outcome;
use crate::progress::Spinner;
use crate::repository;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const TASK: &str = "a small program";
/// The same in the profile `small` of the programs, the one that docs/performance.md gives for what has to be small.
const SMALL: &str = "a small program, profile for size";
/// How often it is built, clean or after an edit.
const TIMES: usize = 3;

/// A small program of a user.
struct Program {
    /// Its client's name in the report.
    peer: &'static str,
    folder: PathBuf,
    manifest: String,
    main: &'static str,
}

/// Measures the builds. What is done is written at once, and not done again by a run that resumes this one.
pub fn measure(report: &mut Report, out: &Path, spinner: &mut Spinner) -> Outcome {
    let parent = folder()?.join("programs");
    let ours = manifest(include_str!("programs/ours/manifest.toml"));
    let kube = include_str!("programs/kube/manifest.toml").to_owned();
    let programs = [
        Program {
            peer: OURS,
            folder: parent.join("ours"),
            manifest: ours,
            main: include_str!("programs/ours/main.rs"),
        },
        Program {
            peer: KUBE,
            folder: parent.join("kube"),
            manifest: kube,
            main: include_str!("programs/kube/main.rs"),
        },
    ];
    for program in &programs {
        let folder = &program.folder;
        copy_out(folder, &[("Cargo.toml", &program.manifest), ("src/main.rs", program.main)])?;
        // So that downloads are not measured.
        tool(folder, "cargo", &["fetch"])?;
        let mut step = |task: &str, what: &str, unit: Unit, run: &mut dyn FnMut() -> Result<Vec<f64>>| -> Outcome {
            let key = Key { section: Section::Build, task, what, pods: None, unit };
            if report.is_done_for(key, program.peer) {
                return Ok(());
            }
            spinner.say(&format!("{task} with {}: {what}", program.peer));
            if let Some(spread) = Spread::of(run()?) {
                report.add(key, program.peer, spread);
            }
            report.write(out)?;
            Ok(())
        };
        step(TASK, "clean build", Unit::Seconds, &mut || clean_builds(folder))?;
        step(TASK, "rebuild (dev)", Unit::Seconds, &mut || edits(program, &["build"]))?;
        for (task, profile) in [(TASK, "release"), (SMALL, "small")] {
            let build = ["build", "--profile", profile];
            step(task, "rebuild (release)", Unit::Seconds, &mut || edits(program, &build))?;
            step(task, "binary", Unit::Megabytes, &mut || {
                tool(folder, "cargo", &build)?;
                Ok(vec![fs::metadata(folder.join("target").join(profile).join("program"))?.len() as f64 / 1e6])
            })?;
        }
        step(TASK, "packages", Unit::Count, &mut || Ok(vec![packages(folder)? as f64]))?;
    }
    source(report, &parent.join("kube"))?;
    report.write(out)?;
    Ok(())
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
fn bytes_below(folder: &Path) -> Result<u64> {
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

/// How long it takes to build everything, dependencies included.
fn clean_builds(folder: &Path) -> Result<Vec<f64>> {
    let mut all = Vec::new();
    for _ in 0..TIMES {
        if folder.join("target").exists() {
            fs::remove_dir_all(folder.join("target"))?;
        }
        all.push(seconds(folder, &["build"])?);
    }
    Ok(all)
}

/// How long cargo takes, in seconds.
fn seconds(folder: &Path, arguments: &[&str]) -> Result<f64> {
    let start = Instant::now();
    let output = clean_command("cargo").args(arguments).args(["--offline"]).current_dir(folder).output()?;
    let elapsed = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(elapsed)
}

/// How long each of several edits takes to build, once everything else is built.
fn edits(program: &Program, arguments: &[&str]) -> Result<Vec<f64>> {
    let Program { folder, main, .. } = program;
    seconds(folder, arguments)?;
    let mut all = Vec::new();
    for edit in 0..TIMES {
        let edited = main.replace("Ok(())\n}\n", &format!("println!(\"edit {edit}\");\n    Ok(())\n}}\n"));
        fs::write(folder.join("src/main.rs"), edited)?;
        all.push(seconds(folder, arguments)?);
    }
    fs::write(folder.join("src/main.rs"), main)?;
    Ok(all)
}

/// How many packages it is made of, itself left out: those that are built on this platform.
fn packages(folder: &Path) -> Result<usize> {
    let tree = tool(folder, "cargo", &["tree", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"])?;
    let names = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    });
    Ok(names.collect::<BTreeSet<_>>().len().saturating_sub(1))
}
