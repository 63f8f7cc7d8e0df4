//! Schemas of objects, as the documents of OpenAPI and CustomResourceDefinitions have them.
//!
//! Nothing is converted: a [`Schema`] is a place in a document together with the schemas that references lead to.

use serde_json::{Map, Value};

/// The schema of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema<'a> {
    /// `components.schemas` of the document.
    named: Option<&'a Map<String, Value>>,
    node: Node<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Node<'a> {
    /// As the document has it.
    Written(&'a Value),
    /// Anything; maps are merged key by key, lists replaced.
    Deduced,
    /// The same, in a map with `additionalProperties: true`: of custom resources, objects in it have no fields.
    Undescribed,
    /// A field that the schema doesn't have.
    Absent,
}

/// How values are merged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Merging<'a> {
    /// Replaced as a whole: scalars, and lists and maps that are atomic.
    Whole,
    /// A map or an object, key by key.
    ByKey,
    /// A list of type `set`.
    Set,
    /// A list of type `map`, with the names of its keys.
    ByKeys(&'a [Value]),
}

impl<'a> Schema<'a> {
    /// A named schema of a document, such as `io.k8s.api.apps.v1.Deployment`.
    pub fn named(named: &'a Map<String, Value>, name: &str) -> Option<Self> {
        Some(Self { named: Some(named), node: Node::Written(named.get(name)?) })
    }

    /// A schema without references.
    #[cfg(test)]
    pub fn structural(schema: &'a Value) -> Self {
        Self { named: None, node: Node::Written(schema) }
    }

    /// The schema of what nothing is known of.
    pub fn anything() -> Self {
        Self { named: None, node: Node::Deduced }
    }

    /// The schema of a field of an object, or of a value of a map.
    pub fn field(self, name: &str) -> Self {
        let node = match self.node {
            Node::Written(_) => match self.property(name) {
                Some(property) => Node::Written(property),
                None => self.of_other_keys(),
            },
            other => other,
        };
        Self { node, ..self }
    }

    /// The schema of the items of a list.
    pub fn item(self) -> Self {
        let node = match self.attribute("items") {
            Some(items) => Node::Written(items),
            None if matches!(self.node, Node::Undescribed) => Node::Undescribed,
            None => Node::Deduced,
        };
        Self { node, ..self }
    }

    /// Whether this is a field that the schema has by name, rather than a key of a map.
    pub fn has_property(self, name: &str) -> bool {
        self.property(name).is_some()
    }

    /// The fields that the schema has by name.
    pub fn properties(self) -> impl Iterator<Item = (&'a str, Self)> {
        let properties = self.attribute("properties").and_then(Value::as_object);
        let with =
            move |(name, node): (&'a String, &'a Value)| (name.as_str(), Self { node: Node::Written(node), ..self });
        properties.into_iter().flatten().map(with)
    }

    /// Whether the schema has no such field, and no others than its own.
    pub fn is_absent(self) -> bool {
        matches!(self.node, Node::Absent)
    }

    /// Whether it is a structural schema that has no fields: then an object of a custom resource has none. In the documents of
    /// built-in kinds, such an object has any fields.
    pub fn describes_no_fields(self) -> bool {
        match self.node {
            Node::Written(_) => {
                let has_some = |value: &Value| value.as_object().is_some_and(|all| !all.is_empty());
                !self.is("x-kubernetes-preserve-unknown-fields")
                    && self.attribute("additionalProperties").is_none()
                    && !self.attribute("properties").is_some_and(has_some)
            }
            Node::Undescribed => true,
            Node::Deduced | Node::Absent => false,
        }
    }

