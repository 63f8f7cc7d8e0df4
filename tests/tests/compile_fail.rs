//! What the server can't do does not compile, and the compiler says so in plain words.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = include_str!("../programs/compile_fail/verbs.rs");
const DERIVE: &str = include_str!("../programs/compile_fail/derive.rs");

#[test]
fn what_the_server_does_not_have_does_not_compile() {
    let found = errors("kubewright", "generated", "", |source| std::fs::write(source.join("main.rs"), PROGRAM));
    has_the_marked_errors(PROGRAM, 8, found);
}

#[test]
fn a_struct_that_can_be_no_kind_does_not_compile_and_the_error_stands_where_the_mistake_is() {
    // What the macro refuses is found before types are looked at: two programs, one after the other.
    let (refused, rest) = DERIVE.split_once("#[derive(CustomResource, Clone, Debug, Serialize").expect("both halves");
    let head = DERIVE.split_once("#[derive").expect("a head").0;
    let lines = |text: &str| "\n".repeat(text.lines().count());
    let types =
        format!("{head}{}#[derive(CustomResource, Clone, Debug, Serialize{rest}", &lines(refused)[lines(head).len()..]);
    let dependencies = "serde = { version = \"1\", features = [\"derive\"] }\n";
    for (program, marks) in [(format!("{refused}\nfn main() {{}}\n"), 18), (types, 3)] {
        let written = program.clone();
        let found = errors("kubewright", "generated", dependencies, move |source| {
            std::fs::write(source.join("main.rs"), written)
        });
        has_the_marked_errors(&program, marks, found);
    }
}

/// Checks that a program has the errors that its comments (`//~ CODE message`, a dash for no code) say, and no others.
fn has_the_marked_errors(program: &str, marks: usize, mut found: BTreeMap<u64, Vec<(String, String)>>) {
    let expected: BTreeMap<u64, (&str, &str)> = (1..)
        .zip(program.lines())
        .filter_map(|(number, line)| Some((number, line.split_once("//~ ")?.1.split_once(' ')?)))
        .collect();
    assert!(expected.len() >= marks, "the program lost its marks");
    for (line, (code, message)) in expected {
        let errors = found.remove(&line).unwrap_or_default();
        assert!(
            errors.iter().any(|(found, text)| found == code.trim_matches('-') && text.contains(message)),
            "line {line}: expected {code} {message}, got {errors:?}"
        );
    }
    assert!(found.is_empty(), "errors that are not expected, so the program is broken: {found:?}");
}

#[test]
fn a_client_that_the_runtime_does_not_take_says_so_and_nothing_else() {
    let tree = root().join("examples/custom_resource/kube");
    let found = errors("kubewright-runtime", "runtime", "", |source| {
        copy(&tree, &source.join("kube"))?;
        let module = source.join("kube/mod.rs");
        let text = std::fs::read_to_string(&module)?;
        let older = text.replace("generated_for!(\"0.1.0\")", "generated_for!(\"0.0.1\")");
        assert_ne!(text, older, "the tree says for which version it is");
        std::fs::write(module, older)?;
        std::fs::write(source.join("main.rs"), "mod kube;\nfn main() {}\n")
    });
    let found: Vec<_> = found.into_values().flatten().map(|(_, text)| text).collect();
    let [message] = found.as_slice() else { panic!("one error, and not {found:?}") };
    assert!(message.starts_with("this client was generated for kubewright-runtime 0.0.1, which"), "{message}");
    assert!(message.contains("regenerate the client"), "{message}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let (entry, to) = (entry?, to);
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() { copy(&path, &to)? } else { std::fs::copy(&path, &to).map(drop)? }
    }
    Ok(())
}

/// The compiler's errors of a program that depends on one of our crates, by line of its `main.rs` (0 is another file): the
/// code, if there is one, and the message. `write` writes the sources into the folder that it is given.
fn errors(
    name: &str,
    folder_of_crate: &str,
    dependencies: &str,
    write: impl FnOnce(&Path) -> std::io::Result<()>,
) -> BTreeMap<u64, Vec<(String, String)>> {
    let root = root();
    let features = if dependencies.is_empty() { "[]" } else { "[\"derive\"]" };
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = format!(
        "[package]\nname = \"compile-fail\"\nedition = \"2024\"\n[dependencies]\n{name} = {{ path = {:?}, features = {features} }}\n{dependencies}[workspace]\n",
        root.join(folder_of_crate)
    );
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    std::fs::write(folder.path().join("Cargo.toml"), manifest).expect("a file");
    write(&folder.path().join("src")).expect("the sources");
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
        // What sums up the others has no place.
        if message["level"] != "error" || message["spans"].as_array().is_none_or(Vec::is_empty) {
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
