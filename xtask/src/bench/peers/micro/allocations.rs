//! How often each case asks for memory, and for how much: a line of JSON each.

use std::alloc::System;

use cases::Visitor;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Counter;

impl Visitor for Counter {
    fn visit<T>(&mut self, case: &str, side: &str, bytes: usize, mut work: impl FnMut() -> T) {
        // The first go makes a reused buffer as large as it gets.
        drop(work());
        let region = Region::new(ALLOCATOR);
        let result = work();
        let used = region.change();
        drop(result);
        let allocations = used.allocations + used.reallocations;
        println!(r#"{{"case":"{case}","side":"{side}","bytes":{bytes},"allocations":{allocations}}}"#);
    }
}

fn main() {
    cases::visit_all(&mut Counter);
}