    /// How a value of this schema is merged with another.
    pub fn merging(self, value: &Value) -> Merging<'a> {
        match value {
            Value::Object(_) if self.extension("x-kubernetes-map-type").is_some_and(|kind| kind == "atomic") => {
                Merging::Whole
            }
            Value::Object(_) if self.is_untyped() => Merging::Whole,
            Value::Object(_) => Merging::ByKey,
            Value::Array(_) => match self.extension("x-kubernetes-list-type").and_then(Value::as_str) {
                Some("set") => Merging::Set,
                Some("map") => {
                    let keys = self.extension("x-kubernetes-list-map-keys").and_then(Value::as_array);
                    keys.map_or(Merging::Whole, |keys| Merging::ByKeys(keys))
                }
                _ => Merging::Whole,
            },
            _ => Merging::Whole,
        }
    }

    /// The default of the value. An empty object, which the documents give for Go's structs, is none.
    pub fn default(self) -> Option<&'a Value> {
        self.extension("default").filter(|default| default.as_object().is_none_or(|object| !object.is_empty()))
    }

    /// Go's zero of a scalar that is no pointer: the documents give it as its default.
    pub fn zero(self) -> Option<Value> {
        let default = self.extension("default")?;
        let is_zero = *default == "" || *default == 0 || *default == false;
        is_zero.then(|| default.clone())
    }

    /// The name of the schema that this one refers to, such as `io.k8s.api.core.v1.Container`.
    pub fn name(self) -> Option<&'a str> {
        let Node::Written(node) = self.node else { return None };
        reference(node)
    }

    /// Whether the value is a struct of Go that is no pointer: the documents give it an empty object as its default.
    pub fn is_struct(self) -> bool {
        self.extension("default").and_then(Value::as_object).is_some_and(Map::is_empty)
    }

    /// Whether this is a map with values of one type.
    pub fn is_map(self) -> bool {
        self.attribute("additionalProperties").is_some()
    }

    /// Whether a field has to be there.
    pub fn requires(self, name: &str) -> bool {
        let required = self.attribute("required").and_then(Value::as_array);
        required.is_some_and(|names| names.iter().any(|known| known == name))
    }

    /// What is written beside the schema, or in the one that it refers to: an extension or another attribute.
    pub fn extension(self, name: &str) -> Option<&'a Value> {
        let Node::Written(node) = self.node else { return None };
        node.get(name).or_else(|| self.resolved()?.get(name))
    }

    /// The type: `object`, `array`, `string`, `integer`, `number` or `boolean`.
    pub fn kind(self) -> Option<&'a str> {
        self.attribute("type").and_then(Value::as_str)
    }

    /// Whether a boolean extension is set.
    pub fn is(self, extension: &str) -> bool {
        self.extension(extension).and_then(Value::as_bool).unwrap_or(false)
    }

    fn property(self, name: &str) -> Option<&'a Value> {
        self.attribute("properties")?.get(name)
    }

    fn attribute(self, name: &str) -> Option<&'a Value> {
        self.resolved()?.get(name)
    }

    fn of_other_keys(self) -> Node<'a> {
        if self.is("x-kubernetes-preserve-unknown-fields") {
            return Node::Deduced;
        }
        let has_properties = self.attribute("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
        match self.attribute("additionalProperties") {
            Some(Value::Bool(true)) => Node::Undescribed,
            Some(Value::Bool(false)) => Node::Absent,
            Some(schema) => Node::Written(schema),
            None if has_properties => Node::Absent,
            None => Node::Deduced,
        }
    }

    /// Whether nothing is said of the type, so that a value is replaced as a whole.
    fn is_untyped(self) -> bool {
        matches!(self.node, Node::Written(_))
            && self.kind().is_none()
            && self.attribute("properties").is_none()
            && !self.is("x-kubernetes-preserve-unknown-fields")
    }

    /// What the schema is after its references.
    fn resolved(self) -> Option<&'a Value> {
        let Node::Written(mut node) = self.node else { return None };
        // A document refers once or twice; one that refers in a circle is none.
        for _ in 0..8 {
            let Some(name) = reference(node) else { return Some(node) };
            node = self.named?.get(name)?;
        }
        None
    }
}

/// The name that a schema refers to, by itself or as its only part.
fn reference(node: &Value) -> Option<&str> {
    let target = node.get("$ref").or_else(|| match node.get("allOf")?.as_array()?.as_slice() {
        [one] => one.get("$ref"),
        _ => None,
    })?;
    target.as_str()?.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "Deployment": {"type": "object", "properties": {
                "spec": {"allOf": [{"$ref": "#/components/schemas/Spec"}], "default": {}},
            }},
            "Spec": {"type": "object", "properties": {
                "selector": {"allOf": [{"$ref": "#/components/schemas/Selector"}]},
                "ports": {"type": "array", "items": {"$ref": "#/components/schemas/Port"},
                    "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port", "protocol"]},
                "finalizers": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "raw": {"type": "object"},
                "any": {},
            }},
            "Selector": {"type": "object", "x-kubernetes-map-type": "atomic",
                "properties": {"matchLabels": {"type": "object"}}},
            "Port": {"type": "object", "properties": {"port": {"type": "integer"},
                "protocol": {"type": "string", "default": "TCP"}}},
        })
    }

    #[test]
    fn a_schema_leads_to_those_of_its_fields_items_and_keys() {
        let document = document();
        let named = document.as_object().expect("schemas");
        let spec = Schema::named(named, "Deployment").expect("one").field("spec");
        let (map, list) = (json!({}), json!([]));
        assert_eq!(spec.default(), None, "an empty object is Go's way of saying that it is a struct");
        assert_eq!(spec.merging(&map), Merging::ByKey);
        assert_eq!(spec.field("selector").merging(&map), Merging::Whole, "atomic, as the referred one says");
        let ports = spec.field("ports");
        assert_eq!(ports.merging(&list), Merging::ByKeys(&[json!("port"), json!("protocol")]));
        assert_eq!(ports.item().field("protocol").default(), Some(&json!("TCP")));
        assert_eq!(spec.field("finalizers").merging(&list), Merging::Set);
        assert_eq!(spec.field("labels").field("app").kind(), Some("string"));
        assert!(!spec.field("labels").has_property("app") && spec.has_property("labels"));
        assert!(spec.field("bogus").is_absent());
        assert!(!spec.field("raw").field("x").field("y").is_absent(), "anything goes");
        assert_eq!(spec.field("raw").field("x").merging(&map), Merging::ByKey);
        assert_eq!(spec.field("raw").field("x").merging(&list), Merging::Whole);
        assert_eq!(spec.field("any").merging(&map), Merging::Whole, "nothing is known of it");
        assert_eq!(spec.properties().count(), 6);
    }

    #[test]
    fn references_in_a_circle_lead_nowhere() {
        let document = json!({"A": {"$ref": "#/components/schemas/A"}});
        let schema = Schema::named(document.as_object().expect("schemas"), "A").expect("one");
        assert_eq!(schema.kind(), None);
    }
}
