//! Generates the program's `mod kube`, as `kubewright.toml` says.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    kubewright_codegen::Generator::from_config("kubewright.toml")?.build_script()?;
    Ok(())
}
