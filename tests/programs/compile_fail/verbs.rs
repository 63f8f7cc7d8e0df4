// Each function asks for what the server does not have; the comment says which error must come of it.
use kubewright::core::v1::{ComponentStatus, Pod};
use kubewright::prelude::*;

fn a_verb_that_the_resource_does_not_have(client: &Client) {
    client.core_v1().component_statuses().delete("x"); //~ E0599 no method named `delete`
}

fn one_object_of_all_namespaces(client: &Client) {
    client.core_v1().pods_in_all_namespaces().get("x"); //~ E0599 no method named `get`
}

fn a_subresource_that_the_resource_does_not_have(client: &Client) {
    client.core_v1().config_maps("shop").scale("x"); //~ E0599 no method named `scale`
}

fn a_review_can_only_be_created(client: &Client) {
    client.authorization_v1().self_subject_access_reviews().list(); //~ E0599 no method named `list`
}

fn a_cluster_scoped_resource_has_no_namespace(client: &Client) {
    client.core_v1().nodes("shop"); //~ E0061 this method takes 0 arguments
}

fn a_verb_through_the_generic_api(client: &Client) {
    Api::<ComponentStatus>::all(client).delete("x"); //~ E0277 the API server has no verb `delete` for
}

fn an_option_that_the_verb_does_not_take(client: &Client) {
    client.core_v1().pods("shop").get("x").dry_run(); //~ E0599 no method named `dry_run`
}

fn another_kinds_object(client: &Client, pod: &Pod) {
    client.core_v1().config_maps("shop").create(pod); //~ E0308 mismatched types
}

fn main() {}
