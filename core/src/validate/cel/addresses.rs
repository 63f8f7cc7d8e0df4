//! IP addresses and ranges of them, as values of CEL.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library>

use std::net::IpAddr;
use std::sync::Arc;

use cel::Value;
use cel::objects::Opaque;

use super::functions::{NO_OVERLOAD, Own};

/// The functions, by name. `ip` makes an address of a text, and of a range the address that it is written with.
pub const ALL: &[(&str, Own)] = &[
    ("cidr", |args| range(args, 0).map(of_range)),
    ("containsCIDR", |args| {
        let (one, other) = (own_range(args)?, range(args, 1)?);
        Ok(Value::Bool(one.bits <= other.bits && one.contains(other.address)))
    }),
    ("containsIP", |args| Ok(Value::Bool(own_range(args)?.contains(address(args, 1)?)))),
    ("family", |args| Ok(Value::Int(if own(args)?.is_ipv4() { 4 } else { 6 }))),
    ("ip", |args| own_range(args).map(|range| range.address).or_else(|_| address(args, 0)).map(of_address)),
    ("ip.isCanonical", |args| Ok(Value::Bool(address(args, 0)?.to_string() == text(args, 0)?))),
    ("isCIDR", |args| Ok(Value::Bool(Range::parse(text(args, 0)?).is_some()))),
    ("isGlobalUnicast", |args| Ok(Value::Bool(is_global_unicast(own(args)?)))),
    ("isIP", |args| Ok(Value::Bool(parse(text(args, 0)?).is_some()))),
    ("isLinkLocalMulticast", |args| Ok(Value::Bool(is_link_local_multicast(own(args)?)))),
    ("isLinkLocalUnicast", |args| Ok(Value::Bool(is_link_local_unicast(own(args)?)))),
    ("isLoopback", |args| Ok(Value::Bool(own(args)?.is_loopback()))),
    ("isUnspecified", |args| Ok(Value::Bool(own(args)?.is_unspecified()))),
    ("masked", |args| own_range(args).map(|range| of_range(range.masked()))),
    ("prefixLength", |args| own_range(args).map(|range| Value::Int(range.bits.into()))),
];

const NO_ADDRESS: &str = "not an IP address";
const NO_RANGE: &str = "not a range of IP addresses";

/// An address as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Address(IpAddr);

impl Opaque for Address {
    fn runtime_type_name(&self) -> &str {
        "net.IP"
    }
}

/// A range of addresses in CIDR notation, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    address: IpAddr,
    bits: u8,
}

impl Opaque for Range {
    fn runtime_type_name(&self) -> &str {
        "net.CIDR"
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address = parse(address)?;
        let is_plain = bits.bytes().all(|byte| byte.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0'));
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|bits| is_plain && *bits <= most)?;
        Some(Self { address, bits })
    }

    fn masked(self) -> Self {
        let address = match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or_default();
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or_default();
                IpAddr::V6((u128::from(address) & mask).into())
            }
        };
        Self { address, ..self }
    }

    fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && self.masked() == Self { address, ..self }.masked()
    }
}

fn of_address(address: IpAddr) -> Value {
    Value::Opaque(Arc::new(Address(address)))
}

fn of_range(range: Range) -> Value {
    Value::Opaque(Arc::new(range))
}

/// An address, which has no zone. IPv4 addresses that are written as IPv6 addresses are not accepted.
fn parse(text: &str) -> Option<IpAddr> {
    text.parse().ok().filter(|address| !matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()))
}

fn text(args: &[Value], index: usize) -> Result<&str, &'static str> {
    match args.get(index) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(NO_OVERLOAD),
    }
}

fn opaque<T: Opaque + Copy>(args: &[Value], index: usize) -> Option<T> {
    match args.get(index) {
        Some(Value::Opaque(value)) => value.downcast_ref::<T>().copied(),
        _ => None,
    }
}

/// The address that a method is called on.
fn own(args: &[Value]) -> Result<IpAddr, &'static str> {
    opaque::<Address>(args, 0).map(|Address(address)| address).ok_or(NO_OVERLOAD)
}

/// The range that a method is called on.
fn own_range(args: &[Value]) -> Result<Range, &'static str> {
    opaque::<Range>(args, 0).ok_or(NO_OVERLOAD)
}

/// An argument that is an address or the text of one.
fn address(args: &[Value], index: usize) -> Result<IpAddr, &'static str> {
    match opaque::<Address>(args, index) {
        Some(Address(address)) => Ok(address),
        None => parse(text(args, index)?).ok_or(NO_ADDRESS),
    }
}

/// An argument that is a range or the text of one.
fn range(args: &[Value], index: usize) -> Result<Range, &'static str> {
    match opaque::<Range>(args, index) {
        Some(range) => Ok(range),
        None => Range::parse(text(args, index)?).ok_or(NO_RANGE),
    }
}

fn is_link_local_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    }
}

/// An address of one host that is not of its own link alone: private ones, too.
fn is_global_unicast(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    let is_of_one = !address.is_unspecified() && !address.is_multicast() && !is_broadcast;
    is_of_one && !address.is_loopback() && !is_link_local_unicast(address)
}
