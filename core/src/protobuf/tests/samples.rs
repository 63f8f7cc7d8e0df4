//! Messages as the generator writes them, cut down, with numbers.

use compact_str::CompactString;

use crate::message::{Descriptor, Gvk, Message, MessageType, Slot, UnknownFields, Value, field};
use crate::types::{ByteString, Duration, FieldsV1, IntOrString, Map, MicroTime, Quantity, RawJson, Time};

macro_rules! sample {
    ($name:ident, $gvk:expr, { $($field:ident: $ty:ty = $key:literal $(.$option:ident($($argument:expr),*))*;)* }) => {
        #[derive(Clone, Default)]
        pub(super) struct $name {
            $(pub(super) $field: $ty,)*
            pub(super) unknown_fields: UnknownFields,
        }

        crate::message!($name);

        impl MessageType for $name {
            fn table() -> &'static Descriptor {
                static TABLE: Descriptor = Descriptor::new(
                    stringify!($name),
                    $gvk,
                    &[$(field(concat!("\"", $key, "\":"))$(.$option($($argument),*))*),*],
                );
                &TABLE
            }
        }

        impl Message for $name {
            fn descriptor(&self) -> &'static Descriptor {
                Self::table()
            }

            fn slot(&mut self, field: usize) -> Slot<'_> {
                use crate::message::Field;
                let mut places = 0..;
                $(
                    if places.next() == Some(field) {
                        return self.$field.as_slot();
                    }
                )*
                Slot::None
            }

            fn value(&self, field: usize) -> Value<'_> {
                use crate::message::Field;
                let mut places = 0..;
                $(
                    if places.next() == Some(field) {
                        return self.$field.as_value();
                    }
                )*
                Value::Absent
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
    /// How a volume is reached.
    pub enum Mode {
        /// By one.
        Single = "Single",
        /// By many.
        Shared = "Shared",
    }
}

sample!(Meta, None, {
    name: Option<CompactString> = "name".optional().implicit().number(1);
    labels: Map<CompactString> = "labels".number(11);
});

sample!(Part, Some(Gvk { group: "", version: "v1", kind: "Part" }), {
    metadata: Meta = "metadata".message(Meta::table).number(1);
    size: i32 = "size".required().number(2);
});

sample!(Claim, None, {
    name: CompactString = "name".required().number(1);
    read_only: Option<bool> = "readOnly".optional().implicit().number(2);
});

// What is inlined is not always in one run.
sample!(Volume, None, {
    empty_dir: Option<Box<Meta>> = "emptyDir".optional().message(Meta::table).number(2).within(&[2]);
    name: CompactString = "name".required().number(1);
    claim: Option<Box<Claim>> = "claim".optional().message(Claim::table).number(3).within(&[2]);
    operations: Vec<CompactString> = "operations".number(1).within(&[4]);
    groups: Vec<CompactString> = "groups".number(1).within(&[4, 2]);
});

sample!(Schema, None, {
    kind: Option<CompactString> = "type".optional().implicit().number(1);
    maximum: Option<f64> = "maximum".optional().number(2);
    default: Option<RawJson> = "default".optional().number(3);
    items: Option<RawJson> = "items".optional().number(4).schema_or_array(Schema::boxed);
    additional: Option<RawJson> = "additional".optional().number(5).schema_or_bool(Schema::boxed);
    dependencies: Map<RawJson> = "dependencies".number(6).schema_or_strings(Schema::boxed);
    properties: Map<Schema> = "properties".message(Schema::table).number(7);
    allowed: Vec<RawJson> = "enum".number(8);
});

// A map or a list of every sort of scalar.
sample!(Scalars, None, {
    times: Map<Time> = "times".number(1);
    quantities: Map<Quantity> = "quantities".number(2);
    strings: Map<CompactString> = "strings".number(3);
    bytes: Map<ByteString> = "bytes".number(4);
    ports: Map<IntOrString> = "ports".number(5);
    counts: Map<i32> = "counts".number(6);
    flags: Map<bool> = "flags".number(7);
    modes: Map<Mode> = "modes".number(8);
    lists: Map<Vec<CompactString>> = "lists".number(9).wrapped();
    texts: Vec<CompactString> = "texts".number(10);
    numbers: Vec<i64> = "numbers".number(11);
    ratios: Vec<f64> = "ratios".number(12);
    kinds: Vec<Mode> = "kinds".number(13);
    stamps: Vec<Time> = "stamps".number(14);
    micros: Vec<MicroTime> = "micros".number(15);
    amounts: Vec<Quantity> = "amounts".number(16);
    parts: Vec<Claim> = "parts".message(Claim::table).number(17);
});

