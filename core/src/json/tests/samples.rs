//! Messages as the generator writes them, cut down, for the tests of the codec and the engines.

use compact_str::CompactString;

use crate::message::{Descriptor, Gvk, Message, MessageType, Slot, UnknownFields, Value, field};
use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};

/// A message, from its fields and their table.
macro_rules! sample {
    ($name:ident, $gvk:expr, { $($field:ident: $ty:ty = $desc:expr),* $(,)? }) => {
        #[derive(Clone, Default)]
        pub(crate) struct $name {
            $(pub(crate) $field: $ty,)*
            pub(crate) unknown_fields: UnknownFields,
        }

        crate::message!($name);

        impl MessageType for $name {
            fn table() -> &'static Descriptor {
                static TABLE: Descriptor = Descriptor::new(stringify!($name), $gvk, &[$($desc),*]);
                &TABLE
            }
        }

        impl Message for $name {
            fn descriptor(&self) -> &'static Descriptor {
                Self::table()
            }

            fn slot(&mut self, field: usize) -> Slot<'_> {
                use crate::message::Field;
                let mut index = 0;
                $(
                    if field == index {
                        return self.$field.as_slot();
                    }
                    index += 1;
                )*
                let _ = index;
                Slot::None
            }

            fn value(&self, field: usize) -> Value<'_> {
                use crate::message::Field;
                let mut index = 0;
                $(
                    if field == index {
                        return self.$field.as_value();
                    }
                    index += 1;
                )*
                let _ = index;
                Value::Absent
            }

            fn set_fields(&self) -> u64 {
                use crate::message::{Field, mark};
                let places = 0..;
                [$(self.$field.is_set()),*].into_iter().zip(places).fold(0, |marks, (set, place)| marks | mark(place, set))
            }

            fn unknown_fields(&self) -> &UnknownFields {
                &self.unknown_fields
            }

            fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
                &mut self.unknown_fields
            }
        }
    };
}

crate::open_enum! {
    /// Where a pod stands in its life.
    pub enum PodPhase {
        /// Waiting.
        Pending = "Pending",
        /// Running.
        Running = "Running",
    }
}

const fn gvk(group: &'static str, version: &'static str, kind: &'static str) -> Option<Gvk> {
    Some(Gvk { group, version, kind })
}

sample!(ObjectMeta, None, {
    name: Option<CompactString> = field("\"name\":").optional(),
    namespace: Option<CompactString> = field("\"namespace\":").optional(),
    generation: Option<i64> = field("\"generation\":").optional(),
    creation_timestamp: Option<Time> = field("\"creationTimestamp\":").optional(),
    labels: Map<CompactString> = field("\"labels\":"),
    annotations: Map<CompactString> = field("\"annotations\":"),
    finalizers: Vec<CompactString> = field("\"finalizers\":").set(),
    managed_fields: Vec<ManagedFieldsEntry> = field("\"managedFields\":").message(ManagedFieldsEntry::table).atomic(),
});

sample!(ManagedFieldsEntry, None, {
    manager: Option<CompactString> = field("\"manager\":").optional(),
    operation: Option<CompactString> = field("\"operation\":").optional(),
    fields_v1: Option<FieldsV1> = field("\"fieldsV1\":").optional(),
    subresource: Option<CompactString> = field("\"subresource\":").optional(),
});

sample!(Pod, gvk("", "v1", "Pod"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    spec: PodSpec = field("\"spec\":").message(PodSpec::table),
    status: PodStatus = field("\"status\":").message(PodStatus::table),
});

sample!(PodSpec, None, {
    containers: Vec<Container> = field("\"containers\":").required().message(Container::table).map(&["name"]),
    node_name: Option<CompactString> = field("\"nodeName\":").optional(),
    host_network: Option<bool> = field("\"hostNetwork\":").optional(),
    grace: Option<i64> = field("\"terminationGracePeriodSeconds\":").optional(),
    node_selector: Map<CompactString> = field("\"nodeSelector\":").atomic(),
    affinity: Option<Box<Affinity>> = field("\"affinity\":").optional().message(Affinity::table),
    overhead: Map<Quantity> = field("\"overhead\":"),
});

sample!(Container, None, {
    name: CompactString = field("\"name\":").required(),
    image: Option<CompactString> = field("\"image\":").optional(),
    args: Vec<CompactString> = field("\"args\":").atomic(),
    ports: Vec<ContainerPort> = field("\"ports\":").message(ContainerPort::table).map(&["containerPort", "protocol"]),
    env: Vec<EnvVar> = field("\"env\":").message(EnvVar::table).map(&["name"]),
    resources: Resources = field("\"resources\":").message(Resources::table),
    probe: Option<Box<Probe>> = field("\"livenessProbe\":").optional().message(Probe::table),
});

sample!(ContainerPort, None, {
    container_port: i32 = field("\"containerPort\":").required(),
    protocol: Option<CompactString> = field("\"protocol\":").optional(),
});

