//! What a request says about the time it may take.

/// An extension of a request whose answer may rightly be silent for long, such as a log that is followed: there is no
/// limit for it. Dead connections are found by HTTP/2 pings.
#[derive(Clone, Copy, Debug)]
pub struct Patient;