sample!(Thing, Some(Gvk { group: "example.io", version: "v1beta1", kind: "Thing" }), {
    metadata: Meta = "metadata".message(Meta::table).number(1);
    flag: Option<bool> = "flag".optional().number(2);
    count: Option<i32> = "count".optional().implicit().number(3);
    total: i64 = "total".number(4);
    ratio: Option<f64> = "ratio".optional().number(5);
    text: Option<CompactString> = "text".optional().number(6);
    mode: Option<Mode> = "mode".optional().implicit().number(7);
    data: Map<ByteString> = "data".number(8);
    quantity: Option<Quantity> = "quantity".optional().number(9);
    limits: Map<Quantity> = "limits".number(10);
    port: Option<IntOrString> = "port".optional().implicit().number(11);
    created: Option<Time> = "created".optional().implicit().number(12);
    renewed: Option<MicroTime> = "renewed".optional().number(13);
    seen: Time = "seen".required().number(14);
    timeout: Option<Duration> = "timeout".optional().number(15);
    fields: Option<FieldsV1> = "fields".optional().number(16);
    raw: Option<RawJson> = "raw".optional().number(17);
    names: Vec<CompactString> = "names".number(18);
    numbers: Vec<i32> = "numbers".number(19);
    ratios: Vec<f64> = "ratios".number(20);
    modes: Vec<Mode> = "modes".number(21);
    parts: Vec<Part> = "parts".message(Part::table).number(22);
    verbs: Vec<CompactString> = "verbs".number(23).wrapped();
    extra: Map<Vec<CompactString>> = "extra".number(24).wrapped();
    nested: Option<Box<Thing>> = "nested".optional().message(Thing::table).number(25);
    volumes: Vec<Volume> = "volumes".message(Volume::table).number(26);
    by_name: Map<Part> = "byName".message(Part::table).number(27);
    schema: Option<Box<Schema>> = "schema".optional().message(Schema::table).number(28);
    phase: Option<ByteString> = "phase".optional().number(29);
    matrix: Vec<Vec<i64>> = "matrix".number(30);
    unnumbered: Option<CompactString> = "unnumbered".optional();
});

/// A thing with everything that protobuf has a place for.
pub(super) const THING: &str = r#"{"apiVersion":"example.io/v1beta1","kind":"Thing","metadata":{"name":"a","labels":{"x":"1","é":""}},"flag":false,"count":-7,"total":-9223372036854775808,"ratio":-0.5,"text":"","mode":"Odd","data":{"k":"AP8=","l":""},"quantity":"100m","limits":{"cpu":"1","memory":"1Gi"},"port":"http","created":"2026-11-22T10:00:00Z","renewed":"2026-11-22T10:00:00.000123Z","seen":"1960-01-01T00:00:00Z","timeout":"1m30s","fields":{"f:a":{}},"raw":{"b":[1,null,2.50]},"names":["","n"],"numbers":[0,-1,2147483647],"ratios":[0,1.5],"modes":["Single","Other"],"parts":[{"metadata":{"name":"p"},"size":0},{"size":3}],"verbs":["get","list"],"extra":{"e":[],"f":["g",""]},"nested":{"total":1,"seen":"2026-11-22T10:00:00Z"},"volumes":[{"emptyDir":{},"name":"v","claim":{"name":"c","readOnly":true},"operations":["a"],"groups":["b","c"]},{"name":"w"}],"byName":{"q":{"size":1}},"schema":{"type":"object","maximum":2.5,"default":[1],"items":{"type":"string"},"additional":false,"dependencies":{"a":["b"],"c":{"type":"x"}},"properties":{"p":{"items":[{"type":"a"},{}],"additional":{"type":"b"}}},"enum":[1,"a"]},"phase":"YQ=="}"#;
