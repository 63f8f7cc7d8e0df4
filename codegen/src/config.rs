//! `kubewright.toml`: what to generate, from what, and where to.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::derives;
use crate::error::{Error, derived_already};
use crate::plan::{FieldOverride, Overrides, TypeOverride};

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Files and folders of CustomResourceDefinitions.
    pub crds: Vec<PathBuf>,
    /// A live cluster, as another source.
    pub cluster: Option<ClusterSource>,
    /// These API groups alone.
    pub groups: Vec<String>,
    /// These kinds alone.
    pub kinds: Vec<String>,
    /// The folder for the tree.
    pub out: Option<PathBuf>,
    /// The crate that the tree stands beside.
    pub beside: Option<Checked<syn::Path>>,
    /// The path to the runtime.
    pub runtime: Option<Checked<syn::Path>>,
    /// Whether the tree has a registry.
    pub registry: bool,
    /// Whether kinds check on the client what their definition says.
    pub validation: bool,
    /// What structs derive besides.
    pub derives: Vec<Checked<Derive>>,
    /// What is wanted of kinds.
    pub kind: BTreeMap<String, Kind>,
}

/// A live cluster as a source of documents: `[cluster]` in `kubewright.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterSource {
    /// The kubeconfig; by default `$KUBECONFIG`, or `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; by default the current one.
    pub context: Option<String>,
}

/// `[kind.Certificate]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kind {
    /// These versions alone.
    pub versions: Vec<String>,
    /// The names of types, by the way to them.
    pub types: BTreeMap<String, Checked<syn::Ident>>,
    /// What is wanted of fields, by the way to them.
    pub fields: BTreeMap<String, FieldConfig>,
}

/// `fields."spec.secretName"`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldConfig {
    /// Its name.
    pub name: Option<Checked<syn::Ident>>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Option<Checked<syn::Type>>,
}

/// Text that is something in Rust. A mistake is an error of the file, with its line.
pub struct Checked<T> {
    /// The text.
    pub text: String,
    is: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Checked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// What a text may be.
pub trait Syntax: syn::parse::Parse {
    /// For people.
    const NAME: &'static str;

    /// Why it can't be used where it stands, if it can't.
    fn wrong(&self) -> Option<String> {
        None
    }
}

impl Syntax for syn::Ident {
    const NAME: &'static str = "a name in Rust, such as secret_name";
}

impl Syntax for syn::Path {
    const NAME: &'static str = "a path in Rust, such as my_crate::Name";
}

/// What structs may derive: a path to a macro, for a trait that they don't have.
pub struct Derive(syn::Path);

impl syn::parse::Parse for Derive {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        input.parse().map(Self)
    }
}

impl Syntax for Derive {
    const NAME: &'static str = <syn::Path as Syntax>::NAME;

    fn wrong(&self) -> Option<String> {
        derives::own(&self.0).map(derived_already)
    }
}

impl Syntax for syn::Type {
    const NAME: &'static str = "a type in Rust, such as Vec<crate::Name>";
}

impl<'de, T: Syntax> Deserialize<'de> for Checked<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match syn::parse_str::<T>(&text) {
            Ok(syntax) => match syntax.wrong() {
                None => Ok(Self { text, is: PhantomData }),
                Some(why) => Err(serde::de::Error::custom(why)),
            },
            Err(_) => Err(serde::de::Error::custom(format!("`{text}` is not {}", T::NAME))),
        }
    }
}

impl Config {
    /// Reads a file. Paths in it are relative to its folder.
    ///
    /// # Errors
    /// If it can't be read, or has a key that is unknown or a value that is none: the error names the line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text =
            fs::read_to_string(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| Error::Config {
            path: path.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let kubeconfig = config.cluster.iter_mut().filter_map(|cluster| cluster.kubeconfig.as_mut());
        for path in config.crds.iter_mut().chain(&mut config.out).chain(kubeconfig) {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    /// What it says of names and types.
    pub fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        for (kind, wanted) in &self.kind {
            overrides.types.extend(wanted.types.iter().map(|(path, name)| TypeOverride {
                kind: kind.clone(),
                path: path.clone(),
                name: name.text.clone(),
            }));
            overrides.fields.extend(wanted.fields.iter().map(|(path, field)| FieldOverride {
                kind: kind.clone(),
                path: path.clone(),
                name: field.name.as_ref().map(|name| name.text.clone()),
                ty: field.ty.as_ref().map(|ty| ty.text.clone()),
            }));
        }
        overrides
    }

    /// What it says of versions.
    pub fn versions(&self) -> BTreeMap<String, Vec<String>> {
        let some = self.kind.iter().filter(|(_, wanted)| !wanted.versions.is_empty());
        some.map(|(kind, wanted)| (kind.clone(), wanted.versions.clone())).collect()
    }
}
