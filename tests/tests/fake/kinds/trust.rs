//! Bundles of certificates that a cluster trusts, and certificates that pods ask for. The certificates are made for this, and signed with a
//! key that nobody has.

use http::Method;
use serde_json::{Value, json};

use super::{Scenario, Steps};

const BUNDLES: &str = "/apis/certificates.k8s.io/v1/clustertrustbundles";
const REQUESTS: &str = "certificates.k8s.io/v1:podcertificaterequests";
const UID: &str = "0f2c0e9c-4a4e-4d8e-9d0a-000000000000";

pub const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBcTCCARegAwIBAgIUCLsddqTCSmpRi2Jgd9XF3w6OPxswCgYIKoZIzj0EAwIw\n\
    DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI5MTAxMTE4WhgPMjEyNjExMDUxMDExMTha\n\
    MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOm0WsxyO\n\
    tnG8b+gRkhbZyU5pS8QBe56OOtsYQ/Px3hJF4wc65XjL8SjJm2Jjz6TbtVTxw0gM\n\
    +EyAJjFCqjRMTKNTMFEwHQYDVR0OBBYEFEm+kx3G3SYKgDBGrD0o9aqZ06hhMB8G\n\
    A1UdIwQYMBaAFEm+kx3G3SYKgDBGrD0o9aqZ06hhMA8GA1UdEwEB/wQFMAMBAf8w\n\
    CgYIKoZIzj0EAwIDSAAwRQIgftCnMr37H6VdRy2rv9b5AfZTOh1uwsRVsJFIAKxQ\n\
    DWwCIQDrWgOG8gQkM4KbPvJPJ8ZUAGWDiSuIu0igTCgJu3XeTw==\n\
    -----END CERTIFICATE-----\n";
const OTHER_AUTHORITY: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBdDCCARmgAwIBAgIUQZahPOTQoe5bd6z4XtgFGndx7QwwCgYIKoZIzj0EAwIw\n\
    DjEMMAoGA1UEAwwDY2EyMCAXDTI2MTEyOTEwMTExOFoYDzIxMjYxMTA1MTAxMTE4\n\
    WjAOMQwwCgYDVQQDDANjYTIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ6bRaz\n\
    HI62cbxv6BGSFtnJTmlLxAF7no462xhD8/HeEkXjBzrleMvxKMmbYmPPpNu1VPHD\n\
    SAz4TIAmMUKqNExMo1MwUTAdBgNVHQ4EFgQUSb6THcbdJgqAMEasPSj1qpnTqGEw\n\
    HwYDVR0jBBgwFoAUSb6THcbdJgqAMEasPSj1qpnTqGEwDwYDVR0TAQH/BAUwAwEB\n\
    /zAKBggqhkjOPQQDAgNJADBGAiEA+TicjlmAywH3zjRW9Exs0HzPRpjxJVdkOMka\n\
    NKL/VWkCIQD9/t7tc2wZ5KpQ6Y1hAQ6mHd2EE7hRJ9SAl0lhrDqb3A==\n\
    -----END CERTIFICATE-----\n";
const LEAF: &str = "-----BEGIN CERTIFICATE-----\n\
    MIIBczCCARigAwIBAgIUTWPzQVygrfndpXrDHGN2m20I6HowCgYIKoZIzj0EAwIw\n\
    DzENMAsGA1UEAwwEbGVhZjAgFw0yNjExMjkxMDExMThaGA8yMTI2MTEwNTEwMTEx\n\
    OFowDzENMAsGA1UEAwwEbGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDpt\n\
    FrMcjrZxvG/oEZIW2clOaUvEAXuejjrbGEPz8d4SReMHOuV4y/EoyZtiY8+k27VU\n\
    8cNIDPhMgCYxQqo0TEyjUDBOMB0GA1UdDgQWBBRJvpMdxt0mCoAwRqw9KPWqmdOo\n\
    YTAfBgNVHSMEGDAWgBRJvpMdxt0mCoAwRqw9KPWqmdOoYTAMBgNVHRMBAf8EAjAA\n\
    MAoGCCqGSM49BAMCA0kAMEYCIQCsAAYbS4nVR00OjDnI+G4QP82gILuYgKvAS73E\n\
    V6RswgIhAKWM+ohoCwqXg0Pt3FzhdCqDY2KNj3StkLaZLW3ot+hg\n\
    -----END CERTIFICATE-----\n";
