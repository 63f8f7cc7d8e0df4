//! What a CustomResourceDefinition says of a version beside its schema, and what no published document has.

/// A version of a CustomResourceDefinition.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionSpec>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Whether objects are stored in this version.
    pub storage: bool,
    /// What the server warns of whenever the version is used: it is deprecated.
    pub deprecated: Option<String>,
    /// The columns that `kubectl get` prints.
    pub columns: Vec<Column>,
    /// The paths that field selectors may name: `.spec.color`.
    pub selectable: Vec<String>,
    /// Whether there is a subresource `status`.
    pub status: bool,
    /// Where the subresource `scale` has its values.
    pub scale: Option<ScalePaths>,
}

/// A column that `kubectl get` prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// `integer`, `number`, `string`, `boolean` or `date`.
    pub kind: String,
    /// How the value is written: `int32`.
    pub format: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// 0 for what is always printed.
    pub priority: i32,
    /// Where the value is: `.spec.replicas`.
    pub path: String,
}

/// Where the subresource `scale` has its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalePaths {
    /// The wanted replicas: `.spec.replicas`.
    pub spec: String,
    /// The observed replicas: `.status.replicas`.
    pub status: String,
    /// The label selector, as text: `.status.selector`.
    pub selector: Option<String>,
}
