//! Reading and writing in memory, without a server: how long each takes, and how often it asks for memory.
//!
//! Both sides are in one program (see `bench/peers/micro`), timed by criterion; its twin counts allocations.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::peers::{clean_command, copy_out, folder, manifest, tool};
use super::report::{Key, Report, Section, Unit};
use super::statistics::Spread;
use crate::Outcome;
use crate::progress::Spinner;

pub use super::peers::OURS;
/// serde_json, on k8s-openapi's types.
pub const THEIRS: &str = "k8s-openapi";

/// A line of the program that counts.
#[derive(Debug, Deserialize)]
struct Counted {
    case: String,
    side: String,
    bytes: f64,
    allocations: f64,
}

/// The part of criterion's `benchmark.json` that says what was measured.
#[derive(Debug, Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: String,
}

/// The part of its `estimates.json` that is taken over, in nanoseconds.
#[derive(Debug, Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Debug, Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// Measures all cases.
pub fn measure(report: &mut Report, spinner: &mut Spinner) -> Outcome {
    let folder = folder()?.join("micro");
    copy_out(
        &folder,
        &[
            ("Cargo.toml", &manifest(include_str!("peers/micro/manifest.toml"))),
            ("src/cases.rs", include_str!("peers/micro/cases.rs")),
            ("src/allocations.rs", include_str!("peers/micro/allocations.rs")),
            ("src/pod.json", include_str!("peers/micro/pod.json")),
            ("benches/time.rs", include_str!("peers/micro/time.rs")),
        ],
    )?;
    spinner.say("building the codec benchmarks");
    tool(&folder, "cargo", &["build", "--release"])?;
    tool(&folder, "cargo", &["bench", "--no-run"])?;
    spinner.say("counting allocations");
    let counted = tool(&folder, "cargo", &["run", "--release", "--quiet", "--bin", "allocations"])?;
    spinner.say("timing the codecs");
    let results = folder.join("results");
    if results.exists() {
        fs::remove_dir_all(&results)?;
    }
    let output = clean_command("cargo")
        .args(["bench", "--quiet"])
        .current_dir(&folder)
        .env("CRITERION_HOME", &results)
        .output()?;
    if !output.status.success() {
        return Err(format!("the codec benchmarks failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    spinner.clear();
    let times = times(&results)?;
    for line in counted.lines() {
        let counted: Counted = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        add(report, &counted, &times)?;
    }
    Ok(())
}

fn add(report: &mut Report, counted: &Counted, times: &BTreeMap<(String, String), Spread>) -> Outcome {
    let Counted { case, side, bytes, allocations } = counted;
    let time = times
        .get(&(case.clone(), side.clone()))
        .ok_or_else(|| format!("criterion has no result for \"{case}\" of {side}"))?;
    let speed = |nanoseconds: f64| bytes * 1e3 / nanoseconds;
    let key = |what, unit| Key { section: Section::Memory, task: case, what, pods: None, unit };
    let microseconds = Spread { median: time.median / 1e3, min: time.min / 1e3, max: time.max / 1e3 };
    let speeds = Spread { median: speed(time.median), min: speed(time.max), max: speed(time.min) };
    report.add(key("time", Unit::Microseconds), side, microseconds);
    report.add(key("speed", Unit::MegabytesASecond), side, speeds);
    report.add(key("allocations", Unit::Count), side, (*allocations).into());
    Ok(())
}

/// What criterion left behind: a folder for each benchmark, `new` in it. By case and side, in nanoseconds.
fn times(folder: &Path) -> Result<BTreeMap<(String, String), Spread>, Box<dyn std::error::Error>> {
    let mut all = BTreeMap::new();
    for case in fs::read_dir(folder)? {
        let case = case?.path();
        if !case.is_dir() {
            continue;
        }
        for side in fs::read_dir(case)? {
            let new = side?.path().join("new");
            if !new.join("benchmark.json").exists() {
                continue;
            }
            let Benchmark { group_id, function_id } = read(&new.join("benchmark.json"))?;
            let Estimates { median } = read(&new.join("estimates.json"))?;
            let Interval { lower_bound, upper_bound } = median.confidence_interval;
            let spread = Spread { median: median.point_estimate, min: lower_bound, max: upper_bound };
            all.insert((group_id, function_id), spread);
        }
    }
    Ok(all)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_criterion_wrote_is_found_by_case_and_side() {
        let folder = tempfile::tempdir().expect("a folder");
        let new = folder.path().join("decode_JSON_ one pod/kubewright/new");
        fs::create_dir_all(&new).expect("made");
        fs::create_dir_all(folder.path().join("report")).expect("made");
        let benchmark = r#"{"group_id":"decode JSON, one pod","function_id":"kubewright","throughput":null}"#;
        let estimate = r#"{"point_estimate":2000.0,"confidence_interval":{"lower_bound":1500.0,"upper_bound":2500.0}}"#;
        fs::write(new.join("benchmark.json"), benchmark).expect("written");
        fs::write(new.join("estimates.json"), format!(r#"{{"median":{estimate}}}"#)).expect("written");
        let times = times(folder.path()).expect("read");
        let mut report = Report::new(1, None);
        let case = "decode JSON, one pod".to_owned();
        let counted = Counted { case, side: "kubewright".to_owned(), bytes: 1000.0, allocations: 7.0 };
        add(&mut report, &counted, &times).expect("there");
        let medians: Vec<_> = report.rows.iter().map(|row| row.of(OURS).map(|spread| spread.median)).collect();
        assert_eq!(medians, [Some(2.0), Some(500.0), Some(7.0)]);
    }

    #[test]
    fn a_case_that_was_not_timed_is_an_error() {
        let counted = Counted { case: "none".into(), side: OURS.into(), bytes: 1.0, allocations: 1.0 };
        assert!(add(&mut Report::new(1, None), &counted, &BTreeMap::new()).is_err());
    }
}
