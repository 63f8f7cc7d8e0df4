//! What is taken with a warning.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::DynamicObject;
use crate::yaml::{from_multiple, from_str};

/// Keeps the warnings of a thread, as text.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().expect("no test failed while it wrote").push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

#[test]
fn of_two_equal_keys_the_last_counts_with_a_warning_that_names_the_place_and_no_value() {
    let warnings = Warnings::default();
    let manifest = "kind: Secret\nstringData:\n  password: hunter1\n  password: hunter2\n";
    let object: DynamicObject =
        tracing::subscriber::with_default(warnings.clone(), || from_str(manifest)).expect("a manifest");
    assert_eq!(object.pointer("/stringData/password").expect("JSON"), Some("hunter2".into()));
    let warnings = warnings.0.lock().expect("no test failed while it wrote");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("line=4") && warnings[0].contains("stringData"), "{warnings:?}");
    assert!(!warnings[0].contains("hunter"), "{warnings:?}");
}

#[test]
fn of_a_text_full_of_equal_keys_the_first_are_named_and_the_rest_are_counted() {
    let warnings = Warnings::default();
    let document = format!("---\nkind: A\nspec: {{{}}}\n", "k: 1, ".repeat(101));
    let read = || from_multiple::<DynamicObject>(&document.repeat(3)).expect("manifests");
    assert_eq!(tracing::subscriber::with_default(warnings.clone(), read).len(), 3);
    let warnings = warnings.0.lock().expect("no test failed while it wrote");
    let (last, named) = warnings.split_last().expect("warnings");
    assert_eq!(named.len(), 32, "{warnings:?}");
    assert!(named.iter().all(|warning| warning.contains(".spec.k")), "{warnings:?}");
    assert!(last.contains("count=268"), "{last}");
}
