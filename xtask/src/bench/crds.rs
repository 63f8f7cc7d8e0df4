//! Clients for CustomResourceDefinitions in files: what is emitted, and what checking it costs the compiler; beside
//! [kopium](https://github.com/kube-rs/kopium), if that is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kubewright_codegen::Generator;
use kubewright_runtime::yaml;
use serde_json::Value;
use wait4::Wait4 as _;

use super::machine;
use super::peers::clean_command;
use crate::Outcome;
use crate::progress::Spinner;
use crate::repository;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What kopium's code needs: the versions that the other measurements have.
const KOPIUM: &str = "kube = { version = \"=5.0.0\", features = [\"derive\"] }\n\
    k8s-openapi = { version = \"=0.29.0\", features = [\"schemars\", \"v1_37\"] }\n\
    schemars = \"1\"\nserde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n";

/// From how many letters on a name is long.
const LONG: usize = 60;

/// What was emitted by one generator, and what it cost.
struct Row {
    client: &'static str,
    /// Of how many definitions or files there is no client.
    failed: usize,
    source: Source,
    cost: Option<Cost>,
    /// What the compiler said, if it failed.
    error: String,
}

/// How much Rust there is.
#[derive(Default)]
struct Source {
    /// How long the names of the types are.
    names: Vec<usize>,
    lines: usize,
    bytes: u64,
}

/// What a check cost: the compiler's and cargo's, not that of dependencies.
struct Cost {
    cpu_seconds: f64,
    peak_mb: f64,
}

/// Measures clients for the definitions in a folder.
pub fn measure(folder: &Path, spinner: &mut Spinner) -> Outcome {
    let parent = machine::target_folder().join("bench/crds");
    let mut rows = Vec::new();
    for (client, beside) in [("kubewright", false), ("kubewright --beside", true)] {
        rows.push(ours(folder, &parent, client, beside, spinner)?);
    }
    match kopium(folder, &parent.join("kopium"), spinner)? {
        Some(row) => rows.push(row),
        None => eprintln!("SKIPPED: kopium is not installed (cargo install kopium)"),
    }
    spinner.say("done");
    let schemas: usize = files(folder)?.iter().map(|file| schemas_of(file)).sum::<Result<usize>>()?;
    println!("{schemas} schemas, {}, {}\n", machine::describe(), machine::today());
    println!(
        "| client | without one | types | names over {LONG} letters | longest | lines | MB | `cargo check`, CPU s | peak MB |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    for Row { client, failed, source, cost, .. } in &rows {
        let Source { names, lines, bytes } = source;
        let (types, long) = (names.len(), names.iter().filter(|length| **length > LONG).count());
        let longest = names.iter().max().copied().unwrap_or_default();
        let cost = cost.as_ref().map_or_else(
            || "does not compile | –".to_owned(),
            |cost| format!("{:.1} | {:.0}", cost.cpu_seconds, cost.peak_mb),
        );
        println!(
            "| {client} | {failed} | {types} | {long} | {longest} | {lines} | {:.2} | {cost} |",
            *bytes as f64 / 1e6
        );
    }
    for Row { client, error, .. } in rows.iter().filter(|row| !row.error.is_empty()) {
        println!("\n{client} does not compile:\n{error}");
    }
    Ok(())
}

/// Our client.
fn ours(from: &Path, parent: &Path, client: &'static str, beside: bool, spinner: &mut Spinner) -> Result<Row> {
    spinner.say(&format!("{client}: generating"));
    let folder = parent.join(if beside { "beside" } else { "alone" });
    let out = folder.join("src/kube");
    let mut generator = Generator::new().crds(from).out(&out).command("cargo xtask bench");
    if beside {
        generator = generator.beside("kubewright");
    }
    let run = generator.run()?;
    println!("{client}:\n{}", run.report());
    let (name, path) = if beside { ("kubewright", "generated") } else { ("kubewright-runtime", "runtime") };
    let dependency = format!("{name} = {{ path = {:?} }}\n", repository::root().join(path));
    prepare(&folder, &dependency, spinner, client)?;
    run.write()?;
    spinner.say(&format!("{client}: cargo check"));
    let (cost, error) = cost(&folder, "//! A client.\n#[rustfmt::skip]\npub mod kube;\n")?;
    let failed = run.report().problems.len() + run.report().missing.len();
    Ok(Row { client, failed, source: Source::below(&out)?, cost, error })
}

