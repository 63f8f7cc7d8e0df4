// Each struct asks for a kind that can't be; the comment says which error must come of it. A dash stands for no code.
use std::collections::BTreeMap;

use kubewright::CustomResource;
use kubewright::message::UnknownFields;
use kubewright::meta::v1::ObjectMeta;
use kubewright::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource)]
struct NoNames; //~ - `group` is missing

#[derive(CustomResource)]
#[kubewright(
    group = "Sea.example.com", //~ - expected a group
    version = "v1",
    kind = "A"
)]
struct Group {}

#[derive(CustomResource)]
#[kubewright(group = "sea.k8s.io", version = "v1", kind = "A")] //~ - groups of the Kubernetes project are protected
struct Protected {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "1", kind = "A")] //~ - expected a version
struct Version {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "fer_ry")] //~ - expected a kind
struct KindName {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", plural = "Ferries")] //~ - expected lower-case letters
struct Plural {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", namspaced)] //~ - there is no attribute `namspaced`
struct Unknown {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", kind = "B")] //~ - `kind` stands twice
struct Twice {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "Ferry")]
struct Ferry {} //~ - the kind's struct is called `Ferry`, too

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
struct Generic<T>(T); //~ - a kind has no type parameters

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
struct Tuple(u8); //~ - a spec is an object

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
#[kubewright(scale(spec_replicas_path = ".replicas", status_replicas_path = ".status.replicas"))] //~ - expected a path under `.spec`
struct ScalePath {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
#[kubewright(scale(spec_replicas_path = ".spec.replicas"))] //~ - `status_replicas_path` is missing
struct ScaleHalf {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
#[kubewright(printcolumn(name = "A", type = "text", json_path = ".spec.a"))] //~ - expected one of integer, number
struct Column {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", selectable = "spec.a")] //~ - expected a path
struct Selectable {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", validation(message = "no"))] //~ - `rule` is missing
struct Rule {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", deprecated = "two\nlines")] //~ - expected one line
struct Warning {}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
struct Field {
    #[kubewright(list_type = "maps")] //~ - expected `atomic`, `set` or `map`
    list: Vec<String>,
}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A")]
struct Keys {
    #[kubewright(list_type = "map")] //~ - a list of the type `map` needs `list_map_keys
    list: Vec<String>,
}

#[derive(CustomResource)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", object)]
struct Whole { //~ - a whole object needs the field `pub unknown_fields: UnknownFields`
    metadata: ObjectMeta,
}

#[derive(CustomResource, Clone, Default)]
#[kubewright(group = "sea.example.com", version = "v1", kind = "A", object)]
struct Status {
    metadata: ObjectMeta,
    status: BTreeMap<String, String>, //~ - a status is an `Option`
    unknown_fields: UnknownFields,
}

#[derive(CustomResource, Clone, Debug, Serialize, Deserialize, JsonSchema)] //~ E0277 `WithoutDefault` can't be a field of a custom resource
#[kubewright(group = "sea.example.com", version = "v1", kind = "Undefaulted")]
#[schemars(crate = "kubewright::schemars")]
struct WithoutDefault {} //~ E0277 WithoutDefault

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)] //~ E0277 `Plain: Clone` is not satisfied
#[kubewright(group = "sea.example.com", version = "v1", kind = "Stated", status = Plain)] //~ E0277 Plain
#[schemars(crate = "kubewright::schemars")]
struct StatedSpec {}

struct Plain;

fn main() {}
