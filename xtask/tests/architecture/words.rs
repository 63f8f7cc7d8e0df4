//! Words that the docs, messages and comments do not use, since the Kubernetes documentation and std have other ones: the
//! glossary of `docs/architecture.md`.

use std::path::{Path, PathBuf};

/// Phrases without any right use here, in lower case, with the words to use instead.
const PHRASES: &[(&str, &str)] = &[
    ("gone on with", "resumed"),
    ("goes on with", "resumes"),
    ("came in between", "conflict, concurrent modification"),
    ("comes in between", "conflict, concurrent modification"),
    ("what becomes of", "outcome of, state of"),
    ("what became of", "outcome of"),
    ("has become of", "state of"),
    ("what came of", "outcome of"),
    (" anew", "re-read, restarted, again"),
    (" shall ", "must, should"),
    ("come to be so", "can be met"),
    ("out of order (", "misconfigured"),
    ("lets go of", "removes the finalizer"),
    ("who does not poll", "slow consumers apply back-pressure"),
    ("what is waited for", "the condition"),
    ("is_abandoned", "is_aborted"),
    ("is told", "receives, is reported"),
    ("has told", "has announced, has reported"),
    ("so many ", "this many, at most N"),
    ("passed over", "skipped, ignored"),
    ("looked at", "checked, inspected, read"),
    ("goes by that", "takes precedence, uses"),
];

/// The folders of the crates, but for what is emitted.
const CRATES: &[&str] = &["cli", "codegen", "controller", "core", "derive", "fake", "ops", "runtime", "testbed"];

/// Files below a folder with one of these extensions.
fn files(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            // Tests quote servers, and decision records stay as they were decided.
            if !matches!(name, "tests" | "decisions") {
                files(&path, extensions, found);
            }
        } else if path.extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it)) {
            found.push(path);
        }
    }
}

/// The part of a file before its inline tests.
fn checked(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// Names of files and folders that say nothing to a newcomer, with what was called so.
const FILE_NAMES: &[(&str, &str)] = &[
    ("judge", "a classification, a predicate"),
    ("lanes", "a connection pool, the ready keys of a queue"),
    ("seen", "what was observed"),
    ("trail", "a field path"),
    ("trouble", "errors"),
];

#[test]
fn files_are_named_by_the_documented_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for name in CRATES {
        files(&root.join(name).join("src"), &["rs"], &mut found);
    }
    assert!(found.len() > 500, "the files of the crates: {}", found.len());
    let is_listed = |path: &Path| {
        let parts = path.iter().filter_map(|part| part.to_str());
        parts
            .map(|part| part.trim_end_matches(".rs"))
            .find_map(|part| FILE_NAMES.iter().find(|(name, _)| *name == part))
    };
    let wrong: Vec<_> = found
        .iter()
        .filter_map(|path| path.strip_prefix(&root).ok())
        .filter_map(|path| is_listed(path).map(|(_, better)| format!("{}: name it after {better}", path.display())))
        .collect();
    assert!(wrong.is_empty(), "files with names of no meaning:\n{}", wrong.join("\n"));
}

#[test]
fn docs_and_messages_use_the_documented_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = vec![root.join("README.md"), root.join("generated/src/lib.rs")];
    for folder in CRATES.iter().map(|name| format!("{name}/src")).chain(["examples".to_owned()]) {
        files(&root.join(folder), &["rs"], &mut found);
    }
    files(&root.join("docs"), &["md"], &mut found);
    // Pages and modules with a glossary, or not rewritten yet.
    let exempt = ["docs/architecture.md", "docs/performance.md"];
    let mut wrong = Vec::new();
    for path in found {
        let shown = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
        if exempt.contains(&shown.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a text");
        for (number, line) in checked(&text).lines().enumerate() {
            let lower = line.to_lowercase();
            for (phrase, better) in PHRASES.iter().filter(|(phrase, _)| lower.contains(phrase)) {
                wrong.push(format!("{shown}:{}: {phrase:?}: write {better:?}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "words that the glossary of docs/architecture.md replaces:\n{}", wrong.join("\n"));
}
