//! `apiregistration.k8s.io/v1` marks `caBundle`, which is bytes, as an atomic list: in Go it is one, of bytes.

use crate::model::{MergeRule, Model, Shape};

pub fn apply(model: &mut Model) -> bool {
    let field = super::field(model, "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec", "caBundle");
    field.is_some_and(|field| {
        field.schema.shape == Shape::Bytes && std::mem::take(&mut field.schema.merge) != MergeRule::Unset
    })
}
