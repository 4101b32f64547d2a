extension Address {
  /// Why the address is not one of the public internet; nil where it is.
  ///
  /// A predicate, to follow the address: `is a loopback address`. An IPv6 address that carries an
  /// IPv4 address is judged by what it carries, since a gateway would send it there.
  ///
  /// Source: IANA, “IPv4 Special-Purpose Address Registry” and “IPv6 Special-Purpose Address
  /// Registry”; what IPv6 has not given out as global unicast (2000::/3) counts as reserved.
  package var whyNotPublic: String? {
    switch self {
    case .v4: specialV4.first { $0.block.contains(self) }?.predicate
    case .v6(let number): whyNotPublicV6(number)
    }
  }

  private func whyNotPublicV6(_ number: UInt128) -> String? {
    // These two lie in ::/96, the IPv4-compatible block, but hold nothing.
    if number == 0 { return "is an unspecified address" }
    if number == 1 { return "is a loopback address" }
    if let carrier = carriers.first(where: { $0.block.contains(self) }) {
      let inner = Address.v4(UInt32(truncatingIfNeeded: number >> carrier.shift))
      if let predicate = inner.whyNotPublic {
        return "stands for \(inner), which \(predicate)"
      }
      return carrier.predicate
    }
    if let special = specialV6.first(where: { $0.block.contains(self) }) {
      return special.predicate
    }
    return globalUnicast.contains(self) ? nil : "is a reserved address"
  }
}

/// A block and what its addresses are.
private struct Special: Sendable {
  let block: AddressBlock
  let predicate: String
}

/// A block of IPv6 addresses that hold an IPv4 address.
private struct Carrier: Sendable {
  let block: AddressBlock
  /// How many bits stand to the right of the address that is held.
  let shift: Int
  /// The name of such an address where the one it holds is public; nil where it is then public too.
  let predicate: String?
}

private let globalUnicast: AddressBlock = "2000::/3"

private let specialV4: [Special] = [
  Special(block: "0.0.0.0/8", predicate: "is an unspecified address"),
  Special(block: "10.0.0.0/8", predicate: "is a private address"),
  Special(block: "100.64.0.0/10", predicate: "is a carrier’s shared address"),
  Special(block: "127.0.0.0/8", predicate: "is a loopback address"),
  Special(block: "169.254.0.0/16", predicate: "is a link-local address"),
  Special(block: "172.16.0.0/12", predicate: "is a private address"),
  Special(block: "192.0.0.0/24", predicate: "is a reserved address"),
  Special(block: "192.0.2.0/24", predicate: "is a documentation address"),
  Special(block: "192.88.99.0/24", predicate: "is a reserved address"),
  Special(block: "192.168.0.0/16", predicate: "is a private address"),
  Special(block: "198.18.0.0/15", predicate: "is a benchmark address"),
  Special(block: "198.51.100.0/24", predicate: "is a documentation address"),
  Special(block: "203.0.113.0/24", predicate: "is a documentation address"),
  Special(block: "224.0.0.0/4", predicate: "is a multicast address"),
  Special(block: "255.255.255.255/32", predicate: "is the broadcast address"),
  Special(block: "240.0.0.0/4", predicate: "is a reserved address"),
]

private let specialV6: [Special] = [
  Special(block: "64:ff9b:1::/48", predicate: "is a local NAT64 address"),
  Special(block: "100::/64", predicate: "is a discard-only address"),
  Special(block: "2001::/32", predicate: "is a Teredo address"),
  Special(block: "2001:2::/48", predicate: "is a benchmark address"),
  Special(block: "2001::/23", predicate: "is a reserved address"),
  Special(block: "2001:db8::/32", predicate: "is a documentation address"),
  Special(block: "3fff::/20", predicate: "is a documentation address"),
  Special(block: "5f00::/16", predicate: "is a segment routing address"),
  Special(block: "fc00::/7", predicate: "is a private address"),
  Special(block: "fe80::/10", predicate: "is a link-local address"),
  Special(block: "fec0::/10", predicate: "is a site-local address"),
  Special(block: "ff00::/8", predicate: "is a multicast address"),
]

private let carriers: [Carrier] = [
  Carrier(block: "::ffff:0:0/96", shift: 0, predicate: "is an IPv4-mapped address"),
  Carrier(block: "::ffff:0:0:0/96", shift: 0, predicate: "is an IPv4-translated address"),
  Carrier(block: "64:ff9b::/96", shift: 0, predicate: nil),
  Carrier(block: "2002::/16", shift: 80, predicate: nil),
  Carrier(block: "::/96", shift: 0, predicate: "is an IPv4-compatible address"),
]
