//! Clients, distinguished by their address, through proxies that are trusted to name it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use poem::http::HeaderMap;
use poem::http::header::FORWARDED;
use sha2::{Digest, Sha256};

/// A client: an IPv4 address, or the first 64 bits of an IPv6 address, of which one subscriber has all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
            v4 => Self(v4),
        }
    }
}

impl Client {
    /// A number that stands for the client in the queue, which knows no addresses.
    pub fn tag(self) -> u64 {
        let digest = match self.0 {
            IpAddr::V4(address) => Sha256::digest(address.octets()),
            IpAddr::V6(address) => Sha256::digest(address.octets()),
        };
        digest.iter().take(8).fold(0, |tag, byte| tag << 8 | u64::from(*byte))
    }
}

/// The address, with `/64` behind that of a network.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

/// Proxies that are believed when they name the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Addresses and networks (`10.0.0.0/8`), separated by commas.
impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or_else(|_| address()).map_err(|_| {
                format!("`{text}` is neither an address nor a network: write 192.0.2.7 or 10.0.0.0/8")
            })
        };
        let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// Whether this address is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind a connection from `peer`; `None` for a trusted proxy that names none.
    ///
    /// A proxy adds the address of its own peer to the right of `X-Forwarded-For` or `Forwarded` (RFC 7239), so the list
    /// is read from the right, up to the first address that is not trusted; what stands left of that is the client's own
    /// invention. A proxy that writes one of the headers may pass the other one on from the client: where they
    /// disagree, neither is believed.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Client> {
        if !self.trusts(peer) {
            return Some(peer.into());
        }
        let named = |name: &str, address: fn(&str) -> Option<IpAddr>| {
            let values = headers.get_all(name).iter().rev().filter_map(|value| value.to_str().ok());
            let mut hops = values.flat_map(|value| value.rsplit(',')).peekable();
            hops.peek()?;
            let mut last = peer;
            for hop in hops {
                let Some(address) = address(hop.trim()) else { break };
                last = address.to_canonical();
                if !self.trusts(last) {
                    break;
                }
            }
            Some(Client::from(last))
        };
        let forwarded_for = named("x-forwarded-for", bare_address);
        let forwarded = named(FORWARDED.as_str(), forwarded_address);
        match (forwarded_for, forwarded) {
            (Some(one), Some(other)) if one != other => Some(peer.into()),
            (one, other) => one.or(other),
        }
    }
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn bare_address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.split(']').next());
    let with_port = || text.split_once(':').map(|(address, _)| address);
    let text = bracketed.unwrap_or(text);
    text.parse().ok().or_else(|| with_port()?.parse().ok())
}

/// The `for` of an element of `Forwarded`.
fn forwarded_address(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    bare_address(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> Option<Client> {
        let proxies: TrustedProxies = "10.0.0.0/8, ::1".parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &map)
    }

    fn address(text: &str) -> Option<Client> {
        Some(Client::from(text.parse::<IpAddr>().unwrap()))
    }

    #[test]
    fn headers_count_from_trusted_proxies_alone() {
        let header = [("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client("192.0.2.1", &header), address("192.0.2.1"));
        assert_eq!(client("10.1.2.3", &header), address("198.51.100.1"));
        assert_eq!(client("::ffff:10.1.2.3", &header), address("198.51.100.1"));
        assert_eq!(client("10.1.2.3", &[]), None);
    }

    #[test]
    fn what_a_client_adds_on_the_left_is_not_believed() {
        let header = [("x-forwarded-for", "1.1.1.1, 198.51.100.1:99, 10.9.9.9")];
        assert_eq!(client("10.1.2.3", &header), address("198.51.100.1"));
        let two = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client("10.1.2.3", &two), address("198.51.100.1"));
        let nonsense = [("x-forwarded-for", "198.51.100.1, unknown")];
        assert_eq!(client("10.1.2.3", &nonsense), address("10.1.2.3"));
    }

    #[test]
    fn the_standard_header_is_read_too_and_must_agree() {
        let forwarded = ("forwarded", r#"for=1.1.1.1, proto=https;For="[2001:db8:1:2:3::7]:4711";by=_x"#);
        assert_eq!(client("10.1.2.3", &[forwarded]), address("2001:db8:1:2::"));
        let forged = [forwarded, ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client("10.1.2.3", &forged), address("10.1.2.3"));
    }

    #[test]
    fn an_ipv6_subscriber_is_one_client() {
        assert_eq!(client("2001:db8::1", &[]), client("2001:db8::ffff:2", &[]));
        assert_ne!(client("2001:db8::1", &[]), client("2001:db8:0:1::1", &[]));
    }

    #[test]
    fn a_list_that_is_none_says_so() {
        assert!("10.0.0.0/8,proxy".parse::<TrustedProxies>().unwrap_err().contains("`proxy`"));
    }
}
