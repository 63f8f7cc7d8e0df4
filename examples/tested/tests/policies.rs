//! Admission policies: one that adds a label, and one that refuses.

use kubewright::admissionregistration::v1::{MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding};
use kubewright::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kubewright::core::v1::ConfigMap;
use kubewright::prelude::*;
use kubewright_fake::FakeCluster;

const MUTATING: &str = r#"
metadata: {name: team}
spec:
  matchConstraints:
    resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}]
  matchConditions:
  - {name: no-team, expression: "!('team' in object.metadata.?labels.orValue({}))"}
  reinvocationPolicy: Never
  failurePolicy: Fail
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: "Object{metadata: Object.metadata{labels: {'team': request.namespace}}}"
"#;

const VALIDATING: &str = r#"
metadata: {name: known-team}
spec:
  matchConstraints:
    resourceRules: [{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}]
  validations:
  - expression: "object.metadata.labels['team'] in ['shop', 'default']"
    messageExpression: "'unknown team ' + object.metadata.labels['team']"
    reason: Forbidden
"#;

#[tokio::test]
async fn every_map_has_a_team() -> Result<(), Box<dyn std::error::Error>> {
    let client = FakeCluster::builder().build()?.client();
    let admission = client.admissionregistration_v1();
    let policy: MutatingAdmissionPolicy = kubewright::yaml::from_str(MUTATING)?;
    admission.mutating_admission_policies().create(&policy).await?;
    let policy: ValidatingAdmissionPolicy = kubewright::yaml::from_str(VALIDATING)?;
    admission.validating_admission_policies().create(&policy).await?;

    // Policies have no effect before a binding names them.
    let binding: MutatingAdmissionPolicyBinding =
        kubewright::yaml::from_str("{metadata: {name: team}, spec: {policyName: team}}")?;
    admission.mutating_admission_policy_bindings().create(&binding).await?;
    let binding: ValidatingAdmissionPolicyBinding = kubewright::yaml::from_str(
        "{metadata: {name: known-team}, spec: {policyName: known-team, validationActions: [Deny]}}",
    )?;
    admission.validating_admission_policy_bindings().create(&binding).await?;

    let config_maps = client.core_v1().config_maps("default");
    let mut map = ConfigMap { metadata: ObjectMeta::named("settings"), ..Default::default() };
    let created = config_maps.create(&map).await?;
    assert_eq!(created.metadata.labels["team"], "default");

    map.metadata = ObjectMeta::named("others");
    map.metadata.labels.insert("team", "nobody");
    let refused = config_maps.create(&map).await.expect_err("an unknown team");
    assert!(refused.is_forbidden() && refused.to_string().contains("unknown team nobody"), "{refused}");
    Ok(())
}
