//! Requests of certificates, and tokens of service accounts.

use serde_json::{Value, json};

use super::Scenario;

const REQUESTS: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const REQUEST: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests/{ns}";

/// A request that `openssl req -new -subj /O=devs/CN=ann` made, in base64.
const PEM: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1IOENBUUF3SFRFTk1Bc0dBMVVFQ2d3RVpHVjJjekVNTUFvR0ExVUVBd3dEWVc1dU1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVaRzI5NURLWVIxd1ExWGxqUkVReVR1dW9nTXMrM0VURklvSmk5MUhYCnRxR29RM3J0UnMrQTM1dWRQSkZIYklGK3AvMnBtc1NFQjVTL05GemJqUisyRmFBQU1Bb0dDQ3FHU000OUJBTUMKQTBnQU1FVUNJQmk0SlB6ZXZQWUVJSWhMRE1yaE9LWHFHd1dpUmROVER3eDZKUkorVXVnWkFpRUFrZDJkRUMyKwpWNVVhVlljbXczZy83dHE5Nk1DalI5SUxLRjQ3b2pWMWZLVT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==";
/// A certificate of the same key.
const CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJjRENDQVJlZ0F3SUJBZ0lVUWZrL3Q5TFY2WEhud1NzLzlueWlDM3pITVg0d0NnWUlLb1pJemowRUF3SXcKRGpFTU1Bb0dBMVVFQXd3RFlXNXVNQjRYRFRJMk1URXlPREl3TlRFME9Wb1hEVE0yTVRFeU5USXdOVEUwT1ZvdwpEakVNTUFvR0ExVUVBd3dEWVc1dU1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRVpHMjk1REtZClIxd1ExWGxqUkVReVR1dW9nTXMrM0VURklvSmk5MUhYdHFHb1EzcnRScytBMzV1ZFBKRkhiSUYrcC8ycG1zU0UKQjVTL05GemJqUisyRmFOVE1GRXdIUVlEVlIwT0JCWUVGTmJ6am51L2tVZmJKWjNjQVpMa3FzcGRLcHhSTUI4RwpBMVVkSXdRWU1CYUFGTmJ6am51L2tVZmJKWjNjQVpMa3FzcGRLcHhSTUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3CkNnWUlLb1pJemowRUF3SURSd0F3UkFJZ1pkUlFSTDFJVGd6SVBYak9rMk1NZTFQWTl5Y1RMamR2Ulk2dEliNVIKMWtRQ0lCVzQwUUtnMXZYelI3NDIwYWcwMkZvZEVERVo5eDZwenlZNjB5c1dET0swCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";

