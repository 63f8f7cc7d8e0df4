//! The registry has what the tree has.
#![allow(missing_docs)]

use kubewright::message::FieldDesc;
use kubewright::registry::REGISTRY;

#[test]
fn every_table_names_each_field_and_its_place_in_protobuf_once() {
    assert!(REGISTRY.types().len() > 500, "{} types", REGISTRY.types().len());
    for known in REGISTRY.types() {
        let (path, fields) = (known.path, (known.new)().descriptor().fields);
        for (index, field) in fields.iter().enumerate() {
            let place = |field: &FieldDesc| (field.number, format!("{:?}", field.wire));
            for other in &fields[..index] {
                assert_ne!(field.key, other.key, "{path}");
                assert!(field.number == 0 || place(field) != place(other), "{path}: {} and {}", field.key, other.key);
            }
        }
    }
}

#[test]
fn each_resource_makes_objects_and_lists_of_its_kind() {
    assert!(REGISTRY.resources().len() > 60, "{} resources", REGISTRY.resources().len());
    for resource in REGISTRY.resources() {
        let desc = resource.desc;
        assert_eq!((resource.object)().descriptor().gvk, Some(desc.gvk()));
        let list = (resource.list)();
        let items = list.descriptor().fields.iter().find_map(|field| field.message.filter(|_| field.items_are_objects));
        assert_eq!(items.map(|items| items().gvk), Some(Some(desc.gvk())), "{desc:?}");
        let again = REGISTRY.kind(&desc.gvk().api_version(), desc.kind).expect("a kind");
        assert_eq!(again.desc, desc);
        let again = REGISTRY.resource(desc.group, desc.version, desc.plural).expect("a resource");
        assert_eq!(again.desc, desc);
    }
}

#[test]
fn the_verbs_and_subresources_are_those_of_the_documents() {
    let pods = REGISTRY.resource("", "v1", "pods").expect("pods");
    let all = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    assert_eq!(
        {
            let mut verbs = pods.verbs.to_vec();
            verbs.sort_unstable();
            verbs
        },
        all
    );
    let kind = |name: &str| pods.subresource(name).map(|subresource| subresource.kind.map(|kind| kind.kind));
    assert_eq!(kind("status"), Some(Some("Pod")));
    assert_eq!(kind("eviction"), Some(Some("Eviction")));
    assert_eq!(kind("exec"), Some(None), "bytes");
    assert_eq!(kind("log"), Some(None), "text");
    assert_eq!(kind("nothing"), None);
    assert!(pods.subresource("exec").is_some_and(|exec| exec.verbs.contains(&"connect")));
    let reviews = REGISTRY.kind("authorization.k8s.io/v1", "SelfSubjectAccessReview").expect("reviews");
    assert!(reviews.supports("create") && !reviews.supports("list"));
}

#[test]
fn a_resource_is_found_by_what_kubectl_takes_for_it() {
    let first = |name: &str| {
        let desc = REGISTRY.find(name).first().map(|found| found.desc)?;
        Some((desc.group, desc.version, desc.plural))
    };
    for name in
        ["deployments", "deployment", "deploy", "Deployment", "deploy.apps", "DEPLOY.v1.apps", "deployments.v1.apps"]
    {
        assert_eq!(first(name), Some(("apps", "v1", "deployments")), "{name}");
    }
    assert_eq!(first("pods.v1."), Some(("", "v1", "pods")));
    assert_eq!(first("pods.apps"), None);
    assert_eq!(first("deployments.v2.apps"), None);
    // Two groups have them.
    let groups: Vec<_> = REGISTRY.find("events").iter().map(|found| found.desc.group).collect();
    assert_eq!(groups, ["", "events.k8s.io"]);
}

#[test]
fn kinds_that_are_only_sent_are_messages_too() {
    let kind = |api_version: &str, kind: &str| {
        REGISTRY.message(api_version, kind).and_then(|message| message.descriptor().gvk).map(|gvk| gvk.kind)
    };
    assert_eq!(kind("policy/v1", "Eviction"), Some("Eviction"));
    assert_eq!(kind("autoscaling/v1", "Scale"), Some("Scale"));
    assert_eq!(kind("apps/v1", "Deployment"), Some("Deployment"));
    assert_eq!(kind("apps/v2", "Deployment"), None);
}
