//! What is emitted for the made-up documents is what was reviewed.

mod common;

use kubewright_codegen::{Options, Target, Tree, generate, write};

const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test -p kubewright-codegen --test golden";

fn tree(target: Target, runtime: &str) -> Tree {
    let options = Options { target, runtime: runtime.into(), command: "example".into(), groups: Vec::new() };
    generate(&common::documents(), &options).expect("generated")
}

fn compare(tree: &Tree, folder: &str) {
    let folder = common::folder("golden").join(folder);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write::write(tree, &folder, &[""]).expect("written");
    }
    if let Err(error) = write::check(tree, &folder, &[""], UPDATE) {
        panic!("{error}");
    }
}

#[test]
fn a_users_tree_is_as_reviewed() {
    let tree = tree(Target::Tree, "kubewright::runtime");
    compare(&tree, "tree");
    assert_eq!(
        tree.notes,
        [
            "POST /apis/example.com/v1/odd has no method: it takes or gives something else than the resource's objects",
            "resource odd of example.com/v1 has no handle: it would have no method",
        ]
    );
}

#[test]
fn the_runtimes_own_types_are_as_reviewed() {
    compare(&tree(Target::Meta, "crate"), "meta");
}

#[test]
fn the_same_documents_give_the_same_text() {
    assert_eq!(tree(Target::Crate, "kubewright_runtime").files, tree(Target::Crate, "kubewright_runtime").files);
}

#[test]
fn what_a_group_does_not_need_is_left_out() {
    let options = |groups: &[&str]| Options {
        target: Target::Tree,
        runtime: "kubewright_runtime".into(),
        command: "example".into(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    let example = generate(&common::documents(), &options(&["example.com"])).expect("generated");
    assert!(example.files.contains_key("autoscaling/v1/shared.rs"), "what its types and calls refer to is there");
    let none = generate(&common::documents(), &options(&["core"])).expect("generated");
    assert!(!none.files.keys().any(|name| name.contains("example")), "{:?}", none.files.keys());
}
