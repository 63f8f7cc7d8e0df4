//! The features of the minors, in the manifests of the crates that have them: written from the list of minors, or checked.

use std::fs;

use kubewright_codegen::documents::Minor;

use crate::{Outcome, repository};

/// The manifests, and what a feature turns on besides the one before it.
const MANIFESTS: &[(&str, Option<&str>)] = &[("generated/Cargo.toml", None), ("tests/Cargo.toml", Some("kubewright"))];

/// What stands before the features, and what behind.
const START: &str = "# Written by `cargo xtask gen`, a feature for each minor in spec/:\n";
const END: &str = "# End of what is written.\n";

/// Writes the features, or with `check` fails if they are not as they would be written.
pub fn generate(minors: &[Minor], check: bool, command: &str) -> Outcome {
    for (name, of) in MANIFESTS {
        let path = repository::root().join(name);
        let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {name}: {error}"))?;
        let wanted = with_features(&text, &features(minors, *of))
            .ok_or_else(|| format!("{name} lacks the lines that the features stand between: {START}{END}"))?;
        if wanted == text {
            continue;
        }
        if check {
            return Err(format!("the features in {name} are not those of the minors in spec/; run `{command}`").into());
        }
        fs::write(&path, wanted).map_err(|error| format!("cannot write {name}: {error}"))?;
        println!("{name}: features written");
    }
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

fn with_features(manifest: &str, features: &str) -> Option<String> {
    let (before, rest) = manifest.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}{features}{END}{after}"))
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
        assert_eq!(with_features(&manifest, "new\n"), Some(wanted));
        assert_eq!(with_features("[features]\n", "new\n"), None);
    }
}
