//! A kind that has protobuf, as generated code would have it.

use kubewright_runtime::codegen::*;
use kubewright_runtime::message::Gvk;
use kubewright_runtime::{CompactString, table, verbs};

#[derive(Clone, Default)]
pub struct Widget {
    pub metadata: ObjectMeta,
    pub spec: WidgetSpec,
    pub unknown_fields: UnknownFields,
}

#[derive(Clone, Default)]
pub struct WidgetSpec {
    pub color: Option<CompactString>,
    pub sizes: Vec<i32>,
    pub parts: Vec<WidgetSpec>,
    pub unknown_fields: UnknownFields,
}

pub const WIDGET: Gvk = Gvk { group: "shapes.example.com", version: "v1", kind: "Widget" };

table! { Widget("shapes.example.com", "v1", "Widget"):
    0 metadata "metadata" { number: 1, message: Some(ObjectMeta::table), };
    1 spec "spec" { number: 2, message: Some(WidgetSpec::table), };
}
table! { WidgetSpec:
    0 color "color" { number: 1, optional: true, };
    1 sizes "sizes" { number: 2, };
    2 parts "parts" { number: 3, message: Some(WidgetSpec::table), };
}

impl Object for Widget {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Resource for Widget {
    const RESOURCE: &'static ResourceDesc = &ResourceDesc {
        group: "shapes.example.com",
        version: "v1",
        kind: "Widget",
        plural: "widgets",
        singular: "widget",
        short_names: &[],
        categories: &[],
        namespaced: true,
        served: Served::ALWAYS,
    };
}

verbs!(Widget: Get, List, Watch, Create, Replace, Patch, Delete, DeleteCollection);

/// A widget of this name and colour.
pub fn widget(name: &str, color: &str) -> Widget {
    let mut widget = Widget::default();
    widget.metadata.name = Some(name.into());
    widget.spec.color = Some(color.into());
    widget
}
