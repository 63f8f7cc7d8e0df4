//! Packs the documents of each minor: they take a twentieth of their size in a program. Those of OpenAPI are packed by themselves, since
//! few of them are needed at a time.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=spec");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut table = String::from(
        "type Packed = &'static [u8];\ntype Minor = (u32, Packed, &'static [(&'static str, Packed)]);\n\n",
    );
    table.push_str("/// Each minor with its index and its documents of OpenAPI, packed.\n");
    table.push_str("const PACKED: &[Minor] = &[\n");
    for folder in sorted(Path::new("spec"))? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(minor) = name.strip_prefix("v1.") else { continue };
        let mut kinds = Map::new();
        let mut documents = String::new();
        for path in sorted(&folder.join("openapi"))? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(&path)?;
            kinds.insert(name.clone(), kinds_of(&name, &serde_json::from_str(&text)?));
            let packed = pack(&out, &format!("{minor}.{name}.zlib"), &text)?;
            documents.push_str(&format!("        ({name:?}, {packed}),\n"));
        }
        let index = pack(&out, &format!("{minor}.index.zlib"), &index(&folder, &Value::Object(kinds))?)?;
        table.push_str(&format!("    ({minor}, {index}, &[\n{documents}    ]),\n"));
    }
    table.push_str("];\n");
    fs::write(out.join("packed.rs"), table)
}

/// Packs a text into a file of the folder. Returns the expression of its bytes, which holds wherever the folder is moved to.
fn pack(out: &Path, name: &str, text: &str) -> io::Result<String> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes())?;
    fs::write(out.join(name), packer.finish()?)?;
    Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), {:?}))", format!("/{name}")))
}

/// What is needed of a minor in any case, as one JSON object: `discovery`, `version`, and the names of schemas by document and kind.
fn index(folder: &Path, kinds: &Value) -> io::Result<String> {
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let (discovery, version) = (read("discovery.json")?, read("version.json")?);
    Ok(format!("{{\"discovery\":{discovery},\"version\":{version},\"kinds\":{kinds}}}"))
}

/// The names of a document's schemas by the kinds that they are of, as far as these are of its group and version.
fn kinds_of(document: &str, openapi: &Value) -> Value {
    let (group, version) = document.rsplit_once('_').unwrap_or((document, ""));
    let group = if group == "core" { "" } else { group };
    let mut kinds = Map::new();
    for (name, schema) in openapi["components"]["schemas"].as_object().into_iter().flatten() {
        for known in schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            if let (true, true, Some(kind)) =
                (known["group"] == group, known["version"] == version, known["kind"].as_str())
            {
                kinds.insert(kind.to_owned(), Value::from(name.as_str()));
            }
        }
    }
    Value::Object(kinds)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
