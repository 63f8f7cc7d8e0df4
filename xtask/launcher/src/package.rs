//! The package that the quick start makes: a client that is generated into it, and programs that use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use launcher::cargo;

use crate::{Outcome, root, tell};

/// Programs by their names.
pub type Programs = &'static [(&'static str, &'static str)];

/// A package of cargo, a workspace of its own.
pub struct Package {
    folder: PathBuf,
    /// Where cargo builds it. In a target folder that two packages share, cargo takes what one has compiled for the other's: they have the
    /// same name, and the same place in their workspaces.
    target: PathBuf,
    /// Where cargo puts programs in a target folder: `debug`, or the same of a named target.
    programs: PathBuf,
}

impl Package {
    /// Writes it. Files that the user has changed stay as they are.
    pub fn write(folder: PathBuf, programs: Programs) -> Result<Self, Box<dyn std::error::Error>> {
        let target = folder.join("target");
        let package = Self { folder, target, programs: place_of_programs()? };
        // The versions that kubewright itself is tested with.
        let lock = root().join("Cargo.lock");
        let lock = fs::read_to_string(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
        package.write_lock(&lock)?;
        package.write_own("Cargo.toml", &manifest())?;
        package.write_own("src/lib.rs", "//! What was generated from the cluster.\n\npub mod kube;\n")?;
        for (program, text) in programs {
            package.write_own(&format!("src/bin/{program}.rs"), text)?;
        }
        Ok(package)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in it.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    /// A command of cargo for it. It runs in the folder that the user is in, which paths in the environment may be relative to.
    pub fn cargo(&self, command: &str) -> Command {
        let mut cargo = cargo();
        cargo.arg(command).arg("--manifest-path").arg(self.path("Cargo.toml"));
        cargo.env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// The command `cargo kubewright`, which the package depends on, once it is built.
    pub fn kubewright(&self) -> Command {
        Command::new(self.kubewright_path())
    }

    /// Where that is: it is not installed.
    pub fn kubewright_path(&self) -> PathBuf {
        self.target.join(&self.programs).join("cargo-kubewright").with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Writes a file that the user may change, unless that was done.
    pub fn write_own(&self, name: &str, text: &str) -> Outcome {
        let original = format!("originals/{name}");
        let (own, written) = (fs::read(self.path(name)), fs::read(self.path(&original)));
        if own.is_ok_and(|own| written.is_ok_and(|written| own != written)) {
            tell::more(&format!("{name} is kept as you changed it; delete it to get ours back"));
            return Ok(());
        }
        self.write_file(name, text)?;
        self.write_file(&original, text)
    }

    /// Writes the versions of dependencies, to which cargo adds those of what the user adds.
    fn write_lock(&self, text: &str) -> Outcome {
        let original = "originals/Cargo.lock";
        let is_known = fs::read(self.path(original)).is_ok_and(|known| known == text.as_bytes());
        if is_known && self.path("Cargo.lock").exists() {
            return Ok(());
        }
        self.write_file("Cargo.lock", text)?;
        self.write_file(original, text)
    }

    /// Writes a file, unless it is there as it should be: what has not changed is not compiled again.
    fn write_file(&self, name: &str, text: &str) -> Outcome {
        let path = self.path(name);
        if fs::read(&path).is_ok_and(|own| own == text.as_bytes()) {
            return Ok(());
        }
        let write = || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, text)
        };
        write().map_err(|error: std::io::Error| format!("cannot write {}: {error}", path.display()).into())
    }
}

/// Where cargo has put this program in its target folder, which cargo marks as one that no backup needs.
fn place_of_programs() -> std::io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    let inside = target.and_then(|target| program.parent()?.strip_prefix(target).ok());
    Ok(inside.map_or_else(|| PathBuf::from("debug"), PathBuf::from))
}

/// Its manifest. With the command in one graph of dependencies, both use the same features of each crate, and nothing is
/// compiled twice.
fn manifest() -> String {
    let [cli, controller, runtime] = ["cli", "controller", "runtime"].map(|folder| root().join(folder));
    format!(
        r#"[package]
name = "quickstart"
edition = "2024"

[dependencies]
kubewright-controller = {{ path = {controller:?} }}
kubewright-runtime = {{ path = {runtime:?} }}
futures-util = {{ version = "0.3", default-features = false }}
serde_json = "1"
tokio = {{ version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }}
# The command that generates, for the quick start alone: your own crate does not need it. Its fake API server is compiled without
# CEL, a tenth of all that is compiled, which the definition here has no rules for: it refuses definitions that have some. With the
# feature "cel" it takes them.
kubewright-cli = {{ path = {cli:?}, default-features = false, features = ["fake"] }}

# Compiles sooner: of many units, each costs time by itself.
[profile.dev]
codegen-units = 2
debug = false
incremental = false

[profile.dev.package."*"]
debug-assertions = false
overflow-checks = false

[workspace]
"#
    )
}
