//! Random sequences of writes: the controllers come to an end after each, and there is nothing left to do then.

use http::Method;
use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{Cluster, DEPLOYMENTS, JOBS, PODS, config_map, deployment, owned, template};

/// Numbers that look random: a linear congruential generator.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A random write.
fn write(numbers: &mut Numbers, known: &[Value]) -> (Method, String, Option<Value>) {
    let name = format!("n{}", numbers.below(3));
    let replicas = numbers.below(4);
    match numbers.below(10) {
        0 | 1 => (Method::POST, DEPLOYMENTS.to_owned(), Some(deployment(&name, u32::try_from(replicas).unwrap_or(0)))),
        2 => {
            let image = format!("web:{}", numbers.below(3));
            let containers = json!([{ "name": name, "image": image }]);
            let patch =
                json!({ "spec": { "replicas": replicas, "template": { "spec": { "containers": containers } } } });
            (Method::PATCH, format!("{DEPLOYMENTS}/{name}"), Some(patch))
        }
        3 => {
            let paused = json!({ "spec": { "paused": numbers.below(2) == 0 } });
            (Method::PATCH, format!("{DEPLOYMENTS}/{name}"), Some(paused))
        }
        4 => {
            let policies = ["Background", "Foreground", "Orphan"];
            let policy = policies[usize::try_from(numbers.below(3)).unwrap_or(0)];
            (Method::DELETE, format!("{DEPLOYMENTS}/{name}"), Some(json!({ "propagationPolicy": policy })))
        }
        5 => {
            let mut template = template(&name, "once:1");
            template["spec"]["restartPolicy"] = json!("Never");
            let spec = json!({ "completions": replicas, "ttlSecondsAfterFinished": 5, "template": template });
            (Method::POST, JOBS.to_owned(), Some(json!({ "metadata": { "name": name }, "spec": spec })))
        }
        6 => (Method::DELETE, PODS.to_owned(), Some(json!({}))),
        7 => {
            let owner = known.get(usize::try_from(numbers.below(8)).unwrap_or(0)).cloned();
            let map = owner.map_or_else(|| config_map(&name), |owner| owned(&name, &[&owner]));
            (Method::POST, "/api/v1/namespaces/default/configmaps".to_owned(), Some(map))
        }
        8 => (Method::DELETE, format!("/api/v1/namespaces/default/configmaps/{name}"), Some(json!({}))),
        _ => {
            let spec = json!({ "selector": { "app": name }, "ports": [{ "port": 80 }] });
            let service = json!({ "metadata": { "name": name }, "spec": spec });
            (Method::POST, "/api/v1/namespaces/default/services".to_owned(), Some(service))
        }
    }
}

#[tokio::test]
async fn after_each_of_random_writes_the_controllers_come_to_an_end() {
    for seed in 0..6 {
        let mut numbers = Numbers(seed);
        let controllers = Controllers::all().pod_start(std::time::Duration::from_secs(2)).on_pod(|pod| {
            let is_odd = pod["metadata"]["uid"].as_str().is_some_and(|uid| uid.ends_with(['0', '1', '2']));
            is_odd.then(|| PodOutcome::fails(1))
        });
        let cluster = Cluster::new(controllers);
        let mut known = Vec::new();
        for _ in 0..30 {
            let (method, path, body) = write(&mut numbers, &known);
            let said = format!("seed {seed}: {method} {path} {body:?}");
            let (code, answer) = cluster.send(method, &path, body.as_ref()).await;
            assert!(code.as_u16() < 500, "{said}: {answer}");
            if answer["metadata"]["uid"].is_string() {
                known.push(answer);
            }
            // Nothing is left to do: reading changes nothing.
            let version = cluster.cluster.resource_version();
            cluster.list(PODS).await;
            assert_eq!(cluster.cluster.resource_version(), version, "{said}");
            cluster.advance(numbers.below(4));
        }
        cluster.advance(900);
        for deployment in cluster.list(DEPLOYMENTS).await {
            let (wanted, found) = (&deployment["spec"]["replicas"], &deployment["status"]["observedGeneration"]);
            assert_eq!(*found, deployment["metadata"]["generation"], "seed {seed}: {wanted}");
        }
    }
}
