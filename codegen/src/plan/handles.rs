//! Resources: their handles, and the methods of these.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ModulePath, Plan, TypePath,
    connection::{self, Connection},
    names,
    parameters::is_text,
    types::{self, Types},
};
use crate::{
    model::{Availability, Model, Operation, Parameter, Payload, Resource, Verb, Version},
    spec::Facts,
};

/// The handle of a resource.
#[derive(Clone, Debug)]
pub struct Handle {
    /// What it is called.
    pub name: String,
    /// The method that makes it, and the stem of its file.
    pub method: String,
    /// The resource.
    pub resource: Resource,
    /// The type of its objects.
    pub object: TypePath,
    /// Whether this is the resource that stands for the kind, where two resources share one.
    pub stands_for_kind: bool,
    /// Which of the merged minors offer lists over all namespaces, if any does.
    pub in_all_namespaces: Option<Availability>,
    /// The verbs of the resource itself, and which of the merged minors have them.
    pub verbs: Vec<(Verb, Availability)>,
    /// The methods.
    pub methods: Vec<Method>,
    /// Which of the merged minors have the resource.
    pub availability: Availability,
    /// What is to be said if it is deprecated, and still served.
    pub deprecated: Option<String>,
}

/// A method of a handle.
#[derive(Clone, Debug)]
pub struct Method {
    /// What it is called.
    pub name: String,
    /// The HTTP method.
    pub http: &'static str,
    /// The path.
    pub path: String,
    /// What it does.
    pub kind: MethodKind,
    /// Which of the merged minors have it.
    pub availability: Availability,
}

/// What a method does; `sub` is a subresource, `ty` the type that is sent and comes back.
#[derive(Clone, Debug)]
pub enum MethodKind {
    /// A verb of the resource itself.
    Verb(Verb),
    /// Server-side apply of the resource itself.
    Apply,
    /// Reads a subresource.
    GetSub { sub: String, ty: TypePath },
    /// Replaces a subresource that shows the whole object.
    ReplaceSub { sub: String },
    /// Replaces a subresource of another kind.
    ReplaceSubOf { sub: String, argument: String, ty: TypePath },
    /// Changes a subresource.
    PatchSub { sub: String, ty: TypePath },
    /// Applies a subresource that shows the whole object.
    ApplySub { sub: String },
    /// Applies a subresource of another kind.
    ApplySubOf { sub: String, argument: String, ty: TypePath },
    /// Creates an object of the resource itself, which another type answers.
    CreateAs { response: TypePath },
    /// Posts to a subresource.
    CreateSub { sub: String, request: TypePath, response: TypePath },
    /// Reads or sets the scale.
    Scale { ty: TypePath },
    /// Reads a subresource that is text.
    Text(TextRequest),
    /// Connects to a subresource.
    Connect { sub: String, connection: Connection },
    /// Reads an object, changes it and writes it back.
    Modify,
    /// Reads an object, changes it and writes a subresource back that shows the whole object.
    ModifySub { sub: String },
    /// Waits until an object reaches a desired state.
    Wait,
}

impl MethodKind {
    /// Whether the method is one call, and not made of several.
    pub fn is_one_call(&self) -> bool {
        !matches!(self, Self::Modify | Self::ModifySub { .. } | Self::Wait)
    }
}

/// A builder for a subresource that is text.
#[derive(Clone, Debug)]
pub struct TextRequest {
    /// What it is called.
    pub name: String,
    /// The subresource.
    pub sub: String,
    /// Its parameters, each with the name of its method.
    pub parameters: Vec<(String, Parameter)>,
}

