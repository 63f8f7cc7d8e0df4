//! Random operations on a few kinds, and how they are written as a scenario.

use std::fmt;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::steps::Steps;

/// A request, as the methods of [`Steps`] make it.
#[derive(Clone, Debug)]
pub enum Operation {
    Get(String),
    GetMetadata(String),
    /// With the labels of the object that ends it.
    Watch(String, Value),
    Create(String, Value),
    Replace(String, Value),
    Merge(String, Value),
    JsonPatch(String, Value),
    Strategic(String, Value),
    Apply(&'static str, String, Value),
    Delete(String),
    DeleteWith(String, Value),
}

impl Operation {
    pub fn add_to(&self, steps: &mut Steps) {
        match self.clone() {
            Self::Get(path) => steps.get(&path),
            Self::GetMetadata(path) => steps.get_metadata(&path),
            Self::Watch(path, labels) => steps.watch(&path, labels),
            Self::Create(path, body) => steps.create(&path, body),
            Self::Replace(path, body) => steps.replace(&path, body),
            Self::Merge(path, body) => steps.merge(&path, body),
            Self::JsonPatch(path, body) => steps.json_patch(&path, body),
            Self::Strategic(path, body) => steps.strategic(&path, body),
            Self::Apply(manager, path, body) => steps.apply(manager, &path, body),
            Self::Delete(path) => steps.delete(&path),
            Self::DeleteWith(path, body) => steps.delete_with(&path, body),
        }
    }
}

/// As a line of a scenario.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(path) => write!(f, "s.get({path:?});"),
            Self::GetMetadata(path) => write!(f, "s.get_metadata({path:?});"),
            Self::Watch(path, labels) => write!(f, "s.watch({path:?}, json!({labels}));"),
            Self::Create(path, body) => write!(f, "s.create({path:?}, json!({body}));"),
            Self::Replace(path, body) => write!(f, "s.replace({path:?}, json!({body}));"),
            Self::Merge(path, body) => write!(f, "s.merge({path:?}, json!({body}));"),
            Self::JsonPatch(path, body) => write!(f, "s.json_patch({path:?}, json!({body}));"),
            Self::Strategic(path, body) => write!(f, "s.strategic({path:?}, json!({body}));"),
            Self::Apply(manager, path, body) => write!(f, "s.apply({manager:?}, {path:?}, json!({body}));"),
            Self::Delete(path) => write!(f, "s.delete({path:?});"),
            Self::DeleteWith(path, body) => write!(f, "s.delete_with({path:?}, json!({body}));"),
        }
    }
}

/// A kind that the sequences are about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    ConfigMap,
    Lease,
    Gadget,
}

impl Kind {
    fn is_custom(self) -> bool {
        self == Self::Gadget
    }

    /// The collection in one of the kind's versions.
    fn collection(self, version: &str) -> String {
        match self {
            Self::ConfigMap => "configmaps".to_owned(),
            Self::Lease => "coordination.k8s.io/v1:leases".to_owned(),
            Self::Gadget => format!("example.com/{version}:gadgets"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Lease => "Lease",
            Self::Gadget => "Gadget",
        }
    }
}

/// A sequence of operations on one kind.
pub fn sequence() -> impl Strategy<Value = Vec<Operation>> {
    let kind = prop_oneof![4 => Just(Kind::ConfigMap), 2 => Just(Kind::Lease), 5 => Just(Kind::Gadget)];
    kind.prop_flat_map(|kind| vec(operation(kind), 2..11))
}

fn operation(kind: Kind) -> BoxedStrategy<Operation> {
    prop_oneof![
        2 => get(kind),
        3 => list(kind),
        1 => watch(kind),
        5 => create(kind),
        3 => replace(kind),
        5 => (place(kind), merge_body(kind)).prop_map(|(path, body)| Operation::Merge(path, body)),
        3 => (place(kind), json_operations(kind)).prop_map(|(path, body)| Operation::JsonPatch(path, body)),
        3 => strategic(kind),
        9 => apply(kind),
        3 => delete(kind),
        1 => delete_collection(kind),
    ]
    .boxed()
}

/// A strategic merge patch; for custom resources, which have none, a merge patch.
fn strategic(kind: Kind) -> BoxedStrategy<Operation> {
    if kind.is_custom() {
        return (place(kind), merge_body(kind)).prop_map(|(path, body)| Operation::Merge(path, body)).boxed();
    }
    (place(kind), strategic_body(kind)).prop_map(|(path, body)| Operation::Strategic(path, body)).boxed()
}

/// Often the same object, seldom another.
fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![5 => Just("a"), 1 => Just("b")]
}