sample!(EnvVar, None, {
    name: CompactString = field("\"name\":").required(),
    value: Option<CompactString> = field("\"value\":").optional(),
});

sample!(Resources, None, {
    limits: Map<Quantity> = field("\"limits\":"),
    claims: Vec<EnvVar> = field("\"claims\":").message(EnvVar::table).map(&["name"]),
});

sample!(Probe, None, {
    port: IntOrString = field("\"port\":").required(),
    period: Option<i32> = field("\"periodSeconds\":").optional(),
});

sample!(Affinity, None, {
    terms: Vec<RawJson> = field("\"terms\":").atomic(),
    nested: Option<Box<Affinity>> = field("\"nested\":").optional(),
});

sample!(PodStatus, None, {
    phase: Option<PodPhase> = field("\"phase\":").optional(),
    ready: bool = field("\"ready\":"),
    start_time: Option<Time> = field("\"startTime\":").optional(),
});

sample!(StatefulSet, gvk("apps", "v1", "StatefulSet"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    templates: Vec<Claim> = field("\"volumeClaimTemplates\":").number(4).message(Claim::table).atomic(),
    foreign: Vec<Claim> = field("\"foreign\":").message(Claim::table).atomic(),
});

sample!(Claim, gvk("", "v1", "PersistentVolumeClaim"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
});

sample!(Secret, gvk("", "v1", "Secret"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    data: Map<ByteString> = field("\"data\":").secret(),
    string_data: Map<CompactString> = field("\"stringData\":").secret(),
    token: Option<CompactString> = field("\"token\":").optional().secret(),
    kind_of: Option<CompactString> = field("\"type\":").optional(),
});

sample!(PodList, None, {
    metadata: RawJson = field("\"metadata\":"),
    items: Vec<Pod> = field("\"items\":").required().message(Pod::table).objects(),
});

// A custom resource: presence matters everywhere.
sample!(Widget, gvk("example.com", "v1beta1", "Widget"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    bytes: Option<ByteString> = field("\"bytes\":").optional(),
    count: Option<i32> = field("\"count\":").optional(),
    duration: Option<Duration> = field("\"duration\":").optional(),
    extra: Option<RawJson> = field("\"extra\":").optional(),
    groups: Map<Vec<CompactString>> = field("\"groups\":"),
    matrix: Vec<Vec<i64>> = field("\"matrix\":"),
    micro: Option<MicroTime> = field("\"micro\":").optional(),
    names: Option<Vec<CompactString>> = field("\"names\":").optional(),
    odd_name: Option<CompactString> = field("\"odd\\\"name\":").optional(),
    parts: Map<EnvVar> = field("\"parts\":").message(EnvVar::table),
    quantity: Option<Quantity> = field("\"quantity\":").optional(),
    ratio: Option<f64> = field("\"ratio\":").optional(),
    size: Option<Nullable<i64>> = field("\"size\":").optional(),
    strict: Nullable<CompactString> = field("\"strict\":").required(),
    tags: Option<Map<CompactString>> = field("\"tags\":").optional(),
    maybe: Option<Nullable<Vec<Nullable<i64>>>> = field("\"maybe\":").optional(),
    total: i64 = field("\"total\":"),
});

// A custom resource's required fields, without defaults. (No kind: its JSON begins with them.)
sample!(Buoy, None, {
    lit: bool = field("\"lit\":").explicit(),
    depth: i32 = field("\"depth\":").explicit(),
    item: BuoyItem = field("\"item\":").explicit().message(BuoyItem::table),
    items: Vec<BuoyItem> = field("\"items\":").explicit().message(BuoyItem::table).map(&["key"]),
    strict: Nullable<CompactString> = field("\"strict\":").explicit(),
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    mooring: Option<Box<Mooring>> = field("\"mooring\":").optional().message(Mooring::table),
});

// What holds required objects in each sort of place that somebody owns as a whole, and in one of each that is granular.
sample!(Mooring, None, {
    anchor: BuoyItem = field("\"anchor\":").explicit().message(BuoyItem::table),
    listed: Option<Vec<BuoyItem>> = field("\"listed\":").optional().message(BuoyItem::table),
    atomic: Option<Vec<BuoyItem>> = field("\"atomic\":").optional().message(BuoyItem::table).atomic(),
    whole: Option<Box<BuoyItem>> = field("\"whole\":").optional().message(BuoyItem::table).atomic(),
    map: Option<Map<BuoyItem>> = field("\"map\":").optional().message(BuoyItem::table).atomic(),
    merged: Option<Map<BuoyItem>> = field("\"merged\":").optional().message(BuoyItem::table),
    part: Option<Box<BuoyItem>> = field("\"part\":").optional().message(BuoyItem::table),
    lists: Option<Map<Vec<BuoyItem>>> = field("\"lists\":").optional().message(BuoyItem::table),
    keyed: Option<Vec<BuoyItem>> = field("\"keyed\":").optional().message(BuoyItem::table).map(&["key"]).atomic_items(),
    refs: Option<Map<BuoyItem>> = field("\"refs\":").optional().message(BuoyItem::table).atomic_items(),
    pool: Option<Vec<BuoyItem>> = field("\"pool\":").optional().message(BuoyItem::table).set().atomic_items(),
});

