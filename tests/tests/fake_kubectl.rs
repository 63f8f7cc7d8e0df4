//! kubectl against the fake API server: its commands work, and print what they print against a real one.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kubewright_fake::FakeCluster;
use kubewright_testbed::{Kubectl, minor, or_skip, shared};

/// Gizmos: a kind with columns, a default and the status.
const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gizmos.kubectl.example.com}
spec:
  group: kubectl.example.com
  scope: Namespaced
  names: {kind: Gizmo, listKind: GizmoList, plural: gizmos, singular: gizmo, shortNames: [gz]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: boolean, jsonPath: .status.ready}
    - {name: Tags, type: string, jsonPath: '.spec.tags[*]', priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        description: A gizmo, for kubectl.
        properties:
          spec:
            type: object
            description: What it should be.
            properties:
              size: {type: integer, default: 1, description: How large it is.}
              tags: {type: array, items: {type: string}, description: What it is known by.}
          status:
            type: object
            properties:
              ready: {type: boolean, description: Whether it is there.}
";

const OBJECTS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: shop}}
data: {color: red}
---
apiVersion: kubectl.example.com/v1
kind: Gizmo
metadata: {name: a}
spec: {size: 3, tags: [small, red]}
";

const CHANGED: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: shop}}
data: {color: blue}
---
apiVersion: kubectl.example.com/v1
kind: Gizmo
metadata: {name: a}
spec: {size: 4, tags: [small, red]}
";

const OTHER: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {color: green}
";

/// kubectl checks lists itself, by OpenAPI v2.
const LIST: &str = "
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: listed}
  data: {color: green}
- apiVersion: kubectl.example.com/v1
  kind: Gizmo
  metadata: {name: listed}
  spec: {size: 2}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: listed}
  spec:
    selector: {matchLabels: {app: listed}}
    strategy: {rollingUpdate: {maxSurge: 10%, maxUnavailable: 1}}
    template:
      metadata: {labels: {app: listed}}
      spec: {containers: [{name: a, image: 'a:1', resources: {limits: {cpu: 1, memory: 1Gi}}}]}
";

const WRONG_LIST: &str = "
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: wrong}, data: {color: 1}, bogus: 1}
- {apiVersion: kubectl.example.com/v1, kind: Gizmo, metadata: {name: wrong}, spec: {size: large, other: 1, tags: [1]}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: wrong}, spec: {replicas: many, template: {spec: {}}}}
";

const UNKNOWN: &str = "{apiVersion: kubectl.example.com/v1, kind: Unknown, metadata: {name: a}}";

/// The commands, in order: arguments, standard input, and the exit status.
const COMMANDS: &[(&str, &str, i32)] = &[
    ("apply -f -", OBJECTS, 0),
    ("apply -f -", OBJECTS, 0),
    ("diff -f -", CHANGED, 1),
    ("apply -f -", CHANGED, 0),
    ("diff -f -", CHANGED, 0),
    ("get cm settings -o yaml", "", 0),
    ("get cm settings -o wide", "", 0),
    ("get cm settings --show-labels --show-kind", "", 0),
    ("get cm -l app=shop -o name", "", 0),
    ("get cm -l app=other", "", 0),
    ("get gizmos", "", 0),
    ("get gz -o wide", "", 0),
    ("get gizmo a -o jsonpath={.spec}", "", 0),
    ("get gizmos --sort-by=.spec.size", "", 0),
    ("get crd gizmos.kubectl.example.com -o jsonpath={.spec.names}", "", 0),
    ("describe gizmo a", "", 0),
    ("patch cm settings -p {\"data\":{\"x\":\"1\"}}", "", 0),
    ("patch gizmo a --type=merge -p {\"spec\":{\"size\":5}}", "", 0),
    ("patch gizmo a --type=json -p [{\"op\":\"remove\",\"path\":\"/spec/tags\"}]", "", 0),
    ("patch gizmo a --subresource=status --type=merge -p {\"status\":{\"ready\":true}}", "", 0),
    ("wait gizmo/a --for=jsonpath={.status.ready}=true --timeout=60s", "", 0),
    ("get gizmos", "", 0),
    ("label cm settings tier=web", "", 0),
    ("label cm settings tier=web", "", 0),
    ("label cm settings tier-", "", 0),
    ("annotate gizmo a note=1", "", 0),
    ("get gizmo a -o yaml", "", 0),
    ("apply --server-side -f -", OTHER, 0),
    ("apply --server-side --field-manager=me -f -", OTHER, 0),
    ("replace -f -", CHANGED, 0),
    ("create -f -", OTHER, 1),
    ("create cm third --from-literal=a=1 --dry-run=server -o name", "", 0),
    ("create cm third --from-literal=a=1", "", 0),
    ("get cm third -o jsonpath={.data}", "", 0),
    ("create -f - --validate=strict", "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, bogus: 1}", 1),
    ("get cm absent", "", 1),
    ("get cm third absent", "", 1),
    ("auth can-i create configmaps", "", 0),
    ("auth can-i create configmaps --as=jane", "", 1),
    ("auth can-i get /healthz --as=jane", "", 0),
    ("auth can-i get /metrics --as=jane", "", 1),
    ("auth can-i list secrets --subresource=x -A --as=jane --as-group=system:masters", "", 0),
    ("auth can-i --list --as=jane", "", 0),
    ("auth whoami --as=jane --as-group=team --as-uid=1 -o json", "", 0),
    ("auth whoami --as=system:serviceaccount:kubectl:web", "", 0),
    ("get cm settings --as=jane", "", 1),
    ("get cm -A --as=jane --as-group=team", "", 1),
    ("create cm more --as=system:anonymous", "", 1),
    ("create token web --as=jane", "", 1),
    ("create -f -", LIST, 0),
    ("apply -f -", LIST, 0),
    ("replace -f -", LIST, 0),
    ("create -f -", WRONG_LIST, 1),
    ("create -f -", UNKNOWN, 1),
    ("delete -f -", LIST, 0),
    ("explain gizmos.spec --output=plaintext-openapiv2", "", 0),
    ("explain gizmos.spec.tags --output=plaintext-openapiv2", "", 0),
    ("explain gizmos.spec", "", 0),
    ("explain gizmos --recursive", "", 0),
    ("api-resources --api-group=kubectl.example.com", "", 0),
    ("delete cm third --dry-run=server", "", 0),
    ("delete cm third", "", 0),
    ("wait cm/third --for=delete --timeout=60s", "", 0),
    ("delete -f -", CHANGED, 0),
    ("delete gizmos --all", "", 0),
    ("get gizmos,cm -l app", "", 0),
];

