//! Built-in kinds: `core/v1`, `apps/v1`, `batch/v1`.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;

use crate::kube::apps::v1::{Deployment, DeploymentSpec, DeploymentStatus};
use crate::kube::batch::v1::{CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec};
use crate::kube::core::v1::{ConfigMap, Container, Pod, PodSpec, PodTemplateSpec, ResourceRequirements};
use crate::kube::prelude::*;
use crate::{Outcome, exercise};

pub async fn run(client: &Client, namespace: &str) -> Outcome {
    let config_map = ConfigMap {
        metadata: ObjectMeta::named("settings"),
        data: [("tea", "3")].into(),
        ..Default::default()
    };
    exercise("core/v1 ConfigMap", Api::namespaced(client, namespace), config_map).await?;
    let deployment = deployment("exercised", 1);
    exercise("apps/v1 Deployment", Api::namespaced(client, namespace), deployment).await?;
    let job = Job {
        metadata: ObjectMeta::named("once"),
        spec: JobSpec { suspend: Some(true), template: template("job", "Never"), ..Default::default() },
        ..Default::default()
    };
    exercise("batch/v1 Job", Api::namespaced(client, namespace), job).await?;
    let cron_job = CronJob {
        metadata: ObjectMeta::named("nightly"),
        spec: CronJobSpec {
            schedule: "0 3 * * *".into(),
            job_template: JobTemplateSpec {
                spec: JobSpec { template: template("cron", "OnFailure"), ..Default::default() },
                ..Default::default()
            },
            ..Default::default()
        },
        ..Default::default()
    };
    exercise("batch/v1 CronJob", Api::namespaced(client, namespace), cron_job).await?;

    scale_and_status(client, namespace).await?;
    apply_owns_what_is_set(client, namespace).await?;
    pods_run(client, namespace).await
}

fn template(name: &str, restart_policy: &str) -> PodTemplateSpec {
    let resources = ResourceRequirements {
        requests: [("cpu", Quantity::parse("100m").expect("a quantity"))].into(),
        ..Default::default()
    };
    PodTemplateSpec {
        metadata: ObjectMeta::default().label("app", name),
        spec: PodSpec {
            containers: vec![Container {
                name: "main".into(),
                image: Some("registry.example/app:1".into()),
                resources,
                ..Default::default()
            }],
            restart_policy: Some(restart_policy.into()),
            ..Default::default()
        },
        ..Default::default()
    }
}

fn deployment(name: &str, replicas: i32) -> Deployment {
    Deployment {
        metadata: ObjectMeta::named(name),
        spec: DeploymentSpec {
            replicas: Some(replicas),
            selector: LabelSelector { match_labels: [("app", name)].into(), ..Default::default() },
            template: template(name, "Always"),
            ..Default::default()
        },
        ..Default::default()
    }
}

async fn scale_and_status(client: &Client, namespace: &str) -> Outcome {
    let deployments = client.apps_v1().deployments(namespace);
    deployments.create(&deployment("scaled", 1)).await?;
    assert_eq!(deployments.scale("scaled").await?.spec.replicas, 1);
    assert_eq!(deployments.scale("scaled").replicas(5).await?.spec.replicas, 5);
    let mut scale = deployments.get_scale("scaled").await?;
    scale.spec.replicas = 3;
    deployments.replace_scale("scaled", &scale).await?;
    let mut read = deployments.get("scaled").await?;
    assert_eq!(read.spec.replicas, Some(3));

    read.status = DeploymentStatus { replicas: Some(3), ready_replicas: Some(2), ..Default::default() };
    let written = deployments.replace_status(&read).await?;
    assert_eq!(written.status.ready_replicas, Some(2));
    let patch = Patch::strategic(json!({ "status": { "readyReplicas": 3 } }));
    assert_eq!(deployments.patch_status("scaled", patch).await?.status.ready_replicas, Some(3));
    assert_eq!(deployments.get_status("scaled").await?.status.ready_replicas, Some(3));
    deployments.delete("scaled").foreground().await?;
    println!("apps/v1: scale and status work");
    Ok(())
}

/// An apply sends what is set and nothing else: a second manager that sets one field owns that one field.
async fn apply_owns_what_is_set(client: &Client, namespace: &str) -> Outcome {
    let deployments = client.apps_v1().deployments(namespace);
    deployments.apply(&deployment("applied", 2), "first").await?;
    let other = Deployment {
        metadata: ObjectMeta::named("applied"),
        spec: DeploymentSpec { min_ready_seconds: Some(7), ..Default::default() },
        ..Default::default()
    };
    let both = deployments.apply(&other, "second").await?;
    assert_eq!((both.spec.replicas, both.spec.min_ready_seconds), (Some(2), Some(7)));
    assert_eq!(both.spec.template.spec.containers.len(), 1);

    let conflicting = Deployment {
        metadata: ObjectMeta::named("applied"),
        spec: DeploymentSpec { replicas: Some(9), ..Default::default() },
        ..Default::default()
    };
    let error = deployments.apply(&conflicting, "third").await.expect_err("the first manager owns it");
    assert!(error.is_conflict() && error.to_string().contains("first"), "{error}");
    assert_eq!(deployments.apply(&conflicting, "third").force().await?.spec.replicas, Some(9));

    let own = kubewright_runtime::extract(&deployments.get("applied").await?, "first")?;
    assert_eq!(own.spec.template.spec.containers[0].name, "main");
    assert_eq!(own.spec.replicas, None, "it was taken over");
    deployments.delete("applied").background().await?;
    println!("apps/v1: apply owns what is set");
    Ok(())
}

async fn pods_run(client: &Client, namespace: &str) -> Outcome {
    let pods = client.core_v1().pods(namespace);
    // Other runs may have left pods of theirs behind.
    let mine = format!("run={namespace}");
    let pod = Pod {
        metadata: ObjectMeta::named("runs").label("run", namespace),
        spec: template("runs", "Always").spec,
        ..Default::default()
    };
    let mut events = pods.watch().labels(&mine).bookmarks().await?;
    pods.create(&pod).await?;
    if std::env::var_os("KUBEWRIGHT_NO_NODES").is_none() {
        // No scheduler runs in the test bed: bind the pod by hand, as one would.
        let node = client.core_v1().nodes().list().await?.items.remove(0);
        let binding = crate::kube::core::v1::Binding {
            metadata: ObjectMeta::named("runs"),
            target: crate::kube::core::v1::ObjectReference {
                kind: Some("Node".into()),
                name: node.metadata.name.clone(),
                ..Default::default()
            },
            ..Default::default()
        };
        pods.create_binding("runs", &binding).await?;
        let running = async {
            while let Some(event) = events.next().await {
                if let WatchEvent::Added(pod) | WatchEvent::Modified(pod) = event?
                    && pod.status.phase.as_ref().is_some_and(|phase| *phase == "Running")
                {
                    return Ok::<_, kubewright_runtime::Error>(());
                }
            }
            panic!("the watch ended before the pod ran");
        };
        tokio::time::timeout(Duration::from_secs(30), running).await??;
        println!("core/v1: a pod runs");
    }
    let everywhere = client.core_v1().pods_in_all_namespaces().list().labels(&mine).await?;
    assert_eq!(everywhere.items.len(), 1);
    let gone = pods.delete_collection().labels(&mine).grace_period_seconds(0).await?;
    assert_eq!(gone.items.len(), 1);
    Ok(())
}
