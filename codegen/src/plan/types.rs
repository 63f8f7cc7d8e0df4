//! Structs and their fields.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ModulePath, Plan, Ty, TypePath, enums,
    module_path::{ModulePaths, split},
    names,
    overrides::{Overrides, Wanted},
    presence, secret,
    shared::{self, Builtins, Place, Structures},
};
use crate::{
    model::{Availability, EnumValue, Gvk, MergeRule, Model, Object, Origin, Schema, Shape, TypeDef},
    spec::{FactField, Facts},
};

/// A struct.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Where it lives and what it is called.
    pub path: TypePath,
    /// The kind, where it is one.
    pub kind: Option<Gvk>,
    /// The schema's name; nested objects of custom resources have none.
    pub schema: Option<String>,
    /// The server's description; pinned documents have none.
    pub description: Option<String>,
    /// What is to be said if it is deprecated, and still served.
    pub deprecated: Option<String>,
    /// The fields, in the order in which a server writes them, as far as that is known.
    pub fields: Vec<Field>,
    /// The struct and field (JSON name) that an object without a schema of its own stands in; of custom resources the kinds
    /// and the ways to it, those nearest to a root first.
    pub within: Vec<(String, String)>,
    /// What the kind of its lists is called, where that is not its own kind and `List`.
    pub list_kind: Option<String>,
    /// What the schema of a custom kind checks: a schema on each line, the kind's last.
    pub validation: Option<String>,
    /// The fields of which exactly one is there, by their JSON names, where the schema leaves no doubt of it.
    pub one_of: Vec<String>,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

impl Struct {
    /// Whether it is an object of the API: a kind with metadata.
    pub fn is_object(&self) -> bool {
        let metadata = |field: &Field| field.ident == "metadata" && field.ty == Ty::Message(object_meta());
        self.kind.is_some() && self.fields.iter().any(metadata)
    }
}

