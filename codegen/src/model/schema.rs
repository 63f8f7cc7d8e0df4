//! What a schema means.

use openapiv3::{
    AdditionalProperties, AnySchema, IntegerFormat, ReferenceOr, SchemaData, SchemaKind, StringFormat, Type,
    VariantOrUnknownOrEmpty,
};
use serde_json::Value;

use super::{Availability, restrictions};

/// A schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// What a value looks like.
    pub shape: Shape,
    /// The server's description; pinned documents have none.
    pub description: Option<String>,
    /// What the server puts where a value is absent.
    pub default: Option<Value>,
    /// Whether null is a value.
    pub nullable: bool,
    /// How server-side apply merges the value.
    pub merge: MergeRule,
    /// The field that identifies a list's items in a strategic merge patch.
    pub patch_merge_key: Option<String>,
    /// Whether the documents call it a password.
    pub secret: bool,
    /// What is checked of a value beside its type, in words.
    pub restrictions: Option<String>,
}

/// What a value looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    /// Any JSON.
    #[default]
    Any,
    /// Text.
    String,
    /// Text of which some values are listed.
    Enum(Vec<EnumValue>),
    /// Bytes, in base64.
    Bytes,
    /// A point in time.
    Time,
    /// A number or a text.
    IntOrString,
    /// An amount, such as `500m`.
    Quantity,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A floating-point number.
    Number,
    /// A boolean.
    Boolean,
    /// A list.
    List(Box<Schema>),
    /// A map from names to values.
    Map(Box<Schema>),
    /// An object with known fields.
    Object(Object),
    /// A schema of this name.
    Reference(String),
}

/// An object with known fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The fields, by JSON name.
    pub fields: Vec<Field>,
    /// Whether server-side apply owns the object as a whole.
    pub atomic: bool,
    /// The fields of which exactly one is there, where the schema leaves no doubt of it; none otherwise.
    pub one_of: Vec<String>,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The JSON name.
    pub name: String,
    /// Whether the documents require it.
    pub required: bool,
    /// What stands in it.
    pub schema: Schema,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// A value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// The value, as the server writes it.
    pub value: String,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

impl Field {
    /// Whether it is stored by value: the documents require it, or its default is the zero value, which is how they mark it.
    pub fn is_plain(&self) -> bool {
        self.required || self.schema.default.as_ref().is_some_and(is_zero)
    }
}

/// Whether a default is the zero value of its type.
pub fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Null => false,
    }
}

/// How server-side apply merges a list, map or object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum MergeRule {
    /// The documents don't say.
    #[default]
    Unset,
    /// As a whole.
    Atomic,
    /// A list of values, each on its own.
    Set,
    /// A list of objects, told apart by these fields.
    Map(Vec<String>),
}

/// What Kubernetes writes as the pattern of a quantity.
pub(super) const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";
/// What every embedded object has.
const EMBEDDED: [&str; 3] = ["apiVersion", "kind", "metadata"];
/// The schemas that stand for values with a type of their own.
const LEAVES: [(&str, Shape); 4] = [
    ("io.k8s.apimachinery.pkg.api.resource.Quantity", Shape::Quantity),
    ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", Shape::IntOrString),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Time", Shape::Time),
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", Shape::Any),
];

impl Schema {
    /// Reads a schema of a document.
    pub fn read(schema: &ReferenceOr<openapiv3::Schema>) -> Self {
        match schema {
            ReferenceOr::Reference { reference } => Self { shape: Shape::reference(reference), ..Default::default() },
            ReferenceOr::Item(schema) => Self::read_item(schema),
        }
    }

