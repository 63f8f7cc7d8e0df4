//! What a real server quotes of a Secret when it refuses a change, and what is shown of it.
#![allow(missing_docs)]

use std::error::Error as _;

use kubewright::core::v1::Secret;
use kubewright::prelude::*;
use kubewright::{FieldValidation, Patch, yaml};

#[tokio::test]
async fn no_refusal_of_a_real_server_shows_what_is_in_a_secret() {
    let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
    let client = Client::new(&kubewright_tests::config(bed.kubeconfig())).expect("a client");
    let name = "secrets-in-messages";
    kubewright_tests::namespace(&client, name).await;
    let secrets = client.core_v1().secrets(name);
    let secret: Secret =
        yaml::from_str("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n")
            .expect("a Secret");
    secrets.apply(&secret, "test").force().await.expect("applied");

    // hunter2 in base64, as the server has it, and hunter3, which the patches bring.
    let hidden = ["hunter", "aHVudGVyMg"];
    let patches = [
        serde_json::json!({"bogus": 1, "stringData": {"k": "hunter3"}}),
        serde_json::json!({"stringData": {"k": ["hunter3"]}}),
        serde_json::json!({"data": {"k": "hunter3"}}),
        serde_json::json!({"metadata": {"creationTimestamp": "hunter3"}}),
        serde_json::json!({"data": {"hunter3 k": "aGk="}}),
    ];
    let mut quoted = 0;
    for patch in patches {
        let request = secrets.patch("a", Patch::merge(&patch)).field_validation(FieldValidation::Strict);
        let error = request.await.expect_err("a refusal");
        assert!(error.is_api(), "{error}");
        let shown = format!("{error} {error:?} {error:#?} {:?}", error.source());
        // A key is no value, and stands in the field path.
        let shown = shown.replace("data[hunter3 k]", "data[]");
        assert!(!hidden.iter().any(|secret| shown.contains(secret)), "{patch}: {shown}");
        assert!(shown.contains("nvalid") || shown.contains("cannot"), "the reason is gone: {shown}");
        let whole = error.unredacted_message().expect("a message");
        quoted += usize::from(hidden.iter().any(|secret| whole.contains(secret)));
    }
    assert!(quoted >= 3, "the server quotes no longer what it did: {quoted}");
}