/// A list of a kind.
#[derive(Clone, Debug)]
pub struct List {
    /// The kind.
    pub item: TypePath,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The JSON name.
    pub json: String,
    /// The name in Rust.
    pub ident: String,
    /// The type in Rust.
    pub ty: Ty,
    /// Whether the documents require it.
    pub required: bool,
    /// Whether it is required, plain, and kept by the server as it was sent, which tells its zero value from its absence.
    pub explicit: bool,
    /// Whether the server keeps the field's JSON as it was sent: it is a custom resource's.
    pub kept: bool,
    /// Whether `Debug` must not print it.
    pub secret: bool,
    /// The protobuf field number; 0 where there is none.
    pub number: u32,
    /// How it is written in protobuf, where type and number don't say it all.
    pub wire: Wire,
    /// Whether protobuf can't tell its absence from its zero value.
    pub implicit: bool,
    /// How server-side apply merges it.
    pub merge: MergeRule,
    /// Whether it is a list or map of a custom resource, of which server-side apply owns each item as a whole.
    pub atomic_items: bool,
    /// The field that identifies a list's items in a strategic merge patch.
    pub patch_merge_key: Option<String>,
    /// What the server puts where it is absent, other than a zero.
    pub default: Option<serde_json::Value>,
    /// The server's description; pinned documents have none.
    pub description: Option<String>,
    /// Of a custom resource what is checked of a value, in words.
    pub restrictions: Option<String>,
    /// Whether it is deprecated, and still served.
    pub deprecated: bool,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// How a field is written in protobuf, where its type and number don't say it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// They do.
    #[default]
    Plain,
    /// In messages that JSON shows inline: the numbers to enter, outermost first.
    Within(Vec<u32>),
    /// A list that is a message of its own.
    Wrapped,
    /// Raw JSON that is a schema or something else: the variant of the runtime's `Wire` that says what, and the schema.
    Schema(&'static str, TypePath),
}

/// Schemas that the runtime has by hand, and what they are called there.
const LEAVES: &[(&str, &str)] = &[
    ("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "MicroTime"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Duration", "Duration"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "FieldsV1"),
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", "RawJson"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Patch", "RawJson"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent", "RawJson"),
];

/// How deep the types of a custom kind may be nested, in types: each `Option<Box<…>>` and its like has several. Of real CRDs
/// none has more than 80. rustc gives up on finding out whether a type is `Send` at 128, those included that a future which
/// holds one is made of.
const DEEPEST: usize = 100;
/// How many types stand between a struct and one that is in a field of it; between a list or map and its items.
const OF_FIELD: usize = 4;
const OF_LIST: usize = 2;
const OF_MAP: usize = 4;

/// What each schema became.
#[derive(Debug, Default)]
pub struct Types {
    /// The structs, by schema.
    pub structs: BTreeMap<String, TypePath>,
    /// Where the module_paths of group-versions are.
    pub module_paths: Option<ModulePaths>,
}

/// What is to be said of a kind that the newest minor has deprecated.
pub(super) fn deprecated(model: &Model, facts: &Facts, kind: &Gvk) -> Option<String> {
    let lifecycle = facts.deprecation(kind, *model.minors.last()?)?;
    Some(format!("**Deprecated** since Kubernetes {}.", lifecycle.since()))
}

/// Plans every type of the model.
pub fn plan(
    model: &Model,
    facts: &Facts,
    builtins: Option<&Builtins>,
    overrides: &Overrides,
    plan: &mut Plan,
) -> Types {
    let wanted = Wanted::new(overrides, model);
    let module_paths = ModulePaths::new(model);
    let mut structs = BTreeMap::new();
    let mut taken: BTreeMap<ModulePath, BTreeSet<String>> = BTreeMap::new();
    // Names first, for types refer to one another. Kinds come before the rest, so that theirs are never numbered.
    let mut defs: Vec<&TypeDef> = model.types.values().filter(|def| is_struct(def)).collect();
    defs.sort_by_key(|def| (def.kinds.is_empty(), &def.name));
    for def in defs {
        // What the crate beside the tree has is not written again.
        let known = builtins.filter(|_| def.origin == Origin::Go).and_then(|builtins| builtins.of_schema(&def.name));
        if let Some(path) = known {
            structs.insert(def.name.clone(), path.clone());
            continue;
        }
        let module_path = module_paths.of(def);
        let name = names::unique(taken.entry(module_path.clone()).or_default(), names::type_name(split(&def.name).1));
        structs.insert(def.name.clone(), TypePath { module_path, name });
    }
    let mut planner = Planner {
        model,
        facts,
        wanted: &wanted,
        structs: &structs,
        taken,
        plan,
        structures: Structures::default(),
        raw_json: Vec::new(),
        deep: Vec::new(),
    };
    let (lists, rest): (Vec<_>, Vec<_>) = structs.iter().partition(|(schema, _)| item_of_list(model, schema).is_some());
    let own = |path: &TypePath| !matches!(path.module_path, ModulePath::Beside { .. });
    for (schema, path) in lists.iter().filter(|(_, path)| own(path)) {
        planner.list(schema, path);
    }
    for (schema, path) in rest.iter().filter(|(_, path)| own(path)) {
        planner.definition(&model.types[*schema], path);
    }
    let Planner { structures, raw_json, deep, .. } = planner;
    let files = shared::kinds(model, &structs, &module_paths);
    for place in deep {
        let place = shared::way(&place, &files);
        plan.notes.push(format!("{place} is raw JSON: it is nested too deeply for types of its own"));
        plan.raw_json.push(place);
    }
    plan.raw_json.extend(raw_json.iter().map(|place| shared::way(place, &files)));
    plan.raw_json.sort();
    shared::place(plan, structures, &files, builtins, &wanted);
    plan.problems.extend(wanted.unused());
    Types { structs, module_paths: Some(module_paths) }
}

fn is_struct(def: &TypeDef) -> bool {
    matches!(def.schema.shape, Shape::Object(_)) && !LEAVES.iter().any(|(leaf, _)| *leaf == def.name)
}

/// The schema of a list's items, if the schema is exactly a list of a kind of the same group-version.
pub(super) fn item_of_list<'a>(model: &'a Model, schema: &str) -> Option<&'a str> {
    let def = model.types.get(schema)?;
    let (Shape::Object(object), [kind]) = (&def.schema.shape, def.kinds.as_slice()) else { return None };
    let names: Vec<&str> = object.fields.iter().map(|field| field.name.as_str()).collect();
    if names != ["apiVersion", "items", "kind", "metadata"] {
        return None;
    }
    let Shape::Reference(metadata) = &object.fields[3].schema.shape else { return None };
    let Shape::List(items) = &object.fields[1].schema.shape else { return None };
    let Shape::Reference(item) = &items.shape else { return None };
    let item_kind = model.types.get(item)?.kinds.first()?;
    // A CustomResourceDefinition may call its lists anything.
    let same = item_kind.group_version() == kind.group_version() && kind.kind != item_kind.kind;
    (same && metadata.ends_with(".ListMeta")).then_some(item)
}

