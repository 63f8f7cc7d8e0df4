//! An apply of a field that is newer than the server: every server of the run is asked.
#![allow(missing_docs)]
#![cfg(feature = "v1_37")]

use kubewright::core::v1::{ConfigMapVolumeSource, Container, Pod, PodSpec, Volume};
use kubewright::prelude::*;
use kubewright_testbed::{minors, shared_of_or_skip};
use kubewright_tests::client;

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_of_a_newer_field_says_which_and_since_when() {
    for minor in minors() {
        let Some(shared) = shared_of_or_skip(minor.name) else { continue };
        let client = client(shared.kubeconfig());
        let volume = ConfigMapVolumeSource {
            name: "settings".into(),
            default_user: Some(1000), // since 1.37
            ..Default::default()
        };
        let pod = Pod {
            metadata: ObjectMeta::named("newer-fields"),
            spec: PodSpec {
                containers: vec![Container { name: "c".into(), image: Some("i".into()), ..Default::default() }],
                volumes: vec![Volume { name: "v".into(), config_map: Some(volume.into()), ..Default::default() }],
                ..Default::default()
            },
            ..Default::default()
        };
        let applied = client.core_v1().pods("default").apply(&pod, "newer-fields").dry_run().await;
        if minor.name == "1.37" {
            applied.expect("the server knows the field");
            continue;
        }
        let error = applied.expect_err("the server does not know the field");
        let why = error.not_served_by_version().expect("the reason is its minor");
        assert_eq!(why.field.as_deref(), Some(".spec.volumes[name=\"v\"].configMap.defaultUser"), "{error}");
        assert_eq!((why.by.since, format!("{}.{}", why.server.major, why.server.minor)), (37, minor.name.to_owned()));
        assert!(error.to_string().contains("defaultUser") && error.to_string().contains("1.37"), "{error}");
    }
}
