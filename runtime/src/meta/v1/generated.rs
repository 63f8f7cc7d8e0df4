// temporary
#![allow(missing_docs)]
use crate::generated::*;

#[derive(Clone, Default)]
pub struct APIGroup {
    pub name: CompactString,
    pub preferred_version: GroupVersionForDiscovery,
    pub server_address_by_client_cid_rs: Vec<ServerAddressByClientCIDR>,
    pub versions: Vec<GroupVersionForDiscovery>,
    pub unknown_fields: UnknownFields,
}
message!(APIGroup);
impl MessageType for APIGroup { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "APIGroup", gvk: Some(Gvk { group: "", version: "v1", kind: "APIGroup" }), fields: &[
  field("\"name\":").required(),
  field("\"preferredVersion\":").message(GroupVersionForDiscovery::table),
  field("\"serverAddressByClientCIDRs\":").message(ServerAddressByClientCIDR::table),
  field("\"versions\":").required().message(GroupVersionForDiscovery::table),
] }; &TABLE } }
impl Message for APIGroup { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.name.as_slot(),
  1 => self.preferred_version.as_slot(),
  2 => self.server_address_by_client_cid_rs.as_slot(),
  3 => self.versions.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.name.as_value(),
  1 => self.preferred_version.as_value(),
  2 => self.server_address_by_client_cid_rs.as_value(),
  3 => self.versions.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct APIResource {
    pub categories: Vec<CompactString>,
    pub group: Option<CompactString>,
    pub kind: CompactString,
    pub name: CompactString,
    pub namespaced: bool,
    pub short_names: Vec<CompactString>,
    pub singular_name: CompactString,
    pub storage_version_hash: Option<CompactString>,
    pub verbs: Vec<CompactString>,
    pub version: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(APIResource);
impl MessageType for APIResource { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "APIResource", gvk: None, fields: &[
  field("\"categories\":"),
  field("\"group\":").optional(),
  field("\"kind\":").required(),
  field("\"name\":").required(),
  field("\"namespaced\":").required(),
  field("\"shortNames\":"),
  field("\"singularName\":").required(),
  field("\"storageVersionHash\":").optional(),
  field("\"verbs\":").required(),
  field("\"version\":").optional(),
] }; &TABLE } }
impl Message for APIResource { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.categories.as_slot(),
  1 => self.group.as_slot(),
  2 => self.kind.as_slot(),
  3 => self.name.as_slot(),
  4 => self.namespaced.as_slot(),
  5 => self.short_names.as_slot(),
  6 => self.singular_name.as_slot(),
  7 => self.storage_version_hash.as_slot(),
  8 => self.verbs.as_slot(),
  9 => self.version.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.categories.as_value(),
  1 => self.group.as_value(),
  2 => self.kind.as_value(),
  3 => self.name.as_value(),
  4 => self.namespaced.as_value(),
  5 => self.short_names.as_value(),
  6 => self.singular_name.as_value(),
  7 => self.storage_version_hash.as_value(),
  8 => self.verbs.as_value(),
  9 => self.version.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct APIResourceList {
    pub group_version: CompactString,
    pub resources: Vec<APIResource>,
    pub unknown_fields: UnknownFields,
}
message!(APIResourceList);
impl MessageType for APIResourceList { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "APIResourceList", gvk: Some(Gvk { group: "", version: "v1", kind: "APIResourceList" }), fields: &[
  field("\"groupVersion\":").required(),
  field("\"resources\":").required().message(APIResource::table),
] }; &TABLE } }
impl Message for APIResourceList { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.group_version.as_slot(),
  1 => self.resources.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.group_version.as_value(),
  1 => self.resources.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct Condition {
    pub last_transition_time: Time,
    pub message: CompactString,
    pub observed_generation: Option<i64>,
    pub reason: CompactString,
    pub status: CompactString,
    pub r#type: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(Condition);
impl MessageType for Condition { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "Condition", gvk: None, fields: &[
  field("\"lastTransitionTime\":").required(),
  field("\"message\":").required(),
  field("\"observedGeneration\":").optional(),
  field("\"reason\":").required(),
  field("\"status\":").required(),
  field("\"type\":").required(),
] }; &TABLE } }
impl Message for Condition { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.last_transition_time.as_slot(),
  1 => self.message.as_slot(),
  2 => self.observed_generation.as_slot(),
  3 => self.reason.as_slot(),
  4 => self.status.as_slot(),
  5 => self.r#type.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.last_transition_time.as_value(),
  1 => self.message.as_value(),
  2 => self.observed_generation.as_value(),
  3 => self.reason.as_value(),
  4 => self.status.as_value(),
  5 => self.r#type.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct DeleteOptions {
    pub dry_run: Vec<CompactString>,
    pub grace_period_seconds: Option<i64>,
    pub ignore_store_read_error_with_cluster_breaking_potential: Option<bool>,
    pub orphan_dependents: Option<bool>,
    pub preconditions: Option<Box<Preconditions>>,
    pub propagation_policy: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(DeleteOptions);
impl MessageType for DeleteOptions { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "DeleteOptions", gvk: Some(Gvk { group: "", version: "v1", kind: "DeleteOptions" }), fields: &[
  field("\"dryRun\":"),
  field("\"gracePeriodSeconds\":").optional(),
  field("\"ignoreStoreReadErrorWithClusterBreakingPotential\":").optional(),
  field("\"orphanDependents\":").optional(),
  field("\"preconditions\":").optional().message(Preconditions::table),
  field("\"propagationPolicy\":").optional(),
] }; &TABLE } }
impl Message for DeleteOptions { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.dry_run.as_slot(),
  1 => self.grace_period_seconds.as_slot(),
  2 => self.ignore_store_read_error_with_cluster_breaking_potential.as_slot(),
  3 => self.orphan_dependents.as_slot(),
  4 => self.preconditions.as_slot(),
  5 => self.propagation_policy.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.dry_run.as_value(),
  1 => self.grace_period_seconds.as_value(),
  2 => self.ignore_store_read_error_with_cluster_breaking_potential.as_value(),
  3 => self.orphan_dependents.as_value(),
  4 => self.preconditions.as_value(),
  5 => self.propagation_policy.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct FieldSelectorRequirement {
    pub key: CompactString,
    pub operator: CompactString,
    pub values: Vec<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(FieldSelectorRequirement);
impl MessageType for FieldSelectorRequirement { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "FieldSelectorRequirement", gvk: None, fields: &[
  field("\"key\":").required(),
  field("\"operator\":").required(),
  field("\"values\":"),
] }; &TABLE } }
impl Message for FieldSelectorRequirement { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.key.as_slot(),
  1 => self.operator.as_slot(),
  2 => self.values.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.key.as_value(),
  1 => self.operator.as_value(),
  2 => self.values.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct GroupResource {
    pub group: CompactString,
    pub resource: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(GroupResource);
impl MessageType for GroupResource { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "GroupResource", gvk: None, fields: &[
  field("\"group\":").required(),
  field("\"resource\":").required(),
] }; &TABLE } }
impl Message for GroupResource { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.group.as_slot(),
  1 => self.resource.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.group.as_value(),
  1 => self.resource.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct GroupVersionForDiscovery {
    pub group_version: CompactString,
    pub version: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(GroupVersionForDiscovery);
impl MessageType for GroupVersionForDiscovery { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "GroupVersionForDiscovery", gvk: None, fields: &[
  field("\"groupVersion\":").required(),
  field("\"version\":").required(),
] }; &TABLE } }
impl Message for GroupVersionForDiscovery { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.group_version.as_slot(),
  1 => self.version.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.group_version.as_value(),
  1 => self.version.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct LabelSelector {
    pub match_expressions: Vec<LabelSelectorRequirement>,
    pub match_labels: Map<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(LabelSelector);
impl MessageType for LabelSelector { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "LabelSelector", gvk: None, fields: &[
  field("\"matchExpressions\":").message(LabelSelectorRequirement::table),
  field("\"matchLabels\":"),
] }; &TABLE } }
impl Message for LabelSelector { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.match_expressions.as_slot(),
  1 => self.match_labels.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.match_expressions.as_value(),
  1 => self.match_labels.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct LabelSelectorRequirement {
    pub key: CompactString,
    pub operator: CompactString,
    pub values: Vec<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(LabelSelectorRequirement);
impl MessageType for LabelSelectorRequirement { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "LabelSelectorRequirement", gvk: None, fields: &[
  field("\"key\":").required(),
  field("\"operator\":").required(),
  field("\"values\":"),
] }; &TABLE } }
impl Message for LabelSelectorRequirement { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.key.as_slot(),
  1 => self.operator.as_slot(),
  2 => self.values.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.key.as_value(),
  1 => self.operator.as_value(),
  2 => self.values.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct ListMeta {
    pub continue_: Option<CompactString>,
    pub remaining_item_count: Option<i64>,
    pub resource_version: Option<CompactString>,
    pub self_link: Option<CompactString>,
    pub shard_info: Option<Box<ShardInfo>>,
    pub unknown_fields: UnknownFields,
}
message!(ListMeta);
impl MessageType for ListMeta { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "ListMeta", gvk: None, fields: &[
  field("\"continue\":").optional(),
  field("\"remainingItemCount\":").optional(),
  field("\"resourceVersion\":").optional(),
  field("\"selfLink\":").optional(),
  field("\"shardInfo\":").optional().message(ShardInfo::table),
] }; &TABLE } }
impl Message for ListMeta { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.continue_.as_slot(),
  1 => self.remaining_item_count.as_slot(),
  2 => self.resource_version.as_slot(),
  3 => self.self_link.as_slot(),
  4 => self.shard_info.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.continue_.as_value(),
  1 => self.remaining_item_count.as_value(),
  2 => self.resource_version.as_value(),
  3 => self.self_link.as_value(),
  4 => self.shard_info.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct ManagedFieldsEntry {
    pub api_version: Option<CompactString>,
    pub fields_type: Option<CompactString>,
    pub fields_v1: Option<FieldsV1>,
    pub manager: Option<CompactString>,
    pub operation: Option<CompactString>,
    pub subresource: Option<CompactString>,
    pub time: Option<Time>,
    pub unknown_fields: UnknownFields,
}
message!(ManagedFieldsEntry);
impl MessageType for ManagedFieldsEntry { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "ManagedFieldsEntry", gvk: None, fields: &[
  field("\"apiVersion\":").optional(),
  field("\"fieldsType\":").optional(),
  field("\"fieldsV1\":").optional(),
  field("\"manager\":").optional(),
  field("\"operation\":").optional(),
  field("\"subresource\":").optional(),
  field("\"time\":").optional(),
] }; &TABLE } }
impl Message for ManagedFieldsEntry { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.api_version.as_slot(),
  1 => self.fields_type.as_slot(),
  2 => self.fields_v1.as_slot(),
  3 => self.manager.as_slot(),
  4 => self.operation.as_slot(),
  5 => self.subresource.as_slot(),
  6 => self.time.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.api_version.as_value(),
  1 => self.fields_type.as_value(),
  2 => self.fields_v1.as_value(),
  3 => self.manager.as_value(),
  4 => self.operation.as_value(),
  5 => self.subresource.as_value(),
  6 => self.time.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct ObjectMeta {
    pub annotations: Map<CompactString>,
    pub creation_timestamp: Option<Time>,
    pub deletion_grace_period_seconds: Option<i64>,
    pub deletion_timestamp: Option<Time>,
    pub finalizers: Vec<CompactString>,
    pub generate_name: Option<CompactString>,
    pub generation: Option<i64>,
    pub labels: Map<CompactString>,
    pub managed_fields: Vec<ManagedFieldsEntry>,
    pub name: Option<CompactString>,
    pub namespace: Option<CompactString>,
    pub owner_references: Vec<OwnerReference>,
    pub resource_version: Option<CompactString>,
    pub self_link: Option<CompactString>,
    pub uid: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(ObjectMeta);
impl MessageType for ObjectMeta { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "ObjectMeta", gvk: None, fields: &[
  field("\"annotations\":"),
  field("\"creationTimestamp\":").optional(),
  field("\"deletionGracePeriodSeconds\":").optional(),
  field("\"deletionTimestamp\":").optional(),
  field("\"finalizers\":"),
  field("\"generateName\":").optional(),
  field("\"generation\":").optional(),
  field("\"labels\":"),
  field("\"managedFields\":").message(ManagedFieldsEntry::table),
  field("\"name\":").optional(),
  field("\"namespace\":").optional(),
  field("\"ownerReferences\":").message(OwnerReference::table),
  field("\"resourceVersion\":").optional(),
  field("\"selfLink\":").optional(),
  field("\"uid\":").optional(),
] }; &TABLE } }
impl Message for ObjectMeta { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.annotations.as_slot(),
  1 => self.creation_timestamp.as_slot(),
  2 => self.deletion_grace_period_seconds.as_slot(),
  3 => self.deletion_timestamp.as_slot(),
  4 => self.finalizers.as_slot(),
  5 => self.generate_name.as_slot(),
  6 => self.generation.as_slot(),
  7 => self.labels.as_slot(),
  8 => self.managed_fields.as_slot(),
  9 => self.name.as_slot(),
  10 => self.namespace.as_slot(),
  11 => self.owner_references.as_slot(),
  12 => self.resource_version.as_slot(),
  13 => self.self_link.as_slot(),
  14 => self.uid.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.annotations.as_value(),
  1 => self.creation_timestamp.as_value(),
  2 => self.deletion_grace_period_seconds.as_value(),
  3 => self.deletion_timestamp.as_value(),
  4 => self.finalizers.as_value(),
  5 => self.generate_name.as_value(),
  6 => self.generation.as_value(),
  7 => self.labels.as_value(),
  8 => self.managed_fields.as_value(),
  9 => self.name.as_value(),
  10 => self.namespace.as_value(),
  11 => self.owner_references.as_value(),
  12 => self.resource_version.as_value(),
  13 => self.self_link.as_value(),
  14 => self.uid.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct OwnerReference {
    pub api_version: CompactString,
    pub block_owner_deletion: Option<bool>,
    pub controller: Option<bool>,
    pub kind: CompactString,
    pub name: CompactString,
    pub uid: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(OwnerReference);
impl MessageType for OwnerReference { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "OwnerReference", gvk: None, fields: &[
  field("\"apiVersion\":").required(),
  field("\"blockOwnerDeletion\":").optional(),
  field("\"controller\":").optional(),
  field("\"kind\":").required(),
  field("\"name\":").required(),
  field("\"uid\":").required(),
] }; &TABLE } }
impl Message for OwnerReference { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.api_version.as_slot(),
  1 => self.block_owner_deletion.as_slot(),
  2 => self.controller.as_slot(),
  3 => self.kind.as_slot(),
  4 => self.name.as_slot(),
  5 => self.uid.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.api_version.as_value(),
  1 => self.block_owner_deletion.as_value(),
  2 => self.controller.as_value(),
  3 => self.kind.as_value(),
  4 => self.name.as_value(),
  5 => self.uid.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct Preconditions {
    pub resource_version: Option<CompactString>,
    pub uid: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(Preconditions);
impl MessageType for Preconditions { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "Preconditions", gvk: None, fields: &[
  field("\"resourceVersion\":").optional(),
  field("\"uid\":").optional(),
] }; &TABLE } }
impl Message for Preconditions { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.resource_version.as_slot(),
  1 => self.uid.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.resource_version.as_value(),
  1 => self.uid.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct ServerAddressByClientCIDR {
    pub client_cidr: CompactString,
    pub server_address: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(ServerAddressByClientCIDR);
impl MessageType for ServerAddressByClientCIDR { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "ServerAddressByClientCIDR", gvk: None, fields: &[
  field("\"clientCIDR\":").required(),
  field("\"serverAddress\":").required(),
] }; &TABLE } }
impl Message for ServerAddressByClientCIDR { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.client_cidr.as_slot(),
  1 => self.server_address.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.client_cidr.as_value(),
  1 => self.server_address.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct ShardInfo {
    pub selector: CompactString,
    pub unknown_fields: UnknownFields,
}
message!(ShardInfo);
impl MessageType for ShardInfo { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "ShardInfo", gvk: None, fields: &[
  field("\"selector\":").required(),
] }; &TABLE } }
impl Message for ShardInfo { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.selector.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.selector.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct Status {
    pub code: Option<i32>,
    pub details: Option<Box<StatusDetails>>,
    pub message: Option<CompactString>,
    pub metadata: ListMeta,
    pub reason: Option<CompactString>,
    pub status: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(Status);
impl MessageType for Status { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "Status", gvk: Some(Gvk { group: "", version: "v1", kind: "Status" }), fields: &[
  field("\"code\":").optional(),
  field("\"details\":").optional().message(StatusDetails::table),
  field("\"message\":").optional(),
  field("\"metadata\":").message(ListMeta::table),
  field("\"reason\":").optional(),
  field("\"status\":").optional(),
] }; &TABLE } }
impl Message for Status { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.code.as_slot(),
  1 => self.details.as_slot(),
  2 => self.message.as_slot(),
  3 => self.metadata.as_slot(),
  4 => self.reason.as_slot(),
  5 => self.status.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.code.as_value(),
  1 => self.details.as_value(),
  2 => self.message.as_value(),
  3 => self.metadata.as_value(),
  4 => self.reason.as_value(),
  5 => self.status.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct StatusCause {
    pub field: Option<CompactString>,
    pub message: Option<CompactString>,
    pub reason: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(StatusCause);
impl MessageType for StatusCause { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "StatusCause", gvk: None, fields: &[
  field("\"field\":").optional(),
  field("\"message\":").optional(),
  field("\"reason\":").optional(),
] }; &TABLE } }
impl Message for StatusCause { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.field.as_slot(),
  1 => self.message.as_slot(),
  2 => self.reason.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.field.as_value(),
  1 => self.message.as_value(),
  2 => self.reason.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }

#[derive(Clone, Default)]
pub struct StatusDetails {
    pub causes: Vec<StatusCause>,
    pub group: Option<CompactString>,
    pub kind: Option<CompactString>,
    pub name: Option<CompactString>,
    pub retry_after_seconds: Option<i32>,
    pub uid: Option<CompactString>,
    pub unknown_fields: UnknownFields,
}
message!(StatusDetails);
impl MessageType for StatusDetails { fn table() -> &'static Descriptor { static TABLE: Descriptor = Descriptor { name: "StatusDetails", gvk: None, fields: &[
  field("\"causes\":").message(StatusCause::table),
  field("\"group\":").optional(),
  field("\"kind\":").optional(),
  field("\"name\":").optional(),
  field("\"retryAfterSeconds\":").optional(),
  field("\"uid\":").optional(),
] }; &TABLE } }
impl Message for StatusDetails { fn descriptor(&self) -> &'static Descriptor { Self::table() }
 fn slot(&mut self, field: usize) -> Slot<'_> { match field {
  0 => self.causes.as_slot(),
  1 => self.group.as_slot(),
  2 => self.kind.as_slot(),
  3 => self.name.as_slot(),
  4 => self.retry_after_seconds.as_slot(),
  5 => self.uid.as_slot(),
 _ => Slot::None } }
 fn value(&self, field: usize) -> Value<'_> { match field {
  0 => self.causes.as_value(),
  1 => self.group.as_value(),
  2 => self.kind.as_value(),
  3 => self.name.as_value(),
  4 => self.retry_after_seconds.as_value(),
  5 => self.uid.as_value(),
 _ => Value::Absent } }
 fn unknown_fields(&self) -> &UnknownFields { &self.unknown_fields }
 fn unknown_fields_mut(&mut self) -> &mut UnknownFields { &mut self.unknown_fields } }
