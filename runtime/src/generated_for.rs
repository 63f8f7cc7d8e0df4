//! Version check between a generated tree and this crate.

/// Invoked by the root of each generated tree with the version of the generator that wrote it. This crate has an arm
/// for each supported version: trees of older generators stay valid as long as their arm is here.
///
/// An unsupported version is a clear compile error, in place of one for the first missing name.
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
            ", which the kubewright-runtime of this build does not support: use that version, or a later compatible one, or \
             regenerate the client with the generator of the version in use (cargo kubewright gen)"
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
