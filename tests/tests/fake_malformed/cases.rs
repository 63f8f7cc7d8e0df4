//! Requests that are malformed, each in one way.

use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright_runtime::transport::Body;
use serde_json::json;

/// A request; `{ns}` stands for the namespace.
#[derive(Clone, Debug)]
pub struct Case {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Vec<u8>,
}

/// Loose: a kind whose spec keeps everything.
pub const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: looses.malformed.example.com}
spec:
  group: malformed.example.com
  scope: Namespaced
  names: {kind: Loose, listKind: LooseList, plural: looses, singular: loose}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
";

const MAPS: &str = "/api/v1/namespaces/{ns}/configmaps";
const LOOSES: &str = "/apis/malformed.example.com/v1/namespaces/{ns}/looses";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/{ns}/deployments";
const JSON: &str = "application/json";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

async fn post(client: &Client, path: &str, body: String) -> u16 {
    let request = Request::post(path).header("content-type", JSON).body(Body::from(body)).expect("a request");
    client.send(request).await.expect("an answer").status().as_u16()
}

/// Installs the kind on a real server, and waits until it is served.
pub async fn installed(client: &Client) {
    let definition: kubewright::DynamicObject = kubewright::yaml::from_str(CRD).expect("a CRD");
    let text = kubewright::json::to_vec(&definition).expect("JSON");
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let code = post(client, path, String::from_utf8(text).expect("text")).await;
    assert!(matches!(code, 201 | 409), "{code}");
    for _ in 0..100 {
        let request = Request::get("/apis/malformed.example.com/v1/looses").body(Body::empty()).expect("a request");
        let response = client.send(request).await.expect("an answer");
        if response.status().is_success() {
            return;
        }
        let _ = response.into_body().collect().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the kind is not served");
}

/// Creates what the requests are about.
pub async fn prepare(client: &Client, namespace: &str) {
    for name in ["a", "b"] {
        let object = json!({ "metadata": { "name": name }, "data": { "x": "1" } }).to_string();
        assert_eq!(post(client, &MAPS.replace("{ns}", namespace), object).await, 201);
    }
    let loose = json!({ "apiVersion": "malformed.example.com/v1", "kind": "Loose", "metadata": { "name": "a" }, "spec": { "x": [1] } });
    assert_eq!(post(client, &LOOSES.replace("{ns}", namespace), loose.to_string()).await, 201);
}

fn case(
    method: &'static str,
    path: impl Into<String>,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Vec<u8>>,
) -> Case {
    Case { method, path: path.into(), headers: headers.to_vec(), body: body.into() }
}

fn get(path: impl Into<String>) -> Case {
    case("GET", path, &[("accept", JSON)], Vec::new())
}

/// A body sent to be created, or as a patch.
fn body(path: impl Into<String>, media_type: &'static str, text: impl Into<Vec<u8>>) -> Case {
    let method = if matches!(media_type, MERGE | STRATEGIC | JSON_PATCH | APPLY) { "PATCH" } else { "POST" };
    case(method, path, &[("content-type", media_type), ("accept", JSON)], text)
}

pub fn all() -> Vec<Case> {
    [bodies(), protobuf(), patches(), parameters(), methods(), paths(), media_types()].concat()
}

/// Requests that the fake answers otherwise than a real server, though with a `Status` too where it refuses them.
pub fn otherwise() -> Vec<Case> {
    vec![
        // Go puts replacement characters in place of what is no text, and serde_json refuses it.
        body(MAPS, JSON, "{\"metadata\":{\"name\":\"\\ud800\"}}"),
        body(MAPS, JSON, &b"{\"metadata\":{\"name\":\"\xff\xfe\"}}"[..]),
        // Times are not parsed, and an integer may be written as a float.
        body(MAPS, JSON, "{\"metadata\":{\"name\":\"time\",\"creationTimestamp\":\"yesterday\"}}"),
        body(DEPLOYMENTS, JSON, "{\"metadata\":{\"name\":\"c\"},\"spec\":{\"replicas\":1e3}}"),
        // 400, where a real server has 422 and 500.
        body(format!("{MAPS}/a"), JSON_PATCH, "[{\"op\":\"replace\",\"path\":\"\",\"value\":[]}]"),
        body(format!("{MAPS}/c?fieldManager=m"), APPLY, "apiVersion: v1\nkind: ConfigMap\nmetadata: []"),
        // 400, where a real server selects everything.
        get(format!("{MAPS}?labelSelector=%00")),
        get(format!("{MAPS}?fieldSelector=%3D")),
        // 406, where a real server answers in CBOR.
        case("GET", format!("{MAPS}/a"), &[("accept", "application/cbor")], Vec::new()),
    ]
}

/// `{"metadata":{"name":NAME},"spec":{"a":{"a":…}}}`.
fn nested(depth: usize) -> String {
    let (open, close) = (r#"{"a":"#.repeat(depth), "}".repeat(depth));
    format!(
        r#"{{"apiVersion":"malformed.example.com/v1","kind":"Loose","metadata":{{"name":"nested"}},"spec":{open}1{close}}}"#
    )
}

fn bodies() -> Vec<Case> {
    let mut cases = Vec::new();
    let texts: &[&str] = &[
        "",
        "{",
        "null",
        "1",
        "\"x\"",
        "[]",
        "[{}]",
        "{}",
        "{}{}",
        "{\"metadata\":{\"name\":\"c\"}} trailing",
        "{\"metadata\":null}",
        "{\"metadata\":[]}",
        "{\"metadata\":\"x\"}",
        "{\"metadata\":{\"name\":1}}",
        "{\"metadata\":{\"name\":[\"c\"]}}",
        "{\"metadata\":{\"name\":\"c\",\"labels\":{\"a\":1}}}",
        "{\"metadata\":{\"name\":\"c\",\"labels\":\"a\"}}",
        "{\"metadata\":{\"name\":\"c\",\"generation\":1e400}}",
        "{\"metadata\":{\"name\":\"c\",\"generation\":99999999999999999999}}",
        "{\"metadata\":{\"name\":\"c\",\"managedFields\":[1]}}",
        "{\"metadata\":{\"name\":\"c\",\"ownerReferences\":{}}}",
        "{\"metadata\":{\"name\":\"c\"},\"data\":[]}",
        "{\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":null,\"b\":{}}}",
        "{\"metadata\":{\"name\":\"c\"},\"binaryData\":{\"a\":\"?\"}}",
        "{\"apiVersion\":\"v2\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}",
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"c\"}}",
        "{\"apiVersion\":1,\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}",
        "{\"apiVersion\":\"a/b/c\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"}}",
        "apiVersion: v1",
        "\u{feff}{}",
        "{'metadata':{}}",
    ];
    cases.extend(texts.iter().map(|text| body(MAPS, JSON, *text)));
    cases.push(body(
        MAPS,
        JSON,
        format!("{{\"metadata\":{{\"name\":\"c\"}},\"data\":{{\"x\":\"{}\"}}}}", "x".repeat(4 << 20)),
    ));
    cases.push(body(DEPLOYMENTS, JSON, "{\"metadata\":{\"name\":\"c\"},\"spec\":{\"replicas\":1.5}}"));
    cases.push(body(DEPLOYMENTS, JSON, "{\"metadata\":{\"name\":\"c\"},\"spec\":{\"replicas\":9999999999}}"));
    cases.push(body(DEPLOYMENTS, JSON, "{\"metadata\":{\"name\":\"c\"},\"spec\":{\"replicas\":\"1\"}}"));
    cases.push(body(DEPLOYMENTS, JSON, "{\"metadata\":{\"name\":\"c\"},\"spec\":[]}"));
    let loose = |spec: &str| {
        format!(
            "{{\"apiVersion\":\"malformed.example.com/v1\",\"kind\":\"Loose\",\"metadata\":{{\"name\":\"c\"}},\"spec\":{spec}}}"
        )
    };
    for spec in ["1", "[]", "null", "{\"a\":1e400}", "{\"a\":}"] {
        cases.push(body(LOOSES, JSON, loose(spec)));
    }
    cases.push(body(LOOSES, JSON, "{}"));
    cases.push(body(LOOSES, JSON, "[]"));
    cases.push(body(LOOSES, JSON, nested(20_000)));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"{\"metadata\":{\"name\":\"packed\"}}").expect("written");
    let packed = gzip.finish().expect("gzip");
    cases.push(case("POST", MAPS, &[("content-type", JSON), ("content-encoding", "gzip")], packed));
    // YAML.
    for text in ["a: [", "- a", "a: 1\na: 2", "&a [*a]", "\t", "a: !!binary \"?\"", "--- 1\n--- 2"] {
        cases.push(body(MAPS, "application/yaml", text));
    }
    cases
}

