//! Messages through serde: JSON, YAML, trees.

use serde_json::json;

use crate::json::tests::samples::{Affinity, POD, Pod, PodList, Probe, Secret, StatefulSet, WIDGET, Widget};
use crate::json::tests::{read, written};
use crate::types::{IntOrString, Nullable};

#[test]
fn serde_json_reads_and_writes_what_the_codec_does() {
    let pod: Pod = serde_json::from_str(POD).expect("good");
    assert_eq!(pod, read::<Pod>(POD));
    assert_eq!(serde_json::to_string(&pod).expect("good"), POD.replace("2.50", "2.5"));
    let widget: Widget = serde_json::from_str(WIDGET).expect("good");
    assert_eq!(written(&widget), WIDGET);
    assert_eq!(serde_json::to_string(&widget).expect("good"), WIDGET);
}

#[test]
fn a_tree_is_read_and_written() {
    let value = serde_json::to_value(read::<Pod>(POD)).expect("good");
    assert_eq!(value["metadata"]["managedFields"][0]["fieldsV1"]["f:status"]["f:phase"], json!({}));
    assert_eq!(value["kind"], "Pod");
    assert_eq!(serde_json::from_value::<Pod>(value).expect("good"), read::<Pod>(POD));
}

#[test]
fn yaml_is_read_and_written() {
    let text = serde_saphyr::to_string(&read::<Pod>(POD)).expect("good");
    assert!(text.contains("nodeName: node-1\n"), "{text}");
    assert_eq!(serde_saphyr::from_str::<Pod>(&text).expect("good"), read::<Pod>(POD), "{text}");
    let text = serde_saphyr::to_string(&read::<Widget>(WIDGET)).expect("good");
    assert_eq!(serde_saphyr::from_str::<Widget>(&text).expect("good"), read::<Widget>(WIDGET), "{text}");
}

#[test]
fn yaml_written_by_hand_is_read() {
    let text = "
apiVersion: v1
kind: Pod
metadata:
  name: web
  creationTimestamp: 2026-11-22T10:00:00Z
  labels: {app: web, version: \"1.37\", empty: ~}
  annotations:
spec:
  containers:
  - name: app
    image: registry/web:1
    args: [-c, |
      two
      lines
    ]
    resources: {limits: {cpu: 1, memory: 1Gi}}
    livenessProbe: {port: \"http\", periodSeconds: 10}
  - livenessProbe: {port: 8080}
    future: {deep: [1, yes, ~]}
";
    let text = text.replace("[-c, |\n      two\n      lines\n    ]", "\n    - -c\n    - |\n      two\n      lines");
    let pod: Pod = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pod.metadata.creation_timestamp.map(|time| time.to_string()).as_deref(), Some("2026-11-22T10:00:00Z"));
    assert_eq!((&*pod.metadata.labels["version"], &*pod.metadata.labels["empty"]), ("1.37", ""));
    let app = &pod.spec.containers[0];
    assert_eq!(app.args, ["-c", "two\nlines\n"]);
    assert_eq!(app.resources.limits["cpu"].as_str(), "1");
    assert_eq!(app.probe.as_ref().map(|probe| probe.port.clone()), Some(IntOrString::from("http")));
    let side = &pod.spec.containers[1];
    assert_eq!(side.probe.as_ref().map(|probe| probe.port.clone()), Some(IntOrString::from(8080)));
    assert!(side.unknown_fields.get("future").is_some_and(|raw| raw.as_str().starts_with(r#"{"deep":[1,"#)));
}

#[test]
fn absent_null_and_a_value_stay_apart_through_serde() {
    let widget: Widget = serde_json::from_str(r#"{"size":null,"maybe":[null,1],"names":null}"#).expect("good");
    assert_eq!((widget.size, widget.names.clone()), (Some(Nullable::Null), None));
    let value = serde_json::to_value(&widget).expect("good");
    assert_eq!((&value["size"], value.get("names"), &value["maybe"]), (&json!(null), None, &json!([null, 1])));
}

#[test]
fn whole_numbers_of_any_spelling_are_integers_through_serde() {
    let widget: Widget = serde_json::from_str(r#"{"count":3.0,"total":1e3}"#).expect("good");
    assert_eq!((widget.count, widget.total), (Some(3), 1000));
    for text in [r#"{"count":2147483648}"#, r#"{"total":1.5}"#, r#"{"total":9223372036854775808}"#, r#"{"total":1e19}"#]
    {
        assert!(serde_json::from_str::<Widget>(text).is_err(), "{text}");
    }
}

#[test]
fn another_kind_is_an_error_through_serde() {
    let error = serde_json::from_str::<StatefulSet>(r#"{"kind":"Pod","apiVersion":"v1"}"#).expect_err("a pod");
    assert!(error.to_string().starts_with("expected apps/v1 StatefulSet, got v1 Pod"), "{error}");
    let list = r#"{"items":[{"kind":"Node"}]}"#;
    assert!(serde_json::from_str::<PodList>(list).is_err());
    assert!(serde_json::from_str::<PodList>(r#"{"kind":"PodList","items":[{"kind":"Pod"}]}"#).is_ok());
}

#[test]
fn a_wrong_type_is_an_error_through_serde() {
    for text in [
        r#"{"spec":[]}"#,
        r#"{"spec":{"containers":{}}}"#,
        r#"{"spec":{"nodeName":1}}"#,
        r#"{"status":{"ready":1}}"#,
        "[]",
        "1",
    ] {
        assert!(serde_json::from_str::<Pod>(text).is_err(), "{text}");
    }
}

#[test]
fn nesting_is_bounded_through_serde() {
    let mut value = json!({});
    for _ in 0..200 {
        value = json!({ "nested": value });
    }
    let error = serde_json::from_value::<Affinity>(value).expect_err("too deep");
    assert!(error.to_string().contains("nested deeper than 128 levels"), "{error}");
}

#[test]
fn fields_inside_a_struct_of_yours_keep_their_kind() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Mine {
        pod: Option<Pod>,
        probe: Probe,
    }
    let mine: Mine =
        serde_json::from_str(r#"{"pod":{"spec":{"nodeName":"n"}},"probe":{"port":"http"}}"#).expect("good");
    assert_eq!(
        serde_json::to_string(&mine).expect("good"),
        r#"{"pod":{"apiVersion":"v1","kind":"Pod","spec":{"containers":[],"nodeName":"n"}},"probe":{"port":"http"}}"#
    );
}

#[test]
fn errors_never_quote_a_secret_through_serde() {
    for text in [
        r#"{"data":{"password":5551234}}"#,
        r#"{"data":"hunter2"}"#,
        r#"{"token":5551234}"#,
        r#"{"token":["hunter2"]}"#,
    ] {
        let error = serde_json::from_str::<Secret>(text).expect_err("the wrong type").to_string();
        assert!(error.contains("secret value of") && !error.contains("555") && !error.contains("hunter"), "{error}");
    }
}
