//! Modules: within a crate, each may use those below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// The modules of a crate from the ground up, and the arrows that still go upwards.
struct Layers {
    folder: &'static str,
    /// The lowest first; those in one row may not use each other.
    rows: &'static [&'static [&'static str]],
    /// Arrows against the order that are known and wanted gone: from, to. One that is gone must go from this list.
    upwards: &'static [(&'static str, &'static str)],
    /// Modules that are made of re-exports, for generated code or for people: they may use all others, and none of the
    /// others may use them.
    doors: &'static [&'static str],
}

fn check(layers: &Layers) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(layers.folder).join("src");
    let rank: BTreeMap<&str, usize> =
        layers.rows.iter().enumerate().flat_map(|(rank, row)| row.iter().map(move |module| (*module, rank))).collect();
    let exports = root_exports(&root.join("lib.rs"));

    let mut upwards = BTreeSet::new();
    let mut modules = BTreeSet::new();
    for file in rust_files(&root) {
        let inside = file.strip_prefix(&root).expect("a file of the crate");
        let first = inside.iter().next().expect("a name").to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" || is_test(inside) {
            continue;
        }
        modules.insert(module.clone());
        if layers.doors.contains(&module.as_str()) {
            continue;
        }
        let from = *rank.get(module.as_str()).unwrap_or_else(|| {
            panic!("{}: the module {module} has no place among the layers; give it one", layers.folder)
        });
        for name in used(&file) {
            let to = exports.get(&name).cloned().unwrap_or(name);
            if to == module {
                continue;
            }
            assert!(!layers.doors.contains(&to.as_str()), "{}: {module} uses {to}", layers.folder);
            // What has no rank comes from a crate below, by a re-export.
            if rank.get(to.as_str()).is_some_and(|to| *to >= from) {
                upwards.insert((module.clone(), to));
            }
        }
    }
    let placed = rank.keys().chain(layers.doors).map(|module| (*module).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(modules, placed, "{}: exactly the modules that there are have a place", layers.folder);
    let known = layers.upwards.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect::<BTreeSet<_>>();
    let new: Vec<_> = upwards.difference(&known).collect();
    assert!(new.is_empty(), "{}: these go up the layers: {new:?}", layers.folder);
    let gone: Vec<_> = known.difference(&upwards).collect();
    assert!(gone.is_empty(), "{}: these are gone, and go from the list: {gone:?}", layers.folder);
}