/// Plans every resource of the model.
pub fn plan(model: &Model, facts: &Facts, types: &Types, plan: &mut Plan) {
    let Some(module_paths) = &types.module_paths else { return };
    for (group_version, version) in &model.versions {
        // A group-version is where its kinds are: `rbac::v1` for `rbac.authorization.k8s.io/v1`.
        let own = |resource: &&Resource| resource.kind.group_version() == *group_version;
        let module_path =
            version.resources.values().filter(own).find_map(|resource| types.structs.get(&resource.schema));
        let module_path =
            module_path.map_or_else(|| module_paths.of_group(group_version), |path| path.module_path.clone());
        let mut handles = BTreeMap::new();
        {
            let module = plan.modules.entry(module_path.clone()).or_default();
            module.group_version = Some(group_version.clone());
            let names = module.structs.keys().chain(module.enums.keys()).chain(module.lists.keys());
            let mut taken: BTreeSet<String> = names.cloned().collect();
            // A kind keeps its name, even if it is the client's.
            let client = client_name(&module_path);
            module.client = if taken.contains(&client) { format!("{client}Client") } else { client };
            module.client = names::unique(&mut taken, std::mem::take(&mut module.client));
            let files = files(version);
            let mut kinds = BTreeSet::new();
            for (plural, resource) in &version.resources {
                let Some(object) = types.structs.get(&resource.schema).filter(|path| is_object(plan, path)) else {
                    plan.notes.push(format!(
                        "resource {plural} of {group_version} has no handle: {} is not an object with metadata",
                        resource.schema
                    ));
                    continue;
                };
                let base = names::plural(&resource.kind.kind, plural);
                let base = if taken.contains(&base) && !kinds.is_empty() && kinds.contains(object) {
                    names::type_name(plural)
                } else {
                    base
                };
                let name = if taken.contains(&base) { format!("{base}Handle") } else { base.clone() };
                let availability = resource.availability.within(version.availability);
                let mut handle = Handle {
                    name: names::unique(&mut taken, name),
                    method: files.get(plural).cloned().unwrap_or_else(|| names::snake(&base)),
                    resource: resource.clone(),
                    object: object.clone(),
                    stands_for_kind: kinds.insert(object.clone()) && object.module_path == module_path,
                    in_all_namespaces: resource
                        .all_namespaces
                        .get(&Verb::List)
                        .map(|list| list.availability.within(availability)),
                    availability,
                    deprecated: types::deprecated(model, facts, &resource.kind)
                        .filter(|_| availability.until.is_none()),
                    verbs: Vec::new(),
                    methods: Vec::new(),
                };
                Methods { types, handle: &mut handle, plan, taken: &mut taken }.add(resource);
                if handle.methods.is_empty() {
                    plan.notes.push(format!(
                        "resource {plural} of {group_version} has no handle: none of its operations is supported"
                    ));
                    continue;
                }
                handles.insert(plural.clone(), handle);
            }
        }
        plan.modules.entry(module_path).or_default().handles = handles;
    }
}

/// The methods that lead to the resources of a group-version, which are the modules of their types too, by plural.
pub(super) fn files(version: &Version) -> BTreeMap<String, String> {
    // `mod.rs` has a module for what resources share, and the client has its constructor.
    let mut taken = BTreeSet::from(["new", "shared"].map(str::to_owned));
    let mut kinds = BTreeSet::new();
    let mut files = BTreeMap::new();
    for (plural, resource) in &version.resources {
        // Of two resources of one kind, the second is called by its own name.
        let first = kinds.insert(&resource.schema);
        let name = if first { names::plural(&resource.kind.kind, plural) } else { names::type_name(plural) };
        files.insert(plural.clone(), names::unique(&mut taken, names::snake(&name)));
    }
    files
}

/// What the client of a group-version is called: `AppsV1`.
fn client_name(module_path: &ModulePath) -> String {
    match module_path {
        ModulePath::Module { group, version } => format!("{}{}", names::type_name(group), names::pascal(version)),
        _ => "MetaV1".to_owned(),
    }
}

fn is_object(plan: &Plan, path: &TypePath) -> bool {
    // Of the crate beside the tree subresources have kinds alone, such as the scale.
    if matches!(path.module_path, ModulePath::Beside { .. }) {
        return true;
    }
    let module = plan.modules.get(&path.module_path);
    module.and_then(|module| module.structs.get(&path.name)).is_some_and(super::Struct::is_object)
}

struct Methods<'a> {
    types: &'a Types,
    handle: &'a mut Handle,
    plan: &'a mut Plan,
    taken: &'a mut BTreeSet<String>,
}

