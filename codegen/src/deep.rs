//! Room for schemas that are nested deeply.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// How large the stack is on which schemas are read and walked. The deepest that are read have 256 levels, and parsing takes
/// some 30 kB for each in a debug build; what is not touched costs no memory.
const STACK: usize = 64 << 20;

/// Calls a function on a stack that is large enough, whatever thread this is: a test's has 2 MB. Where there are no threads
/// to be had, it is called on this one.
pub fn call<T: Send>(function: impl Fn() -> T + Send + Sync) -> T {
    let function = &function;
    let spawned = scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, function).ok()?;
        Some(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    spawned.unwrap_or_else(function)
}
