//! How long each case takes, by criterion.

use std::time::Duration;

use cases::Visitor;
use criterion::{BatchSize, Criterion};

struct Timer(Criterion);

impl Visitor for Timer {
    fn visit<T>(&mut self, case: &str, side: &str, _: usize, mut work: impl FnMut() -> T) {
        let mut group = self.0.benchmark_group(case);
        group.bench_function(side, |bencher| bencher.iter_batched(|| (), |()| work(), BatchSize::PerIteration));
        group.finish();
    }
}

fn main() {
    let criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    let mut timer = Timer(criterion);
    cases::visit_all(&mut timer);
    timer.0.final_summary();
}