/// Tests may use anything.
fn is_test(inside: &Path) -> bool {
    inside.iter().any(|part| matches!(part.to_string_lossy().as_ref(), "tests" | "tests.rs"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn tokens(file: &Path) -> TokenStream {
    let text = std::fs::read_to_string(file).expect("a file");
    // Tests in a file stand at its end.
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What follows `crate::` in a file, alone or in braces.
fn used(file: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(tokens(file), &mut names);
    names
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Ident(word) if word == "crate" => match tokens.get(index + 3) {
                _ if !is_path_separator(tokens.get(index + 1), tokens.get(index + 2)) => {}
                Some(TokenTree::Ident(name)) => {
                    names.insert(name.to_string());
                }
                Some(TokenTree::Group(group)) => first_words(group.stream(), names),
                _ => {}
            },
            _ => {}
        }
    }
}

fn is_path_separator(one: Option<&TokenTree>, two: Option<&TokenTree>) -> bool {
    [one, two].iter().all(|token| matches!(token, Some(TokenTree::Punct(point)) if point.as_char() == ':'))
}

/// The first word of each path in a list with commas.
fn first_words(list: TokenStream, names: &mut BTreeSet<String>) {
    let mut at_start = true;
    for token in list {
        match token {
            TokenTree::Ident(name) if at_start => {
                names.insert(name.to_string());
                at_start = false;
            }
            TokenTree::Punct(point) if point.as_char() == ',' => at_start = true,
            _ => at_start = false,
        }
    }
}

/// What the root of the crate exports of its modules, by name: `crate::Client` is `client`'s.
fn root_exports(file: &Path) -> BTreeMap<String, String> {
    let tokens: Vec<TokenTree> = tokens(file).into_iter().collect();
    let mut exports = BTreeMap::new();
    for (index, token) in tokens.iter().enumerate() {
        if !matches!(token, TokenTree::Ident(word) if word == "use") {
            continue;
        }
        let path: Vec<&TokenTree> = tokens[index + 1..]
            .iter()
            .take_while(|token| !matches!(token, TokenTree::Punct(point) if point.as_char() == ';'))
            .collect();
        let Some(TokenTree::Ident(module)) = path.first() else { continue };
        match path.last() {
            Some(TokenTree::Ident(name)) => {
                exports.insert(name.to_string(), module.to_string());
            }
            Some(TokenTree::Group(group)) => {
                let mut names = BTreeSet::new();
                collect_all(group.stream(), &mut names);
                exports.extend(names.into_iter().map(|name| (name, module.to_string())));
            }
            _ => {}
        }
    }
    exports
}

fn collect_all(list: TokenStream, names: &mut BTreeSet<String>) {
    for token in list {
        match token {
            TokenTree::Ident(name) => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => collect_all(group.stream(), names),
            _ => {}
        }
    }
}

#[test]
fn modules_of_the_core_use_those_below_them() {
    check(&Layers {
        folder: "core",
        rows: &[
            &["types"],
            &["message"],
            &["codec"],
            &["json"],
            &["reflect"],
            &["protobuf"],
            &["meta"],
            &["resource", "patch", "selector"],
            &["yaml", "crd"],
            &["validate"],
        ],
        upwards: &[
            // The macro that gives generated types their impls.
            ("message", "reflect"),
        ],
        doors: &["codegen", "prelude"],
    });
}

#[test]
fn modules_of_ops_use_those_below_them() {
    check(&Layers {
        folder: "ops",
        rows: &[
            &["sealed"],
            &[
                "approval", "binding", "cordon", "debug", "evict", "finalize", "logs", "resize", "rollout", "token",
                "wait",
            ],
            &["drain"],
        ],
        upwards: &[],
        doors: &["prelude"],
    });
}

#[test]
fn modules_of_the_controller_use_those_below_them() {
    check(&Layers {
        folder: "controller",
        rows: &[
            &[
                "action",
                "clock",
                "fencing",
                "host",
                "key",
                "lease_error",
                "metrics",
                "panics",
                "predicate",
                "rbac",
                "ring",
                "serve",
                "signal",
                "status",
                "testing",
                "version",
            ],
            &["events", "finalizer", "gate", "owner", "queue", "store"],
            &["coverage", "election", "health", "webhook"],
            &["reflector"],
            &["cache", "sharding"],
            &["controller"],
        ],
        upwards: &[],
        doors: &[],
    });
}

#[test]
fn generated_holds_what_is_emitted_and_its_lib_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated/src");
    let by_hand: Vec<_> = rust_files(&root)
        .into_iter()
        .filter(|file| {
            let text = std::fs::read_to_string(file).expect("a file");
            !text.starts_with("// Generated by `cargo xtask gen`. Do not edit.")
        })
        .map(|file| file.strip_prefix(&root).expect("a file of the crate").to_owned())
        .collect();
    assert_eq!(by_hand, [Path::new("lib.rs")]);
}

#[test]
fn modules_of_the_runtime_use_those_below_them() {
    check(&Layers {
        folder: "runtime",
        rows: &[
            &["version", "generated_for", "metrics"],
            &["error"],
            &["retry"],
            &["config"],
            &["auth"],
            &["wire"],
            &["transport"],
            &["client"],
            &["discovery"],
            &["list"],
            &["watch"],
            &["log"],
            &["request"],
            &["api"],
            &["stream"],
            &["wait"],
        ],
        upwards: &[
            // `modify` is a request that needs a whole handle: it reads and writes.
            ("request", "api"),
        ],
        doors: &["codegen", "prelude"],
    });
}

/// A call as data can be tested, faked and recorded without a connection, as long as nothing in it waits for one.
#[test]
fn the_wire_has_no_io_and_nothing_in_it_waits() {
    const IO: [&str; 8] = ["async", "await", "tokio", "hyper", "tower", "http_body", "http_body_util", "Future"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/wire");
    let files = rust_files(&folder);
    assert!(files.len() > 5, "the files of wire/: {files:?}");
    for file in files {
        let mut words = BTreeSet::new();
        collect_all(tokens(&file), &mut words);
        let io: Vec<_> = IO.iter().filter(|word| words.contains(**word)).collect();
        assert!(io.is_empty(), "{}: {io:?}", file.display());
    }
}
