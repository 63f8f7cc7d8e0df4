//! A test of every URL: each call of each generated handle, and the request that the documents say it is.

use std::collections::BTreeMap;

use quote::quote;

use super::{file::File, gate::cfg_text, root::method_name};
use crate::{
    Options,
    documents::Minor,
    error::Error,
    model::{Availability, Verb},
    plan::{Connection, Handle, MethodKind, ModulePath, Plan, TypePath},
};

/// The test.
pub fn emit(plan: &Plan, options: &Options) -> Result<String, Error> {
    let mut file = File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default());
    let (gates, always) = (file.gates, Availability::default());
    file.docs(
        "Tests that every method of every generated handle makes the request of the API server's OpenAPI document.",
    );
    let mut rows = String::new();
    for (module_path, module) in &plan.modules {
        let ModulePath::Module { group, version } = module_path else { continue };
        let client = method_name(group, version);
        for handle in module.handles.values() {
            let handle_text = if handle.resource.namespaced {
                format!("c.{client}().{}(\"ns\")", handle.method)
            } else {
                format!("c.{client}().{}()", handle.method)
            };
            for method in handle.methods.iter().filter(|method| method.kind.is_one_call()) {
                let path = method.path.replace("{namespace}", "ns").replace("{name}", "name");
                let (call, query) = call(handle, &method.name, &method.kind);
                let http = if matches!(method.kind, MethodKind::Scale { .. }) { "GET" } else { method.http };
                let minors = minors(plan, method.availability);
                rows.push_str(&gates.cfg_line(method.availability, always, "    "));
                rows.push_str(&format!("    {http} \"{path}{query}\" {minors} c => {handle_text}.{call};\n"));
            }
            if handle.in_all_namespaces.is_some() && handle.stands_for_kind {
                for (verb, operation) in &handle.resource.all_namespaces {
                    let (call, query) = match verb {
                        Verb::List => ("list()", ""),
                        Verb::Watch => ("watch()", "?watch=true"),
                        _ => continue,
                    };
                    let (http, path) = (operation.method, &operation.path);
                    let availability = operation.availability.within(handle.availability);
                    let minors = minors(plan, availability);
                    rows.push_str(&gates.cfg_line(availability, always, "    "));
                    rows.push_str(&format!(
                        "    {http} \"{path}{query}\" {minors} c => c.{client}().{}_in_all_namespaces().{call};\n",
                        handle.method
                    ));
                }
            }
        }
    }
    file.items(quote! {
        /// Method, path and query, the pinned minors that serve it, and the call that must make this request.
        pub type Row = (&'static str, &'static str, RangeInclusive<u32>, fn(&Client) -> Result<Request<Bytes>>);
        /// Returns an object that has only a name.
        fn named<T: Object>() -> T {
            let mut object = T::default();
            object.metadata_mut().name = Some("name".into());
            object
        }
        #[test]
        fn every_call_makes_the_request_that_the_documents_list() {
            let config = Config::new("http://127.0.0.1:1".parse().expect("an address"));
            let client = Client::new(&config).expect("a client");
            for (method, target, _, call) in ROWS {
                let made = call(&client).unwrap_or_else(|error| panic!("{method} {target}: {error}"));
                assert_eq!((made.method().as_str(), made.uri().to_string().as_str()), (*method, *target));
            }
        }
    });
    file.text(&format!("{ROWS_MACRO}\nrows! {{\n{rows}}}\n"))?;
    let mut imports: BTreeMap<_, Vec<String>> = BTreeMap::from([(None, vec!["ApiGroups".to_owned()])]);
    for (group, availability) in groups(plan) {
        imports.entry(gates.since(availability, always)).or_default().push(group);
    }
    let imports = imports.into_iter().map(|(since, groups)| {
        let cfg = since.map(|since| format!("{}\n", cfg_text(since))).unwrap_or_default();
        format!("{cfg}use kubewright::{{{}}};\n", groups.join(", "))
    });
    let imports: String = imports.collect();
    // A test is a crate of its own, which a formatter finds by itself.
    let imports = format!(
        "#![cfg_attr(rustfmt, rustfmt_skip)]\n#![allow(deprecated)]\n\nuse std::ops::RangeInclusive;\n\n{imports}use kubewright::runtime::{{Config, codegen::*}};\n"
    );
    file.finish_with(&imports, "tests/urls.rs")
}