fn version() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("v1"), 1 => Just("v2")]
}

/// A path, with parameters that are chosen at random.
fn with(path: impl Strategy<Value = String>, parameters: BoxedStrategy<Vec<String>>) -> impl Strategy<Value = String> {
    (path, parameters).prop_map(
        |(path, parameters)| {
            if parameters.is_empty() { path } else { format!("{path}?{}", parameters.join("&")) }
        },
    )
}

fn sometimes(weight: f64, parameter: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Option<String>> {
    option::weighted(weight, parameter.prop_map(str::to_owned))
}

fn write_parameters() -> BoxedStrategy<Vec<String>> {
    let manager = sometimes(0.4, select(vec!["fieldManager=A", "fieldManager=B", "fieldManager=C"]));
    (manager, common_parameters()).prop_map(|(manager, others)| manager.into_iter().chain(others).collect()).boxed()
}

fn common_parameters() -> impl Strategy<Value = Vec<String>> {
    let dry_run = sometimes(0.08, Just("dryRun=All"));
    let validation =
        sometimes(0.1, select(vec!["fieldValidation=Warn", "fieldValidation=Ignore", "fieldValidation=Strict"]));
    (dry_run, validation).prop_map(|(dry_run, validation)| dry_run.into_iter().chain(validation).collect())
}

/// The object that a patch is sent to, or its status.
fn place(kind: Kind) -> BoxedStrategy<String> {
    let status = if kind.is_custom() { 0.2 } else { 0.0 };
    let path = (name(), version(), proptest::bool::weighted(status)).prop_map(move |(name, version, is_status)| {
        format!("{}/{name}{}", kind.collection(version), if is_status { "/status" } else { "" })
    });
    with(path, write_parameters()).boxed()
}

fn get(kind: Kind) -> BoxedStrategy<Operation> {
    (
        name(),
        version(),
        proptest::bool::weighted(0.2),
        sometimes(0.2, select(vec!["resourceVersion={rv-0}", "resourceVersion={rv-1}"])),
    )
        .prop_map(move |(name, version, metadata, parameter)| {
            let path = format!("{}/{name}{}", kind.collection(version), suffix(parameter));
            if metadata { Operation::GetMetadata(path) } else { Operation::Get(path) }
        })
        .boxed()
}

fn suffix(parameter: Option<String>) -> String {
    parameter.map(|parameter| format!("?{parameter}")).unwrap_or_default()
}

/// Selectors, with the labels of an object that they select.
const SELECTORS: &[(&str, &str)] = &[
    ("labelSelector=x%3D1", "x"),
    ("labelSelector=x", "x"),
    ("labelSelector=!x", ""),
    ("labelSelector=x!%3D1", ""),
    ("labelSelector=x+in+(1,2)", "x"),
    ("labelSelector=x+notin+(2)", ""),
];

fn list(kind: Kind) -> BoxedStrategy<Operation> {
    let selector = sometimes(0.3, select(SELECTORS).prop_map(|(selector, _)| selector));
    let field = sometimes(0.1, select(vec!["fieldSelector=metadata.name%3Da", "fieldSelector=metadata.name!%3Da"]));
    let limit = sometimes(0.3, select(vec!["limit=1", "limit=2"]));
    let version_of_list = sometimes(
        0.3,
        select(vec![
            "resourceVersion={rv-0}&resourceVersionMatch=NotOlderThan",
            "resourceVersion={rv-1}&resourceVersionMatch=Exact",
            "resourceVersion={rv-0}&resourceVersionMatch=Exact",
            "resourceVersion={rv-2}",
            "resourceVersion={list-0}&resourceVersionMatch=Exact",
        ]),
    );
    (version(), selector, field, limit, version_of_list, proptest::bool::weighted(0.1))
        .prop_map(move |(version, selector, field, limit, of_list, metadata)| {
            let parameters: Vec<String> = [selector, field, limit, of_list].into_iter().flatten().collect();
            let path = format!(
                "{}{}",
                kind.collection(version),
                suffix((!parameters.is_empty()).then(|| parameters.join("&")))
            );
            // The version says in a path of custom resources that this is a list.
            if metadata && !kind.is_custom() && kind != Kind::Lease {
                Operation::GetMetadata(path)
            } else {
                Operation::Get(path)
            }
        })
        .boxed()
}

fn watch(kind: Kind) -> BoxedStrategy<Operation> {
    let start = select(vec![
        "",
        "resourceVersion={rv1}",
        "resourceVersion={rv-1}",
        "resourceVersion={rv-0}",
        "resourceVersion={list-0}",
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
    ]);
    (version(), option::weighted(0.4, select(SELECTORS)), start)
        .prop_map(move |(version, selector, start)| {
            let labels = match selector {
                Some((_, "x")) => json!({"x": "1"}),
                _ => json!({}),
            };
            let parameters: Vec<&str> = [start, selector.map_or("", |(selector, _)| selector)]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect();
            let path = format!(
                "{}{}",
                kind.collection(version),
                suffix((!parameters.is_empty()).then(|| parameters.join("&")))
            );
            Operation::Watch(path, labels)
        })
        .boxed()
}

fn create(kind: Kind) -> BoxedStrategy<Operation> {
    let generated =
        with(version().prop_map(move |version| kind.collection(version)), Just(vec!["dryRun=All".to_owned()]).boxed());
    let generated = (generated, version(), body(kind)).prop_map(move |(path, version, mut body)| {
        let version = version_of(&path).unwrap_or(version);
        body["metadata"]["generateName"] = json!("gen-");
        Operation::Create(path, of_kind(kind, version, body))
    });
    let named =
        (with(version().prop_map(move |version| kind.collection(version)), write_parameters()), name(), body(kind))
            .prop_map(move |(path, name, mut body)| {
                body["metadata"]["name"] = json!(name);
                let version = version_of(&path).unwrap_or("v1");
                Operation::Create(path, of_kind(kind, version, body))
            });
    prop_oneof![20 => named, 1 => generated].boxed()
}

fn replace(kind: Kind) -> BoxedStrategy<Operation> {
    let status = if kind.is_custom() { 0.2 } else { 0.0 };
    let path = (name(), version(), proptest::bool::weighted(status)).prop_map(move |(name, version, is_status)| {
        format!("{}/{name}{}", kind.collection(version), if is_status { "/status" } else { "" })
    });
    // Where a replacement needs a version, most are to succeed.
    let versions = if kind == Kind::ConfigMap { 0.3 } else { 0.9 };
    let at = option::weighted(versions, prop_oneof![8 => Just("{rv-0}"), 1 => Just("{rv-1}"), 1 => Just("0")]);
    (with(path, write_parameters()), at, body(kind))
        .prop_map(move |(path, at, mut body)| {
            let name = path.split('/').find(|part| part.starts_with('a') && part.len() == 1 || part.starts_with("a?"));
            body["metadata"]["name"] = json!(if name.is_some() { "a" } else { "b" });
            if let Some(at) = at {
                body["metadata"]["resourceVersion"] = json!(at);
            }
            let version = version_of(&path).unwrap_or("v1");
            Operation::Replace(path, of_kind(kind, version, body))
        })
        .boxed()
}

fn apply(kind: Kind) -> BoxedStrategy<Operation> {
    let status = if kind.is_custom() { 0.15 } else { 0.0 };
    let path = (name(), version(), proptest::bool::weighted(status)).prop_map(move |(name, version, is_status)| {
        format!("{}/{name}{}", kind.collection(version), if is_status { "/status" } else { "" })
    });
    let parameters = (sometimes(0.4, Just("force=true")), sometimes(0.06, Just("dryRun=All")))
        .prop_map(|(force, dry_run)| force.into_iter().chain(dry_run).collect::<Vec<_>>());
    (select(vec!["A", "B", "C"]), with(path, parameters.boxed()), applied(kind))
        .prop_map(|(manager, path, body)| Operation::Apply(manager, path, body))
        .boxed()
}

fn delete(kind: Kind) -> BoxedStrategy<Operation> {
    let path =
        (name(), version()).prop_map(move |(name, version)| format!("{}/{name}", kind.collection(version))).boxed();
    let parameters = select(vec![
        "",
        "",
        "",
        "propagationPolicy=Foreground",
        "propagationPolicy=Orphan",
        "propagationPolicy=Background",
        "dryRun=All",
        "orphanDependents=true",
    ]);
    let by_query = (path.clone(), parameters).prop_map(|(path, parameter)| {
        Operation::Delete(format!("{path}{}", suffix((!parameter.is_empty()).then(|| parameter.to_owned()))))
    });
    let bodies = select(vec![
        json!({}),
        json!({"dryRun": ["All"]}),
        json!({"propagationPolicy": "Foreground"}),
        json!({"propagationPolicy": "Orphan"}),
        json!({"gracePeriodSeconds": 5}),
        json!({"preconditions": {"resourceVersion": "{rv-0}"}}),
        json!({"preconditions": {"resourceVersion": "{rv-1}"}}),
        json!({"preconditions": {"uid": "{uid-0}"}}),
        json!({"preconditions": {"uid": "{uid1}"}}),
        json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": null}),
    ]);
    let by_body = (path, bodies).prop_map(|(path, body)| Operation::DeleteWith(path, body));
    prop_oneof![3 => by_query, 2 => by_body].boxed()
}

fn delete_collection(kind: Kind) -> BoxedStrategy<Operation> {
    let parameters = select(vec![
        "",
        "labelSelector=x%3D1",
        "labelSelector=!x",
        "fieldSelector=metadata.name%3Db",
        "dryRun=All",
        "propagationPolicy=Foreground",
    ]);
    (version(), parameters)
        .prop_map(move |(version, parameter)| {
            Operation::Delete(format!(
                "{}{}",
                kind.collection(version),
                suffix((!parameter.is_empty()).then(|| parameter.to_owned()))
            ))
        })
        .boxed()
}

/// The version that is written in a path of a custom resource.
fn version_of(path: &str) -> Option<&'static str> {
    if path.starts_with("example.com/v2") { Some("v2") } else { path.starts_with("example.com/v1").then_some("v1") }
}

