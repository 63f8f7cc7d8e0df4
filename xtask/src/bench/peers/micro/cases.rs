//! What is measured in memory: reading and writing pods, with kubewright and with serde_json on k8s-openapi's types.

use std::hint::black_box;

use k8s_openapi::List as TheirList;
use k8s_openapi::api::core::v1::Pod as TheirPod;
use kubewright::List;
use kubewright::core::v1::Pod;
use kubewright::runtime::json::{self, Filter, Mode, Options};
use kubewright::runtime::message::MessageType;
use kubewright::runtime::protobuf;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub const OURS: &str = "kubewright";
pub const THEIRS: &str = "k8s-openapi";

/// How many pods a list has.
const MANY: usize = 500;
/// A pod as an API server sent it.
const POD: &str = include_str!("pod.json");

/// Does each piece of work, in its own way.
pub trait Visitor {
    /// `bytes` is what one go reads or writes; what the work returns is dropped outside of what is measured.
    fn visit<T>(&mut self, case: &str, side: &str, bytes: usize, work: impl FnMut() -> T);
}

/// Shows every piece of work to a visitor.
pub fn visit_all(visitor: &mut impl Visitor) {
    for managed_fields in [true, false] {
        let suffix = if managed_fields { "" } else { ", no managedFields" };
        let one = pod(0, managed_fields);
        work::<Pod, TheirPod>(visitor, &format!("one pod{suffix}"), &one, ".metadata.managedFields", |pod| {
            pod.metadata.managed_fields = None;
        });
        let items: Vec<String> = (0..MANY).map(|index| pod(index, managed_fields)).collect();
        let many = format!(
            r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"1"}},"items":[{}]}}"#,
            items.join(",")
        );
        let title = format!("{MANY} pods{suffix}");
        work::<List<Pod>, TheirList<TheirPod>>(visitor, &title, &many, ".items.metadata.managedFields", |list| {
            list.items.iter_mut().for_each(|pod| pod.metadata.managed_fields = None);
        });
    }
}

fn work<Ours, Theirs>(
    visitor: &mut impl Visitor,
    title: &str,
    text: &str,
    managed_fields: &str,
    drop_managed_fields: fn(&mut Theirs),
) where
    Ours: MessageType,
    Theirs: DeserializeOwned + Serialize,
{
    let ours: Ours = json::from_str(text).expect("ours reads it");
    let theirs: Theirs = serde_json::from_str(text).expect("theirs reads it");
    let binary = protobuf::to_vec(&ours).expect("it has a protobuf form");
    let has_managed_fields = text.contains("managedFields");

    let case = format!("decode JSON, {title}");
    visitor.visit(&case, OURS, text.len(), || json::from_slice::<Ours>(black_box(text.as_bytes())).expect("reads"));
    visitor.visit(&case, THEIRS, text.len(), || {
        serde_json::from_slice::<Theirs>(black_box(text.as_bytes())).expect("reads")
    });
    let case = format!("decode protobuf, {title}");
    visitor.visit(&case, OURS, binary.len(), || protobuf::from_slice::<Ours>(black_box(&binary)).expect("reads"));

    if has_managed_fields {
        let options =
            Options::default().filter(Filter::new(Ours::table(), &[managed_fields]).expect("the field is there"));
        let case = format!("decode JSON, {title}, managedFields dropped");
        visitor.visit(&case, OURS, text.len(), || {
            let mut message = Ours::default();
            json::decode_into(&mut message, black_box(text), &options).expect("reads");
            message
        });
        visitor.visit(&case, THEIRS, text.len(), || {
            let mut message: Theirs = serde_json::from_slice(black_box(text.as_bytes())).expect("reads");
            drop_managed_fields(&mut message);
            message
        });
        let case = format!("decode protobuf, {title}, managedFields dropped");
        visitor.visit(&case, OURS, binary.len(), || {
            let mut message = Ours::default();
            protobuf::decode_into(&mut message, black_box(&binary), &options).expect("reads");
            message
        });
    }

    let mut out = Vec::new();
    let case = format!("encode JSON, {title}");
    visitor.visit(&case, OURS, text.len(), || {
        out.clear();
        json::encode_into(black_box(&ours), &mut out, Mode::Full).expect("writes");
        out.len()
    });
    visitor.visit(&case, THEIRS, text.len(), || {
        out.clear();
        serde_json::to_writer(&mut out, black_box(&theirs)).expect("writes");
        out.len()
    });
    let case = format!("encode protobuf, {title}");
    visitor.visit(&case, OURS, binary.len(), || {
        out.clear();
        protobuf::encode_into(black_box(&ours), &mut out).expect("writes");
        out.len()
    });
}

/// A pod's text.
fn pod(index: usize, managed_fields: bool) -> String {
    let text = POD.trim_end().replace("INDEX", &index.to_string());
    if managed_fields {
        return text;
    }
    let mut pod: Pod = json::from_str(&text).expect("a pod");
    pod.metadata.managed_fields = Vec::new();
    String::from_utf8(json::to_vec(&pod).expect("writes")).expect("text")
}
