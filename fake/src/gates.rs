//! Feature gates: what a real server does if its flag `--feature-gates` says so.
//!
//! <https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/>

/// A gate: its name, and the first minor that has it. Each is off by default.
const SHARDS: (&str, u32) = ("ShardedListAndWatch", 36);

/// The gates of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gates {
    /// Whether lists and watches are restricted to shards.
    ///
    /// <https://www.kubernetes.dev/resources/keps/5866/>
    pub shards: bool,
}

impl Gates {
    /// Those that are asked for; of a name that is there twice the last counts. The error names a gate that is not known.
    pub fn of(minor: u32, wanted: &[(String, bool)]) -> Result<Self, String> {
        let mut gates = Self::default();
        for (name, is_on) in wanted {
            match SHARDS {
                (known, first) if known == name && first <= minor => gates.shards = *is_on,
                (known, first) if known == name => {
                    return Err(format!("the feature gate {name} is known since Kubernetes 1.{first}"));
                }
                (known, _) => return Err(format!("the feature gate {name} is not known, but {known} is")),
            }
        }
        Ok(gates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_off_until_it_is_asked_for_and_has_to_be_known() {
        let of = |minor, name: &str| Gates::of(minor, &[(name.to_owned(), true)]);
        assert!(!Gates::of(37, &[]).expect("none").shards);
        assert!(of(36, "ShardedListAndWatch").expect("a gate").shards);
        assert!(of(35, "ShardedListAndWatch").expect_err("too old").contains("since Kubernetes 1.36"));
        assert!(of(37, "Bogus").expect_err("no gate").contains("not known"));
    }
}