    fn read_item(schema: &openapiv3::Schema) -> Self {
        let data = &schema.schema_data;
        let mut read = Self {
            shape: Shape::read(&schema.schema_kind, data),
            description: data.description.clone().filter(|text| !text.trim().is_empty()),
            default: data.default.clone(),
            nullable: data.nullable,
            merge: MergeRule::read(data),
            secret: is_password(&schema.schema_kind),
            restrictions: restrictions::of(schema),
            patch_merge_key: text(data, "x-kubernetes-patch-merge-key").map(str::to_owned),
        };
        if let Shape::Object(object) = &mut read.shape {
            object.atomic = read.merge == MergeRule::Atomic;
        }
        read
    }
}

impl Shape {
    fn reference(reference: &str) -> Self {
        let name = reference.strip_prefix("#/components/schemas/").unwrap_or(reference);
        let leaf = LEAVES.iter().find(|(leaf, _)| *leaf == name);
        leaf.map_or_else(|| Self::Reference(name.to_owned()), |(_, shape)| shape.clone())
    }

    fn read(kind: &SchemaKind, data: &SchemaData) -> Self {
        if flag(data, "x-kubernetes-int-or-string") {
            let pattern = match kind {
                SchemaKind::Any(any) => any.pattern.as_deref(),
                _ => None,
            };
            return if pattern == Some(QUANTITY_PATTERN) { Self::Quantity } else { Self::IntOrString };
        }
        match kind {
            SchemaKind::Type(Type::String(string)) => {
                let known: Vec<String> = string.enumeration.iter().flatten().cloned().collect();
                let format = match &string.format {
                    VariantOrUnknownOrEmpty::Item(StringFormat::Byte) => "byte",
                    VariantOrUnknownOrEmpty::Item(StringFormat::DateTime) => "date-time",
                    VariantOrUnknownOrEmpty::Unknown(format) => format,
                    _ => "",
                };
                Self::string(format, known)
            }
            SchemaKind::Type(Type::Integer(integer)) => match integer.format {
                VariantOrUnknownOrEmpty::Item(IntegerFormat::Int32) => Self::Int32,
                _ => Self::Int64,
            },
            SchemaKind::Type(Type::Number(_)) => Self::Number,
            SchemaKind::Type(Type::Boolean(_)) => Self::Boolean,
            SchemaKind::Type(Type::Array(array)) => Self::list(array.items.as_ref()),
            SchemaKind::Type(Type::Object(object)) => {
                let properties = object.properties.iter().map(|(name, schema)| (name.as_str(), schema));
                let shape =
                    Self::object(properties.collect(), &object.required, object.additional_properties.as_ref(), data);
                shape.of_one(&[], object.max_properties)
            }
            SchemaKind::AllOf { all_of } => match all_of.as_slice() {
                [one] => Schema::read(one).shape,
                _ => Self::Any,
            },
            SchemaKind::Any(any) => Self::read_any(any, data),
            SchemaKind::OneOf { .. } | SchemaKind::AnyOf { .. } | SchemaKind::Not { .. } => Self::Any,
        }
    }

    /// A schema with more than one keyword: in Kubernetes `oneOf` and its like only restrict what the rest says.
    fn read_any(any: &AnySchema, data: &SchemaData) -> Self {
        match any.typ.as_deref() {
            Some("string") => {
                let known = any.enumeration.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
                Self::string(any.format.as_deref().unwrap_or_default(), known)
            }
            Some("integer") if any.format.as_deref() == Some("int32") => Self::Int32,
            Some("integer") => Self::Int64,
            Some("number") => Self::Number,
            Some("boolean") => Self::Boolean,
            Some("array") => Self::list(any.items.as_ref()),
            None if any.properties.is_empty() => match (any.format.as_deref(), any.all_of.as_slice()) {
                (Some("int-or-string"), _) => Self::IntOrString,
                (_, [one]) => Schema::read(one).shape,
                _ => Self::Any,
            },
            Some("object") | None => {
                let properties = any.properties.iter().map(|(name, schema)| (name.as_str(), schema));
                let shape = Self::object(properties.collect(), &any.required, any.additional_properties.as_ref(), data);
                shape.of_one(&any.one_of, any.max_properties)
            }
            Some(_) => Self::Any,
        }
    }