fn protobuf() -> Vec<Case> {
    [
        &b""[..],
        b"k8s\0",
        b"k8s\0\xff\xff\xff\xff",
        b"k8s\0\x0a\x05\x0a\x02v1\x12",
        b"{}",
        b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x02\x0a\xff",
        b"k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        b"k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret\x12\x00",
        b"k8s\0\x0a\x0b\x0a\x02v1\x12\x05Bogus\x12\x00",
    ]
    .into_iter()
    .map(|bytes| body(MAPS, PROTOBUF, bytes))
    .collect()
}

fn patches() -> Vec<Case> {
    let map = format!("{MAPS}/a");
    let mut cases = Vec::new();
    for media_type in [MERGE, STRATEGIC, JSON_PATCH] {
        for text in ["", "{", "null", "1", "\"x\"", "[]", "[1]", "[{}]", "{}"] {
            cases.push(body(&*map, media_type, text));
        }
    }
    for text in [
        "[{\"op\":\"bogus\",\"path\":\"/data\"}]",
        "[{\"op\":\"add\"}]",
        "[{\"op\":\"add\",\"path\":\"data\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/data/x\"}]",
        "[{\"op\":\"remove\",\"path\":\"/data/none\"}]",
        "[{\"op\":\"remove\",\"path\":\"\"}]",
        "[{\"op\":\"move\",\"path\":\"/data/x\"}]",
        "[{\"op\":\"copy\",\"from\":\"/none\",\"path\":\"/data/x\"}]",
        "[{\"op\":\"test\",\"path\":\"/data/x\",\"value\":\"2\"}]",
        "[{\"op\":\"add\",\"path\":\"/metadata/labels/-1\",\"value\":\"2\"}]",
        "[{\"op\":1,\"path\":2}]",
    ] {
        cases.push(body(&*map, JSON_PATCH, text));
    }
    let many: Vec<_> = (0..10_001).map(|_| json!({ "op": "test", "path": "/data/x", "value": "1" })).collect();
    cases.push(body(&*map, JSON_PATCH, json!(many).to_string()));
    for text in [
        "{\"data\":[]}",
        "{\"data\":1}",
        "{\"metadata\":[]}",
        "{\"metadata\":{\"name\":\"other\"}}",
        "{\"metadata\":{\"labels\":{\"a\":{}}}}",
        "{\"metadata\":{\"ownerReferences\":[1]}}",
        "{\"metadata\":{\"finalizers\":{}}}",
        "{\"$patch\":\"bogus\"}",
        "{\"data\":{\"$patch\":\"bogus\"}}",
        "{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":1}}",
        "{\"metadata\":{\"$setElementOrder/finalizers\":{}}}",
        "{\"apiVersion\":\"v2\"}",
        "{\"kind\":\"Secret\"}",
    ] {
        cases.push(body(&*map, STRATEGIC, text));
        cases.push(body(&*map, MERGE, text));
    }
    let applied = format!("{MAPS}/c?fieldManager=m");
    cases.push(body(format!("{MAPS}/c"), APPLY, "{}"));
    for text in [
        "",
        "{",
        "null",
        "1",
        "[]",
        "{}",
        "a: [",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: [1]",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nbogus: 1",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, managedFields: [{}]}",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: c}",
    ] {
        cases.push(body(&*applied, APPLY, text));
    }
    cases.push(body(format!("{LOOSES}/a"), STRATEGIC, "{}"));
    cases.push(body(&*map, "application/bogus+json", "{}").with_method("PATCH"));
    cases.push(case("PATCH", &*map, &[], "{}"));
    cases
}