/// `meta/v1` ObjectMeta.
pub(super) fn object_meta() -> TypePath {
    TypePath { module_path: ModulePath::Meta, name: "ObjectMeta".into() }
}

struct Planner<'a> {
    model: &'a Model,
    facts: &'a Facts,
    wanted: &'a Wanted<'a>,
    structs: &'a BTreeMap<String, TypePath>,
    taken: BTreeMap<ModulePath, BTreeSet<String>>,
    plan: &'a mut Plan,
    structures: Structures,
    /// Values of custom resources that are raw JSON, because the schema says no more of them.
    raw_json: Vec<Place>,
    /// Those that are raw JSON because they are nested too deeply.
    deep: Vec<Place>,
}

/// What is being planned: which struct's field, from where.
#[derive(Clone, Copy)]
struct Context<'a> {
    origin: Origin,
    /// Where the struct stands in a custom kind, and whether what is being planned are the items of the field.
    place: Option<&'a Place>,
    items: bool,
    /// How many types it is nested in.
    depth: usize,
    owner: &'a TypePath,
    json: &'a str,
    fact: Option<&'a FactField>,
    availability: Availability,
}

/// The struct whose fields are being planned.
struct Owner<'a> {
    path: &'a TypePath,
    origin: Origin,
    /// Where it stands in a custom kind, and how many types it is nested in.
    place: Option<&'a Place>,
    depth: usize,
    is_kind: bool,
    availability: Availability,
}

impl<'a> Planner<'a> {
    /// What the user wants of a field of what stands at a place: its name, and its type. Metadata is what it is.
    fn wanted_of(&self, place: Option<&Place>, json: &str) -> (Option<&'a str>, Option<&'a str>) {
        match place.filter(|place| !self.wanted.is_empty() && (json != "metadata" || !place.steps.is_empty())) {
            Some(place) => self.wanted.field(&place.below(json, false)),
            None => (None, None),
        }
    }
}

