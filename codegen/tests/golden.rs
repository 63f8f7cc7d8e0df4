//! What is emitted for the made-up documents is what was reviewed.

mod common;

use kubewright_codegen::{Options, Target, Tree, diff, generate, generate_merged, mended, write};

const UPDATE: &str = "UPDATE_GOLDEN=1 cargo test -p kubewright-codegen --test golden";

fn tree(target: Target, runtime: &str) -> Tree {
    let options = Options::new(target, runtime, "example");
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
            "POST /apis/example.com/v1/odd has no method: its request or response type is not the resource's object",
            "resource odd of example.com/v1 has no handle: none of its operations is supported",
        ]
    );
}

#[test]
fn the_runtimes_own_types_are_as_reviewed() {
    compare(&tree(Target::Meta, "crate"), "meta");
}

/// Two minors of one group. The newer added a field with a type of its own, a value of an enum, a resource, a
/// group-version, a verb, a subresource's verb and a parameter; it took away a field, a verb and a group-version; one field
/// is not required any more, and the values of another are listed now.
#[test]
fn two_minors_as_one_source_are_as_reviewed() {
    let options = Options::new(Target::Crate, "kubewright_runtime", "example");
    let tree = generate_merged(&common::minors(), &options).expect("generated");
    compare(&tree, "minors");
    assert_eq!(
        tree.drift,
        [
            "io.k8s.api.example.v1.GadgetSpec.drifting: it is not required any more (1.36 to 1.37)",
            "io.k8s.api.example.v1.GadgetSpec.drifting: not every minor stores it by value, so it is optional (1.36 to 1.37)",
            "io.k8s.api.example.v1.GadgetSpec.speed: its values are listed now (1.36 to 1.37)",
        ]
    );
}

#[test]
fn what_a_minor_changed_is_listed_as_reviewed() {
    let minors = common::minors();
    let models: Vec<_> = minors.iter().map(|minor| (mended(minor).expect("a model"), &minor.facts)).collect();
    let diff = diff::diff((&models[0].0, models[0].1), (&models[1].0, models[1].1));
    let golden = common::folder("golden").join("diff.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, diff.to_markdown()).expect("written");
    }
    assert_eq!(diff.to_markdown(), std::fs::read_to_string(golden).expect("the golden file"), "run `{UPDATE}`");
    assert_eq!(diff.to_string().lines().count(), diff.changes.len() + 1, "a row for each, and one for the head");
    let json = serde_json::to_value(&diff).expect("JSON");
    assert_eq!((&json["older"], &json["changes"][0]["change"]), (&36.into(), &"added".into()), "{json:#}");
}

#[test]
fn the_same_documents_give_the_same_text() {
    assert_eq!(tree(Target::Crate, "kubewright_runtime").files, tree(Target::Crate, "kubewright_runtime").files);
}

#[test]
fn what_a_group_does_not_need_is_left_out() {
    let options = |groups: &[&str]| {
        Options::new(Target::Tree, "kubewright_runtime", "example")
            .groups(groups.iter().map(|group| (*group).to_owned()).collect())
    };
    let example = generate(&common::documents(), &options(&["example.com"])).expect("generated");
    assert!(example.files.contains_key("autoscaling/v1/shared.rs"), "what its types and calls refer to is there");
    let none = generate(&common::documents(), &options(&["core"])).expect("generated");
    assert!(!none.files.keys().any(|name| name.contains("example")), "{:?}", none.files.keys());
}

#[test]
fn a_list_kind_of_another_name_is_a_list_and_no_type() {
    let tree = generate(
        &common::documents_with("WidgetList", "WidgetCollection"),
        &Options::new(Target::Tree, "kubewright::runtime", "example"),
    );
    let text: String = tree.expect("generated").files.values().map(String::as_str).collect();
    assert!(text.contains(r#""Widget", "WidgetCollection")"#), "the table of Widget says what its lists are called");
    assert!(!text.contains("pub struct WidgetCollection"));
    assert!(text.contains("WidgetCollection = "), "it is an alias");
}