fn of_kind(kind: Kind, version: &str, mut body: Value) -> Value {
    if kind.is_custom() {
        body["apiVersion"] = json!(format!("example.com/{version}"));
        body["kind"] = json!(kind.name());
    }
    body
}

/// Fields of an object, each there or not.
fn some_of(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let count = fields.len();
    (
        subsequence((0..count).collect::<Vec<_>>(), 0..=count.min(3)),
        fields.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>(),
    )
        .prop_map(move |(chosen, values)| {
            let fields: Map<String, Value> =
                chosen.into_iter().map(|index| (fields[index].0.to_owned(), values[index].clone())).collect();
            Value::Object(fields)
        })
        .boxed()
}

fn one_of(values: Vec<Value>) -> BoxedStrategy<Value> {
    select(values).boxed()
}

/// Null, an empty map, or a map with some of a few keys.
fn text_map(keys: &'static [&'static str], may_be_null: bool) -> BoxedStrategy<Value> {
    let values: Vec<Value> =
        if may_be_null { vec![json!("1"), json!("2"), Value::Null] } else { vec![json!("1"), json!("2")] };
    let full = (subsequence(keys, 0..=keys.len()), vec(select(values), keys.len()))
        .prop_map(|(keys, values)| Value::Object(keys.into_iter().map(str::to_owned).zip(values).collect()));
    if may_be_null { prop_oneof![8 => full, 1 => Just(Value::Null)].boxed() } else { full.boxed() }
}