impl Case {
    fn with_method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }
}

fn parameters() -> Vec<Case> {
    let token = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let mut cases = Vec::new();
    for query in [
        "labelSelector=a%20in%20(",
        "labelSelector=%3D%3D",
        "labelSelector=a%3Db%3Dc",
        "labelSelector=!",
        "labelSelector=a,,b",
        "labelSelector=/a",
        "labelSelector=a%20in%20()",
        "labelSelector=a%3E1%2C",
        "labelSelector=a%3Ex",
        "labelSelector=%ff",
        "fieldSelector=bogus",
        "fieldSelector=bogus%3D1",
        "fieldSelector=metadata.name%3D",
        "fieldSelector=metadata.name%3D%3D%3Da",
        "fieldSelector=metadata.name%3Da,",
        "continue=abc",
        "continue=%3F",
        "continue=e30",
        "limit=-1",
        "limit=abc",
        "limit=1.5",
        "limit=99999999999999999999",
        "resourceVersion=abc",
        "resourceVersion=-1",
        "resourceVersion=99999999999999999999",
        "resourceVersion=1&resourceVersionMatch=bogus",
        "timeoutSeconds=abc",
        "watch=1&resourceVersion=abc",
        "watch=1&resourceVersion=-1",
        "watch=1&timeoutSeconds=abc",
        "watch=1&labelSelector=a%20in%20(",
        "watch=1&fieldSelector=bogus%3D1",
        "watch=1&continue=abc",
        "watch=1&sendInitialEvents=1",
        "a=%zz",
        "%=%",
        "&&&===",
    ] {
        cases.push(get(format!("{MAPS}?{query}")));
    }
    for json in [
        json!({ "v": "v2", "rv": 1, "start": "a" }),
        json!({ "v": "meta.k8s.io/v1", "rv": 0, "start": "a" }),
        json!({ "v": "meta.k8s.io/v1", "rv": 1, "start": "" }),
        json!({ "v": "meta.k8s.io/v1", "rv": "x", "start": "a" }),
        json!({ "v": "meta.k8s.io/v1", "rv": -1, "start": "a" }),
        json!({ "v": "meta.k8s.io/v1", "rv": 9_000_000_000_000_000_i64, "start": "a" }),
        json!({ "v": "meta.k8s.io/v1", "rv": -1, "start": "../../secrets" }),
        json!([]),
    ] {
        cases.push(get(format!("{MAPS}?continue={}", token(json))));
    }
    for query in ["dryRun=bogus", "dryRun=", "fieldValidation=bogus", "fieldManager=%01", "pretty=bogus"] {
        cases.push(body(format!("{MAPS}?{query}"), JSON, "{\"metadata\":{\"name\":\"a\"}}"));
    }
    cases.push(body(format!("{MAPS}?fieldManager={}", "m".repeat(200)), JSON, "{\"metadata\":{\"name\":\"a\"}}"));
    for query in [
        "gracePeriodSeconds=abc",
        "gracePeriodSeconds=-2",
        "propagationPolicy=Bogus",
        "orphanDependents=bogus",
        "orphanDependents=true&propagationPolicy=Orphan",
        "dryRun=bogus",
    ] {
        cases.push(case("DELETE", format!("{MAPS}/b?{query}"), &[("accept", JSON)], Vec::new()));
    }
    for text in [
        "{",
        "[]",
        "1",
        "{\"kind\":\"Bogus\",\"apiVersion\":\"v1\"}",
        "{\"gracePeriodSeconds\":\"x\"}",
        "{\"propagationPolicy\":\"Bogus\"}",
        "{\"preconditions\":{\"uid\":\"x\"}}",
        "{\"preconditions\":[]}",
    ] {
        cases.push(case("DELETE", format!("{MAPS}/b"), &[("content-type", JSON), ("accept", JSON)], text));
    }
    cases
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for (method, path) in [
        ("PATCH", MAPS.to_owned()),
        ("PUT", MAPS.to_owned()),
        ("POST", format!("{MAPS}/a")),
        ("BOGUS", MAPS.to_owned()),
        ("OPTIONS", MAPS.to_owned()),
        ("TRACE", format!("{MAPS}/a")),
        ("POST", "/api/v1".to_owned()),
        ("DELETE", "/api".to_owned()),
        ("POST", "/version".to_owned()),
        ("PUT", "/api/v1/namespaces/{ns}/pods/a/log".to_owned()),
        ("GET", "/api/v1/namespaces/{ns}/pods/a/binding".to_owned()),
    ] {
        cases.push(case(method, path, &[("content-type", JSON), ("accept", JSON)], "{}"));
    }
    cases
}