const ROWS_MACRO: &str = "\
macro_rules! rows {
    ($($(#[$cfg:meta])? $method:ident $target:literal $since:literal..=$last:literal $client:ident => $call:expr;)*) => {
        /// Every method of every handle.
        pub const ROWS: &[Row] = &[$(
            $(#[$cfg])?
            (stringify!($method), $target, RangeInclusive::new($since, $last), |$client| $call.request())
        ),*];
    };
}
";

/// The pinned minors that have something: `34..=37`. The newest stands for what comes after it.
fn minors(plan: &Plan, availability: Availability) -> String {
    let (oldest, newest) = (plan.minors.first().copied(), plan.minors.last().copied());
    let last = availability.until.map_or(newest.unwrap_or(Minor::MAX), |until| until.saturating_sub(1));
    format!("{}..={last}", availability.since.max(oldest.unwrap_or_default()))
}

/// The groups' modules that the rows name types of.
fn groups(plan: &Plan) -> BTreeMap<String, Availability> {
    let mut groups: BTreeMap<String, Availability> = BTreeMap::new();
    for (module_path, module) in &plan.modules {
        let mut add = |path: &TypePath, availability: Availability| {
            if let ModulePath::Module { group, .. } = &path.module_path {
                let known = groups.entry(group.clone()).or_insert(availability);
                *known = known.or(availability);
            }
        };
        if matches!(module_path, ModulePath::Module { .. }) {
            for handle in module.handles.values() {
                for method in &handle.methods {
                    // These name the type of the object that they send.
                    match &method.kind {
                        MethodKind::Verb(Verb::Create | Verb::Replace)
                        | MethodKind::CreateAs { .. }
                        | MethodKind::ReplaceSub { .. }
                        | MethodKind::Apply
                        | MethodKind::ApplySub { .. } => add(&handle.object, method.availability),
                        MethodKind::ReplaceSubOf { ty, .. } | MethodKind::ApplySubOf { ty, .. } => {
                            add(ty, method.availability);
                        }
                        MethodKind::CreateSub { request, .. } => add(request, method.availability),
                        _ => {}
                    }
                }
            }
        }
    }
    groups
}

/// The call of a method, and the query that it adds.
fn call(handle: &Handle, name: &str, kind: &MethodKind) -> (String, &'static str) {
    let path = |path: &TypePath| match &path.module_path {
        ModulePath::Module { group, version } => format!("{group}::{version}::{}", path.name),
        _ => path.name.clone(),
    };
    let object = path(&handle.object);
    let patch = "Patch::merge(())";
    match kind {
        MethodKind::Verb(Verb::Get | Verb::Delete) | MethodKind::GetSub { .. } | MethodKind::Scale { .. } => {
            (format!("{name}(\"name\")"), "")
        }
        MethodKind::Verb(Verb::List | Verb::DeleteCollection) => (format!("{name}()"), ""),
        MethodKind::Verb(Verb::Watch) => (format!("{name}()"), "?watch=true"),
        MethodKind::Verb(Verb::Connect) => (format!("{name}(\"name\")"), ""),
        MethodKind::Verb(Verb::Create | Verb::Replace)
        | MethodKind::CreateAs { .. }
        | MethodKind::ReplaceSub { .. } => (format!("{name}(&named::<{object}>())"), ""),
        MethodKind::Verb(Verb::Patch) | MethodKind::PatchSub { .. } => (format!("{name}(\"name\", {patch})"), ""),
        MethodKind::Apply | MethodKind::ApplySub { .. } => {
            (format!("{name}(&named::<{object}>(), \"m\")"), "?fieldManager=m")
        }
        MethodKind::ReplaceSubOf { ty, .. } => (format!("{name}(\"name\", &named::<{}>())", path(ty)), ""),
        MethodKind::ApplySubOf { ty, .. } => {
            (format!("{name}(\"name\", &named::<{}>(), \"m\")", path(ty)), "?fieldManager=m")
        }
        MethodKind::CreateSub { request, .. } => (format!("{name}(\"name\", &named::<{}>())", path(request)), ""),
        MethodKind::Text(_) => (format!("{name}(\"name\").into_inner()"), ""),
        MethodKind::Connect { connection, .. } => match connection {
            Connection::Exec => (format!("{name}(\"name\", [\"a\"])"), "?command=a&stdout=true&stderr=true"),
            Connection::Attach => (format!("{name}(\"name\")"), "?stdout=true&stderr=true"),
            Connection::PortForward => (format!("{name}(\"name\", 80)"), "?ports=80"),
            // The root of the other side.
            Connection::Proxy => (format!("{name}(\"name\")"), "/"),
            Connection::Other => (format!("{name}(\"name\")"), ""),
        },
        // Several calls, each of which has a row of its own.
        MethodKind::Modify | MethodKind::ModifySub { .. } | MethodKind::Wait => (format!("{name}(\"name\")"), ""),
    }
}
