//! `events.k8s.io/v1` says that `eventTime` is required, and serves `null` for every event that was recorded through the
//! core group: a required time would be written back as one that never was.

use crate::model::Model;

pub fn apply(model: &mut Model) -> bool {
    let field = super::field(model, "io.k8s.api.events.v1.Event", "eventTime");
    field.is_some_and(|field| std::mem::take(&mut field.required))
}