/// Metadata of writes; null where a patch may have it.
fn metadata(may_be_null: bool) -> BoxedStrategy<Value> {
    let mut finalizers = vec![json!(["e.io/f"]), json!(["e.io/g", "e.io/f"]), json!([])];
    if may_be_null {
        finalizers.push(Value::Null);
    }
    let owners =
        json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000"}]);
    let metadata = some_of(vec![
        ("labels", text_map(&["x", "y"], may_be_null)),
        ("labels", text_map(&["x", "y"], may_be_null)),
        ("annotations", text_map(&["x", "e.io/y"], may_be_null)),
        ("finalizers", one_of(finalizers)),
        ("ownerReferences", one_of(vec![owners, json!([])])),
        ("creationTimestamp", one_of(vec![Value::Null])),
        ("generation", one_of(vec![json!(7)])),
    ]);
    prop_oneof![3 => Just(json!({})), 3 => metadata].boxed()
}

fn lease_spec(may_be_null: bool) -> BoxedStrategy<Value> {
    let nullable = |mut values: Vec<Value>| {
        if may_be_null {
            values.push(Value::Null);
        }
        one_of(values)
    };
    some_of(vec![
        ("holderIdentity", nullable(vec![json!("me"), json!("you"), json!("")])),
        ("leaseDurationSeconds", nullable(vec![json!(10), json!(15), json!(0)])),
        ("leaseTransitions", nullable(vec![json!(0), json!(1), json!(-1)])),
        ("renewTime", nullable(vec![json!("2026-01-02T03:04:05.000000Z"), json!("2026-01-02T03:04:06.123456Z")])),
    ])
}

