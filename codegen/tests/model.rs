//! What the made-up documents mean.

mod common;

use kubewright_codegen::model::{Model, Origin, Payload, Verb, build};

fn model() -> Model {
    build(&common::documents())
}

#[test]
fn a_resource_has_the_verbs_of_its_paths_and_what_discovery_says_can_be_watched() {
    let model = model();
    let version = model.versions.values().next().expect("a group-version");
    let widgets = &version.resources["widgets"];
    assert!(widgets.namespaced);
    assert_eq!((widgets.singular.as_str(), widgets.short_names.as_slice()), ("widget", &["w".to_owned()][..]));
    let verbs: Vec<Verb> = widgets.operations.keys().copied().collect();
    use Verb::*;
    assert_eq!(verbs, [Get, List, Watch, Create, Replace, Patch, Delete, DeleteCollection]);
    assert_eq!(widgets.all_namespaces.keys().copied().collect::<Vec<_>>(), [List, Watch]);
    let clients = &version.resources["clients"];
    assert!(!clients.namespaced);
    assert_eq!(clients.operations.keys().copied().collect::<Vec<_>>(), [Get, List]);
}

#[test]
fn a_subresource_tells_what_is_sent_and_what_comes_back() {
    let model = model();
    let version = model.versions.values().next().expect("a group-version");
    let below = &version.resources["widgets"].subresources;
    assert_eq!(below.keys().collect::<Vec<_>>(), ["console", "journal", "proxy", "runcommand", "scale", "status"]);
    let scale = &below["scale"].operations[&Verb::Replace];
    assert_eq!(scale.request, Some(Payload::Schema("io.k8s.api.autoscaling.v1.Scale".into())));
    assert_eq!(scale.response, scale.request);
    assert_eq!(below["journal"].operations[&Verb::Get].response, Some(Payload::Text));
}

#[test]
fn custom_kinds_are_told_from_those_of_go() {
    let model = model();
    assert_eq!(model.types["com.example.v1.Widget"].origin, Origin::Custom);
    assert_eq!(model.types["io.k8s.api.autoscaling.v1.Scale"].origin, Origin::Go);
}
