//! What is written into files that people write: the features of the minors into the manifests of the crates that have them,
//! and the changes from minor to minor into `docs/versions.md`. Written from `spec/`, or checked.

use std::fs;

use kubewright_codegen::documents::{Documents, Minor};
use kubewright_codegen::{diff, mended};

use crate::{Outcome, diff::compare, repository};

/// The manifests, and what a feature turns on besides the one before it.
const MANIFESTS: &[(&str, Option<&str>)] = &[
    ("generated/Cargo.toml", None),
    ("ops/Cargo.toml", Some("kubewright")),
    ("fake/Cargo.toml", Some("kubewright")),
    ("controller/Cargo.toml", Some("kubewright")),
    ("tests/Cargo.toml", Some("kubewright")),
    ("fuzz/Cargo.toml", Some("kubewright")),
];

/// The page of the changes.
const PAGE: &str = "docs/versions.md";
const PAGE_START: &str = "<!-- Written by `cargo xtask gen` from spec/: -->\n";
const PAGE_END: &str = "<!-- End of what is written. -->\n";

/// What stands before the features, and what behind.
const START: &str = "# Written by `cargo xtask gen`, a feature for each minor in spec/:\n";
const END: &str = "# End of what is written.\n";

/// Writes all of it, or with `check` fails if it is not as it would be written.
pub fn generate(pinned: &[Documents], check: bool, command: &str) -> Outcome {
    let minors: Vec<Minor> = pinned.iter().map(|documents| documents.server.minor()).collect();
    for (name, of) in MANIFESTS {
        put(name, (START, END), &features(&minors, *of), check, command)?;
    }
    let mut changes = String::new();
    if let Some(newest) = pinned.last() {
        let deprecated = diff::markdown(&diff::deprecated(&mended(newest)?, &newest.facts));
        changes.push_str(&format!("\n### Deprecated in 1.{} and still served\n\n{deprecated}", newest.server.minor()));
    }
    for pair in pinned.windows(2).rev() {
        let diff = compare(&pair[0], &pair[1])?;
        changes.push_str(&format!("\n### 1.{} to 1.{}\n\n{}\n", diff.older, diff.newer, diff.to_markdown().trim_end()));
    }
    put(PAGE, (PAGE_START, PAGE_END), &changes, check, command)
}

/// Puts a text between two lines of a file.
fn put(name: &str, (start, end): (&str, &str), text: &str, check: bool, command: &str) -> Outcome {
    let path = repository::root().join(name);
    let known = fs::read_to_string(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
    let wanted = between(&known, (start, end), text)
        .ok_or_else(|| format!("{name} lacks the lines that mark the generated part:\n{start}{end}"))?;
    replace(name, &known, &wanted, check, command)
}

/// Puts a text in the place of a file.
pub fn whole(name: &str, text: &str, check: bool, command: &str) -> Outcome {
    let known = fs::read_to_string(repository::root().join(name)).unwrap_or_default();
    replace(name, &known, text, check, command)
}

/// Writes a file that is not as it would be written, or with `check` fails.
fn replace(name: &str, known: &str, wanted: &str, check: bool, command: &str) -> Outcome {
    if wanted == known {
        return Ok(());
    }
    let path = repository::root().join(name);
    if check {
        return Err(format!("{name} does not match spec/; run `{command}`").into());
    }
    fs::write(&path, wanted).map_err(|error| format!("cannot write {name}: {error}"))?;
    println!("{name}: written");
    Ok(())
}

/// A feature for each minor, which turns on the one before it, and `latest` for the newest.
fn features(minors: &[Minor], of: Option<&str>) -> String {
    let mut text = String::new();
    let mut before: Option<Minor> = None;
    for minor in minors {
        let mut on: Vec<String> = before.iter().map(|before| format!("\"v1_{before}\"")).collect();
        on.extend(of.map(|of| format!("\"{of}/v1_{minor}\"")));
        text.push_str(&format!("## What Kubernetes 1.{minor} has.\nv1_{minor} = [{}]\n", on.join(", ")));
        before = Some(*minor);
    }
    if let Some(newest) = before {
        text.push_str(&format!("## The newest minor: what a new release of the crate knows more, it has more.\nlatest = [\"v1_{newest}\"]\n"));
    }
    text
}

/// The text with something else between two lines of it.
fn between(text: &str, (start, end): (&str, &str), wanted: &str) -> Option<String> {
    let (before, rest) = text.split_once(start)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{start}{wanted}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feature_turns_on_the_one_before_it() {
        let text = features(&[36, 37], Some("x"));
        assert!(
            text.contains("v1_36 = [\"x/v1_36\"]\n") && text.contains("v1_37 = [\"v1_36\", \"x/v1_37\"]\n"),
            "{text}"
        );
        assert!(text.ends_with("latest = [\"v1_37\"]\n"), "{text}");
    }

    #[test]
    fn only_what_stands_between_the_marks_is_written() {
        let manifest = format!("[features]\ndefault = []\n{START}old\n{END}[lints]\n");
        let wanted = format!("[features]\ndefault = []\n{START}new\n{END}[lints]\n");
        assert_eq!(between(&manifest, (START, END), "new\n"), Some(wanted));
        assert_eq!(between("[features]\n", (START, END), "new\n"), None);
    }
}