impl Methods<'_> {
    fn add(&mut self, resource: &Resource) {
        for (verb, operation) in &resource.operations {
            if let Err(reason) = self.verb(*verb, operation, &resource.schema) {
                self.note(operation, &reason);
            }
        }
        for (sub, subresource) in &resource.subresources {
            for (verb, operation) in &subresource.operations {
                if let Err(reason) = self.subresource(sub, *verb, operation) {
                    self.note(operation, &reason);
                }
            }
        }
        self.several();
        // What a handle says of itself has these names.
        let mut taken = BTreeSet::from(["client", "namespace", "new"].map(str::to_owned));
        for method in &mut self.handle.methods {
            method.name = names::unique(&mut taken, std::mem::take(&mut method.name));
        }
    }

    /// What takes several calls, where all of them are there. Last, so that a call that has such a name keeps it.
    fn several(&mut self) {
        let verb = |handle: &Handle, verb: Verb| {
            let mut methods = handle.methods.iter();
            methods.find(|method| matches!(method.kind, MethodKind::Verb(known) if known == verb)).cloned()
        };
        let get = verb(self.handle, Verb::Get);
        let mut several = Vec::new();
        if let Some(get) = &get {
            for method in &self.handle.methods {
                let (name, kind) = match &method.kind {
                    MethodKind::Verb(Verb::Replace) => ("modify".to_owned(), MethodKind::Modify),
                    MethodKind::ReplaceSub { sub } => {
                        (format!("modify_{}", self.subresource_name(sub)), MethodKind::ModifySub { sub: sub.clone() })
                    }
                    _ => continue,
                };
                several.push(Method {
                    name,
                    kind,
                    availability: method.availability.within(get.availability),
                    ..method.clone()
                });
            }
        }
        if let (Some(list), Some(watch)) = (verb(self.handle, Verb::List), verb(self.handle, Verb::Watch)) {
            let (name, availability) = ("wait".to_owned(), watch.availability.within(list.availability));
            several.push(Method { name, kind: MethodKind::Wait, availability, ..watch });
        }
        self.handle.methods.extend(several);
    }

    fn note(&mut self, operation: &Operation, reason: &str) {
        self.plan.notes.push(format!("{} {} has no method: {reason}", operation.method, operation.path));
    }

    fn push(&mut self, name: impl Into<String>, operation: &Operation, kind: MethodKind) {
        let (http, path, availability) =
            (operation.method, operation.path.clone(), operation.availability.within(self.handle.availability));
        let method = Method { name: name.into(), http, path, kind, availability };
        self.handle.methods.push(method);
    }

    fn verb(&mut self, verb: Verb, operation: &Operation, object: &str) -> Result<(), String> {
        let name = match verb {
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Watch => "watch",
            Verb::Create => "create",
            Verb::Replace => "replace",
            Verb::Patch => "patch",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "delete_collection",
            Verb::Connect => return Err("connecting is supported for subresources only".into()),
        };
        let is = |payload: &Option<Payload>| matches!(payload, Some(Payload::Schema(schema)) if schema == object);
        match verb {
            Verb::Create if is(&operation.request) && !is(&operation.response) => {
                let response = self.message(&operation.response)?;
                self.push(name, operation, MethodKind::CreateAs { response });
                return Ok(());
            }
            Verb::Create | Verb::Replace if !is(&operation.request) || !is(&operation.response) => {
                return Err("its request or response type is not the resource's object".into());
            }
            Verb::Get | Verb::Patch if !is(&operation.response) => {
                return Err("its response type is not the resource's object".into());
            }
            _ => {}
        }
        self.handle.verbs.push((verb, operation.availability.within(self.handle.availability)));
        self.push(name, operation, MethodKind::Verb(verb));
        if verb == Verb::Patch {
            self.push("apply", operation, MethodKind::Apply);
        }
        Ok(())
    }

    fn subresource(&mut self, sub: &str, verb: Verb, operation: &Operation) -> Result<(), String> {
        let name = self.subresource_name(sub);
        let sub = sub.to_owned();
        if is_text(verb, operation) {
            let request = self.text(&sub, operation);
            self.push(name, operation, MethodKind::Text(request));
            return Ok(());
        }
        if verb == Verb::Connect {
            if operation.method != "GET" {
                return Err(format!("it connects with {}, but a WebSocket is opened with GET", operation.method));
            }
            let (name, connection) = (connection::method_name(&sub, operation), Connection::of(operation));
            self.push(name, operation, MethodKind::Connect { sub, connection });
            return Ok(());
        }
        if verb == Verb::Create {
            let (request, response) = (self.object(&operation.request)?, self.message(&operation.response)?);
            self.push(format!("create_{name}"), operation, MethodKind::CreateSub { sub, request, response });
            return Ok(());
        }
        let ty = self.object(&operation.response)?;
        let own = ty == self.handle.object;
        match verb {
            Verb::Get => self.push(format!("get_{name}"), operation, MethodKind::GetSub { sub, ty }),
            Verb::Replace => {
                let request = self.object(&operation.request)?;
                if request != ty {
                    return Err("its request and response types differ".into());
                }
                let argument = name.clone();
                let kind =
                    if own { MethodKind::ReplaceSub { sub } } else { MethodKind::ReplaceSubOf { sub, argument, ty } };
                self.push(format!("replace_{name}"), operation, kind);
            }
            Verb::Patch => {
                self.push(
                    format!("patch_{name}"),
                    operation,
                    MethodKind::PatchSub { sub: sub.clone(), ty: ty.clone() },
                );
                // By what comes back: the documents of CRDs give the operation the kind of the resource.
                let is_scale = matches!(&operation.response, Some(Payload::Schema(schema)) if schema == "io.k8s.api.autoscaling.v1.Scale");
                // Of a custom resource's scale the API server can't apply anything (it tries to convert it as if it were
                // the resource itself, and fails). The documents tell it by the kind that they give the operation.
                let of_kind = operation.kind.as_ref().is_some_and(|kind| kind.kind == ty.name);
                let argument = name.clone();
                if own {
                    self.push(format!("apply_{name}"), operation, MethodKind::ApplySub { sub });
                } else {
                    if of_kind {
                        let kind = MethodKind::ApplySubOf { sub: sub.clone(), argument, ty: ty.clone() };
                        self.push(format!("apply_{name}"), operation, kind);
                    }
                    if sub == "scale" && is_scale {
                        self.push(name, operation, MethodKind::Scale { ty });
                    }
                }
            }
            Verb::Create | Verb::List | Verb::Watch | Verb::Delete | Verb::DeleteCollection | Verb::Connect => {
                return Err("the runtime does not support this verb on a subresource".into());
            }
        }
        Ok(())
    }

    /// What methods call a subresource: with its words apart where a field of the object's `spec` has the same letters, as
    /// `ephemeralContainers` has those of `ephemeralcontainers`.
    fn subresource_name(&self, sub: &str) -> String {
        let plain = names::snake(sub);
        let fields = |path: &TypePath| Some(&self.plan.modules.get(&path.module_path)?.structs.get(&path.name)?.fields);
        let spec = fields(&self.handle.object).and_then(|fields| fields.iter().find(|field| field.json == "spec"));
        let fields = spec.and_then(|spec| fields(spec.ty.message()?)).into_iter().flatten();
        let mut names = fields.map(|field| names::snake(&field.json));
        names.find(|name| name.replace('_', "") == plain).unwrap_or(plain)
    }

    fn text(&mut self, sub: &str, operation: &Operation) -> TextRequest {
        // What every such builder has.
        let own = ["query", "bytes", "lines", "reader", "into_inner", "into_future"];
        let mut taken = BTreeSet::from(own.map(str::to_owned));
        let parameters = operation.parameters.iter();
        let parameters =
            parameters.map(|parameter| (names::unique(&mut taken, names::snake(&parameter.name)), parameter.clone()));
        let parameters = parameters.collect();
        let name = format!("{}{}Request", self.handle.object.name.trim_end_matches('_'), names::pascal(sub));
        TextRequest { name: names::unique(self.taken, name), sub: sub.to_owned(), parameters }
    }

    /// The type of what is sent or comes back, which need not be an object with metadata: a `Status` is none.
    fn message(&self, payload: &Option<Payload>) -> Result<TypePath, String> {
        let Some(Payload::Schema(schema)) = payload else {
            return Err("the documents do not state the request or response type".into());
        };
        self.types.structs.get(schema).cloned().ok_or_else(|| format!("{schema} is not a struct"))
    }

    fn object(&self, payload: &Option<Payload>) -> Result<TypePath, String> {
        let Some(Payload::Schema(schema)) = payload else {
            return Err("the documents do not state the request or response type".into());
        };
        let path = self.types.structs.get(schema).filter(|path| is_object(self.plan, path));
        path.cloned().ok_or_else(|| format!("{schema} is not an object with metadata"))
    }
}