fn paths() -> Vec<Case> {
    let long = "x".repeat(5_000);
    [
        "/bogus",
        "/api/",
        "/apis/",
        "/api/v2",
        "/apis/bogus",
        "/apis/bogus/v1",
        "/apis/apps/v9",
        "/apis/apps/v1/bogus",
        "/api/v1/bogus",
        "/api/v1/namespaces/{ns}/bogus",
        "/api/v1/namespaces/{ns}/configmaps/a/bogus",
        "/api/v1/namespaces/{ns}/configmaps/a/b/c/d",
        "/apis/malformed.example.com/v1/namespaces/{ns}/looses/a/bogus",
        "/apis/malformed.example.com/v1/namespaces/{ns}/bogus",
        "/apis/malformed.example.com/v9/namespaces/{ns}/looses",
        "/api/v1/namespaces/{ns}/configmaps/%00",
        "/api/v1/namespaces/{ns}/configmaps/%ff",
        "/api/v1/namespaces/{ns}/configmaps/a%2Fb",
        "/api/v1/namespaces/{ns}/configmaps/A_B",
        "/api/v1/namespaces/{ns}/nodes",
        "/api/v1/nodes/a/b/c",
        "/api/v1/namespaces/{ns}/pods/none/log",
        "/api/v1/namespaces/{ns}/pods/none/exec",
        "/openapi/v3/bogus",
        &format!("/api/v1/namespaces/{{ns}}/configmaps/{long}"),
        &format!("/{long}"),
    ]
    .into_iter()
    .map(get)
    .collect()
}

fn media_types() -> Vec<Case> {
    let mut cases = Vec::new();
    let map = "{\"metadata\":{\"name\":\"a\"}}";
    for media_type in
        ["text/plain", "application/xml", "bogus", "application/json; charset=bogus", "application/json;;", "*/*", ";"]
    {
        cases.push(case("POST", MAPS, &[("content-type", media_type), ("accept", JSON)], map));
    }
    for accept in ["image/png", "bogus", "application/json;as=Bogus", "application/json;q=x", ",,,", "*/json"] {
        cases.push(case("GET", format!("{MAPS}/a"), &[("accept", accept)], Vec::new()));
    }
    cases
}
