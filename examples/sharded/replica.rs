//! One replica.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use kubewright::core::v1::ConfigMap;
use kubewright::{Api, Client, ModifyOutcome};
use kubewright_controller::sharding::ShardWatcher;
use kubewright_controller::{Action, Context, Controller, FencingError, Membership};
use sha2::{Digest as _, Sha256};

/// Which ConfigMaps get a digest.
pub const WANTED: (&str, &str) = ("digest", "wanted");
/// The annotation with the digest.
const DIGEST: &str = "digest.example.com/sha256";

/// What this replica is to know.
pub struct Settings {
    /// Its name, for people.
    pub name: String,
    /// The namespace of the ConfigMaps and of the replicas' Leases.
    pub namespace: String,
    /// How long a replica that is killed or cut off keeps its objects.
    pub lease_duration: Duration,
}

/// Shares the ConfigMaps with the other replicas until `stop`, and hands its own over.
pub async fn run<S>(client: &Client, settings: Settings, stop: S) -> Result<(), Box<dyn Error>>
where
    S: Future<Output = ()> + Clone + Send + 'static,
{
    let Settings { name, namespace, lease_duration } = settings;
    let mut membership = Membership::builder(client, &namespace, "digests")
        .identity(&name)
        .lease_duration(lease_duration)
        .renew_deadline(lease_duration * 2 / 3)
        .retry_period(lease_duration / 8)
        .on_event({
            let name = name.clone();
            move |event| println!("{name}: {event:?}")
        })
        .build()?;

    let maps: Api<ConfigMap> = Api::namespaced(client, &namespace);
    let list = {
        let maps = maps.clone();
        move || maps.list().labels(&format!("{}={}", WANTED.0, WANTED.1)).without_managed_fields()
    };
    // Its cache has the objects that this replica owns, and no others; and it acts on none without being their owner.
    let controller = Controller::new(ShardWatcher::new(&membership.gate(), list)).shutdown_on(stop.clone());
    let reconciling = controller.run(move |map, context| reconcile(maps.clone(), name.clone(), map, context));

    // It hands over what it owns when its reconciles have ended.
    let (ended, ()) = tokio::join!(reconciling, membership.run(stop));
    ended?;
    Ok(())
}

async fn reconcile(
    maps: Api<ConfigMap>,
    replica: String,
    map: Arc<ConfigMap>,
    context: Context,
) -> kubewright::Result<Action> {
    if is_current(&map) {
        return Ok(Action::done());
    }
    let token = context.fencing_token();
    let written = maps
        .modify(context.key().name(), |map| {
            if is_current(map) {
                return Ok(()); // the cache was behind
            }
            // If another replica has owned it since, it is refused.
            token.stamp(&mut map.metadata)?;
            let digest = digest(map);
            map.metadata.annotations.insert(DIGEST, digest);
            Ok::<_, FencingError>(())
        })
        .await?;
    if let ModifyOutcome::Changed(map) = written {
        println!("{replica}: wrote {} of {}", digest(&map), context.key().name());
    }
    Ok(Action::done())
}

/// Whether the annotation is that of the data.
pub fn is_current(map: &ConfigMap) -> bool {
    map.metadata.annotations.get(DIGEST).is_some_and(|known| *known == digest(map))
}

/// Returns the digest of the data, whatever their order.
pub fn digest(map: &ConfigMap) -> String {
    let mut hash = Sha256::new();
    for (key, value) in map.data.iter().collect::<BTreeMap<_, _>>() {
        // With their lengths, so that no two maps look alike.
        for text in [&**key, &**value] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
