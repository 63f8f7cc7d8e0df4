//! What is found, by code and by what types declare.

use serde_json::Value;

use crate::builtin::checks::findings::{Findings, items};
use crate::status::Cause;

/// The first minor in which a server checks what the types declare, rather than what its code says of the same.
const DECLARED_SINCE: u32 = 37;

/// What was found so far. What types declare comes behind all that code finds.
pub(super) struct Found<'f> {
    pub code: &'f mut Findings,
    declared: Findings,
    /// Whether the server checks what is declared.
    is_declared: bool,
}

impl<'f> Found<'f> {
    pub fn new(code: &'f mut Findings, minor: u32) -> Self {
        Self { code, declared: Findings::default(), is_declared: minor >= DECLARED_SINCE }
    }

    /// Checks what types declare of a part that code doesn't check.
    pub fn declared_alone(&mut self, check: impl FnOnce(&mut Found<'_>)) {
        if !self.is_declared {
            return;
        }
        let mut of_code = Findings::default();
        let declared = std::mem::take(&mut self.declared);
        let mut found = Found { code: &mut of_code, declared, is_declared: true };
        check(&mut found);
        self.declared = found.declared;
    }

    pub fn is_declared(&self) -> bool {
        self.is_declared
    }

    /// Where a check adds that both code and types have.
    pub fn both(&mut self) -> &mut Findings {
        if self.is_declared { &mut self.declared } else { self.code }
    }

    /// Puts what is declared behind the rest.
    pub fn finish(&mut self) {
        self.code.append(std::mem::take(&mut self.declared));
    }

    /// The items of a list that types limit. None of one that has too many.
    pub fn limited<'v>(&mut self, list: &'v Value, path: &str, limit: usize) -> &'v [Value] {
        let list = items(list);
        if list.len() > limit {
            self.both().too_many(path, list.len(), limit);
            return &[];
        }
        list
    }

    /// Checks the items of a list in which each may be there once, by a key. `limit` is one that the types have.
    pub fn set(
        &mut self,
        (list, path): (&Value, &str),
        limit: usize,
        key: impl Fn(&Value) -> Value,
        mut check: impl FnMut(&Value, &str, &mut Found<'_>),
    ) {
        let list = self.limited(list, path, limit);
        let repeated: Vec<usize> = repeated(list, &key);
        if self.is_declared {
            for index in &repeated {
                self.declared.duplicate(format!("{path}[{index}]"), &list[*index]);
            }
        }
        for (index, item) in list.iter().enumerate() {
            check(item, &format!("{path}[{index}]"), self);
        }
        if !self.is_declared {
            for index in &repeated {
                self.code.duplicate(format!("{path}[{index}]"), &key(&list[*index]));
            }
        }
    }

    /// A text of more characters than there may be.
    pub fn too_long_in_characters(&mut self, field: &str, limit: usize) {
        let message = format!("Too long: may not be more than {limit} characters");
        self.both().push(Cause { reason: "FieldValueTooLong", message, field: field.to_owned() });
    }
}

/// The places of items whose key an item before them has.
pub(super) fn repeated(list: &[Value], key: impl Fn(&Value) -> Value) -> Vec<usize> {
    let keys: Vec<Value> = list.iter().map(key).collect();
    (0..keys.len()).filter(|index| keys[..*index].contains(&keys[*index])).collect()
}