/// Commands on the kinds that have printers, fields and checks of their own.
const WORKLOADS: &[(&str, &str, i32)] = &[
    ("create deployment web --image=web:1 --replicas=2", "", 0),
    ("get deployment web", "", 0),
    ("get deploy -o wide", "", 0),
    ("set image deployment/web web=web:2", "", 0),
    ("scale deployment web --replicas=3", "", 0),
    ("get deploy web -o jsonpath={.spec.replicas}/{.metadata.generation}", "", 0),
    ("delete deployment web", "", 0),
    ("run one --image=one:1 --restart=Never", "", 0),
    ("get pods", "", 0),
    ("get pods -o wide", "", 0),
    ("get pods --field-selector=status.phase=Running", "", 0),
    ("delete pod one --grace-period=0 --force", "", 0),
    ("create secret generic hidden --from-literal=a=b", "", 0),
    ("get secrets", "", 0),
    ("describe secret hidden", "", 0),
    ("delete secret hidden", "", 0),
    ("create service externalname far --external-name=example.com", "", 0),
    ("get svc", "", 0),
    ("delete service far", "", 0),
    ("create job once --image=once:1", "", 0),
    ("get jobs -o wide", "", 0),
    ("describe cm kube", "", 1),
    ("create cm described --from-literal=a=1", "", 0),
    ("describe cm described", "", 0),
    ("delete cm described", "", 0),
    ("delete job once --cascade=background", "", 0),
];

const NAMESPACE: &str = "kubectl";

fn all() -> impl Iterator<Item = &'static (&'static str, &'static str, i32)> {
    COMMANDS.iter().chain(WORKLOADS)
}

/// kubectl for the cluster of a kubeconfig, in a namespace of its own, with the kind installed.
fn prepare(kubeconfig: &Path, folder: &Path) -> Option<Kubectl> {
    std::fs::copy(kubeconfig, folder.join("kubeconfig")).expect("a kubeconfig");
    let kubectl = or_skip(Kubectl::find(minor(None).expect("a minor"), folder))?;
    kubectl.run(&["apply", "-f", "-"], CRD).expect("the kind is installed");
    kubectl.run(&["wait", "--for=condition=Established", "crd/gizmos.kubectl.example.com"], "").expect("established");
    // A real server serves a kind a little later than it is established.
    while kubectl.run(&["get", "gizmos", "-A"], "").is_err() {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    // An earlier run may have left them.
    let namespace = kubectl.run(&["create", "namespace", NAMESPACE], "");
    assert!(namespace.is_ok() || kubectl.run(&["get", "namespace", NAMESPACE], "").is_ok(), "{namespace:?}");
    kubectl.run(&["delete", "cm", "--all", "--namespace", NAMESPACE], "").expect("it is empty");
    Some(kubectl)
}

/// Runs all commands. What each comes to: its status, and what it prints.
fn run(kubectl: &Kubectl) -> Vec<(i32, String)> {
    all()
        .map(|(arguments, input, _)| {
            let mut all = vec!["--namespace", NAMESPACE];
            all.extend(arguments.split(' '));
            let output = kubectl.output(&all, input).expect("it runs");
            let printed = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).join("");
            (output.status.code().unwrap_or(-1), printed)
        })
        .collect()
}

