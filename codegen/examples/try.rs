//! Scratch driver.
use kubewright_codegen::{documents::*, spec, *};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
fn raw(dir: &Path) -> (BTreeMap<String, Vec<u8>>, Vec<u8>, Vec<u8>, Vec<u8>) {
    let idx: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("index.json")).unwrap()).unwrap();
    let mut m = BTreeMap::new();
    for (k, _) in idx["paths"].as_object().unwrap() {
        if GroupVersion::from_document(k).is_some() || k == "api" || k == "apis" {
            m.insert(k.clone(), fs::read(dir.join(k.replace('/', "_") + ".json")).unwrap());
        }
    }
    (
        m,
        fs::read(dir.join("server_version.json")).unwrap(),
        fs::read(dir.join("discovery_api.json")).unwrap(),
        fs::read(dir.join("discovery_apis.json")).unwrap(),
    )
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    match a[1].as_str() {
        "spec" => {
            let (openapi, version, d1, d2) = raw(Path::new(&a[2]));
            let files = spec::normalize(&spec::Answers {
                version: &version,
                discovery: &[("/api", &d1), ("/apis", &d2)],
                openapi: &openapi,
            })
            .unwrap();
            for (n, t) in files {
                let p = PathBuf::from(&a[3]).join(n);
                fs::create_dir_all(p.parent().unwrap()).unwrap();
                fs::write(p, t).unwrap();
            }
        }
        "gen" => {
            let d = spec::load(Path::new(&a[2])).unwrap();
            eprintln!("load {:?}", t.elapsed());
            for (target, rt, out, folders) in [
                (Target::Crate, "kubewright_runtime", "generated", vec!["src", "tests"]),
                (Target::Meta, "crate", "runtime/src/meta/v1", vec![]),
            ] {
                let o = Options { target, runtime: rt.into(), command: "cargo xtask gen".into(), groups: vec![] };
                let tree = generate(&d, &o).unwrap_or_else(|e| panic!("{e}"));
                eprintln!(
                    "gen {:?} {} files {} bytes",
                    t.elapsed(),
                    tree.files.len(),
                    tree.files.values().map(String::len).sum::<usize>()
                );
                for n in &tree.notes {
                    eprintln!("note: {n}");
                }
                let out = Path::new(&a[3]).join(out);
                if target == Target::Meta {
                    fs::write(out.join("generated.rs"), &tree.files["generated.rs"]).unwrap();
                    continue;
                }
                println!(
                    "{:?}",
                    write::write(&tree, &out, &folders).map(|o| (o.written.len(), o.removed.len(), o.unchanged))
                );
            }
        }
        "user" => {
            let (openapi, version, d1, d2) = raw(Path::new(&a[2]));
            let mut asm = Assembly::new();
            asm.version(&version).unwrap();
            asm.discovery("/api", &d1).unwrap();
            asm.discovery("/apis", &d2).unwrap();
            for (k, v) in &openapi {
                asm.document::<String>(&Fetch { document: k.clone(), path: String::new(), hash: None }, Ok(v));
            }
            let d = asm.finish();
            for p in &d.problems {
                eprintln!("problem: {p}");
            }
            eprintln!("parsed {:?}", t.elapsed());
            let o = Options {
                target: Target::Tree,
                runtime: "kubewright_runtime".into(),
                command: "cargo kubewright".into(),
                groups: a[4..].to_vec(),
            };
            let tree = generate(&d, &o).unwrap_or_else(|e| panic!("{e}"));
            let again = generate(&d, &o).unwrap();
            assert!(tree.files == again.files);
            eprintln!(
                "gen {:?} {} files {} bytes",
                t.elapsed(),
                tree.files.len(),
                tree.files.values().map(String::len).sum::<usize>()
            );
            for n in &tree.notes {
                eprintln!("note: {n}");
            }
            println!(
                "{:?}",
                write::write(&tree, Path::new(&a[3]), &[""]).map(|o| (o.written.len(), o.removed.len(), o.unchanged))
            );
        }
        _ => panic!(),
    }
}
