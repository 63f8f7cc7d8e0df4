//! What was compared, and what was not the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::json::Difference;

/// How many failures are told at once; all are in the file.
const TOLD: usize = 40;

/// An object that is not as kubectl gets it.
#[derive(Default)]
pub struct Failure {
    pub verb: &'static str,
    pub by: &'static str,
    pub kind: String,
    pub refusal: Option<String>,
    pub differences: Vec<Difference>,
    /// The case, to be repeated.
    pub details: String,
}

/// What was compared, and what was not the same.
pub struct Report {
    seed: u64,
    /// How many were compared and how many of these were refused, by verb and writer.
    compared: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    /// How many objects kubectl was given, and how many of them were stored.
    created: (usize, usize),
    failures: Vec<Failure>,
}

impl Report {
    pub fn new(seed: u64) -> Self {
        Self { seed, compared: BTreeMap::new(), created: (0, 0), failures: Vec::new() }
    }

    pub fn created(&mut self, stored: bool) {
        self.created.0 += 1;
        self.created.1 += usize::from(stored);
    }

    pub fn compared(&mut self, verb: &'static str, by: &'static str, refused: bool) {
        let (compared, refusals) = self.compared.entry((verb, by)).or_default();
        *compared += 1;
        *refusals += usize::from(refused);
    }

    pub fn failed(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    /// Fails if anything was not the same, or if too little was compared for that to mean something: these verbs at least.
    pub fn finish(self, file: &Path, verbs: &[&str]) {
        let Self { seed, compared, created: (given, stored), failures } = self;
        let mut summary = format!("seed {seed:#x}; kubectl got {stored} of {given} objects stored\n");
        for ((verb, by), (count, refused)) in &compared {
            let failed = failures.iter().filter(|failure| (failure.verb, failure.by) == (*verb, *by)).count();
            let line = format!("{verb} ({by}): {count} compared, {refused} refused in both, {failed} not the same");
            writeln!(summary, "{line}").expect("text takes text");
        }
        println!("{summary}");
        let texts: Vec<String> = failures.iter().map(Failure::tell).collect();
        let whole: Vec<String> =
            failures.iter().zip(&texts).map(|(failure, text)| format!("{text}{}", failure.details)).collect();
        // One list that can't be read is told once, and not for each of its items.
        let mut seen = BTreeSet::new();
        let told: Vec<&String> = texts.iter().filter(|text| seen.insert(*text)).collect();
        std::fs::write(file, format!("{summary}\n{}", whole.join("\n"))).expect("a file");
        assert!(
            failures.is_empty(),
            "{summary}{}\nthe cases, with CRDs and manifests: {}; to repeat it: KUBEWRIGHT_SEED={seed:#x}",
            told.into_iter().take(TOLD).cloned().collect::<String>(),
            file.display()
        );
        assert!(stored * 10 >= given * 8, "too many objects are refused: {summary}");
        for verb in verbs {
            assert!(compared.keys().any(|(known, _)| known == verb), "no {verb} was compared: {summary}");
        }
    }
}

impl Failure {
    fn tell(&self) -> String {
        let Self { verb, by, kind, refusal, differences, .. } = self;
        let mut text = String::new();
        if let Some(refusal) = refusal {
            writeln!(text, "{verb} ({by}) of {kind}: {refusal}").expect("text takes text");
            // What is stored differs for this reason alone.
            return text;
        }
        for (path, right, found) in differences {
            let show = |value: &Option<super::json::Json>| {
                value
                    .as_ref()
                    .map_or_else(|| "nothing".to_owned(), |value| value.to_string().chars().take(120).collect())
            };
            writeln!(text, "{verb} ({by}) of {kind}: {path}: right is {}, found {}", show(right), show(found))
                .expect("text takes text");
        }
        text
    }
}
