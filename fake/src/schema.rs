//! Schemas of objects, as the documents of OpenAPI and CustomResourceDefinitions have them.
//!
//! A [`Schema`] is a place in the [`Schemas`] of a document, which are read once: their references are resolved, and what writes ask for
//! at every field of every object is beside them.

mod below;
mod places;
mod properties;

use serde_json::{Map, Value};

use places::{Fields, ListType, Others, Place, SetFields};

/// The schemas of a document, by name.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    places: places::Places,
}

impl Schemas {
    /// Reads `components.schemas` of a document.
    pub fn new(named: Map<String, Value>) -> Self {
        Self { places: places::Places::new(named, None) }
    }

    /// The same, where one of them is the structural schema of a definition: an empty object is a default there as others are,
    /// where in a document it says that Go has a struct.
    pub fn with_structural(named: Map<String, Value>, structural: &str) -> Self {
        Self { places: places::Places::new(named, Some(structural)) }
    }
}

/// The schema of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema<'a> {
    node: Node<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Node<'a> {
    /// As the document has it, at a place.
    Written(&'a Schemas, u32),
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
    pub fn named(schemas: &'a Schemas, name: &str) -> Option<Self> {
        Some(Self { node: Node::Written(schemas, schemas.places.named(name)?) })
    }

    /// A schema without references.
    #[cfg(test)]
    pub fn structural(schema: &Value) -> Schema<'static> {
        let named = Map::from_iter([("schema".to_owned(), schema.clone())]);
        let schemas = Schemas::with_structural(named, "schema");
        Schema::named(Box::leak(Box::new(schemas)), "schema").expect("the schema")
    }

    /// A schema of a document, without references.
    #[cfg(test)]
    pub fn of_document(schema: &Value) -> Schema<'static> {
        let schemas = Schemas::new(Map::from_iter([("schema".to_owned(), schema.clone())]));
        Schema::named(Box::leak(Box::new(schemas)), "schema").expect("the schema")
    }

    /// The schema of what nothing is known of.
    pub fn anything() -> Self {
        Self { node: Node::Deduced }
    }

    /// The schema of a field of an object, or of a value of a map.
    pub fn field(self, name: &str) -> Self {
        let Node::Written(schemas, _) = self.node else { return self };
        let node = match self.property(name) {
            Some(place) => Node::Written(schemas, place),
            None => self.of_other_keys(),
        };
        Self { node }
    }

    /// The schema of the items of a list.
    pub fn item(self) -> Self {
        let node = match (self.node, self.resolved().and_then(|place| place.items)) {
            (Node::Written(schemas, _), Some(items)) => Node::Written(schemas, items),
            (Node::Undescribed, _) => Node::Undescribed,
            _ => Node::Deduced,
        };
        Self { node }
    }

    /// Whether this is a field that the schema has by name, rather than a key of a map.
    pub fn has_property(self, name: &str) -> bool {
        self.property(name).is_some()
    }

    /// The fields that Go may write where they are absent: structs, zeros, and lists that have to be there.
    pub fn written(self) -> impl Iterator<Item = (&'a str, Self)> {
        self.fields_of(|set| &set.written)
    }

    /// The fields that may have a [default](Self::default).
    pub fn defaulted(self) -> impl Iterator<Item = (&'a str, Self)> {
        self.fields_of(|set| &set.defaulted)
    }

    /// The fields that are times.
    pub fn times(self) -> impl Iterator<Item = (&'a str, Self)> {
        self.fields_of(|set| &set.times)
    }

    fn fields_of(self, which: fn(&SetFields) -> &Fields) -> impl Iterator<Item = (&'a str, Self)> {
        let fields = match self.node {
            Node::Written(schemas, _) => self.resolved().map(|place| (schemas, which(&place.set))),
            _ => None,
        };
        fields.into_iter().flat_map(|(schemas, fields)| {
            fields.iter().map(move |(name, place)| (&**name, Self { node: Node::Written(schemas, *place) }))
        })
    }

    /// Whether there may be defaults of fields in the value, or anywhere below.
    pub fn has_defaults_below(self) -> bool {
        self.place().is_some_and(|place| place.below.defaults)
    }

    /// Whether there may be scalars that have a form, quantities and data in base64, in the value or anywhere below.
    pub fn has_forms_below(self) -> bool {
        self.place().is_some_and(|place| place.below.forms)
    }

    /// Whether the schema has no such field, and no others than its own.
    pub fn is_absent(self) -> bool {
        matches!(self.node, Node::Absent)
    }

    /// Whether it is a structural schema that has no fields: then an object of a custom resource has none. In the documents of
    /// built-in kinds, such an object has any fields.
    pub fn describes_no_fields(self) -> bool {
        match self.node {
            Node::Written(..) => {
                !self.is("x-kubernetes-preserve-unknown-fields") && !self.is_map() && !self.has_properties()
            }
            Node::Undescribed => true,
            Node::Deduced | Node::Absent => false,
        }
    }

    /// How a value of this schema is merged with another.
    pub fn merging(self, value: &Value) -> Merging<'a> {
        match value {
            Value::Object(_) if self.place().is_some_and(|place| place.facts.is_atomic_map) => Merging::Whole,
            _ if self.is_raw() => Merging::Whole,
            Value::Object(_) if self.is_untyped() => Merging::Whole,
            Value::Object(_) => Merging::ByKey,
            Value::Array(_) => match self.place().map(|place| place.facts.list).unwrap_or_default() {
                ListType::Set => Merging::Set,
                ListType::Map => {
                    let keys = self.extension("x-kubernetes-list-map-keys").and_then(Value::as_array);
                    keys.map_or(Merging::Whole, |keys| Merging::ByKeys(keys))
                }
                ListType::Atomic => Merging::Whole,
            },
            _ => Merging::Whole,
        }
    }

    /// The default of the value. An empty object, which the documents give for Go's structs, is none.
    pub fn default(self) -> Option<&'a Value> {
        let place = self.place()?;
        if place.facts.has_default { self.extension("default") } else { None }
    }

    /// Go's zero of a scalar that is no pointer: the documents give it as its default.
    pub fn zero(self) -> Option<&'a Value> {
        let place = self.place()?;
        if place.facts.has_zero { self.extension("default") } else { None }
    }

    /// The name of the schema that this one refers to, such as `io.k8s.api.core.v1.Container`.
    pub fn name(self) -> Option<&'a str> {
        self.place()?.reference.as_deref()
    }

    /// Whether the value is a struct of Go that is no pointer: the documents give it an empty object as its default.
    pub fn is_struct(self) -> bool {
        self.place().is_some_and(|place| place.facts.is_struct)
    }

    /// Whether the value is any JSON, which the API server keeps as it was sent.
    pub fn is_raw(self) -> bool {
        self.name() == Some("io.k8s.apimachinery.pkg.runtime.RawExtension")
    }

    /// Whether the value is a quantity.
    pub fn is_quantity(self) -> bool {
        self.place().is_some_and(|place| place.facts.is_quantity)
    }

    /// Whether the value is a time, of whole seconds or [exact](Self::is_exact_time).
    pub fn is_time(self) -> bool {
        self.place().is_some_and(|place| place.facts.is_time)
    }

    /// Whether the value is a time with microseconds.
    pub fn is_exact_time(self) -> bool {
        self.name().is_some_and(|name| name.ends_with(".MicroTime"))
    }

    /// Whether it is of one of several schemas.
    pub fn has_one_of(self) -> bool {
        self.place().is_some_and(|place| place.facts.has_one_of)
    }

    /// Whether this is a map with values of one type.
    pub fn is_map(self) -> bool {
        self.resolved().is_some_and(|place| place.others.is_some())
    }

    /// Whether a field has to be there.
    pub fn requires(self, name: &str) -> bool {
        self.resolved().is_some_and(|place| place.required.iter().any(|known| **known == *name))
    }

    /// What is written beside the schema, or in the one that it refers to: an extension or another attribute that is no schema.
    pub fn extension(self, name: &str) -> Option<&'a Value> {
        self.place()?.written.get(name).or_else(|| self.resolved()?.written.get(name))
    }

    /// The type: `object`, `array`, `string`, `integer`, `number` or `boolean`.
    pub fn kind(self) -> Option<&'a str> {
        self.resolved()?.kind.as_deref()
    }

    /// The format of a scalar, such as `byte`.
    pub fn format(self) -> Option<&'a str> {
        let place = self.place()?;
        if place.facts.has_format { self.extension("format").and_then(Value::as_str) } else { None }
    }

    /// Whether a boolean extension is set.
    pub fn is(self, extension: &str) -> bool {
        self.place().is_some_and(|place| place.facts.has_flags)
            && self.extension(extension).and_then(Value::as_bool).unwrap_or(false)
    }

    fn property(self, name: &str) -> Option<u32> {
        self.resolved()?.properties.as_ref()?.get(name)
    }

    fn has_properties(self) -> bool {
        let properties = self.resolved().and_then(|place| place.properties.as_ref());
        properties.is_some_and(|properties| !properties.is_empty())
    }

    fn of_other_keys(self) -> Node<'a> {
        let Node::Written(schemas, _) = self.node else { return self.node };
        if self.is("x-kubernetes-preserve-unknown-fields") {
            return Node::Deduced;
        }
        match self.resolved().and_then(|place| place.others) {
            Some(Others::Undescribed) => Node::Undescribed,
            Some(Others::None) => Node::Absent,
            Some(Others::Of(place)) => Node::Written(schemas, place),
            None if self.has_properties() => Node::Absent,
            None => Node::Deduced,
        }
    }

    /// Whether nothing is said of the type, so that a value is replaced as a whole.
    fn is_untyped(self) -> bool {
        matches!(self.node, Node::Written(..))
            && self.kind().is_none()
            && self.resolved().is_none_or(|place| place.properties_are_absent)
            && !self.is("x-kubernetes-preserve-unknown-fields")
    }

    fn place(self) -> Option<&'a Place> {
        let Node::Written(schemas, place) = self.node else { return None };
        schemas.places.get(place)
    }

    /// What the schema is after its references.
    fn resolved(self) -> Option<&'a Place> {
        let Node::Written(schemas, place) = self.node else { return None };
        schemas.places.get(schemas.places.get(place)?.resolved?)
    }
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

    fn schemas(document: Value) -> Schemas {
        let Value::Object(named) = document else { unreachable!("an object") };
        Schemas::new(named)
    }

    #[test]
    fn a_schema_leads_to_those_of_its_fields_items_and_keys() {
        let document = document();
        let named = schemas(document);
        let spec = Schema::named(&named, "Deployment").expect("one").field("spec");
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
        assert_eq!(Schema::named(&named, "Deployment").map(|whole| whole.written().count()), Some(1), "a struct");
        let port = ports.item();
        assert_eq!(port.defaulted().map(|(name, _)| name).collect::<Vec<_>>(), ["protocol"]);
        assert!(spec.has_defaults_below() && !spec.field("labels").has_defaults_below());
    }

    #[test]
    fn references_in_a_circle_lead_nowhere() {
        let document = json!({"A": {"$ref": "#/components/schemas/A"}});
        let named = schemas(document);
        let schema = Schema::named(&named, "A").expect("one");
        assert_eq!(schema.kind(), None);
    }
}
