//! Packs the documents of each minor: they take a twentieth of their size in a program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::ZlibEncoder;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=spec");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut table = String::from("/// Each minor with its documents, packed.\nconst PACKED: &[(u32, &[u8])] = &[\n");
    for folder in sorted(Path::new("spec"))? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(minor) = name.strip_prefix("v1.") else { continue };
        let packed = out.join(format!("{minor}.json.zlib"));
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
        packer.write_all(together(&folder)?.as_bytes())?;
        fs::write(&packed, packer.finish()?)?;
        table.push_str(&format!("    ({minor}, include_bytes!({:?})),\n", packed.display().to_string()));
    }
    table.push_str("];\n");
    fs::write(out.join("packed.rs"), table)
}

/// The documents of a minor as one JSON object: `discovery`, `version`, and those of OpenAPI by the names of their files.
fn together(folder: &Path) -> io::Result<String> {
    let read = |path: &Path| fs::read_to_string(path);
    let discovery = read(&folder.join("discovery.json"))?;
    let version = read(&folder.join("version.json"))?;
    let openapi = sorted(&folder.join("openapi"))?
        .iter()
        .map(|path| Ok(format!("{:?}:{}", path.file_stem().unwrap_or_default().to_string_lossy(), read(path)?)))
        .collect::<io::Result<Vec<_>>>()?;
    Ok(format!("{{\"discovery\":{discovery},\"version\":{version},\"openapi\":{{{}}}}}", openapi.join(",")))
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