fn request(name: &str, more: Value) -> Value {
    let mut object = json!({
        "metadata": { "name": name },
        "spec": { "request": PEM, "signerName": "example.com/signer", "usages": ["client auth"] },
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

fn condition(kind: &str) -> Value {
    json!({ "type": kind, "status": "True", "reason": "R", "message": "m" })
}

pub const SCENARIOS: &[Scenario] = &[
    ("a certificate is requested, approved and issued", |s| {
        s.create(REQUESTS, request("{ns}", json!({ "username": "other", "expirationSeconds": 3600 })));
        s.get(&format!("{REQUESTS}?fieldSelector=spec.signerName%3Dexample.com/signer,metadata.name%3D{{ns}}"));
        s.merge(REQUEST, json!({ "spec": { "usages": ["server auth"] }, "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{REQUEST}/status"), json!({ "status": { "conditions": [condition("Approved")] } }));
        s.merge(
            &format!("{REQUEST}/approval"),
            json!({ "status": { "conditions": [condition("Approved")], "certificate": CERTIFICATE } }),
        );
        s.get(&format!("{REQUEST}/approval"));
        s.merge(
            &format!("{REQUEST}/approval"),
            json!({ "status": { "conditions": [condition("Approved"), condition("Denied")] } }),
        );
        s.merge(&format!("{REQUEST}/approval"), json!({ "status": { "conditions": [] } }));
        s.merge(&format!("{REQUEST}/status"), json!({ "status": { "certificate": "eA==" } }));
        s.merge(&format!("{REQUEST}/status"), json!({ "status": { "certificate": CERTIFICATE } }));
        s.merge(
            &format!("{REQUEST}/status"),
            json!({ "status": { "conditions": [condition("Approved"), condition("Failed")] } }),
        );
        s.merge(&format!("{REQUEST}/status"), json!({ "status": { "certificate": null } }));
        s.get(REQUEST);
        s.delete(REQUEST);
    }),
    ("a request of a certificate is denied", |s| {
        s.create(REQUESTS, request("{ns}", json!({})));
        let mut denied = request("{ns}", json!({}));
        denied["status"] = json!({ "conditions": [condition("Denied")] });
        s.replace(&format!("{REQUEST}/approval"), denied.clone());
        s.replace(REQUEST, request("{ns}", json!({})));
        denied["status"]["conditions"][0]["message"] = json!("another");
        s.replace(&format!("{REQUEST}/status"), denied.clone());
        s.replace(&format!("{REQUEST}/approval"), denied);
        s.delete(REQUEST);
    }),
    ("requests of certificates are checked", |s| {
        s.create(REQUESTS, request("{ns}", json!({ "request": "eA==" })));
        s.create(REQUESTS, request("{ns}", json!({ "usages": ["bogus", "client auth", "client auth"] })));
        s.create(REQUESTS, request("{ns}", json!({ "usages": [], "expirationSeconds": 5 })));
        for signer in ["", "x", "a/b", "a_.b/c", "a.b/C", "kubernetes.io/legacy-unknown"] {
            s.create(REQUESTS, request("{ns}", json!({ "signerName": signer })));
        }
        s.create(REQUESTS, request("{ns}", json!({})));
        for conditions in [
            json!([{ "type": "", "status": "" }]),
            json!([{ "type": "Approved", "status": "False" }]),
            json!([{ "type": "A", "status": "Bogus" }, { "type": "A", "status": "True" }]),
        ] {
            s.merge(&format!("{REQUEST}/approval"), json!({ "status": { "conditions": conditions } }));
        }
        s.delete(REQUEST);
    }),
    ("a token is requested", |s| {
        s.create("serviceaccounts", json!({ "metadata": { "name": "a" } }));
        s.create("serviceaccounts/a/token", json!({}));
        s.create("serviceaccounts/a/token", json!({ "spec": { "audiences": ["x"], "expirationSeconds": 700 } }));
        s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": 5 } }));
        s.create("serviceaccounts/a/token", json!({ "metadata": { "name": "b" } }));
        s.create("serviceaccounts/a/token", json!({ "metadata": { "name": "a", "namespace": "b" } }));
        s.create("serviceaccounts/b/token", json!({}));
        let bound = |kind: &str, name: &str| json!({ "spec": { "boundObjectRef": { "kind": kind, "apiVersion": "v1", "name": name } } });
        s.create("secrets", json!({ "metadata": { "name": "s" } }));
        s.create("serviceaccounts/a/token", bound("Secret", "s"));
        s.create("serviceaccounts/a/token", bound("Secret", "other"));
        s.create("serviceaccounts/a/token", bound("ConfigMap", "s"));
        s.create(
            "pods",
            json!({ "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "c", "image": "a:1" }] } }),
        );
        s.create("serviceaccounts/a/token", bound("Pod", "p"));
        s.create(
            "serviceaccounts/a/token",
            json!({ "spec": { "boundObjectRef": { "kind": "Secret", "apiVersion": "v1", "name": "s", "uid": "x" } } }),
        );
        s.create("serviceaccounts/a/token", json!({ "spec": { "bogus": 1 } }));
        s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": "x" } }));
        s.in_other_words();
        s.create("serviceaccounts/a/token", json!({ "kind": "Bogus", "apiVersion": "v1" }));
        s.in_other_words();
        s.get("serviceaccounts/a/token");
    }),
    ("a token is reviewed", |s| {
        const REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
        let review = |token: &str| json!({ "spec": { "token": token } });
        s.create("serviceaccounts", json!({ "metadata": { "name": "a" } }));
        s.create("serviceaccounts/a/token", json!({}));
        s.create(REVIEWS, review("{token1}"));
        s.create(REVIEWS, json!({ "spec": { "token": "{token1}", "audiences": ["other"] } }));
        s.create(
            REVIEWS,
            json!({ "spec": { "token": "{token1}", "audiences": ["other", "https://kubernetes.default.svc.cluster.local"] } }),
        );
        s.create("serviceaccounts/a/token", json!({ "spec": { "audiences": ["x", "y"] } }));
        s.create(REVIEWS, review("{token2}"));
        s.create(REVIEWS, json!({ "spec": { "token": "{token2}", "audiences": ["y", "z", "x"] } }));
        s.create("secrets", json!({ "metadata": { "name": "s" } }));
        s.create(
            "serviceaccounts/a/token",
            json!({ "spec": { "boundObjectRef": { "apiVersion": "v1", "kind": "Secret", "name": "s" } } }),
        );
        s.create(REVIEWS, review("{token3}"));
        s.create(REVIEWS, review("bogus"));
        s.create(REVIEWS, review("a.b.c"));
        s.create(REVIEWS, review(""));
        s.create(REVIEWS, json!({}));
        s.create(
            REVIEWS,
            json!({ "metadata": { "name": "x" }, "spec": { "token": "bogus" }, "status": { "authenticated": true } }),
        );
        s.get(REVIEWS);
    }),
];
