//! Free TCP ports.

use std::net::{Ipv4Addr, TcpListener};

use crate::Error;

/// As many ports of 127.0.0.1, all different, as are asked for, free at this moment. Another process may take one
/// before its server does: the cluster then starts again with others.
pub(crate) fn free<const N: usize>() -> Result<[u16; N], Error> {
    let cannot = |e| Error::io("cannot find a free port on 127.0.0.1", e);
    // All are held until all are known, so that none is given twice.
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(cannot)?;
        *port = listener.local_addr().map_err(cannot)?.port();
        held.push(listener);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn free_ports_differ() {
        let ports = super::free::<20>().expect("free ports");
        assert_eq!(BTreeSet::from(ports).len(), 20);
    }
}