    /// Notes the fields of which one alone is there: each alternative of `oneOf` requires one field and says nothing else, or
    /// no more than one may be there at all. Fields that are there in any case, or have another way to be absent, are none.
    fn of_one(mut self, alternatives: &[ReferenceOr<openapiv3::Schema>], max_properties: Option<usize>) -> Self {
        let Self::Object(object) = &mut self else { return self };
        let required = |schema: &ReferenceOr<openapiv3::Schema>| {
            let schema = serde_json::to_value(schema).ok()?;
            let [name] = schema.get("required")?.as_array()?.as_slice() else { return None };
            (schema.as_object()?.len() == 1).then(|| name.as_str().map(str::to_owned)).flatten()
        };
        let names: Option<Vec<String>> = match max_properties {
            Some(1) => Some(object.fields.iter().map(|field| field.name.clone()).collect()),
            _ => alternatives.iter().map(required).collect(),
        };
        let names = names.unwrap_or_default();
        let is_plain = |name: &String| {
            let field = object.fields.iter().find(|field| field.name == *name);
            field.is_some_and(|field| !field.required && !field.schema.nullable && field.schema.default.is_none())
        };
        let distinct = names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len();
        if names.len() > 1 && distinct && names.iter().all(is_plain) {
            object.one_of = names;
        }
        self
    }

    fn string(format: &str, known: Vec<String>) -> Self {
        match format {
            _ if !known.is_empty() => Self::Enum(
                known.into_iter().map(|value| EnumValue { value, availability: Availability::default() }).collect(),
            ),
            "byte" => Self::Bytes,
            "date-time" => Self::Time,
            "int-or-string" => Self::IntOrString,
            _ => Self::String,
        }
    }

    fn list(items: Option<&ReferenceOr<Box<openapiv3::Schema>>>) -> Self {
        Self::List(Box::new(items.map(unboxed).unwrap_or_default()))
    }

    fn object(
        properties: Vec<(&str, &ReferenceOr<Box<openapiv3::Schema>>)>,
        required: &[String],
        additional: Option<&AdditionalProperties>,
        data: &SchemaData,
    ) -> Self {
        if properties.is_empty() {
            let open = ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"];
            return match additional {
                Some(AdditionalProperties::Schema(schema)) => Self::Map(Box::new(Schema::read(schema))),
                Some(AdditionalProperties::Any(true)) => Self::Map(Box::default()),
                _ if open.iter().any(|mark| flag(data, mark)) => Self::Any,
                _ => Self::Object(Object::default()),
            };
        }
        let mut fields: Vec<Field> = properties
            .into_iter()
            .map(|(name, schema)| Field {
                name: name.to_owned(),
                required: required.iter().any(|required| required == name),
                schema: unboxed(schema),
                availability: Availability::default(),
            })
            .collect();
        if flag(data, "x-kubernetes-embedded-resource") {
            // What every object has is described by the server, and not in the definition.
            for field in fields.iter_mut().filter(|field| EMBEDDED.contains(&field.name.as_str())) {
                field.schema.description = None;
            }
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        Self::Object(Object { fields, ..Object::default() })
    }
}

impl MergeRule {
    fn read(data: &SchemaData) -> Self {
        match (text(data, "x-kubernetes-list-type"), text(data, "x-kubernetes-map-type")) {
            (Some("atomic"), _) | (_, Some("atomic")) => Self::Atomic,
            (Some("set"), _) => Self::Set,
            (Some("map"), _) => {
                let keys = data.extensions.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
                Self::Map(keys.into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned)).collect())
            }
            _ => Self::Unset,
        }
    }
}

fn unboxed(schema: &ReferenceOr<Box<openapiv3::Schema>>) -> Schema {
    match schema {
        ReferenceOr::Reference { reference } => Schema { shape: Shape::reference(reference), ..Default::default() },
        ReferenceOr::Item(schema) => Schema::read_item(schema),
    }
}