sample!(BuoyItem, None, {
    key: i64 = field("\"key\":").explicit(),
    on: bool = field("\"on\":").explicit(),
    note: Option<CompactString> = field("\"note\":").optional(),
});

// A custom resource, whose JSON the server keeps.
sample!(Kite, gvk("example.com", "v1", "Kite"), {
    metadata: ObjectMeta = field("\"metadata\":").message(ObjectMeta::table),
    spec: Option<Box<KiteSpec>> = field("\"spec\":").optional().kept().message(KiteSpec::table),
});

sample!(KiteSpec, None, {
    name: CompactString = field("\"name\":").explicit().kept(),
    height: Option<Number> = field("\"height\":").optional().kept(),
    heights: Option<Vec<Number>> = field("\"heights\":").optional().kept(),
    by_name: Option<Map<Number>> = field("\"byName\":").optional().kept(),
    since: Option<DateTime> = field("\"since\":").optional().kept(),
    times: Option<Vec<DateTime>> = field("\"times\":").optional().kept(),
    key: Option<Base64> = field("\"key\":").optional().kept(),
    keys: Option<Map<Base64>> = field("\"keys\":").optional().kept(),
    count: i32 = field("\"count\":").explicit().kept(),
    total: Option<i64> = field("\"total\":").optional().kept(),
    flag: Option<bool> = field("\"flag\":").optional().kept(),
    label: Option<CompactString> = field("\"label\":").optional().kept(),
    phase: Option<PodPhase> = field("\"phase\":").optional().kept(),
    port: Option<IntOrString> = field("\"port\":").optional().kept(),
    amount: Option<Quantity> = field("\"amount\":").optional().kept(),
    tags: Option<Map<CompactString>> = field("\"tags\":").optional().kept(),
    names: Option<Vec<CompactString>> = field("\"names\":").optional().kept(),
    grid: Option<Vec<Vec<i64>>> = field("\"grid\":").optional().kept(),
    maybe: Option<Nullable<Number>> = field("\"maybe\":").optional().kept(),
    tails: Option<Vec<KiteTail>> = field("\"tails\":").optional().kept().message(KiteTail::table).map(&["key"]),
    tail: Option<Box<KiteTail>> = field("\"tail\":").optional().kept().message(KiteTail::table),
    password: Option<CompactString> = field("\"password\":").optional().kept().secret(),
});

sample!(KiteTail, None, {
    key: i64 = field("\"key\":").explicit().kept(),
    length: Option<Number> = field("\"length\":").optional().kept(),
});

sample!(KiteList, None, {
    items: Vec<Kite> = field("\"items\":").required().message(Kite::table).objects(),
});

/// A pod with everything that the tables know.
pub(crate) const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-0","namespace":"shop","generation":3,"creationTimestamp":"2026-11-22T10:00:00Z","labels":{"app":"web","app.kubernetes.io/part-of":"a shop with a rather long name"},"finalizers":["a/b"],"managedFields":[{"manager":"kubelet","operation":"Update","fieldsV1":{"f:status":{"f:phase":{},"k:{\"type\":\"Ready\"}":{".":{}}}},"subresource":"status"}]},"spec":{"containers":[{"name":"app","image":"registry/web:1","args":["-c","echo \"hi\"\n"],"ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"A","value":""},{"name":"B"}],"resources":{"limits":{"cpu":"100m","memory":"1Gi"}},"livenessProbe":{"port":"http","periodSeconds":10}},{"name":"side","livenessProbe":{"port":8080}}],"nodeName":"node-1","hostNetwork":false,"terminationGracePeriodSeconds":30,"nodeSelector":{"disk":"ssd"},"affinity":{"terms":[{"a":[1,2.50]},null],"nested":{"terms":["é€😀"]}}},"status":{"phase":"Running","ready":true,"startTime":"2026-11-22T10:00:01Z"}}"#;

/// A custom resource with everything that its table knows.
pub(crate) const WIDGET: &str = r#"{"apiVersion":"example.com/v1beta1","kind":"Widget","metadata":{"name":"w"},"bytes":"aGk=","count":0,"duration":"1m30s","extra":{"deep":[{}]},"groups":{"a":[],"b":["x","y"]},"matrix":[[],[1,-2]],"micro":"2026-11-22T10:00:00.000001Z","names":[],"odd\"name":"q","parts":{"p":{"name":"n"},"q":{"name":""}},"quantity":"1.5Gi","ratio":0.25,"size":null,"strict":null,"tags":{},"maybe":[null,3],"total":9223372036854775807}"#;