fn gadget_spec(may_be_null: bool) -> BoxedStrategy<Value> {
    let nullable = |mut values: Vec<Value>| {
        if may_be_null {
            values.push(Value::Null);
        }
        one_of(values)
    };
    let ports = vec![
        json!([]),
        json!([{"port": 80}]),
        json!([{"port": 80, "protocol": "TCP", "name": "web"}]),
        json!([{"port": 443, "name": "tls"}, {"port": 80, "name": "www"}]),
        json!([{"port": 80, "protocol": "UDP"}, {"port": 80}]),
    ];
    some_of(vec![
        ("color", nullable(vec![json!("blue"), json!("red"), json!("")])),
        ("size", nullable(vec![json!(1), json!(2), json!(13), json!(101)])),
        ("level", nullable(vec![json!("low"), json!("high"), json!("middle")])),
        ("maybe", one_of(vec![json!("x"), Value::Null])),
        ("tags", nullable(vec![json!([]), json!(["x"]), json!(["y", "x"]), json!(["z", "x", "y"]), json!(["w", "w"])])),
        ("ports", nullable(ports)),
        ("labels", text_map(&["a", "b"], may_be_null)),
        ("whole", text_map(&["a", "b"], may_be_null)),
        (
            "raw",
            nullable(vec![
                json!({}),
                json!({"a": 1}),
                json!({"a": {"b": [1, {"c": 2}]}}),
                json!({"a": {"b": [1]}, "d": "x"}),
            ]),
        ),
    ])
}

/// The parts of an object besides its metadata.
fn parts(kind: Kind, may_be_null: bool) -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let mut parts = match kind {
        Kind::ConfigMap => vec![
            ("data", text_map(&["x", "y", "z"], may_be_null)),
            ("data", text_map(&["x", "y", "z"], may_be_null)),
            ("data", text_map(&["x", "y", "z"], may_be_null)),
            ("binaryData", one_of(vec![json!({"b": "AA=="}), json!({}), json!({"b": "AQ=="})])),
            ("immutable", one_of(vec![json!(false)])),
        ],
        Kind::Lease => {
            vec![
                ("spec", lease_spec(may_be_null)),
                ("spec", lease_spec(may_be_null)),
                ("spec", lease_spec(may_be_null)),
            ]
        }
        Kind::Gadget => vec![
            ("spec", gadget_spec(may_be_null)),
            ("spec", gadget_spec(may_be_null)),
            ("spec", gadget_spec(may_be_null)),
            ("status", one_of(vec![json!({"ready": true}), json!({"ready": false}), json!({})])),
        ],
    };
    // A field that the kind doesn't have; an apply of one is the same 500 each time.
    parts.push(("bogus", one_of(vec![json!(1)])));
    parts
}

/// A whole object.
fn body(kind: Kind) -> BoxedStrategy<Value> {
    let managed = sometimes(0.06, Just("x"));
    (metadata(false), some_of(parts(kind, false)), managed)
        .prop_map(|(metadata, mut body, managed)| {
            body["metadata"] = metadata;
            if managed.is_some() {
                body["metadata"]["managedFields"] = json!([]);
            }
            body
        })
        .boxed()
}

