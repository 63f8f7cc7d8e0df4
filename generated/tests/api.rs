//! Handles and `Api` are two ways to the same calls, and turn into each other.
#![allow(missing_docs)]

use kubewright::apps::v1::{Deployment, Deployments};
use kubewright::authentication::v1::TokenRequest;
use kubewright::autoscaling::v1::Scale;
use kubewright::core::v1::{Binding, Node, Nodes, Pod, Pods, ServiceAccount};
use kubewright::meta::v1::Status;
use kubewright::prelude::*;
use kubewright::{AllNamespaces, Config, Patch};
use serde_json::json;

fn client() -> Client {
    let config = Config::new("http://127.0.0.1:1".parse().expect("an address"));
    Client::new(&config).expect("a client")
}

/// Method, path and query, the headers that say how to read the body, and the body.
macro_rules! made {
    ($request:expr) => {{
        let made = $request.request().expect("a request");
        let headers = ["accept", "content-type"].map(|name| made.headers().get(name).cloned());
        (made.method().clone(), made.uri().clone(), headers, made.body().clone())
    }};
}

/// Both make the same request.
macro_rules! same {
    ($($one:expr, $other:expr;)*) => {$({
        assert_eq!(made!($one), made!($other), "{}", stringify!($other));
    })*};
}

#[test]
fn an_api_makes_the_requests_that_the_handle_of_its_kind_makes() {
    let client = client();
    let handle = client.apps_v1().deployments("shop");
    let api = Api::<Deployment>::from(handle.clone());
    let web = Deployment { metadata: ObjectMeta::named("web"), ..Default::default() };
    let (scale, patch) = (Scale::default(), || Patch::merge(json!({ "spec": {} })));
    same! {
        handle.get("web"), api.get("web");
        handle.list(), api.list();
        handle.watch(), api.watch();
        handle.create(&web), api.create(&web);
        handle.replace(&web), api.replace(&web);
        handle.patch("web", patch()), api.patch("web", patch());
        handle.apply(&web, "me"), api.apply(&web, "me");
        handle.delete("web"), api.delete("web");
        handle.delete_collection(), api.delete_collection();
        handle.get_status("web"), api.get_subresource("web", "status");
        handle.replace_status(&web), api.replace_subresource(&web, "status");
        handle.patch_status("web", patch()), api.patch_subresource("web", "status", patch());
        handle.apply_status(&web, "me"), api.apply_subresource(&web, "status", "me");
        handle.scale("web").replicas(3), api.scale::<Scale>("web").replicas(3);
        handle.get_scale("web"), api.get_subresource_of::<Scale>("web", "scale");
        handle.replace_scale("web", &scale), api.replace_subresource_of("web", "scale", &scale);
        handle.patch_scale("web", patch()), api.patch_subresource_of::<Scale>("web", "scale", patch());
        handle.apply_scale("web", &scale, "me"), api.apply_subresource_of("web", "scale", &scale, "me");
    }

    let accounts = client.core_v1().service_accounts("shop");
    let api = Api::<ServiceAccount>::from(accounts.clone());
    let token = TokenRequest::default();
    same! {
        accounts.create_token("ci", &token), api.create_subresource::<_, TokenRequest>("ci", "token", &token);
    }

    let pods = client.core_v1().pods("shop");
    let api = Api::<Pod>::from(pods.clone());
    let (bindings, binding) = (client.core_v1().bindings("shop"), Binding::default());
    let bound = Api::<Binding>::from(bindings.clone());
    same! {
        pods.log("web-0").tail_lines(3).into_inner(), api.text_subresource("web-0", "log").query("tailLines", "3");
        pods.exec("web-0", ["ls", "-l"]), api.exec("web-0", "exec", ["ls", "-l"]);
        pods.attach("web-0"), api.attach("web-0", "attach");
        bindings.create(&binding), bound.create_as::<Status>(&binding);
        pods.port_forward("web-0", 80), api.port_forward("web-0", "portforward", 80);
    }
}

#[test]
fn a_handle_of_a_namespaced_kind_comes_of_an_api_for_one_namespace_alone() {
    let client = client();
    let pods = Pods::try_from(Api::<Pod>::namespaced(&client, "shop")).expect("for one namespace");
    assert_eq!(pods.namespace(), "shop");
    assert_eq!(pods.get("web").request().expect("a request").uri().path(), "/api/v1/namespaces/shop/pods/web");

    let all = Pods::try_from(Api::<Pod>::all(&client)).expect_err("for all namespaces");
    assert_eq!(all.namespace(), None, "it is given back");
    let all = Api::<Pod>::from(AllNamespaces::new(&client));
    assert_eq!(all.list().request().expect("a request").uri().path(), "/api/v1/pods");
    assert!(Deployments::try_from(Api::<Deployment>::default_namespaced(&client)).is_ok());
}

#[test]
fn a_handle_of_a_kind_without_namespaces_and_its_api_turn_into_each_other() {
    let client = client();
    let nodes = Nodes::from(Api::<Node>::all(&client));
    assert_eq!(nodes.get("n1").request().expect("a request").uri().path(), "/api/v1/nodes/n1");
    let api = Api::<Node>::from(nodes);
    assert_eq!(api.get("n1").request().expect("a request").uri().path(), "/api/v1/nodes/n1");
}

#[test]
fn handles_and_apis_lead_back_to_their_client() {
    let mut config = Config::new("http://127.0.0.1:1".parse().expect("an address"));
    config.namespace = "mine".into();
    let client = Client::new(&config).expect("a client");
    assert_eq!(client.core_v1().pods("shop").client().default_namespace(), "mine");
    assert_eq!(client.core_v1().nodes().client().default_namespace(), "mine");
    assert_eq!(AllNamespaces::<Pod>::new(&client).client().default_namespace(), "mine");
    assert_eq!(Api::<Pod>::default_namespaced(&client).namespace(), Some("mine"));
}
