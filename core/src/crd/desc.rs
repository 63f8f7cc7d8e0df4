//! What a CustomResourceDefinition says beside names and schema, as constants.

/// What the CRD of a kind says of one version, beside what [`ResourceDesc`](crate::ResourceDesc) has.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionSpec>
#[derive(Clone, Copy, Debug)]
pub struct CrdDesc {
    /// What the kind is for: the description of its schema. May be empty.
    pub description: &'static str,
    /// The kind of lists, where it is not the kind followed by `List`.
    pub list_kind: Option<&'static str>,
    /// Whether the version is the one that objects are stored in.
    pub storage: bool,
    /// Whether the version is served.
    pub served: bool,
    /// Whether the version is deprecated, so that the server warns of its use.
    pub deprecated: bool,
    /// What the server says then, in place of its own words.
    pub deprecation_warning: Option<&'static str>,
    /// Whether there is a subresource `status`.
    pub status: bool,
    /// The subresource `scale`.
    pub scale: Option<Scale>,
    /// The columns that `kubectl get` prints.
    pub columns: &'static [PrinterColumn],
    /// The fields that field selectors may name, such as `.spec.color`.
    pub selectable: &'static [&'static str],
    /// The CRD's labels.
    pub labels: &'static [(&'static str, &'static str)],
    /// The CRD's annotations.
    pub annotations: &'static [(&'static str, &'static str)],
    /// The rules for whole objects.
    pub rules: &'static [Rule],
}

/// Where the subresource `scale` has its values.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource>
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The path of the wanted replicas, such as `.spec.replicas`.
    pub spec_replicas: &'static str,
    /// The path of the observed replicas, such as `.status.replicas`.
    pub status_replicas: &'static str,
    /// The path of the label selector, as text, such as `.status.selector`.
    pub label_selector: Option<&'static str>,
}

/// A column that `kubectl get` prints.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns>
#[derive(Clone, Copy, Debug)]
pub struct PrinterColumn {
    /// The heading.
    pub name: &'static str,
    /// `integer`, `number`, `string`, `boolean` or `date`.
    pub kind: &'static str,
    /// Where its value is, such as `.spec.replicas`.
    pub json_path: &'static str,
    /// What it is, for people.
    pub description: Option<&'static str>,
    /// How the value is written, such as `int32`.
    pub format: Option<&'static str>,
    /// 0 for what is always printed; what is greater is printed by `kubectl get -o wide`.
    pub priority: i32,
}

/// A validation rule in CEL.
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The expression, which is true of what is valid: `self.min <= self.max`.
    pub rule: &'static str,
    /// What the server says of what is not.
    pub message: Option<&'static str>,
    /// An expression that gives that text.
    pub message_expression: Option<&'static str>,
    /// `FieldValueInvalid`, `FieldValueForbidden`, `FieldValueRequired` or `FieldValueDuplicate`.
    pub reason: Option<&'static str>,
    /// The field that the error names, relative to where the rule stands.
    pub field_path: Option<&'static str>,
    /// Whether a rule with `oldSelf` is also checked where there is no old value.
    pub optional_old_self: bool,
}

/// A field, and what its attributes say of it beyond its type.
#[derive(Clone, Copy, Debug)]
pub struct FieldDesc {
    /// The name in JSON.
    pub name: &'static str,
    /// What it is for; empty where the type's own description is to stand.
    pub description: &'static str,
    /// Whether objects without it are refused.
    pub required: bool,
    /// The rules for its value.
    pub rules: &'static [Rule],
    /// Keywords of its schema, and their values as JSON: `("x-kubernetes-list-type", "\"map\"")`.
    pub keywords: &'static [(&'static str, &'static str)],
    /// The same of the fields inside.
    pub fields: &'static [FieldDesc],
}

impl CrdDesc {
    /// Of a version that is stored and served, and nothing else.
    pub const NEW: Self = CrdDesc {
        description: "",
        list_kind: None,
        storage: true,
        served: true,
        deprecated: false,
        deprecation_warning: None,
        status: false,
        scale: None,
        columns: &[],
        selectable: &[],
        labels: &[],
        annotations: &[],
        rules: &[],
    };
}