/// A merge patch.
fn merge_body(kind: Kind) -> BoxedStrategy<Value> {
    let versions = option::weighted(0.15, select(vec!["{rv-0}", "{rv-1}"]));
    (metadata(true), some_of(parts(kind, true)), versions)
        .prop_map(|(mut metadata, mut body, version)| {
            if let Some(version) = version {
                metadata["resourceVersion"] = json!(version);
            }
            if metadata.as_object().is_some_and(|metadata| !metadata.is_empty()) {
                body["metadata"] = metadata;
            }
            body
        })
        .boxed()
}

/// An object that is applied.
fn applied(kind: Kind) -> BoxedStrategy<Value> {
    let versions = option::weighted(0.08, select(vec!["{rv-0}", "{rv-1}"]));
    (metadata(true), some_of(parts(kind, true)), versions)
        .prop_map(|(mut metadata, mut body, version)| {
            if let Some(version) = version {
                metadata["resourceVersion"] = json!(version);
            }
            body["metadata"] = metadata;
            body
        })
        .boxed()
}

fn strategic_body(kind: Kind) -> BoxedStrategy<Value> {
    let directives = match kind {
        Kind::ConfigMap => vec![
            json!({"data": {"$patch": "replace", "x": "9"}}),
            json!({"data": {"$patch": "delete"}}),
            json!({"$patch": "replace", "metadata": {"name": "a"}}),
            json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["e.io/f"]}}),
            json!({"metadata": {"finalizers": ["e.io/h"], "$setElementOrder/finalizers": ["e.io/h", "e.io/f"]}}),
            json!({"metadata": {"ownerReferences": [{"uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000", "$patch": "delete"}]}}),
            json!({"data": {"$retainKeys": ["x"], "x": "7"}}),
        ],
        _ => vec![
            json!({"spec": {"$patch": "replace", "holderIdentity": "it"}}),
            json!({"spec": {"$patch": "delete"}}),
            json!({"spec": {"$retainKeys": ["holderIdentity"]}}),
            json!({"metadata": {"labels": {"$patch": "replace", "y": "3"}}}),
        ],
    };
    prop_oneof![2 => merge_body(kind), 1 => one_of(directives)].boxed()
}

fn json_operations(kind: Kind) -> BoxedStrategy<Value> {
    let (paths, values): (Vec<&str>, Vec<Value>) = match kind {
        Kind::ConfigMap => (
            vec![
                "/data",
                "/data/x",
                "/data/y",
                "/metadata/labels",
                "/metadata/labels/x",
                "/metadata/finalizers",
                "/metadata/finalizers/0",
                "/metadata/annotations/e.io~1y",
            ],
            vec![json!("1"), json!("2"), json!({}), json!({"x": "3"}), json!(["e.io/f"])],
        ),
        Kind::Lease => (
            vec![
                "/spec",
                "/spec/holderIdentity",
                "/spec/leaseTransitions",
                "/metadata/labels",
                "/metadata/annotations",
            ],
            vec![json!("me"), json!(2), json!({}), json!({"x": "1"})],
        ),
        Kind::Gadget => (
            vec![
                "/spec",
                "/spec/color",
                "/spec/size",
                "/spec/tags",
                "/spec/tags/-",
                "/spec/tags/0",
                "/spec/ports/0",
                "/spec/labels/a",
                "/spec/raw/a",
                "/status",
                "/metadata/labels",
            ],
            vec![json!("x"), json!(3), json!({}), json!(["q"]), Value::Null],
        ),
    };
    let operation = (
        prop_oneof![4 => Just("add"), 3 => Just("replace"), 3 => Just("remove"), 2 => Just("test"), 1 => Just("copy"), 1 => Just("move")],
        select(paths.clone()),
        // Labels would have values that they can't have.
        select(paths.into_iter().filter(|path| !matches!(*path, "/spec" | "/status")).collect::<Vec<_>>()),
        select(values),
    )
        .prop_map(|(operation, path, from, value)| match operation {
            "remove" => json!({"op": operation, "path": path}),
            "copy" | "move" => json!({"op": operation, "from": from, "path": path}),
            _ => json!({"op": operation, "path": path, "value": value}),
        });
    vec(operation, 0..4).prop_map(Value::Array).boxed()
}
