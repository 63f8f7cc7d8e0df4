//! The codec's rules, each by a test that says it.

mod decode;
mod encode;
mod kept;
mod lists;
mod property;
pub(crate) mod samples;

use super::{Error, from_str, to_vec};
use crate::message::{Message, MessageType};

/// Reads text that must be good.
#[track_caller]
pub(crate) fn read<T: MessageType>(text: &str) -> T {
    from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The error of text that must be bad.
#[track_caller]
fn error<T: MessageType>(text: &str) -> Error {
    match from_str::<T>(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error,
    }
}

/// The text of a message.
#[track_caller]
pub(crate) fn written(message: &dyn Message) -> String {
    let bytes = to_vec(message).expect("finite numbers");
    String::from_utf8(bytes).expect("UTF-8")
}

/// Reads text and writes it again.
#[track_caller]
pub(crate) fn rewritten<T: MessageType>(text: &str) -> String {
    written(&read::<T>(text))
}
