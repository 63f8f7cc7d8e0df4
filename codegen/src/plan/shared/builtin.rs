//! Structures that are built-in types: a pod template, a toleration, a label selector, in this minor's form or an older one's.

use std::collections::BTreeMap;

use super::{Structure, Structures, What, facts, index_of};
use crate::{
    documents::Documents,
    error::Error,
    model::MergeRule,
    plan::{Field, ModulePath, Ty, TypePath},
};

/// The built-in types that custom resources may use, in a tree that stands beside the crate which has them.
#[derive(Debug, PartialEq)]
pub struct Builtins {
    /// The fields of each type, by its path.
    pub(super) types: BTreeMap<TypePath, Vec<Known>>,
    /// The paths of all schemas, by name.
    pub(super) schemas: BTreeMap<String, TypePath>,
}

/// What a field of a built-in type is compared by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    /// The JSON name.
    pub json: String,
    /// Whether the documents require it.
    pub required: bool,
    /// The type in Rust.
    pub ty: Ty,
    /// How server-side apply merges it.
    pub merge: MergeRule,
}

/// How much of a built-in type's fields a structure must have, unless it has all of them. Older minors had fewer.
const SHARE: f64 = 0.6;
/// A structure of fewer fields is a built-in type by its fields alone only if these say enough.
const FEW: usize = 3;
const TELLING: &[&[&str]] = &[&["matchExpressions", "matchLabels"]];

/// The types that a structure fits, and how many of their fields it lacks, with all that is in it.
type Fitting<'a> = BTreeMap<&'a TypePath, usize>;

impl Builtins {
    /// The types of the crate `kubewright` of this version, which are embedded here.
    ///
    /// # Errors
    /// None, unless the embedded text was damaged.
    pub fn of_kubewright() -> Result<Self, Error> {
        facts::parse(facts::EMBEDDED)
    }

    /// The text that [`of_kubewright`](Self::of_kubewright) reads, for these types: it is written when the crate
    /// `kubewright` is.
    pub fn to_text(&self) -> String {
        facts::text(self)
    }

    /// The types of the pinned documents of Kubernetes itself, of all minors, oldest first.
    ///
    /// # Errors
    /// As for [`generate_merged`](crate::generate_merged).
    pub fn new(minors: &[Documents]) -> Result<Self, Error> {
        let (model, facts) = crate::merged(minors)?;
        let plan = crate::plan::plan(&model, &facts, None, &Default::default(), false)?;
        let oldest = plan.minors.first().copied().unwrap_or_default();
        let (mut types, mut schemas) = (BTreeMap::new(), BTreeMap::new());
        for item in plan.modules.into_values().flat_map(|module| module.structs.into_values()) {
            let path = beside(&item.path);
            if let Some(schema) = item.schema {
                schemas.insert(schema, path.clone());
            }
            // What is not there with every feature, or is gone from the newest minor, no other tree can rely on. A kind has
            // its words in its table, where a nested object has them in its fields.
            let lasting = item.availability.since <= oldest && item.availability.until.is_none();
            if lasting && item.kind.is_none() {
                let fields = item.fields.into_iter().map(|mut field| {
                    rename(&mut field.ty);
                    Known { json: field.json, required: field.required, ty: field.ty, merge: field.merge }
                });
                types.insert(path, fields.collect());
            }
        }
        Ok(Self { types, schemas })
    }

    /// Whether a schema is one of the crate's.
    pub(crate) fn has(&self, schema: &str) -> bool {
        self.schemas.contains_key(schema)
    }

    /// The type of a schema.
    pub(crate) fn of_schema(&self, schema: &str) -> Option<&TypePath> {
        self.schemas.get(schema)
    }

    /// Which structures are built-in types, by their index.
    pub(super) fn of_structures(&self, structures: &Structures) -> BTreeMap<usize, TypePath> {
        let mut fitting: Vec<Fitting<'_>> = Vec::new();
        let mut chosen = BTreeMap::new();
        let mut telling: Vec<bool> = Vec::new();
        // What is in a structure comes before it.
        for (index, structure) in structures.all.iter().enumerate() {
            let mut fit = Fitting::new();
            let mut tells = false;
            if let What::Object { fields, defaulted, .. } = &structure.what {
                fit.extend(self.types.iter().filter_map(|(path, known)| {
                    // Metadata without a word about it.
                    let metadata =
                        fields.is_empty() && path.module_path == ModulePath::Meta && path.name == "ObjectMeta";
                    let missing = if metadata { Some(0) } else { fits(fields, defaulted, known, &fitting) };
                    Some((path, missing?))
                }));
                let names: Vec<&str> = fields.iter().map(|field| field.json.as_str()).collect();
                let has = |field: &Field| {
                    let index = field.ty.message().and_then(index_of);
                    index.and_then(|index| telling.get(index)).is_some_and(|tells| *tells)
                };
                // Few fields say enough if what is in one of them does.
                tells = fields.len() >= FEW || TELLING.contains(&names.as_slice()) || fields.iter().any(has);
                tells &= !fit.is_empty();
                if tells {
                    chosen.extend(self.best(structure, fields, &fit).map(|path| (index, path.clone())));
                }
            }
            telling.push(tells);
            fitting.push(fit);
        }
        chosen
    }

