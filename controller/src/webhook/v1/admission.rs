//! `AdmissionReview` of `admission.k8s.io/v1`.

use kubewright::authentication::v1::UserInfo;
use kubewright::message::{ListType, UnknownFields};
use kubewright::meta::v1::Status;
use kubewright::runtime::{open_enum, table};
use kubewright::{ByteString, CompactString, Map, RawJson};

/// Question of the API server whether a request is admitted, and the webhook's response.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request>
#[derive(Clone, Default)]
pub struct AdmissionReview {
    /// What the API server asks.
    pub request: Option<Box<AdmissionRequest>>,
    /// What the webhook responds.
    pub response: Option<Box<AdmissionResponse>>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// A request to the API server, as admission webhooks receive it.
///
/// <https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/#admission-k8s-io-v1-AdmissionRequest>
#[derive(Clone, Default)]
pub struct AdmissionRequest {
    /// Identifies this call of the webhook; the response repeats it. It is not the uid of the object.
    pub uid: CompactString,
    /// The kind of `object`, such as `autoscaling/v1` `Scale`.
    pub kind: GroupVersionKind,
    /// The resource, such as `apps/v1` `deployments`.
    pub resource: GroupVersionResource,
    /// The subresource, such as `scale`.
    pub sub_resource: Option<CompactString>,
    /// The kind that the client sent, if the API server converted it to another version (`matchPolicy: Equivalent`).
    pub request_kind: Option<Box<GroupVersionKind>>,
    /// The resource that the client addressed, before a conversion.
    pub request_resource: Option<Box<GroupVersionResource>>,
    /// The subresource that the client addressed, before a conversion.
    pub request_sub_resource: Option<CompactString>,
    /// The name. Absent in a create request that leaves the name to the server (`generateName`).
    pub name: Option<CompactString>,
    /// The namespace, of a namespaced resource. For a namespace itself it is its own name.
    pub namespace: Option<CompactString>,
    /// The operation.
    pub operation: Operation,
    /// The client's user.
    pub user_info: UserInfo,
    /// The object as it would be stored; absent in `DELETE`. In `CONNECT` it is the options, such as `PodExecOptions`.
    pub object: Option<RawJson>,
    /// The stored object; in `UPDATE` and `DELETE` only.
    pub old_object: Option<RawJson>,
    /// Whether nothing will be stored, so that the webhook must have no side effects.
    pub dry_run: Option<bool>,
    /// The options of the operation, such as `meta.k8s.io/v1` `CreateOptions`.
    pub options: Option<RawJson>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// The decision of an admission webhook.
///
/// <https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/#admission-k8s-io-v1-AdmissionResponse>
#[derive(Clone, Default)]
pub struct AdmissionResponse {
    /// The uid of the request.
    pub uid: CompactString,
    /// Whether the request is admitted.
    pub allowed: bool,
    /// Why it is not: the error that the client receives.
    pub status: Option<Box<Status>>,
    /// A patch of the object, in the form that `patch_type` names.
    pub patch: Option<ByteString>,
    /// The form of the patch: `JSONPatch`.
    pub patch_type: Option<CompactString>,
    /// Annotations of the audit event. The API server prefixes the keys with the webhook's name.
    pub audit_annotations: Map<CompactString>,
    /// Warnings for the client. The API server truncates long ones (256 bytes each, 4096 in all).
    pub warnings: Vec<CompactString>,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// Group, version and kind, as a message.
#[derive(Clone, Default)]
pub struct GroupVersionKind {
    /// The API group; empty for the core group.
    pub group: CompactString,
    /// The version within the group.
    pub version: CompactString,
    /// The kind.
    pub kind: CompactString,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

/// Group, version and resource, as a message.
#[derive(Clone, Default)]
pub struct GroupVersionResource {
    /// The API group; empty for the core group.
    pub group: CompactString,
    /// The version within the group.
    pub version: CompactString,
    /// The plural name, such as `deployments`.
    pub resource: CompactString,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

open_enum! {
    /// The operation that is to be admitted.
    pub enum Operation {
        /// Create an object, or a subresource such as `pods/eviction`.
        Create = "CREATE",
        /// Update or patch an object.
        Update = "UPDATE",
        /// Delete an object. A deletion of a collection is one request for each object.
        Delete = "DELETE",
        /// Connect to an object: exec, attach, port-forward, proxy.
        Connect = "CONNECT",
    }
}

table! { AdmissionReview("admission.k8s.io", "v1", "AdmissionReview"):
    0 request "request" { optional: true, message: Some(AdmissionRequest::table), };
    1 response "response" { optional: true, message: Some(AdmissionResponse::table), };
}
table! { AdmissionRequest:
    0 uid "uid" { required: true, };
    1 kind "kind" { required: true, message: Some(GroupVersionKind::table), };
    2 resource "resource" { required: true, message: Some(GroupVersionResource::table), };
    3 sub_resource "subResource" { optional: true, };
    4 request_kind "requestKind" { optional: true, message: Some(GroupVersionKind::table), };
    5 request_resource "requestResource" { optional: true, message: Some(GroupVersionResource::table), };
    6 request_sub_resource "requestSubResource" { optional: true, };
    7 name "name" { optional: true, };
    8 namespace "namespace" { optional: true, };
    9 operation "operation" { required: true, };
    10 user_info "userInfo" { required: true, message: Some(UserInfo::table), };
    // The objects may be secrets.
    11 object "object" { optional: true, secret: true, };
    12 old_object "oldObject" { optional: true, secret: true, };
    13 dry_run "dryRun" { optional: true, };
    14 options "options" { optional: true, };
}
table! { AdmissionResponse:
    0 uid "uid" { required: true, };
    1 allowed "allowed" { required: true, };
    2 status "status" { optional: true, message: Some(Status::table), };
    3 patch "patch" { optional: true, };
    4 patch_type "patchType" { optional: true, };
    5 audit_annotations "auditAnnotations" { };
    6 warnings "warnings" { list: ListType::Atomic, };
}
table! { GroupVersionKind:
    0 group "group" { required: true, };
    1 version "version" { required: true, };
    2 kind "kind" { required: true, };
}
table! { GroupVersionResource:
    0 group "group" { required: true, };
    1 version "version" { required: true, };
    2 resource "resource" { required: true, };
}
