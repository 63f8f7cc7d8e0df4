//! Re-exports the extension traits anonymously, for a single `use`. To name them, use their modules.

pub use crate::approval::ApprovalExt as _;
pub use crate::binding::BindingExt as _;
pub use crate::cordon::CordonExt as _;
pub use crate::debug::DebugExt as _;
pub use crate::drain::DrainExt as _;
pub use crate::evict::EvictExt as _;
pub use crate::finalize::FinalizeExt as _;
pub use crate::logs::{LogsExt as _, SinceTimeExt as _};
pub use crate::resize::ResizeExt as _;
pub use crate::rollout::{PauseExt as _, RestartExt as _};
pub use crate::token::TokenExt as _;
