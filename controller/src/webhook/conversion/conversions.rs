//! Conversions between types.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use kubewright::message::Gvk;
use kubewright::transport::BoxError;
use kubewright::{DynamicObject, Resource, json};

type Step = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, BoxError> + Send + Sync>;

/// Conversions between the types of a kind's versions.
///
/// Between two versions without a conversion of their own, it takes the shortest way through others. So it is enough to
/// convert each version to one of them, the hub, and back.
///
/// ```no_run
/// use kubewright::{CustomResource, DynamicObject};
/// use kubewright_controller::webhook::{Conversions, Webhooks};
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
/// use std::convert::Infallible;
///
/// #[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
/// #[kubewright(group = "sea.example.com", version = "v1", kind = "Ferry", namespaced, struct = FerryV1)]
/// struct FerryV1Spec {
///     route: String,
/// }
///
/// #[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
/// #[kubewright(group = "sea.example.com", version = "v2", kind = "Ferry", namespaced, struct = FerryV2)]
/// struct FerryV2Spec {
///     from: String,
///     to: String,
/// }
///
/// let conversions = Conversions::new()
///     .between(
///         |old: FerryV1| {
///             let (from, to) = old.spec.route.split_once('-').unwrap_or((&old.spec.route, ""));
///             let spec = FerryV2Spec { from: from.into(), to: to.into() };
///             Ok::<_, Infallible>(FerryV2 { metadata: old.metadata, spec, ..Default::default() })
///         },
///         |new: FerryV2| {
///             let spec = FerryV1Spec { route: format!("{}-{}", new.spec.from, new.spec.to) };
///             Ok::<_, Infallible>(FerryV1 { metadata: new.metadata, spec, ..Default::default() })
///         },
///     );
/// let webhooks =
///     Webhooks::new().conversion("/convert", move |object: DynamicObject, to: &str| conversions.convert(object, to));
/// # drop(webhooks);
/// ```
///
/// A conversion should lose nothing: what the other version has no field for belongs into an annotation. See
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/>.
#[derive(Clone, Default)]
pub struct Conversions {
    steps: HashMap<Version, Vec<(Version, Step)>>,
}

/// The `apiVersion` and kind of a type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Version {
    api_version: String,
    kind: String,
}

impl Version {
    fn of(gvk: Gvk) -> Self {
        Self { api_version: gvk.api_version(), kind: gvk.kind.to_owned() }
    }
}

impl Conversions {
    /// Creates conversions of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the conversions between two versions.
    pub fn between<A, B, AE, BE>(
        self,
        there: impl Fn(A) -> Result<B, AE> + Send + Sync + 'static,
        back: impl Fn(B) -> Result<A, BE> + Send + Sync + 'static,
    ) -> Self
    where
        A: Resource,
        B: Resource,
        AE: Into<BoxError> + 'static,
        BE: Into<BoxError> + 'static,
    {
        self.one_way(there).one_way(back)
    }

    /// Adds the conversion from one version to another one.
    pub fn one_way<A, B, E>(mut self, convert: impl Fn(A) -> Result<B, E> + Send + Sync + 'static) -> Self
    where
        A: Resource,
        B: Resource,
        E: Into<BoxError> + 'static,
    {
        let step = move |text: &[u8]| {
            let converted = convert(json::from_slice::<A>(text)?).map_err(Into::<BoxError>::into)?;
            Ok(json::to_vec(&converted)?)
        };
        let steps = self.steps.entry(Version::of(A::RESOURCE.gvk())).or_default();
        steps.push((Version::of(B::RESOURCE.gvk()), Arc::new(step)));
        self
    }

    /// Converts an object to a version, such as `stable.example.com/v2`: what
    /// [`Webhooks::conversion`](crate::webhook::Webhooks::conversion) calls.
    ///
    /// # Errors
    /// No conversion leads to the version, or one of them fails.
    pub fn convert(&self, object: DynamicObject, to: &str) -> Result<DynamicObject, ConversionError> {
        let from = Version { api_version: object.api_version.to_string(), kind: object.kind.to_string() };
        let to = Version { api_version: to.to_owned(), kind: from.kind.clone() };
        let (kind, old, new) = (&from.kind, &from.api_version, &to.api_version);
        let missing = || ConversionError(format!("there is no conversion of {kind} from {old} to {new}").into());
        let steps = self.way(&from, &to).ok_or_else(missing)?;
        let mut text = json::to_vec(&object).map_err(|error| ConversionError(error.into()))?;
        for step in steps {
            text = step(&text).map_err(ConversionError)?;
        }
        json::from_slice(&text).map_err(|error| ConversionError(error.into()))
    }

    /// The steps of the shortest way between two versions.
    fn way(&self, from: &Version, to: &Version) -> Option<Vec<&Step>> {
        // How each version that was reached was reached first.
        let mut reached: HashMap<&Version, Option<(&Version, &Step)>> = HashMap::from([(from, None)]);
        let mut next = VecDeque::from([from]);
        while let Some(here) = next.pop_front() {
            if here == to {
                let mut steps = Vec::new();
                let mut last = here;
                while let Some((before, step)) = reached.get(last).copied().flatten() {
                    steps.push(step);
                    last = before;
                }
                steps.reverse();
                return Some(steps);
            }
            for (there, step) in self.steps.get(here).into_iter().flatten() {
                if !reached.contains_key(there) {
                    reached.insert(there, Some((here, step)));
                    next.push_back(there);
                }
            }
        }
        None
    }
}

impl fmt::Debug for Conversions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.iter().map(|(from, steps)| (from, steps.iter().map(|(to, _)| to).collect::<Vec<_>>()));
        f.debug_map().entries(steps).finish()
    }
}

/// An object could not be converted: no conversion leads to the version, or one failed, with the error of that one.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ConversionError(BoxError);