/// A request of a certificate for the key of all of them, and such with keys that are not allowed.
pub const STUB: &str = "MIG7MGICAQAwADBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDptFrMcjrZxvG/oEZIW2clOaUvEAXuejjrbGEPz8d4SReMHOuV4y/EoyZtiY8+k27VU8cNIDPhMgCYxQqo0TEygADAKBggqhkjOPQQDAgNJADBGAiEAhZPo2S8IG/BwAahqRv+wo17gc61LYWiZ5Nq8wQRCkmgCIQC4b2C4VByglkyKt5V+lYFor9l9ZoNmo9ZpUT0OYAvuvg==";
const RSA_2048: &str = "MIICRTCCAS0CAQAwADCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAKcyvSIM7goblYr2wf6fvZJ1POiL84Bcw0BZqOJX2pDRoI7280w6N2tFqBtR9ypGlaAXXaW5h4V7v7dgVYzkSJ1JOP7ixzA8b5A8eiCPbTmAYfddiDY0V+ooejldufAy4PrEY9zwhXfn8gNImedYBRKEuIsf5WnjgxD5aq3miHVO5LJ1YTHLIuDSt98BwYCyOEusf8pHeySRbJlRBydMxw4X0gTRZADUNDlymlqAs9Plbt1YKM8NpSv9HvXQWT/Ar0x9h4jONSEICaIoL2y0GS+GLIFkzwRSh7uH+TBoagx3RVJF8E3sUC+vdeu0Vjh8UUIbuasrU/pSKLl3oiN8AqkCAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IBAQAq/U5zKhiSv2Z/U8GGsJGC02rwqpHD4GeNF53ngaqNpnW4R88S+xgl2nBi03uptRpk7Qe9Oh5+/cKiSAOQcmf3ljPB+yyAWtbICYf8fUDxqxNSIJgRORcj6gFTAAKZNfLC3/k5OfSNenVcYkIAaETmO/k6SGli4uuSq+l4Rfni2+MgBsRqkkzl35U/c1I+xixVoQFedGCUGL+NGJ6mO4/OVw7Z3rzFrBmVk1nu5c9uNe5KzP/buGuRd7hofUK7ASogg/z//mMLTCyDI8xQxs/cJ9pGpYspZfL5MyQIe3RuWHDvs6uud/119BzHJr20WWF7zzG+RRm36R6T9c94a1w5";
const P224: &str = "MIGoMFcCAQAwADBOMBAGByqGSM49AgEGBSuBBAAhAzoABORrn/dFNKuK7S3y19S8dYlvl1+cMXywIWf/iK+yJ3sUVQy9kggCwm2e170QhVOxX91c0tSE+jbDoAAwCgYIKoZIzj0EAwIDQQAwPgIdAPkAUgxmN/o2eTFku7rFSaNYZRyNurNJ8G3KRxcCHQCNDYpQ1OQ3dTFtJzMbqfOJs5b4G8K6kZOko7f8";
const ED25519: &str = "MH8wMwIBADAAMCowBQYDK2VwAyEAgvxzOFZp8zd/hNNBxKf8Ake82n/wSIzA9ZJkUyvkkwqgADAFBgMrZXADQQCnCTDfHNWW9zJdJwrMR8qVxnX55NZ2yGVy+YRHneo8GDtMkQkj/hi//J2ncbJtO4WbFm72FaG2lDp+LmlxAuMD";
/// Of a curve that Go doesn't know, of an algorithm that it doesn't, and with a modulus of an odd length.
const SECP256K1: &str = "MIG3MF8CAQAwADBWMBAGByqGSM49AgEGBSuBBAAKA0IABGuuARPgXwTB6XFJkHHl9UkCh3x/SNwcLWz4pD3Yyj1o2HT5ZSbAADI9BfKNMmGCHmFSIiD01rfSPKSwZUK46GOgADAKBggqhkjOPQQDAgNIADBFAiB4ZpV9UfecBmfErm5lVvNPbW1DTAFiFR51gTFrwCP69wIhANElxWD6EmMKcaw7SpM6b9t2z0Y4e6UoC8Vd0tojVME7";
const ED448: &str = "MIHKMEwCAQAwADBDMAUGAytlcQM6ADtwsux07IdaIJK2xdlYIptYgE4xy6zDmZ96VVaqfQk9cf8vVCfM+HQfNEnPGCWDRb3J/kJ427tsgKAAMAUGAytlcQNzAGHhBI7rd0KuoqDmNR/9b6Cg04N4lT/J8bsXftfuTml2A2TS+r+3X5UGDiDX3orE06QvV3Y1o9oUgLLKQvtQIzufT8Z35Hxp6NCvNHyVVkpI6kHiyPZWchWQj8vNgDewNf9wVXZh1qn7Sa35uDGa+oIjAA==";
const RSA_1025: &str = "MIIBQDCBqQIBADAAMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQGZXzkhSeHGZh1ITu54BV6+6CdhFNaA8B132B/ie+FsKSBwKdoTJnpQk6iI/dBmeIrO4N9/WPCGXoOUMQlXQv0eX3Mfal9PN2GC/A1py03tplSf1mwmYAegHhl13ND4777dgRD6c5Kq4AvD6OpsJgeiAIlZf6H8MDRBMJjvLoa16wIDAQABoAAwDQYJKoZIhvcNAQELBQADgYIAAId+UT3/u4fgjImRhe4YtqkiYGtlWdBAGTgec0l0JbRASGTsq6d/uB/XWLIwWW0i63tv7u6/gQUcJpbilzYvL+Z1+AL6+1xTFN3gC0h4I7iCh1ukkwKldBFCj1HWIVFeJ81Jil6Obi7Gd6LqigctWQyhGd0aBbWMiKkQ2WURWJ1h";

