//! `NO_PROXY`: the servers that are reached without a proxy.

use std::net::{IpAddr, Ipv6Addr};

use super::punycode::to_ascii;

/// A list of hosts, addresses and networks.
#[derive(Clone, Debug, Default)]
pub(super) struct NoProxy {
    everything: bool,
    networks: Vec<(IpAddr, u8)>,
    addresses: Vec<(IpAddr, Option<String>)>,
    domains: Vec<Domain>,
}

#[derive(Clone, Debug)]
struct Domain {
    /// With a dot before it, in small letters, IDNs as punycode.
    suffix: String,
    itself_too: bool,
    port: Option<String>,
}

impl NoProxy {
    pub(super) fn parse(list: &str) -> Self {
        let mut this = Self::default();
        for entry in list.split(',') {
            let entry = entry.trim().to_lowercase();
            if entry == "*" {
                return Self { everything: true, ..Self::default() };
            }
            this.add(&entry);
        }
        this
    }

    fn add(&mut self, entry: &str) {
        if let Some(network) = parse_network(entry) {
            self.networks.push(network);
            return;
        }
        let (host, port) = match split_port(entry) {
            Some((host, port)) => (host, (!port.is_empty()).then(|| port.to_owned())),
            None => (entry, None),
        };
        if host.is_empty() {
            return;
        }
        if let Some(address) = parse_address(host) {
            self.addresses.push((address, port));
            return;
        }
        let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
        let itself_too = !host.starts_with('.');
        let suffix = if itself_too { format!(".{host}") } else { host.to_owned() };
        self.domains.push(Domain { suffix: to_ascii(&suffix).into_owned(), itself_too, port });
    }

    /// Whether `host` at `port` is to be reached without a proxy.
    pub(super) fn matches(&self, host: &str, port: u16) -> bool {
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = to_ascii(host);
        // Only as written: `LOCALHOST` and `localhost.` are names as any other.
        if host == "localhost" {
            return true;
        }
        let port = port.to_string();
        let at_port = |wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| *wanted == port);
        let address = parse_address(&host);
        if address.is_some_and(|address| address.is_loopback()) || self.everything {
            return true;
        }
        if let Some(address) = address {
            let in_network = self.networks.iter().any(|network| contains(*network, address));
            if in_network || self.addresses.iter().any(|(entry, wanted)| *entry == address && at_port(wanted)) {
                return true;
            }
        }
        let host = host.trim().to_lowercase();
        self.domains.iter().any(|domain| {
            let matches = host.ends_with(&domain.suffix) || (domain.itself_too && host == domain.suffix[1..]);
            matches && at_port(&domain.port)
        })
    }
}

/// An address, one of IPv4 as such even where it is written as one of IPv6.
fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// `10.0.0.0/8`; host bits make no difference.
fn parse_network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u8 = bits.parse().ok().filter(|_| digits)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some((address, bits))
}

fn contains((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), address) => {
            // A network of mapped addresses (::ffff:10.0.0.0/104) holds those of IPv4.
            let address = match address {
                IpAddr::V6(address) => address,
                IpAddr::V4(address) if network.to_ipv4_mapped().is_some() && bits >= 96 => address.to_ipv6_mapped(),
                IpAddr::V4(_) => return false,
            };
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            Ipv6Addr::to_bits(network) & mask == Ipv6Addr::to_bits(address) & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    }
}

/// `host:port` and `[host]:port`, as Go's `net.SplitHostPort` takes them apart.
fn split_port(entry: &str) -> Option<(&str, &str)> {
    let (host, port) = entry.rsplit_once(':')?;
    match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').filter(|inner| !inner.contains(['[', ']'])).map(|inner| (inner, port)),
        None if host.contains([':', '[', ']']) || port.contains(['[', ']']) => None,
        None => Some((host, port)),
    }
}
