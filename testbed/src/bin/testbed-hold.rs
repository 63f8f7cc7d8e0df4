//! Starts a cluster, prints its kubeconfig, and keeps it for as long as this process lives, however it ends.
//!
//! `testbed-hold [MINOR]`, for scripts in any language, and for the tests of the test bed itself.

use std::io::Write as _;
use std::process::ExitCode;

use kubewright_testbed::{Cluster, Error, Options};

fn main() -> ExitCode {
    let Err(error) = hold();
    eprintln!("testbed-hold: {error}");
    ExitCode::FAILURE
}

fn hold() -> Result<std::convert::Infallible, Error> {
    let options = Options::for_minor(std::env::args().nth(1).as_deref())?;
    let _cluster = Cluster::start(&options).inspect(|cluster| {
        // Nobody may read it; the cluster is kept all the same.
        let _ = writeln!(std::io::stdout(), "{}", cluster.kubeconfig().display());
    })?;
    loop {
        std::thread::park();
    }
}
