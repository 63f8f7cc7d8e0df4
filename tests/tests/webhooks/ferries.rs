//! A kind of two versions that differ, and what converts them.

use kubewright::CustomResource;
use kubewright_controller::webhook::Conversions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "converted.example.com", version = "v1", kind = "Ferry", namespaced, struct = FerryV1)]
pub struct FerryV1Spec {
    pub route: String,
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "converted.example.com", version = "v2", kind = "Ferry", namespaced, struct = FerryV2)]
pub struct FerryV2Spec {
    pub from: String,
    pub to: String,
}

pub fn ferries() -> Conversions {
    Conversions::new().between(
        |old: FerryV1| {
            let (from, to) = old.spec.route.split_once('-').ok_or("the route has no end")?;
            let spec = FerryV2Spec { from: from.into(), to: to.into() };
            Ok::<_, &str>(FerryV2 { metadata: old.metadata, spec, ..Default::default() })
        },
        |new: FerryV2| {
            let spec = FerryV1Spec { route: format!("{}-{}", new.spec.from, new.spec.to) };
            let metadata = new.metadata.annotation("example.com/converted", "from v2");
            Ok::<_, std::convert::Infallible>(FerryV1 { metadata, spec, ..Default::default() })
        },
    )
}
