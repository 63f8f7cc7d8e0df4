//! What the server can't do does not compile, and the compiler says so in plain words.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = include_str!("../programs/compile_fail/verbs.rs");

#[test]
fn what_the_server_does_not_have_does_not_compile() {
    let expected: BTreeMap<u64, (&str, &str)> = (1..)
        .zip(PROGRAM.lines())
        .filter_map(|(number, line)| Some((number, line.split_once("//~ ")?.1.split_once(' ')?)))
        .collect();
    assert!(expected.len() >= 8, "the program lost its marks");
    let mut found = errors();
    for (line, (code, message)) in expected {
        let errors = found.remove(&line).unwrap_or_default();
        assert!(
            errors.iter().any(|(found, text)| found == code && text.contains(message)),
            "line {line}: expected {code} {message}, got {errors:?}"
        );
    }
    assert!(found.is_empty(), "errors that are not expected, so the program is broken: {found:?}");
}

/// The compiler's errors of the program, by line.
fn errors() -> BTreeMap<u64, Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = format!(
        "[package]\nname = \"compile-fail\"\nedition = \"2024\"\n[dependencies]\nkubewright = {{ path = {:?} }}\n[workspace]\n",
        root.join("generated")
    );
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    std::fs::write(folder.path().join("Cargo.toml"), manifest).expect("a file");
    std::fs::write(folder.path().join("src/main.rs"), PROGRAM).expect("a file");
    // The same versions as the workspace, so that what is built already is used again.
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("a file");
    let output = Command::new(env!("CARGO"))
        .args(["check", "--message-format=json"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile-fail"))
        .output()
        .expect("cargo runs");
    assert!(!output.status.success(), "it compiled");

    let mut errors = BTreeMap::<u64, Vec<_>>::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let message = &message["message"];
        if message["level"] != "error" || !message["code"].is_object() {
            continue;
        }
        let spans = message["spans"].as_array().cloned().unwrap_or_default();
        let span = spans.iter().find(|span| span["is_primary"] == true && span["file_name"] == "src/main.rs");
        let line = span.and_then(|span| span["line_start"].as_u64()).unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        errors.entry(line).or_default().push((text(&message["code"]["code"]), text(&message["message"])));
    }
    assert!(!errors.is_empty(), "cargo failed for another reason: {}", String::from_utf8_lossy(&output.stderr));
    errors
}
