/// All addresses that begin with the same bits, written `10.0.0.0/8`.
package struct AddressBlock: Sendable, Hashable {
  /// The first address, with every bit past `prefixBits` cleared.
  package let base: Address
  /// How many leading bits are fixed: 0 to 32, or to 128.
  package let prefixBits: Int

  /// The block around an address; bits past the prefix are cleared.
  ///
  /// - Parameter prefixBits: 0 to the address's own count of bits.
  package init(_ address: Address, prefixBits: Int) {
    precondition(
      (0...address.bitCount).contains(prefixBits),
      "a prefix of \(address) has 0 to \(address.bitCount) bits, not \(prefixBits)")
    switch address {
    case .v4(let number): base = .v4(number & ~lowBits(32 - prefixBits))
    case .v6(let number): base = .v6(number & ~lowBits(128 - prefixBits))
    }
    self.prefixBits = prefixBits
  }

  /// Reads `10.0.0.0/8`, `fd00::/8`, or one address, which is a block of itself.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, let address = Address(first), parts.count <= 2 else {
      return nil
    }
    var prefixBits = address.bitCount
    if parts.count == 2 {
      guard let written = UInt8(parts[1]), written <= prefixBits, String(written) == parts[1]
      else { return nil }
      prefixBits = Int(written)
    }
    self.init(address, prefixBits: prefixBits)
  }

  /// Tells if the address lies in the block; never for one of the other family.
  package func contains(_ address: Address) -> Bool {
    switch (base, address) {
    case (.v4(let own), .v4(let other)): (own ^ other) & ~lowBits(32 - prefixBits) == 0
    case (.v6(let own), .v6(let other)): (own ^ other) & ~lowBits(128 - prefixBits) == 0
    default: false
    }
  }
}

extension AddressBlock: ExpressibleByStringLiteral {
  /// For the tables in the sources; a literal that is no block is a fault of ours.
  package init(stringLiteral text: String) {
    guard let block = AddressBlock(text) else {
      preconditionFailure("\(text) is not a block of addresses")
    }
    self = block
  }
}

extension AddressBlock: CustomStringConvertible {
  /// The CIDR form, also for a block of one.
  package var description: String { "\(base)/\(prefixBits)" }
}

/// That many ones at the low end. Shifting by the full width gives all ones, as it must.
private func lowBits<Number: FixedWidthInteger>(_ count: Int) -> Number {
  ~(~Number.zero << count)
}
