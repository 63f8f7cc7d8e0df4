//! A kind that has protobuf, as generated code would have it.

use kubewright_runtime::generated::*;
use kubewright_runtime::message::Gvk;
use kubewright_runtime::message::field;
use kubewright_runtime::{CompactString, verbs};

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

macro_rules! message_type {
    ($ty:ident, $gvk:expr, [$($index:literal $place:ident => $field:expr),*]) => {
        kubewright_runtime::message!($ty);

        impl MessageType for $ty {
            fn table() -> &'static Descriptor {
                static TABLE: Descriptor = Descriptor::new(stringify!($ty), $gvk, &[$($field),*]);
                &TABLE
            }
        }

        impl Message for $ty {
            fn descriptor(&self) -> &'static Descriptor {
                Self::table()
            }

            fn slot(&mut self, field: usize) -> Slot<'_> {
                match field {
                    $($index => self.$place.as_slot(),)*
                    _ => Slot::None,
                }
            }

            fn value(&self, field: usize) -> Value<'_> {
                match field {
                    $($index => self.$place.as_value(),)*
                    _ => Value::Absent,
                }
            }

            fn unknown_fields(&self) -> &UnknownFields {
                &self.unknown_fields
            }

            fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
                &mut self.unknown_fields
            }
        }
    };
}

pub const WIDGET: Gvk = Gvk { group: "shapes.example.com", version: "v1", kind: "Widget" };

message_type!(Widget, Some(WIDGET), [
    0 metadata => field("\"metadata\":").number(1).message(ObjectMeta::table),
    1 spec => field("\"spec\":").number(2).message(WidgetSpec::table)
]);
message_type!(WidgetSpec, None, [
    0 color => field("\"color\":").number(1).optional(),
    1 sizes => field("\"sizes\":").number(2),
    2 parts => field("\"parts\":").number(3).message(WidgetSpec::table)
]);

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
