//! Random sequences of operations, run against both servers; one that is answered otherwise is shrunk.

use std::collections::HashSet;
use std::fmt::Write as _;

use futures_util::stream::{self, StreamExt as _};
use kubewright_runtime::Client;
use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::operations::{Operation, sequence};
use super::{difference, run_in, steps::Steps};

/// How often a sequence that fails is made smaller at most.
const MAX_SHRINKS: usize = 200;
/// How many sequences run at a time.
const CONCURRENT: usize = 8;
/// How many that fail are shown.
const MAX_SHOWN: usize = 10;

/// Runs sequences that a seed makes, and returns what was answered otherwise.
pub async fn run(fake: &Client, real: &Client, seed: u64, count: u64) -> String {
    let mut failures = stream::iter(0..count)
        .map(|index| one(fake, real, seed, index))
        .buffer_unordered(CONCURRENT)
        .filter_map(std::future::ready)
        .take(MAX_SHOWN);
    let mut text = String::new();
    let mut known = HashSet::new();
    while let Some((sequence, difference)) = failures.next().await {
        // Many sequences may come to the same.
        if known.insert(difference.clone()) {
            let _ = write!(text, "\n== {sequence}{difference}");
        }
    }
    text
}

/// Runs one. Each has a generator of its own, so that it is the same whatever the others do.
async fn one(fake: &Client, real: &Client, seed: u64, index: u64) -> Option<(String, String)> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&index.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut tree = sequence().new_tree(&mut runner).ok()?;
    let mut smallest = (tree.current(), differs(fake, real, &tree.current(), &format!("{index}")).await?);
    let mut simplifies = tree.simplify();
    for attempt in 0..MAX_SHRINKS {
        if !simplifies {
            break;
        }
        let operations = tree.current();
        simplifies = match differs(fake, real, &operations, &format!("{index}-{attempt}")).await {
            Some(difference) => {
                smallest = (operations, difference);
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    let (operations, difference) = smallest;
    let mut text = format!("sequence {index} of KUBEWRIGHT_SEED={seed:#x}:\n(\"\", |s| {{\n");
    for operation in &operations {
        let _ = writeln!(text, "    {operation}");
    }
    text.push_str("}),\n");
    Some((text, difference))
}

/// What is answered otherwise, in a namespace of the run's own.
async fn differs(fake: &Client, real: &Client, operations: &[Operation], name: &str) -> Option<String> {
    let mut steps = Steps::default();
    operations.iter().for_each(|operation| operation.add_to(&mut steps));
    let namespace = format!("sequence-{name}");
    let (ours, theirs) = tokio::join!(run_in(fake, &steps, &namespace), run_in(real, &steps, &namespace));
    ours.iter()
        .zip(&theirs)
        .find(|((_, ours), (_, theirs))| ours != theirs)
        .map(|((request, ours), (_, theirs))| format!("   {request}\n{}", difference(ours, theirs)))
}
