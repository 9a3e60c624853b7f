//! Addresses as subjects: who shares a bucket with whom.
//!
//! One household or server has a whole IPv6 /56 and would never meet a limit by single address, so an IPv6
//! address counts as its /56. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address.

use crate::error::{Error, Result};
use std::net::IpAddr;

/// The subject of an address. A zone (`%eth0`) does not matter.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`](crate::ErrorCode::ArgumentInvalid) if it is no address; a port is not part of one.
pub(super) fn subject(address: &str) -> Result<Vec<u8>> {
    let bare = address.split_once('%').map_or(address, |(bare, _)| bare);
    let parsed: IpAddr = bare
        .parse()
        .map_err(|_| Error::argument("limit: ip must be an IPv4 or IPv6 address without brackets or port"))?;
    Ok(match parsed.to_canonical() {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().into_iter().take(7).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_subject() {
        assert_eq!(subject("2001:db8:1:200::1"), subject("2001:db8:1:2ff:ffff::9"));
        assert_ne!(subject("2001:db8:1:200::1"), subject("2001:db8:1:300::1"));
        assert_eq!(subject("fe80::1%eth0"), subject("fe80::2"));
    }

    #[test]
    fn ipv4_is_folded_out_of_ipv6() {
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_eq!(subject("::ffff:c000:201"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }

    #[test]
    fn what_is_no_address_is_an_error_without_it() {
        for address in ["", "192.0.2.1:80", "[::1]", "secret.example", "1.2.3"] {
            assert!(!subject(address).unwrap_err().message().contains("secret"));
        }
    }
}