    /// The type that a structure is, of those that it fits.
    fn best<'a>(&self, structure: &Structure, fields: &[Field], fit: &Fitting<'a>) -> Option<&'a TypePath> {
        let mut best: Vec<((usize, usize, u8), &TypePath)> = Vec::new();
        for (path, missing) in fit {
            let all = self.types.get(*path).map_or(0, Vec::len);
            // What most kinds use before what is of one group.
            let rank = match &path.module_path {
                ModulePath::Meta => 0,
                ModulePath::Beside { group, .. } if group == "core" => 1,
                _ => 2,
            };
            if all == fields.len() || fields.len() as f64 >= SHARE * all as f64 {
                best.push(((*missing, usize::MAX - hints(structure, &path.name), rank), path));
            }
        }
        best.sort();
        match best.as_slice() {
            [] => None,
            // Two types of the same fields, as the keys of secrets and config maps: where it stands has to say which.
            [(one, _), (other, _), ..] if one == other => None,
            [(_, path), ..] => Some(path),
        }
    }
}

/// In how many places the fields that lead to a structure have the words of a type's name: `secret` and `key` in
/// `secretKeyRef` for `SecretKeySelector`.
fn hints(structure: &Structure, name: &str) -> usize {
    use heck::ToSnakeCase as _;
    let words: Vec<String> = name.to_snake_case().split('_').map(str::to_owned).collect();
    let places = structure.places.iter().map(|place| {
        let near: Vec<String> = place.steps.iter().rev().take(2).map(|step| step.json.to_lowercase()).collect();
        words.iter().filter(|word| near.iter().any(|near| near.contains(word.as_str()))).count()
    });
    places.sum()
}

/// The same path from another crate.
fn beside(path: &TypePath) -> TypePath {
    let module_path = match &path.module_path {
        ModulePath::Module { group, version } => ModulePath::Beside { group: group.clone(), version: version.clone() },
        other => other.clone(),
    };
    TypePath { module_path, name: path.name.clone() }
}

fn rename(ty: &mut Ty) {
    match ty {
        Ty::Message(path) | Ty::Enum(path) => *path = beside(path),
        Ty::List(inner) | Ty::Map(inner) | Ty::Option(inner) | Ty::Box(inner) | Ty::Nullable(inner) => rename(inner),
        Ty::Leaf(_) | Ty::Primitive(_) | Ty::User(_) => {}
    }
}

/// Whether a value of a structure can be a value of a built-in type, with nothing lost that a controller which is written in
/// Go would keep: an absent list or object and an empty one are the same there.
///
/// Gives the number of fields that the structure lacks, with all that is in it.
fn fits(fields: &[Field], defaulted: &[bool], known: &[Known], fitting: &[Fitting<'_>]) -> Option<usize> {
    if fields.is_empty() || fields.len() > known.len() {
        return None;
    }
    // What the built-in type always writes has to be a field that is required here.
    let written = known.iter().filter(|known| known.required && !known.ty.is_optional());
    let has = |known: &Known| {
        fields.iter().any(|field| field.json == known.json && field.required && !field.ty.is_optional())
    };
    if !written.into_iter().all(has) {
        return None;
    }
    let mut missing = known.len() - fields.len();
    for (field, defaulted) in fields.iter().zip(defaulted) {
        missing += fits_field(field, *defaulted, known.iter().find(|known| known.json == field.json)?, fitting)?;
    }
    Some(missing)
}

fn fits_field(field: &Field, defaulted: bool, known: &Known, fitting: &[Fitting<'_>]) -> Option<usize> {
    let merge = match (&field.merge, &known.merge) {
        (MergeRule::Unset, MergeRule::Atomic) | (MergeRule::Atomic, MergeRule::Unset) => {
            matches!(inner(&known.ty), Ty::List(_))
        }
        (own, known) => own == known,
    };
    let plain = !known.ty.is_optional();
    // A zero that is left out is defaulted again, or refused where it is required.
    let zero = plain && defaulted;
    let text = matches!(inner(&known.ty), Ty::Message(_) | Ty::Leaf("CompactString") | Ty::Enum(_));
    let required = field.explicit && plain && !known.required && !text;
    if merge && !zero && !required { fits_type(inner(&field.ty), inner(&known.ty), fitting) } else { None }
}

/// A type without the option and the box around it.
fn inner(ty: &Ty) -> &Ty {
    match ty {
        Ty::Option(ty) | Ty::Box(ty) => inner(ty),
        ty => ty,
    }
}

fn fits_type(ty: &Ty, known: &Ty, fitting: &[Fitting<'_>]) -> Option<usize> {
    let same = match (ty, known) {
        (Ty::Leaf("Base64"), Ty::Leaf("ByteString"))
        | (Ty::Leaf("DateTime"), Ty::Leaf("Time" | "MicroTime"))
        | (Ty::Leaf("IntOrString"), Ty::Leaf("Quantity"))
        | (Ty::Leaf("CompactString") | Ty::Enum(_), Ty::Enum(_) | Ty::Leaf("CompactString")) => true,
        (Ty::List(items), Ty::List(known)) | (Ty::Map(items), Ty::Map(known)) => {
            return fits_type(inner(items), inner(known), fitting);
        }
        (Ty::Message(own), Ty::Message(known)) => match index_of(own) {
            Some(index) => return fitting.get(index)?.get(known).copied(),
            None => own == known,
        },
        (own, known) => own == known,
    };
    same.then_some(0)
}
