//! The handle of a resource, and what makes its kind a resource.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{
    definition, doc,
    file::File,
    gate::{self, Gates},
};
use crate::{
    model::{Availability, Parameter, ParameterType, Verb},
    plan::{Connection, Handle, Method, MethodKind, TextRequest},
};

/// The handle with its methods, and the impls of its kind.
pub fn emit(file: &File<'_>, handle: &Handle) -> TokenStream {
    let names = &file.names;
    let resource = &handle.resource;
    let name = format_ident!("{}", handle.name);
    let object = names.path(&handle.object);
    let base = names.handles("Handle");
    let scope = if resource.namespaced { "in a namespace" } else { "(cluster-scoped)" };
    let (gates, availability) = (file.gates, handle.availability);
    let told = gates.told(availability, Availability::default()).map(|told| format!(" {told}")).unwrap_or_default();
    let deprecated = handle.deprecated.as_ref().map(|told| format!("\n\n{told}")).unwrap_or_default();
    let defined = resource.definition.as_ref().map(definition::describe).unwrap_or_default();
    let docs = doc::attributes(&format!(
        "`{}` {scope}: objects of kind {}.{told}{defined}{deprecated}",
        resource.plural, resource.kind.kind
    ));
    let (cfg, deprecated) =
        (gates.cfg(availability, file.availability), gates.deprecated(availability, file.availability));
    let warned = definition::deprecated(handle);
    let behind = file.options.feature("client");
    let methods: Vec<_> = handle
        .methods
        .iter()
        .map(|method| names.within(method.availability, || emit_method(file, handle, method)))
        .collect();
    let client = names.handles("Client");
    let constructor = if resource.namespaced {
        quote!(pub(super) fn new(client: &#client, namespace: &str) -> Self { Self(#base::namespaced(client, &RESOURCE, namespace)) })
    } else {
        quote!(pub(super) fn new(client: &#client) -> Self { Self(#base::cluster(client, &RESOURCE)) })
    };
    let target = target(&client, resource.namespaced);
    let (desc, (group, version, kind)) =
        (names.rt("ResourceDesc"), (&resource.kind.group, &resource.kind.version, &resource.kind.kind));
    let (plural, singular, namespaced) = (&resource.plural, &resource.singular, resource.namespaced);
    let served = names.rt("Served");
    let served =
        gates.served(&served, availability, Availability::default()).unwrap_or_else(|| quote!(#served::ALWAYS));
    let (short_names, categories) = (&resource.short_names, &resource.categories);
    // The `Api` of the kind is that of the resource which stands for it.
    let kind_impls = handle.stands_for_kind.then(|| {
        let resource = names.rt("Resource");
        let conversions = names.handles("conversions");
        let scope = namespaced.then(|| quote!(, namespaced));
        // A marker for each verb: those that came later apart.
        let mut verbs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (verb, own) in &handle.verbs {
            verbs.entry(gates.since(*own, availability)).or_default().push(format_ident!("{verb:?}"));
        }
        let verbs = verbs.into_iter().map(|(since, verbs)| {
            let cfg = since.map_or_else(|| cfg.clone(), gate::cfg);
            quote!(#cfg verbs!(#object: #(#verbs),*);)
        });
        quote! {
            #cfg
            impl #resource for #object { const RESOURCE: &'static #desc = &RESOURCE; }
            #(#verbs)*
            #cfg
            #behind
            #conversions!(#name: #object #scope);
        }
    });
    let defined = handle.stands_for_kind.then(|| definition::emit(file, handle));
    let builders = handle.methods.iter().filter_map(|method| match &method.kind {
        MethodKind::Text(request) => {
            Some(names.within(method.availability, || text_request(file, handle, method, request)))
        }
        _ => None,
    });
    quote! {
        #docs
        #cfg
        #behind
        #deprecated
        #warned
        #[derive(Clone, Debug)]
        pub struct #name(#base<#object>);
        #cfg
        #behind
        impl #name {
            #constructor
            #target
            #(#methods)*
        }
        #cfg
        static RESOURCE: #desc = #desc {
            group: #group, version: #version, kind: #kind, plural: #plural, singular: #singular,
            short_names: &[#(#short_names),*], categories: &[#(#categories),*], namespaced: #namespaced,
            served: #served,
        };
        #kind_impls
        #defined
        #(#builders)*
    }
}

/// What a handle says of itself: whom it asks, and about which namespace.
fn target(client: &TokenStream, namespaced: bool) -> TokenStream {
    let namespace = namespaced.then(|| {
        quote! {
            /// Returns the namespace of this handle.
            pub fn namespace(&self) -> &str { self.0.namespace().unwrap_or_default() }
        }
    });
    quote! {
        /// Returns the client that sends the calls.
        pub fn client(&self) -> &#client { self.0.client() }
        #namespace
    }
}

fn emit_method(file: &File<'_>, handle: &Handle, method: &Method) -> TokenStream {
    let names = &file.names;
    let name = format_ident!("{}", method.name);
    let k = names.path(&handle.object);
    let told = file
        .gates
        .told(method.availability, handle.availability)
        .map(|told| format!(".\n\n{told}"))
        .unwrap_or_default();
    let docs = doc::attributes(&format!("{}{told}", describe(method)));
    let gate = file.gates.attributes(method.availability, handle.availability);
    let own = match file.gates.served(&names.rt("Served"), method.availability, handle.availability) {
        Some(served) => quote!(self.0.served(#served)),
        None => quote!(self.0),
    };
    let patch_ty = || names.handles("Patch");
    let request = |verb: &str| names.handles(&format!("{verb}Request"));
    let tokens = match &method.kind {
        MethodKind::Verb(verb) => match verb {
            Verb::Get => {
                let request = request("Get");
                quote!(fn #name(&self, name: &str) -> #request<#k> { #own.get(name) })
            }
            Verb::List => {
                let request = request("List");
                quote!(fn #name(&self) -> #request<#k> { #own.list() })
            }
            Verb::Watch => {
                let request = request("Watch");
                quote!(fn #name(&self) -> #request<#k> { #own.watch() })
            }
            Verb::Create => {
                let request = request("Create");
                quote!(fn #name(&self, object: &#k) -> #request<#k> { #own.create(object) })
            }
            Verb::Replace => {
                let request = request("Replace");
                quote!(fn #name(&self, object: &#k) -> #request<#k> { #own.replace(object) })
            }
            Verb::Patch => {
                let (request, patch) = (request("Patch"), patch_ty());
                quote!(fn #name(&self, name: &str, patch: #patch) -> #request<#k> { #own.patch(name, patch) })
            }
            Verb::Delete => {
                let request = request("Delete");
                quote!(fn #name(&self, name: &str) -> #request<#k> { #own.delete(name) })
            }
            // Only subresources are connected to.
            Verb::Connect => return TokenStream::new(),
            Verb::DeleteCollection => {
                let request = request("DeleteCollection");
                quote!(fn #name(&self) -> #request<#k> { #own.delete_collection() })
            }
        },
        MethodKind::Apply => {
            let request = request("Apply");
            quote!(fn #name(&self, object: &#k, field_manager: &str) -> #request<#k> { #own.apply(object, field_manager) })
        }
        MethodKind::GetSub { sub, ty } => {
            let (request, ty) = (request("Get"), names.path(ty));
            quote!(fn #name(&self, name: &str) -> #request<#ty> { #own.get_sub(name, #sub) })
        }
        MethodKind::ReplaceSub { sub } => {
            let request = request("Replace");
            quote!(fn #name(&self, object: &#k) -> #request<#k> { #own.replace_sub(object, #sub) })
        }
        MethodKind::ReplaceSubOf { sub, argument, ty } => {
            // The name of an object is an argument as well.
            let argument = format_ident!("{}", if argument == "name" { "object" } else { argument.as_str() });
            let (request, ty) = (request("Replace"), names.path(ty));
            quote!(fn #name(&self, name: &str, #argument: &#ty) -> #request<#ty> { #own.replace_sub_of(name, #sub, #argument) })
        }
        MethodKind::PatchSub { sub, ty } => {
            let (request, patch, ty) = (request("Patch"), patch_ty(), names.path(ty));
            quote!(fn #name(&self, name: &str, patch: #patch) -> #request<#ty> { #own.patch_sub(name, #sub, patch) })
        }
        MethodKind::ApplySub { sub } => {
            let request = request("Apply");
            quote!(fn #name(&self, object: &#k, field_manager: &str) -> #request<#k> { #own.apply_sub(object, #sub, field_manager) })
        }
        MethodKind::ApplySubOf { sub, argument, ty } => {
            let argument = format_ident!("{}", if argument == "name" { "object" } else { argument.as_str() });
            let (request, ty) = (request("Apply"), names.path(ty));
            quote! {
                fn #name(&self, name: &str, #argument: &#ty, field_manager: &str) -> #request<#ty> {
                    #own.apply_sub_of(name, #sub, #argument, field_manager)
                }
            }
        }
        MethodKind::CreateAs { response } => {
            let (request, response) = (request("Create"), names.path(response));
            quote!(fn #name(&self, object: &#k) -> #request<#response> { #own.create_as(object) })
        }
        MethodKind::CreateSub { sub, request: sent, response } => {
            let (request, sent, response) = (request("Create"), names.path(sent), names.path(response));
            // The 429 of an eviction is the answer of a PodDisruptionBudget, and not a server that is busy.
            let policy = (sub == "eviction").then(|| {
                let no_retry = names.handles("NoRetryOn429");
                quote!(.extension(#no_retry))
            });
            quote! {
                fn #name(&self, name: &str, object: &#sent) -> #request<#response> {
                    #own.create_sub(name, #sub, object) #policy
                }
            }
        }
        MethodKind::Scale { ty } => {
            let (request, ty) = (request("Scale"), names.path(ty));
            quote!(fn #name(&self, name: &str) -> #request<#ty> { #own.scale(name) })
        }
        MethodKind::Text(TextRequest { name: request, sub, .. }) => {
            let request = format_ident!("{request}");
            quote!(fn #name(&self, name: &str) -> #request { #request(#own.text_sub(name, #sub)) })
        }
        MethodKind::Connect { sub, connection } => {
            let builder = names.handles(connection.builder());
            match connection {
                Connection::Exec => {
                    let copies = copies(file, handle, method, sub);
                    let items = names.std("IntoIterator", quote!(::std::iter::IntoIterator));
                    let into = names.std("Into", quote!(::std::convert::Into));
                    let string = names.std("String", quote!(::std::string::String));
                    quote! {
                        fn #name(&self, name: &str, command: impl #items<Item = impl #into<#string>>) -> #builder<#k> {
                            #own.exec(name, #sub, command)
                        }
                        #copies
                    }
                }
                Connection::Attach => quote!(fn #name(&self, name: &str) -> #builder<#k> { #own.attach(name, #sub) }),
                Connection::PortForward => {
                    quote!(fn #name(&self, name: &str, port: u16) -> #builder<#k> { #own.port_forward(name, #sub, port) })
                }
                Connection::Proxy => quote!(fn #name(&self, name: &str) -> #builder { #own.proxy(name, #sub) }),
                Connection::Other => quote!(fn #name(&self, name: &str) -> #builder<#k> { #own.connect(name, #sub) }),
            }
        }
        MethodKind::Modify | MethodKind::ModifySub { .. } => {
            let (request, change) = (request("Modify"), names.handles("Change"));
            let call = match &method.kind {
                MethodKind::ModifySub { sub } => quote!(modify_sub(name, #sub, change)),
                _ => quote!(modify(name, change)),
            };
            let function = names.std("FnMut", quote!(::std::ops::FnMut));
            let send = names.std("Send", quote!(::std::marker::Send));
            quote! {
                fn #name<'a, R: #change>(
                    &self, name: &str, change: impl #function(&mut #k) -> R + #send + 'a,
                ) -> #request<'a, #k> { #own.#call }
            }
        }
        MethodKind::Wait => {
            let wait = names.handles("Wait");
            quote!(fn #name<'a>(&self, name: &str) -> #wait<'a, #k> { #own.wait(name) })
        }
    };
    // Behind the features of what it gives.
    let behind = match &method.kind {
        MethodKind::Text(_) => file.options.feature("logs"),
        MethodKind::Connect { .. } => file.options.feature("streams"),
        _ => TokenStream::new(),
    };
    quote!(#docs #gate #behind pub #tokens)
}

/// What runs commands copies files, too. The first such subresource does so, if the resource has several.
fn copies(file: &File<'_>, handle: &Handle, method: &Method, sub: &str) -> Option<TokenStream> {
    let is_exec = |method: &&Method| matches!(&method.kind, MethodKind::Connect { connection: Connection::Exec, .. });
    if handle.methods.iter().find(is_exec).is_some_and(|first| first.name != method.name) {
        return None;
    }
    let (macro_name, k) = (file.names.handles("copy_methods"), file.names.path(&handle.object));
    let gate = file.gates.cfg(method.availability, handle.availability);
    let served = file
        .gates
        .served(&file.names.rt("Served"), method.availability, handle.availability)
        .map(|served| quote!(, #served));
    let behind = file.options.feature("streams");
    Some(quote!(#gate #behind #macro_name! { #k, #sub #served }))
}

/// The docstring of a method: what it does, then the HTTP request.
fn describe(method: &Method) -> String {
    let Method { http, path, kind, .. } = method;
    let request = format!("`{http} {path}`");
    match kind {
        MethodKind::Verb(verb) => {
            let what = match verb {
                Verb::Get => "Reads the named object",
                Verb::List => "Lists the objects",
                Verb::Watch => return format!("Watches the objects: `{http} {path}?watch=true`"),
                Verb::Create => "Creates an object",
                Verb::Replace => "Replaces an object",
                Verb::Patch => "Patches the named object",
                Verb::Delete => "Deletes the named object",
                Verb::DeleteCollection => "Deletes a collection of objects",
                Verb::Connect => "Connects to the named object",
            };
            format!("{what}: {request}")
        }
        MethodKind::Apply => format!("Applies an object (server-side apply): {request}"),
        MethodKind::ApplySub { sub } | MethodKind::ApplySubOf { sub, .. } => {
            format!("Applies the `{sub}` subresource (server-side apply): {request}")
        }
        MethodKind::GetSub { sub, .. } => format!("Reads the `{sub}` subresource: {request}"),
        MethodKind::ReplaceSub { sub } | MethodKind::ReplaceSubOf { sub, .. } => {
            format!("Replaces the `{sub}` subresource: {request}")
        }
        MethodKind::PatchSub { sub, .. } => format!("Patches the `{sub}` subresource: {request}"),
        MethodKind::CreateAs { response } => format!("Creates an object and returns a `{}`: {request}", response.name),
        MethodKind::CreateSub { sub, .. } => format!("Creates the `{sub}` subresource: {request}"),
        MethodKind::Text(text) => format!("Reads the `{}` subresource as text: {request}", text.sub),
        MethodKind::Modify => {
            format!("Reads the named object, changes it and replaces it, retrying on conflict: `GET` and {request}")
        }
        MethodKind::ModifySub { sub } => {
            let object = path.strip_suffix(&format!("/{sub}")).unwrap_or(path);
            format!(
                "Reads the named object, changes it and replaces its `{sub}`, retrying on conflict: `GET {object}` and `{http} …/{sub}`"
            )
        }
        MethodKind::Wait => {
            format!("Waits until the named object meets a condition: `{http} {path}?watch=true`")
        }
        MethodKind::Scale { .. } => format!(
            "Reads the scale, or sets it with [`replicas`](ScaleRequest::replicas): `GET {path}`, or `{http}` to set it"
        ),
        MethodKind::Connect { connection, .. } => {
            let what = match connection {
                Connection::Exec => "Runs a command",
                Connection::Attach => "Attaches to the running process",
                Connection::PortForward => "Forwards a port",
                Connection::Proxy => "Creates an HTTP client of what the API server proxies to",
                Connection::Other => "Opens a connection that carries bytes in both directions",
            };
            format!("{what}: {request}")
        }
    }
}

/// Documentation of the parameters of Kubernetes' own text subresource, `log`.
const LOG: &[(&str, &str)] = &[
    (
        "container",
        "Selects the container. Defaults to the pod's only container; if it has more than one, to the one named by the annotation `kubectl.kubernetes.io/default-container`.",
    ),
    ("follow", "Streams new output until the container ends, instead of ending at the current end of the log."),
    (
        "insecureSkipTLSVerifyBackend",
        "Skips verification of the kubelet's certificate, which exposes the log to interception and forgery.",
    ),
    ("limitBytes", "Limits the log to this many bytes. The last line may be truncated."),
    ("pretty", "Has no effect on logs."),
    ("previous", "Reads the log of the container's previous instance."),
    ("sinceSeconds", "Omits lines older than this many seconds."),
    ("stream", "Selects the stream: `All` (the default), `Stdout` or `Stderr`."),
    ("tailLines", "Reads only this many lines from the end of the log."),
    ("timestamps", "Prefixes each line with its RFC 3339 timestamp."),
];

/// The builder of a subresource that is text.
fn text_request(file: &File<'_>, handle: &Handle, method: &Method, request: &TextRequest) -> TokenStream {
    let names = &file.names;
    let name = format_ident!("{}", request.name);
    let object = names.path(&handle.object);
    let base = names.handles("TextRequest");
    let docs = doc::attributes(&format!(
        "Request for the `{}` subresource of one object of `{}`.\n\n{}",
        request.sub,
        handle.resource.plural,
        describe(method)
    ));
    let (cfg, deprecated) = (
        file.gates.cfg(method.availability, file.availability),
        file.gates.deprecated(method.availability, file.availability),
    );
    let setters = request.parameters.iter().map(|(ident, parameter)| {
        let known = LOG.iter().find(|(name, _)| request.sub == "log" && *name == parameter.name).map(|(_, text)| *text);
        let gate = Gate {
            gates: file.gates,
            availability: parameter.availability.within(method.availability),
            whole: method.availability,
        };
        setter(ident, parameter, known, gate, &|query| quote!(Self(self.0.#query)))
    });
    let (result, response) = (names.handles("Result"), names.handles("ResponseFuture"));
    let behind = file.options.feature("logs");
    let (bytes, lines, reader) = (names.handles("Bytes"), names.handles("Lines"), names.handles("TextReader"));
    quote! {
        #docs
        #cfg
        #behind
        #deprecated
        #[derive(Debug)]
        #[must_use = "a request does nothing until it is awaited"]
        pub struct #name(#base<#object>);
        #cfg
        #behind
        #[allow(clippy::wrong_self_convention)]
        impl #name {
            #(#setters)*
            /// Appends a query parameter that this builder has no method for.
            pub fn query(self, name: &str, value: &str) -> Self { Self(self.0.query(name, value)) }
            /// Reads the whole body as bytes. Awaited without this, the request returns a `String`, in which � replaces invalid UTF-8.
            pub fn bytes(self) -> #response<#bytes> { self.0.bytes() }
            /// Streams the lines: [`TextRequest::lines`].
            pub fn lines(self) -> #response<#lines> { self.0.lines() }
            /// Streams the bytes: [`TextRequest::reader`].
            pub fn reader(self) -> #response<#reader> { self.0.reader() }
            /// Unwraps the generic builder, which also shows the HTTP request.
            pub fn into_inner(self) -> #base<#object> { self.0 }
        }
        #cfg
        #behind
        impl ::std::future::IntoFuture for #name {
            type Output = #result<::std::string::String>;
            type IntoFuture = #response<::std::string::String>;
            fn into_future(self) -> Self::IntoFuture { self.0.into_future() }
        }
    }
}

/// In which minors something is there, and what it is part of.
#[derive(Clone, Copy)]
pub struct Gate {
    pub gates: Gates,
    pub availability: Availability,
    pub whole: Availability,
}

/// A builder's method for a parameter; `known` is what it means where we know, `wrap` makes the builder of a call of
/// `query`.
pub fn setter(
    ident: &str,
    parameter: &Parameter,
    known: Option<&str>,
    gate: Gate,
    wrap: &dyn Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    let method = format_ident!("{ident}");
    let name = &parameter.name;
    let described = parameter.description.as_deref().map(doc::sanitize).filter(|text| !text.is_empty());
    let told = gate.gates.told(gate.availability, gate.whole).map(|told| format!(" {told}")).unwrap_or_default();
    let docs = known.map(str::to_owned).or(described).unwrap_or_else(|| format!("Sets the query parameter `{name}`."));
    let docs = doc::attributes(&format!("{docs}{told}"));
    let attributes = gate.gates.attributes(gate.availability, gate.whole);
    let (argument, value) = match parameter.ty {
        ParameterType::Boolean => (quote!(), quote!("true")),
        ParameterType::Integer => (quote!(, value: i64), quote!(&value.to_string())),
        ParameterType::Text => (quote!(, value: &str), quote!(value)),
    };
    let body = wrap(quote!(query(#name, #value)));
    quote!(#docs #attributes pub fn #method(self #argument) -> Self { #body })
}
