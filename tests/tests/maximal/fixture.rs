//! The objects in `tests/fixtures/maximal`: one file for each kind, and by hand a seed of it, from which it was grown.

use std::path::PathBuf;

use kubewright::ResourceDesc;
use serde_json::Value;

/// What stands for an object's name in a file, so that there can be several objects of one.
const NAME: &str = "NAME";
/// What stands for a digit.
const DIGIT: &str = "DIGIT";

/// An object, with places for its name.
#[derive(Clone)]
pub struct Fixture {
    version: &'static str,
    value: Value,
    templates: Vec<(String, String)>,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/maximal"))
}

/// Where a kind's object is.
pub fn path(resource: &ResourceDesc) -> PathBuf {
    folder().join(file_name(resource))
}

fn file_name(resource: &ResourceDesc) -> String {
    let group = resource.group.split('.').next().filter(|group| !group.is_empty()).unwrap_or("core");
    format!("{group}_{}_{}.yaml", resource.version, resource.kind)
}

impl Fixture {
    /// A kind's object.
    pub fn read(resource: &ResourceDesc) -> Result<Self, String> {
        Self::from(path(resource), resource)
    }

    /// A kind's object for servers of an older minor, where they can do with nothing of the newest one's.
    pub fn of_minor(resource: &ResourceDesc, minor: u32) -> Option<Result<Self, String>> {
        let path = folder().join(format!("v1.{minor}")).join(file_name(resource));
        path.is_file().then(|| Self::from(path, resource))
    }

    /// What a kind's object is grown from: one file for the kind, unless a group or version has one of its own.
    pub fn seed(resource: &ResourceDesc) -> Result<Self, String> {
        let group = resource.group.split('.').next().unwrap_or_default();
        let names = [format!("{group}_{}", resource.kind), format!("{}_{}", resource.version, resource.kind)];
        let path = |name: &str| folder().join(format!("seeds/{name}.yaml"));
        let own = names.iter().map(|name| path(name)).find(|path| path.is_file());
        Self::from(own.unwrap_or_else(|| path(resource.kind)), resource)
    }

    fn from(path: PathBuf, resource: &ResourceDesc) -> Result<Self, String> {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            format!(
                "{}: {error}: write a small object of the kind into tests/fixtures/maximal/seeds/{}.yaml and run the \
                 test with UPDATE_GOLDEN=1",
                path.display(),
                resource.kind
            )
        })?;
        let mut value: Value = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        value["apiVersion"] = resource.gvk().api_version().into();
        value["kind"] = resource.kind.into();
        let mut templates = Vec::new();
        find_templates(&value, String::new(), &mut templates);
        Ok(Self { version: resource.version, value, templates })
    }

    /// The object under one of several names, which are told apart by a digit.
    pub fn named(&self, digit: u8) -> Value {
        let mut value = self.value.clone();
        for (pointer, template) in &self.templates {
            // Versions of a kind share its objects.
            let text = template.replace(NAME, &name(self.version, digit)).replace(DIGIT, &digit.to_string());
            if let Some(place) = value.pointer_mut(pointer) {
                *place = text.into();
            }
        }
        value
    }

    /// Writes an object that was made of this one in its place.
    pub fn write(&self, resource: &ResourceDesc, mut grown: Value) -> Result<(), String> {
        for (pointer, template) in &self.templates {
            if let Some(place) = grown.pointer_mut(pointer) {
                *place = template.clone().into();
            }
        }
        let text = serde_saphyr::to_string(&grown).map_err(|error| error.to_string())?;
        std::fs::write(path(resource), text).map_err(|error| error.to_string())
    }
}

/// What stands for `NAME` in one of a version's objects.
pub fn name(version: &str, digit: u8) -> String {
    format!("{version}-{digit}")
}

fn find_templates(value: &Value, pointer: String, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.contains(NAME) || text.contains(DIGIT) => found.push((pointer, text.clone())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_templates(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                find_templates(value, format!("{pointer}/{}", escaped(name)), found);
            }
        }
        _ => {}
    }
}

/// A name as a JSON pointer has it.
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