fn bundle(name: &str, signer: &str, certificates: &str) -> Value {
    let mut bundle = json!({ "metadata": { "name": name }, "spec": { "trustBundle": certificates } });
    if !signer.is_empty() {
        bundle["spec"]["signerName"] = json!(signer);
    }
    bundle
}

pub fn request(stub: &str, more: Value) -> Value {
    let mut spec = json!({
        "signerName": "example.com/x", "podName": "p", "podUID": UID, "serviceAccountName": "sa",
        "serviceAccountUID": UID, "nodeName": "n", "nodeUID": UID, "stubPKCS10Request": stub,
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
        spec.extend(more);
    }
    json!({ "metadata": { "name": "a" }, "spec": spec })
}

fn decided(s: &mut Steps, kind: &str, more: Value) {
    let condition = json!({
        "type": kind, "status": "True", "reason": "r", "message": "", "lastTransitionTime": "2024-05-06T07:08:09Z",
    });
    let mut status = json!({ "conditions": [condition] });
    if let (Value::Object(status), Value::Object(more)) = (&mut status, more) {
        status.extend(more);
    }
    s.merge(&format!("{REQUESTS}/a/status"), json!({ "status": status }));
}

pub const SCENARIOS: &[Scenario] = &[
    ("a bundle of trust", |s| {
        let one = format!("{BUNDLES}/{{ns}}");
        s.replace(&one, bundle("{ns}", "", AUTHORITY));
        s.create(BUNDLES, bundle("{ns}", "", AUTHORITY));
        s.create(BUNDLES, bundle("{ns}", "", AUTHORITY));
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "trustBundle": OTHER_AUTHORITY } }));
        s.merge(&one, json!({ "spec": { "signerName": "example.com/x" } }));
        s.replace(&one, bundle("{ns}", "", AUTHORITY));
        s.send(
            Method::PATCH,
            &format!("{one}?fieldManager=A"),
            "application/apply-patch+yaml",
            json!({
                "apiVersion": "certificates.k8s.io/v1", "kind": "ClusterTrustBundle", "metadata": { "name": "{ns}" },
                "spec": { "trustBundle": OTHER_AUTHORITY },
            }),
        );
        s.get(&format!("{BUNDLES}?fieldSelector=spec.signerName%3Dexample.com/{{ns}}"));
        s.create(BUNDLES, bundle("example.com:{ns}:a", "example.com/{ns}", &format!("{AUTHORITY}{OTHER_AUTHORITY}")));
        s.get(&format!("{BUNDLES}?fieldSelector=spec.signerName%3Dexample.com/{{ns}}"));
        s.accept(&format!("{BUNDLES}/{{ns}}"), "application/json;as=Table;v=v1;g=meta.k8s.io");
        s.accept(&format!("{BUNDLES}/example.com:{{ns}}:a"), "application/json;as=Table;v=v1;g=meta.k8s.io");
        s.delete(&format!("{BUNDLES}/example.com:{{ns}}:a"));
        s.delete(&one);
    }),
    ("bundles of trust are checked", |s| {
        let all = format!("{BUNDLES}?dryRun=All");
        s.create(&all, json!({ "metadata": { "name": "{ns}" } }));
        s.create(&all, bundle("a:b", "", AUTHORITY));
        s.create(&all, bundle("A_", "", AUTHORITY));
        s.create(&all, bundle("b", "example.com/a", AUTHORITY));
        s.create(&all, bundle("example.com:a:A_", "example.com/a", AUTHORITY));
        s.create(&all, bundle("a:b", "a", AUTHORITY));
        s.create(&all, bundle("{ns}", "", "x"));
        s.create(&all, bundle("{ns}", "", LEAF));
        s.create(&all, bundle("{ns}", "", &format!("{AUTHORITY}{OTHER_AUTHORITY}{AUTHORITY}")));
        s.create(&all, bundle("{ns}", "", &AUTHORITY.replace("CERTIFICATE", "X")));
        s.create(&all, bundle("{ns}", "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
        let headers = AUTHORITY.replacen("-----\n", "-----\na: b\n\n", 1);
        s.create(&all, bundle("{ns}", "", &headers));
    }),
    ("bundles of trust are read as Go reads PEM and certificates", |s| {
        let all = format!("{BUNDLES}?dryRun=All");
        let cut = AUTHORITY.replace("7XeTw==\n", "\n");
        let broken = AUTHORITY.replacen("MII", "M!I", 1);
        let without_end = AUTHORITY.replace("-----END CERTIFICATE-----\n", "");
        let with_headers = AUTHORITY.replacen("-----\n", "-----\na: b\n\n", 1);
        for text in [
            format!("before\n{AUTHORITY}between\n{OTHER_AUTHORITY}after"),
            format!("{OTHER_AUTHORITY}{broken}{AUTHORITY}{AUTHORITY}"),
            format!("{without_end}{AUTHORITY}"),
            format!("{OTHER_AUTHORITY}{cut}"),
            format!("{LEAF}{with_headers}"),
            AUTHORITY.replace('\n', "\r\n"),
            AUTHORITY.replace("-----BEGIN", " -----BEGIN"),
            AUTHORITY.replace("-----END", " -----END"),
            AUTHORITY.replace("-----END CERTIFICATE", "-----END X"),
            AUTHORITY.trim_end().to_owned(),
            AUTHORITY.replacen('\n', "  \n", 1),
            // The second of its two signature algorithms is another.
            AUTHORITY.replace("CgYIKoZIzj0EAwIDSAAw", "CgYIKoZIzj0EAwMDSAAw"),
            AUTHORITY.replacen("MIIBcTCC", "MIIBcDCC", 1),
        ] {
            s.create(&all, bundle("{ns}", "", &text));
        }
    }),
    ("a certificate that a pod asks for is denied", |s| {
        let one = format!("{REQUESTS}/a");
        s.replace(&one, request(STUB, json!({})));
        s.create(REQUESTS, request(STUB, json!({ "unverifiedUserAnnotations": { "example.com/a": "b" } })));
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" } }, "status": { "certificateChain": "x" } }));
        s.merge(&one, json!({ "spec": { "nodeName": "m" } }));
        s.in_other_words();
        s.replace(&one, request(STUB, json!({})));
        s.accept(&one, "application/json;as=Table;v=v1;g=meta.k8s.io");
        s.merge(&format!("{one}/status"), json!({ "status": { "conditions": [
            { "type": "x", "status": "True" }, { "type": "Issued", "status": "False" }, { "type": "Denied", "status": "True" },
        ] } }));
        decided(s, "Denied", json!({ "certificateChain": "x" }));
        decided(s, "Denied", json!({}));
        s.merge(
            &format!("{one}/status"),
            json!({ "metadata": { "labels": { "c": "d" } }, "status": { "conditions": null } }),
        );
        s.accept(&one, "application/json;as=Table;v=v1;g=meta.k8s.io");
        s.get(&format!("{REQUESTS}?fieldSelector=spec.nodeName%3Dn,spec.podName%3Dp,spec.signerName%3Dother"));
        s.get(&format!("{REQUESTS}?fieldSelector=spec.serviceAccountName%3Dn"));
        s.delete(&one);
    }),
    ("a certificate that a pod asks for is issued for its key", |s| {
        s.create(REQUESTS, request(ED25519, json!({ "maxExpirationSeconds": 3600 })));
        decided(s, "Issued", json!({}));
        decided(s, "Issued", json!({ "certificateChain": LEAF.replace("CERTIFICATE", "X") }));
        decided(s, "Issued", json!({ "certificateChain": LEAF }));
        s.delete(REQUESTS);
        s.create(REQUESTS, request(STUB, json!({})));
        decided(s, "Issued", json!({ "certificateChain": LEAF }));
        let times = json!({
            "certificateChain": LEAF, "notBefore": "2024-05-06T07:08:09Z", "notAfter": "2024-05-06T07:08:09Z",
            "beginRefreshAt": "2024-05-06T07:08:09Z",
        });
        decided(s, "Issued", times);
        s.merge(&format!("{REQUESTS}/a/status"), json!({ "status": { "certificateChain": "x" } }));
    }),
    ("certificates that pods ask for are checked", |s| {
        let all = format!("{REQUESTS}?dryRun=All");
        s.create(&all, json!({ "metadata": { "name": "a" } }));
        let cut = &STUB[..STUB.len() - 8];
        for stub in [RSA_2048, RSA_1025, P224, SECP256K1, ED448, ED25519, cut, "AAAA", ""] {
            s.create(&all, request(stub, json!({})));
        }
        s.create(&all, request(STUB, json!({ "maxExpirationSeconds": 10 })));
        s.create(&all, request(STUB, json!({ "signerName": "kubernetes.io/x", "maxExpirationSeconds": 86401 })));
        s.create(&all, request(STUB, json!({ "maxExpirationSeconds": 86401, "podUID": "u".repeat(129) })));
        s.create(&all, request(STUB, json!({ "unverifiedUserAnnotations": { "a": "b" } })));
        s.create(&all, request(STUB, json!({ "unverifiedUserAnnotations": { "example.com/_a": "b" } })));
        s.create(&all, request(STUB, json!({ "podName": "A_", "nodeName": "B_", "serviceAccountName": "C_" })));
    }),
];
