//! What a conversion may change of the metadata: labels and annotations.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#response>

use kubewright::message::{Message, MessageType};
use kubewright::meta::v1::ObjectMeta;
use kubewright::reflect::equal_values;

/// Returns the JSON name of a field of the metadata that was changed and may not be. The API server would ignore some of
/// these changes, and reject the review for others.
pub(super) fn changed(before: &ObjectMeta, after: &ObjectMeta) -> Option<&'static str> {
    let fields = ObjectMeta::table().fields.iter().enumerate();
    let mut fixed = fields.filter(|(_, field)| !matches!(field.name(), "labels" | "annotations"));
    let changed = fixed.find(|(index, _)| !equal_values(before.value(*index), after.value(*index)));
    match changed {
        Some((_, field)) => Some(field.name()),
        None if before.unknown_fields != after.unknown_fields => Some("(an unknown field)"),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_annotations_may_change_and_nothing_else() {
        let before = ObjectMeta { uid: Some("1".into()), ..ObjectMeta::named("a").in_namespace("b").label("c", "d") };
        let after = ObjectMeta { labels: Default::default(), ..before.clone() }.annotation("e", "f");
        assert_eq!(changed(&before, &after), None);
        let renamed = ObjectMeta { name: Some("z".into()), ..before.clone() };
        assert_eq!(changed(&before, &renamed), Some("name"));
        let without_uid = ObjectMeta { uid: None, ..before.clone() };
        assert_eq!(changed(&before, &without_uid), Some("uid"));
        let finalized = ObjectMeta { finalizers: vec!["x".into()], ..before.clone() };
        assert_eq!(changed(&before, &finalized), Some("finalizers"));
        let mut unknown = before.clone();
        unknown.unknown_fields.insert("new", "1".parse().expect("JSON"));
        assert_eq!(changed(&before, &unknown), Some("(an unknown field)"));
    }
}
