//! `cargo xtask fake`: what `cargo kubewright fake` does.

pub use kubewright_cli::fake::Arguments;

use crate::Outcome;

pub fn run(arguments: &Arguments) -> Outcome {
    kubewright_cli::fake::run(arguments)
}