fn is_password(kind: &SchemaKind) -> bool {
    match kind {
        SchemaKind::Type(Type::String(string)) => {
            string.format == VariantOrUnknownOrEmpty::Item(StringFormat::Password)
        }
        SchemaKind::Any(any) => any.format.as_deref() == Some("password"),
        _ => false,
    }
}

fn flag(data: &SchemaData, name: &str) -> bool {
    data.extensions.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn text<'a>(data: &'a SchemaData, name: &str) -> Option<&'a str> {
    data.extensions.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(schema: Value) -> Shape {
        Schema::read(&serde_json::from_value(schema).expect("a schema")).shape
    }

    #[test]
    fn a_reference_inside_all_of_keeps_the_default_beside_it() {
        let schema = json!({"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.PodSpec"}]});
        let schema = Schema::read(&serde_json::from_value(schema).expect("a schema"));
        assert_eq!(schema.shape, Shape::Reference("io.k8s.api.core.v1.PodSpec".into()));
        assert_eq!(schema.default, Some(json!({})));
    }

    #[test]
    fn scalars_follow_type_and_format() {
        assert_eq!(shape(json!({"type": "string"})), Shape::String);
        assert_eq!(shape(json!({"type": "string", "format": "byte"})), Shape::Bytes);
        assert_eq!(shape(json!({"type": "string", "format": "date-time"})), Shape::Time);
        assert_eq!(shape(json!({"type": "string", "format": "uri", "minimum": 1})), Shape::String);
        assert_eq!(shape(json!({"type": "integer", "format": "int32"})), Shape::Int32);
        assert_eq!(shape(json!({"type": "integer"})), Shape::Int64);
        assert_eq!(shape(json!({"type": "integer", "format": "uint16", "maximum": 1e300})), Shape::Int64);
        assert_eq!(shape(json!({"type": "number", "format": "double"})), Shape::Number);
        assert_eq!(shape(json!({"type": "boolean", "uniqueItems": true})), Shape::Boolean);
        assert_eq!(shape(json!({})), Shape::Any);
    }

    #[test]
    fn a_null_among_the_values_of_an_enum_is_no_value() {
        assert_eq!(
            shape(json!({"type": "string", "nullable": true, "enum": ["a", null]})),
            Shape::Enum(vec![EnumValue { value: "a".into(), availability: Availability::default() }])
        );
    }

    #[test]
    fn int_or_string_with_the_pattern_of_a_quantity_is_a_quantity() {
        let quantity = json!({"x-kubernetes-int-or-string": true, "pattern": QUANTITY_PATTERN,
            "anyOf": [{"type": "integer"}, {"type": "string"}]});
        assert_eq!(shape(quantity), Shape::Quantity);
        assert_eq!(shape(json!({"x-kubernetes-int-or-string": true})), Shape::IntOrString);
        assert_eq!(
            shape(json!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]})),
            Shape::IntOrString
        );
    }

    #[test]
    fn objects_without_fields_are_maps_or_raw_or_empty() {
        assert_eq!(shape(json!({"type": "object"})), Shape::Object(Object::default()));
        assert_eq!(shape(json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})), Shape::Any);
        assert_eq!(shape(json!({"x-kubernetes-preserve-unknown-fields": true})), Shape::Any);
        assert_eq!(shape(json!({"type": "object", "x-kubernetes-embedded-resource": true})), Shape::Any);
        let Shape::Map(values) = shape(json!({"type": "object", "additionalProperties": {"type": "string"}})) else {
            panic!("a map")
        };
        assert_eq!(values.shape, Shape::String);
    }

    #[test]
    fn one_of_beside_properties_only_restricts_them() {
        let schema = json!({"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}, "a": {"type": "string"}},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
        let Shape::Object(object) = shape(schema) else { panic!("an object") };
        let fields: Vec<_> = object.fields.iter().map(|field| (field.name.as_str(), field.required)).collect();
        assert_eq!(fields, [("a", false), ("b", true)]);
    }
}