/// A text without what differs from run to run: times, ages, versions, uids, temporary files, and the width of columns.
fn masked(text: &str) -> String {
    let word = |word: &str| -> String {
        let bare = word.trim_matches('"');
        let is_age = bare.len() > 1
            && bare.ends_with(['s', 'm'])
            && bare.trim_end_matches(['s', 'm']).chars().all(|letter| letter.is_ascii_digit());
        let value = bare.rsplit('=').next().unwrap_or_default();
        let is_uid = value.len() == 36 && value.matches('-').count() == 4;
        let is_time = bare.len() >= 19 && bare.ends_with('Z') && bare.as_bytes()[10] == b'T';
        let is_version = !bare.is_empty() && word != bare && bare.chars().all(|letter| letter.is_ascii_digit());
        if is_age || is_uid || is_time || is_version || bare.starts_with("/tmp/") {
            "…".to_owned()
        } else {
            word.to_owned()
        }
    };
    let mut masked = String::new();
    for line in text.lines() {
        // The files that `diff` compares, with their times; and the versions of `describe`.
        if line.starts_with("--- ") || line.starts_with("+++ ") || line.trim_start().starts_with("Resource Version:") {
            continue;
        }
        let indent: String = line.chars().take_while(|letter| *letter == ' ').collect();
        let words: Vec<String> = line.split_whitespace().map(word).collect();
        let _ = writeln!(masked, "{indent}{}", words.join(" "));
    }
    masked
}

/// The fake, what listens for it, and where its kubeconfig is.
fn fake(folder: &Path) -> (tokio::runtime::Runtime, kubewright_fake::FakeListener, PathBuf) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let listener = runtime.block_on(cluster.listen()).expect("a listener");
    let kubeconfig = folder.join("of-the-fake");
    listener.write_kubeconfig(&kubeconfig).expect("a kubeconfig");
    (runtime, listener, kubeconfig)
}

#[test]
fn commands_of_kubectl_print_what_they_print_against_a_real_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_runtime, _listener, kubeconfig) = fake(folder.path());
    let Some(kubectl) = prepare(&kubeconfig, folder.path()) else { return };
    let ours = run(&kubectl);
    let mut wrong = String::new();
    for ((arguments, _, status), (code, printed)) in all().zip(&ours) {
        if code != status {
            let _ = writeln!(wrong, "kubectl {arguments}: {code}\n{printed}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    let Ok(real) = shared() else {
        eprintln!("the comparison with a real API server is skipped: there is none");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let Some(kubectl) = prepare(real.kubeconfig(), folder.path()) else { return };
    let theirs = run(&kubectl);
    // Other tests share the server.
    kubectl.run(&["delete", "crd", "gizmos.kubectl.example.com"], "").expect("deleted");
    let mut differences = String::new();
    for ((arguments, ..), (ours, theirs)) in all().zip(ours.iter().zip(&theirs)) {
        let (ours, theirs) = ((ours.0, masked(&ours.1)), (theirs.0, masked(&theirs.1)));
        if ours != theirs {
            let _ = writeln!(
                differences,
                "== kubectl {arguments}\nfake: {}\n{}real: {}\n{}",
                ours.0, ours.1, theirs.0, theirs.1
            );
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn kubectl_finds_the_versions_and_kinds_of_the_fake() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_runtime, _listener, kubeconfig) = fake(folder.path());
    let Some(kubectl) = prepare(&kubeconfig, folder.path()) else { return };
    let run = |arguments: &[&str]| kubectl.run(arguments, "").expect("it succeeds");
    let versions = run(&["api-versions"]);
    assert!(versions.contains("apps/v1\n") && versions.contains("kubectl.example.com/v1\n"), "{versions}");
    let kinds = run(&["api-resources", "-o", "name"]);
    assert!(kinds.contains("deployments.apps\n") && kinds.contains("gizmos.kubectl.example.com\n"), "{kinds}");
    assert!(run(&["version"]).contains("Server Version: v1."), "the version");
    assert!(run(&["auth", "whoami"]).contains("admin"), "who it is");
    assert_eq!(run(&["get", "--raw", "/readyz"]), "ok");
    let explained = run(&["explain", "configmaps"]);
    assert!(explained.contains("binaryData\t<map[string]string>"), "{explained}");
}