/// The same by kopium: a module for each file. None if it is not installed.
fn kopium(from: &Path, folder: &Path, spinner: &mut Spinner) -> Result<Option<Row>> {
    if Command::new("kopium").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Ok(None);
    }
    prepare(folder, KOPIUM, spinner, "kopium")?;
    let out = folder.join("src/kube");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    spinner.say("kopium: generating");
    let (mut modules, mut failed) = (String::new(), 0);
    for (index, file) in files(from)?.iter().enumerate() {
        let output = Command::new("kopium").args(["--auto", "--filename"]).arg(file).output()?;
        if !output.status.success() {
            failed += 1;
            continue;
        }
        fs::write(out.join(format!("m{index}.rs")), output.stdout)?;
        modules.push_str(&format!("pub mod m{index};\n"));
    }
    fs::write(out.join("mod.rs"), modules)?;
    spinner.say("kopium: cargo check");
    let (cost, error) =
        cost(folder, "//! A client.\n#![allow(warnings)]\n#![recursion_limit = \"512\"]\npub mod kube;\n")?;
    Ok(Some(Row { client: "kopium", failed, source: Source::below(&out)?, cost, error }))
}

/// Writes a crate that has only its dependencies yet, and compiles these.
fn prepare(folder: &Path, dependencies: &str, spinner: &mut Spinner, client: &str) -> Outcome {
    spinner.say(&format!("{client}: compiling dependencies"));
    fs::create_dir_all(folder.join("src"))?;
    let manifest =
        format!("[package]\nname = \"client\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let (cost, error) = cost(folder, "//! Nothing yet.\n")?;
    cost.map(drop).ok_or_else(|| format!("{}: {error}", folder.display()).into())
}

/// Checks a crate whose dependencies are compiled; without its cost if that fails, and with what the compiler said.
fn cost(folder: &Path, lib: &str) -> Result<(Option<Cost>, String)> {
    fs::write(folder.join("src/lib.rs"), lib)?;
    let log = folder.join("cargo.log");
    let mut command = clean_command("cargo");
    command.args(["check", "--quiet"]).current_dir(folder).env("CARGO_INCREMENTAL", "0");
    // Shared by all of them, so that what they depend on is compiled once.
    command.env("CARGO_TARGET_DIR", folder.with_file_name("target"));
    let mut child = command.stdin(Stdio::null()).stderr(fs::File::create(&log)?).spawn()?;
    // Of the program and those that it ran and waited for: of memory the most that one of them had.
    let used = child.wait4()?;
    if !used.status.success() {
        let said = fs::read_to_string(&log)?;
        return Ok((None, said.lines().take(20).collect::<Vec<_>>().join("\n")));
    }
    let cpu_seconds = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    Ok((Some(Cost { cpu_seconds, peak_mb: used.rusage.maxrss as f64 / 1e6 }), String::new()))
}

/// How many schemas the served versions of a file's definitions have, each value's and each alternative's.
fn schemas_of(file: &Path) -> Result<usize> {
    let text = fs::read_to_string(file)?;
    let options = yaml::Options::default().max_bytes(usize::MAX).max_alias_bytes(64 << 20).max_depth(256);
    let mut count = 0;
    for document in yaml::each::<Value>(&text, &options) {
        let document = document?;
        let versions = document.pointer("/spec/versions").and_then(Value::as_array);
        let served = versions.into_iter().flatten().filter(|version| version["served"] == true);
        count += served.filter_map(|version| version.pointer("/schema/openAPIV3Schema")).map(nodes).sum::<usize>();
    }
    Ok(count)
}

fn nodes(schema: &Value) -> usize {
    let Some(keywords) = schema.as_object() else { return 0 };
    let inner = keywords.iter().map(|(name, value)| match (name.as_str(), value) {
        ("properties", Value::Object(properties)) => properties.values().map(nodes).sum(),
        ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().map(nodes).sum(),
        ("items" | "additionalProperties" | "not", schema) => nodes(schema),
        _ => 0,
    });
    1 + inner.sum::<usize>()
}

/// The files of definitions in a folder and below it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.append(&mut self::files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Source {
    fn below(folder: &Path) -> Result<Self> {
        let mut source = Self::default();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                let below = Self::below(&path)?;
                source.names.extend(below.names);
                source.lines += below.lines;
                source.bytes += below.bytes;
                continue;
            }
            let text = fs::read_to_string(&path)?;
            let name = |line: &str| {
                let rest = line.strip_prefix("pub struct ").or_else(|| line.trim_start().strip_prefix("pub enum "))?;
                Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').count())
            };
            source.names.extend(text.lines().filter_map(name));
            source.lines += text.lines().count();
            source.bytes += text.len() as u64;
        }
        Ok(source)
    }
}
