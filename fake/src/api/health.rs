//! Health endpoints: `/healthz`, `/livez`, `/readyz`.
//!
//! <https://kubernetes.io/docs/reference/using-api/health-checks/>

use super::call::Call;

/// What one says. `ping` is the only check of this server, which depends on no other.
pub(super) fn answer(call: &Call) -> String {
    match call.path.as_slice() {
        [endpoint] if call.query.get("verbose").is_some() => format!("[+]ping ok\n{endpoint} check passed\n"),
        _ => "ok".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::access::User;

    fn answered(path: &str) -> String {
        let (parts, ()) = Request::get(path).body(()).expect("a request").into_parts();
        answer(&Call::new(parts, Bytes::new(), User::admin()))
    }

    #[test]
    fn checks_are_listed_for_those_who_ask() {
        assert_eq!(answered("/readyz?verbose"), "[+]ping ok\nreadyz check passed\n");
        assert_eq!(answered("/livez?verbose=true"), "[+]ping ok\nlivez check passed\n");
        assert_eq!((answered("/readyz"), answered("/readyz/ping")), ("ok".to_owned(), "ok".to_owned()));
    }
}
