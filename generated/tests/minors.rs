//! One source for several minors: what a feature leaves out is unknown, and nothing of it is lost.

use kubewright::apps::v1::StatefulSet;
use kubewright::core::v1::Pod;
use kubewright::json;

/// A pod with a field of 1.34, one of 1.36, and one that no minor has.
const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"a"}],
    "schedulingGroup":{"podGroupName":"g"},"nodeName":"n","fromTheFuture":[1,2]}}"#;

fn pod() -> Pod {
    json::from_str(POD).expect("a pod")
}

#[test]
fn a_field_of_a_newer_minor_is_a_field_with_its_feature_and_unknown_without() {
    let pod = pod();
    assert_eq!(pod.spec.node_name.as_deref(), Some("n"), "what stands behind it in the table is in its place");
    let unknown: Vec<&str> = pod.spec.unknown_fields.iter().map(|(name, _)| name).collect();
    #[cfg(feature = "v1_36")]
    {
        let group = pod.spec.scheduling_group.as_ref().expect("the field");
        assert_eq!(group.pod_group_name.as_deref(), Some("g"));
        assert_eq!(unknown, ["fromTheFuture"]);
    }
    #[cfg(not(feature = "v1_36"))]
    assert_eq!(unknown, ["schedulingGroup", "fromTheFuture"]);
}

#[test]
fn whatever_the_features_a_read_and_a_write_lose_nothing() {
    let mut pod = pod();
    pod.metadata.name = Some("renamed".into());
    let written = json::to_vec(&pod).expect("finite numbers");
    let written = json::as_utf8(&written).expect("text");
    for part in [
        r#""name":"renamed""#,
        r#""schedulingGroup":{"podGroupName":"g"}"#,
        r#""nodeName":"n""#,
        r#""fromTheFuture":[1,2]"#,
    ] {
        assert!(written.contains(part), "{part} is not in {written}");
    }
    let again: Pod = json::from_str(written).expect("a pod");
    assert_eq!(again, pod);
}

#[test]
fn a_value_of_a_newer_minor_is_the_same_text_with_its_feature_and_without() {
    let text = r#"{"apiVersion":"apps/v1","kind":"StatefulSet","spec":{"updateStrategy":{"type":"Recreate"}}}"#;
    let set: StatefulSet = json::from_str(text).expect("a stateful set");
    let kind = set.spec.update_strategy.type_.as_ref().expect("a type");
    assert_eq!(kind.as_str(), "Recreate");
    let written = json::to_vec(&set).expect("finite numbers");
    let written = json::as_utf8(&written).expect("text");
    assert!(written.contains(r#""updateStrategy":{"type":"Recreate"}"#), "{written}");
    // With the feature it has a name.
    #[cfg(feature = "v1_37")]
    assert_eq!(*kind, kubewright::apps::v1::StatefulSetUpdateStrategyType::Recreate);
    #[cfg(not(feature = "v1_37"))]
    assert_eq!(*kind, kubewright::apps::v1::StatefulSetUpdateStrategyType::Other("Recreate".into()));
}