impl Planner<'_> {
    fn list(&mut self, schema: &str, path: &TypePath) {
        let item = item_of_list(self.model, schema).and_then(|item| self.structs.get(item)).cloned();
        if let Some(item) = item {
            let availability = self.model.types.get(schema).map(|def| def.availability).unwrap_or_default();
            let list = List { item, availability };
            self.plan.modules.entry(path.module_path.clone()).or_default().lists.insert(path.name.clone(), list);
        }
    }

    /// The kind of the lists of a schema, where its name does not follow from that of the schema's own.
    fn list_kind(&self, schema: &str) -> Option<String> {
        let own = self.model.types.get(schema)?.kinds.first()?;
        let mut lists = self.model.types.values().filter(|def| item_of_list(self.model, &def.name) == Some(schema));
        let kind = lists.find_map(|def| def.kinds.first())?;
        (kind.kind != format!("{}List", own.kind)).then(|| kind.kind.clone())
    }

    fn definition(&mut self, def: &TypeDef, path: &TypePath) {
        let kind = self.kind(def, path);
        let Shape::Object(object) = &def.schema.shape else { return };
        let facts = self.facts.of(&def.name);
        let order = |name: &str| {
            facts.and_then(|facts| facts.order.iter().position(|known| known == name)).unwrap_or(usize::MAX)
        };
        let root = (def.origin == Origin::Custom).then(|| Place::root(&def.name));
        let owner = Owner {
            path,
            origin: def.origin,
            place: root.as_ref(),
            depth: 0,
            is_kind: kind.is_some(),
            availability: def.availability,
        };
        let mut fields = self.fields(object, &owner, &|name| facts?.fields.get(name));
        for field in &mut fields {
            field.secret |= secret::is_secret(&def.name, &field.json);
            field.deprecated = def.availability.until.is_none()
                && facts.is_some_and(|facts| facts.deprecated_fields.contains(&field.json));
        }
        let deprecated = kind.as_ref().and_then(|kind| deprecated(self.model, self.facts, kind)).or_else(|| {
            let says_so = facts.is_some_and(|facts| facts.deprecated);
            says_so.then(|| "**Deprecated.**".to_owned())
        });
        fields.sort_by_key(|field| order(&field.json));
        self.insert(Struct {
            path: path.clone(),
            kind,
            schema: Some(def.name.clone()),
            description: def.schema.description.clone(),
            deprecated: deprecated.filter(|_| def.availability.until.is_none()),
            fields,
            within: Vec::new(),
            list_kind: self.list_kind(&def.name),
            validation: None,
            one_of: Vec::new(),
            availability: def.availability,
        });
    }

    /// The kind that a struct is. What every group shares (`DeleteOptions`, `Status`) is of `v1`.
    fn kind(&self, def: &TypeDef, path: &TypePath) -> Option<Gvk> {
        match def.kinds.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => {
                let own = |gvk: &&Gvk| match &path.module_path {
                    ModulePath::Meta => gvk.group.is_empty() && gvk.version == "v1",
                    _ => ModulePaths::new(self.model).of_group(&gvk.group_version()) == path.module_path,
                };
                many.iter().find(own).or(many.first()).cloned()
            }
        }
    }

    fn insert(&mut self, item: Struct) {
        let module = self.plan.modules.entry(item.path.module_path.clone()).or_default();
        module.structs.insert(item.path.name.clone(), item);
    }

    fn fields<'f>(
        &mut self,
        object: &Object,
        owner: &Owner<'_>,
        fact: &dyn Fn(&str) -> Option<&'f FactField>,
    ) -> Vec<Field> {
        let Owner { path: owner, origin, place, depth, is_kind, availability } = *owner;
        let mut idents = BTreeSet::from(["unknown_fields".to_owned()]);
        let fields =
            object.fields.iter().filter(|field| !is_kind || !matches!(field.name.as_str(), "apiVersion" | "kind"));
        // What the user calls a field goes before what the generator would.
        let mut renamed = BTreeMap::new();
        for field in fields.clone() {
            let (Some(name), _) = self.wanted_of(place, &field.name) else { continue };
            if idents.insert(name.to_owned()) {
                renamed.insert(field.name.as_str(), name.to_owned());
            } else {
                // A kind has the field in each of its versions.
                let problem = format!("{} can't be called {name}: another field is", field.name);
                if !self.plan.problems.contains(&problem) {
                    self.plan.problems.push(problem);
                }
            }
        }
        fields
            .map(|field| {
                let fact = fact(&field.name);
                let whole = availability;
                let availability = field.availability.within(whole);
                let context =
                    Context { origin, place, items: false, depth, owner, json: &field.name, fact, availability };
                let of_user = self.wanted_of(place, &field.name).1.map(|ty| Ty::User(ty.to_owned()));
                let ty = of_user.unwrap_or_else(|| self.ty(&field.schema, &context));
                let metadata = is_kind && field.name == "metadata" && ty == Ty::Message(object_meta());
                let merge = match &field.schema.merge {
                    MergeRule::Unset if self.is_atomic(&field.schema) => MergeRule::Atomic,
                    // What is inside a type of the user's is not in any table.
                    MergeRule::Set | MergeRule::Map(_) if ty.is_of_user() => MergeRule::Unset,
                    merge => merge.clone(),
                };
                // Whatever the documents say, an object has metadata, and it costs no pointer.
                let ty = if metadata { ty } else { presence::of(field, ty, origin, availability == whole) };
                // A server that lacks the field is not to be sent it empty.
                let required = field.required && availability == whole;
                Field {
                    json: field.name.clone(),
                    ident: renamed
                        .remove(field.name.as_str())
                        .unwrap_or_else(|| names::unique(&mut idents, names::snake(&field.name))),
                    required,
                    explicit: origin == Origin::Custom && required && !ty.is_optional() && !metadata,
                    // Metadata is of Go's types everywhere.
                    kept: origin == Origin::Custom && !metadata,
                    secret: field.schema.secret,
                    number: fact.map_or(0, |fact| fact.number),
                    wire: fact.map(|fact| self.wire(fact)).unwrap_or_default(),
                    implicit: fact.is_some_and(|fact| fact.always),
                    merge,
                    atomic_items: origin == Origin::Custom && !ty.is_of_user() && self.has_atomic_items(&field.schema),
                    patch_merge_key: field.schema.patch_merge_key.clone(),
                    default: field.schema.default.clone(),
                    description: field.schema.description.clone(),
                    restrictions: field.schema.restrictions.clone().filter(|_| origin == Origin::Custom),
                    deprecated: false,
                    availability,
                    ty,
                }
            })
            .collect()
    }

    fn wire(&self, fact: &FactField) -> Wire {
        let special = self.facts.types.get(&fact.go).map_or("", |go| go.special.as_str());
        let schema = |variant| {
            let (package, _) = fact.go.rsplit_once('.')?;
            let path = self.structs.get(&format!("{}.JSONSchemaProps", schema_package(package)))?;
            Some(Wire::Schema(variant, path.clone()))
        };
        let wire = match special {
            "List" => Some(Wire::Wrapped),
            "JSONSchemaPropsOrArray" => schema("SchemaOrArray"),
            "JSONSchemaPropsOrBool" => schema("SchemaOrBool"),
            "JSONSchemaPropsOrStringArray" => schema("SchemaOrStrings"),
            _ => (!fact.via.is_empty()).then(|| Wire::Within(fact.via.clone())),
        };
        wire.unwrap_or_default()
    }

    /// Whether the object in a field is owned as a whole, by its own schema.
    fn is_atomic(&self, schema: &Schema) -> bool {
        match &schema.shape {
            Shape::Object(object) => object.atomic,
            Shape::Reference(name) => {
                matches!(
                    self.model.types.get(name).map(|def| &def.schema.shape),
                    Some(Shape::Object(Object { atomic: true, .. }))
                )
            }
            _ => false,
        }
    }

    /// Whether each item of a list, or each value of a map, is an object that is owned as a whole.
    fn has_atomic_items(&self, schema: &Schema) -> bool {
        match &schema.shape {
            Shape::List(items) | Shape::Map(items) => match &items.shape {
                Shape::Map(_) if items.merge == MergeRule::Atomic => true,
                Shape::List(_) | Shape::Map(_) => self.has_atomic_items(items),
                _ => self.is_atomic(items),
            },
            _ => false,
        }
    }

    /// The type of a value. What the server reads and rewrites in its own types, but keeps in custom resources as it
    /// was sent, is there of a type that keeps it too.
    fn ty(&mut self, schema: &Schema, context: &Context<'_>) -> Ty {
        let custom = context.origin == Origin::Custom;
        match &schema.shape {
            Shape::Any => {
                if let Some(place) = context.place {
                    self.raw_json.push(place.below(context.json, context.items));
                }
                Ty::JSON
            }
            Shape::String => Ty::STRING,
            Shape::Bytes => Ty::Leaf(if custom { "Base64" } else { "ByteString" }),
            Shape::Time => Ty::Leaf(if custom { "DateTime" } else { "Time" }),
            Shape::IntOrString => Ty::Leaf("IntOrString"),
            Shape::Quantity => Ty::Leaf("Quantity"),
            Shape::Int32 => Ty::Primitive("i32"),
            Shape::Int64 => Ty::Primitive("i64"),
            Shape::Number if custom => Ty::Leaf("Number"),
            Shape::Number => Ty::Primitive("f64"),
            Shape::Boolean => Ty::Primitive("bool"),
            Shape::Enum(values) => Ty::Enum(self.enumeration(values, context)),
            Shape::List(items) => Ty::List(Box::new(self.item(items, true, context))),
            Shape::Map(values) => Ty::Map(Box::new(self.item(values, false, context))),
            Shape::Object(object) => self.nested(schema, object, context).map_or(Ty::JSON, Ty::Message),
            Shape::Reference(name) => self.reference(name, context),
        }
    }

    fn item(&mut self, schema: &Schema, list: bool, context: &Context<'_>) -> Ty {
        let depth = context.depth + if list { OF_LIST } else { OF_MAP };
        let ty = self.ty(schema, &Context { items: true, depth, ..*context });
        if schema.nullable && context.origin == Origin::Custom { ty.nullable() } else { ty }
    }

    fn reference(&mut self, name: &str, context: &Context<'_>) -> Ty {
        if let Some((_, leaf)) = LEAVES.iter().find(|(leaf, _)| *leaf == name) {
            return Ty::Leaf(leaf);
        }
        if let Some(path) = self.structs.get(name) {
            return Ty::Message(path.clone());
        }
        // A name for something that is no object, such as `JSONSchemaPropsOrBool`: what it stands for.
        match self.model.types.get(name).map(|def| def.schema.clone()) {
            Some(schema) if !matches!(&schema.shape, Shape::Reference(again) if again == name) => {
                self.ty(&schema, context)
            }
            Some(_) => Ty::JSON,
            None => {
                self.plan.notes.push(format!(
                    "{}.{} refers to {name}, which is in no document: it is raw JSON",
                    context.owner.name, context.json
                ));
                Ty::JSON
            }
        }
    }

    /// An object without a name. Of a custom resource it is a structure, which may stand elsewhere too. Of Go's types, where
    /// there are none, it would be called after its struct and field.
    fn nested(&mut self, schema: &Schema, object: &Object, context: &Context<'_>) -> Option<TypePath> {
        if let Some(place) = context.place {
            let place = place.below(context.json, context.items);
            let depth = context.depth + OF_FIELD;
            if depth > DEEPEST {
                self.deep.push(place);
                return None;
            }
            let availability = context.availability;
            let owner = Owner {
                path: context.owner,
                origin: context.origin,
                place: Some(&place),
                depth,
                is_kind: false,
                availability,
            };
            let fields = self.fields(object, &owner, &|_| None);
            return Some(self.structures.object(
                place,
                fields,
                object.one_of.clone(),
                schema.description.clone(),
                availability,
            ));
        }
        let module_path = context.owner.module_path.clone();
        let name = format!("{}{}", context.owner.name, names::pascal(context.json));
        let name = names::unique(self.taken.entry(module_path.clone()).or_default(), name);
        let path = TypePath { module_path, name };
        let owner = Owner {
            path: &path,
            origin: context.origin,
            place: None,
            depth: 0,
            is_kind: false,
            availability: context.availability,
        };
        let fields = self.fields(object, &owner, &|_| None);
        self.insert(Struct {
            path: path.clone(),
            kind: None,
            schema: None,
            description: schema.description.clone(),
            deprecated: None,
            fields,
            within: vec![(context.owner.name.clone(), context.json.to_owned())],
            list_kind: None,
            validation: None,
            one_of: Vec::new(),
            availability: context.availability,
        });
        Some(path)
    }

    /// An enum is called like its Go type where that is known, else after its struct and field.
    fn enumeration(&mut self, values: &[EnumValue], context: &Context<'_>) -> TypePath {
        if let Some(place) = context.place {
            return self.structures.enumeration(place.below(context.json, context.items), values, context.availability);
        }
        let used = enums::Use { owner: &context.owner.name, field: context.json, availability: context.availability };
        let go = context.fact.filter(|fact| fact.kind == "string").and_then(|fact| fact.go.rsplit_once('.'));
        if let Some((package, name)) = go
            && let Some(module_path) = ModulePath::of_package(&schema_package(package))
            && !self.is_taken(&module_path, name)
            && let Some(path) = enums::intern(self.plan, TypePath { module_path, name: name.to_owned() }, values, used)
        {
            return path;
        }
        let module_path = context.owner.module_path.clone();
        let mut name = format!("{}{}", context.owner.name, names::pascal(context.json));
        if self.is_taken(&module_path, &name) {
            name.push_str("Value");
        }
        enums::intern_numbered(self.plan, &module_path, &name, values, used)
    }

    /// Whether a struct has the name.
    fn is_taken(&self, module_path: &ModulePath, name: &str) -> bool {
        self.taken.get(module_path).is_some_and(|taken| taken.contains(name))
    }
}

/// A Go package as schemas spell it: `k8s.io/api/core/v1` → `io.k8s.api.core.v1`.
fn schema_package(package: &str) -> String {
    let (host, path) = package.split_once('/').unwrap_or((package, ""));
    let labels: Vec<&str> = host.split('.').rev().collect();
    format!("{}.{}", labels.join("."), path.replace('/', "."))
}
