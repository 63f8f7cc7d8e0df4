//! Whether a generated tree and this crate fit together.

/// What the root of each generated tree calls, with the version of the generator that wrote it. This crate has an arm for each
/// version whose trees it takes: the trees that an older one wrote stay good as long as their arm is here.
///
/// What does not fit is a compile error that says so, in place of those that the first missing name would give.
///
/// ```
/// kubewright_runtime::generated_for!("0.1.0");
/// ```
///
/// ```compile_fail
/// kubewright_runtime::generated_for!("0.0.1");
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! generated_for {
    ("0.1.0") => {};
    ($version:literal) => {
        ::std::compile_error!(::std::concat!(
            "this client was generated for kubewright-runtime ",
            $version,
            ", and the one that it is built with does not take it: use that version, or a later one that is compatible, or \
             generate the client again with the generator of the version that is used (cargo xtask gen --from-cluster)"
        ));
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_trees_of_the_present_generator_are_taken() {
        let arm = format!("({:?}) => {{}};", env!("CARGO_PKG_VERSION"));
        assert!(include_str!("generated_for.rs").contains(&arm), "generated_for! has no arm {arm}");
    }
}
