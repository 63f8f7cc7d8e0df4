//! A program with a client that was generated for random CRDs. It does what the file of its first argument lists, a line
//! of JSON for each action, and prints a line of JSON for each: what it was about, and the error if there was one.

#[rustfmt::skip]
mod kube;

mod fields;
mod kinds;

use std::sync::Arc;

use kubewright_runtime::request::ApplyRequest;
use kubewright_runtime::{Api, Client, Resource, verbs, yaml};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The field manager of all writes, as kubectl is told, too.
pub const MANAGER: &str = "m";
/// The namespace of what lives in one.
pub const NAMESPACE: &str = "default";

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// What to do.
#[derive(Deserialize)]
pub struct Action {
    /// What kind of object it is about: `group/version/plural`.
    kind: String,
    /// The object's name.
    name: String,
    /// What to do to it.
    verb: String,
    /// How the object is made of the manifest: `yaml` reads it, `fields` sets its fields one by one.
    #[serde(default)]
    from: String,
    /// The object, as a manifest.
    #[serde(default)]
    manifest: Option<Manifest>,
    /// What is applied after it.
    #[serde(default)]
    then: Option<Manifest>,
    /// The fields to go through, and what to set the last of them to.
    #[serde(default)]
    path: Vec<String>,
    #[serde(default)]
    value: Option<String>,
}

/// A manifest: as YAML, and as JSON whose numbers are as they stand in it.
#[derive(Deserialize)]
struct Manifest {
    yaml: String,
    json: String,
}

/// A kind that the program can work with.
pub trait Kind:
    Resource
    + verbs::Create
    + verbs::Get
    + verbs::List
    + verbs::Replace
    + verbs::Patch
    + serde::de::DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Kind for K where
    K: Resource
        + verbs::Create
        + verbs::Get
        + verbs::List
        + verbs::Replace
        + verbs::Patch
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let client = Client::try_default().await?;
    let actions = std::env::args().nth(1).ok_or("usage: custom-resources ACTIONS")?;
    let mut tasks = JoinSet::new();
    let at_once = Arc::new(Semaphore::new(8));
    for line in std::fs::read_to_string(actions)?.lines() {
        let action: Action = serde_json::from_str(line)?;
        let (client, at_once) = (client.clone(), at_once.clone());
        tasks.spawn(async move {
            let _permit = at_once.acquire().await;
            let error = kinds::perform_any(&client, &action).await.err().map(|error| error.to_string());
            println!("{}", serde_json::json!({ "kind": action.kind, "name": action.name, "error": error }));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(())
}

/// The handle of a kind that is chosen by its type.
pub fn api_of<K: Kind>(client: &Client) -> Api<K> {
    if K::RESOURCE.namespaced { Api::namespaced(client, NAMESPACE) } else { Api::all(client) }
}

/// Does it. How the status is applied is said for each kind, since not all of them have one.
pub async fn perform<K: Kind>(
    client: &Client,
    action: &Action,
    apply_status: impl Fn(&K) -> ApplyRequest<K>,
) -> Outcome {
    let api = api_of::<K>(client);
    match action.verb.as_str() {
        "create" => drop(api.create(&action.object::<K>()?).field_manager(MANAGER).await?),
        "apply" => {
            let first = api.apply(&action.object::<K>()?, MANAGER).await;
            // As kubectl, which goes on with the next document.
            if let Some(then) = &action.then {
                api.apply(&then.object::<K>(&action.from)?, MANAGER).await?;
            }
            first?;
        }
        // A manifest over what is there, whatever its version, as kubectl does it.
        "replace" => {
            let object = versioned(&api, action).await?;
            api.replace(&object).field_manager(MANAGER).await?;
        }
        "replace-status" => {
            let object = versioned(&api, action).await?;
            api.replace_subresource(&object, "status").field_manager(MANAGER).await?;
        }
        "apply-status" => {
            apply_status(&action.object::<K>()?).await?;
        }
        // What was read goes back as it is.
        "keep" => {
            let object = api.get(&action.name).await?;
            api.replace(&object).field_manager(MANAGER).await?;
        }
        "keep-listed" => {
            let suffix = &action.name;
            let listed = api.list().await?;
            let ours = |object: &&K| object.metadata().name.as_deref().is_some_and(|name| name.ends_with(&**suffix));
            for object in listed.items.iter().filter(ours) {
                api.replace(object).field_manager(MANAGER).await?;
            }
        }
        "change" => {
            let mut object = api.get(&action.name).await?;
            let value = action.value.clone().ok_or("a change without a value")?;
            fields::set_at(&mut object, &action.path, &*RawValue::from_string(value)?)?;
            api.replace(&object).field_manager(MANAGER).await?;
        }
        verb => return Err(format!("no action is called {verb}").into()),
    }
    Ok(())
}

async fn versioned<K: Kind>(api: &Api<K>, action: &Action) -> Result<K, Box<dyn std::error::Error + Send + Sync>> {
    let mut object = action.object::<K>()?;
    let version = api.get(&action.name).metadata_only().await?.metadata.resource_version;
    object.metadata_mut().resource_version = version;
    Ok(object)
}

impl Action {
    fn object<K: Kind>(&self) -> Result<K, Box<dyn std::error::Error + Send + Sync>> {
        self.manifest.as_ref().ok_or("an action without a manifest")?.object(&self.from)
    }

    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether it is about an object of this type.
    pub fn is_about<K: Kind>(&self) -> bool {
        let parts = [K::RESOURCE.group, K::RESOURCE.version, K::RESOURCE.plural];
        self.kind.split('/').eq(parts)
    }
}

impl Manifest {
    fn object<K: Kind>(&self, from: &str) -> Result<K, Box<dyn std::error::Error + Send + Sync>> {
        if from == "yaml" {
            return Ok(yaml::from_str(&self.yaml)?);
        }
        let mut object = K::default();
        fields::set_all(&mut object, &*RawValue::from_string(self.json.clone())?)?;
        Ok(object)
    }
}
