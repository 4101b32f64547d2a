/// Where a callback may connect: public addresses, and what the operator allowed beside them.
///
/// A name is no evidence, since whoever owns it decides what it resolves to. So every address is
/// judged when connecting, and again on the connection really used.
package struct AddressRules: Sendable, Equatable {
  /// Something that the operator allows although it is not public.
  package enum Entry: Sendable, Equatable {
    /// These addresses, by whatever name they are reached.
    case block(AddressBlock)
    /// Whatever this name resolves to; in lower case, without a final dot.
    case name(String)
  }

  /// The judgement on one address.
  package enum Verdict: Sendable, Equatable {
    /// It is public, or the operator allowed it.
    case allowed
    /// The reason is a short sentence, such as `127.0.0.1 is a loopback address`.
    case blocked(reason: String)
  }

  /// In the order given, which does not matter.
  package let allow: [Entry]
  /// Ports of systems, below 1024, that are allowed beside 80 and 443.
  package let ports: Set<UInt16>

  /// Rules for what is read already; without entries, public addresses alone are allowed.
  package init(allow: [Entry] = [], ports: Set<UInt16> = []) {
    self.allow = allow
    self.ports = ports
  }

  /// Reads a comma list such as `localhost, 10.0.0.0/8, ::1`; an empty one allows nothing.
  package init(list: String, ports: Set<UInt16> = []) throws(AllowListFault) {
    var entries: [Entry] = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let text = part.trimmingSpaces()
      if text.isEmpty, list.trimmingSpaces().isEmpty { continue }
      entries.append(try Entry(text))
    }
    self.init(allow: entries, ports: ports)
  }

  /// Judges an address that a host turned out to have.
  ///
  /// - Parameter host: As in `Origin.host`; compared with the names allowed, never resolved.
  package func verdict(on address: Address, host: String) -> Verdict {
    for entry in allow {
      switch entry {
      case .block(let block) where block.contains(address): return .allowed
      case .name(let name) where name == hostName(host): return .allowed
      default: continue
      }
    }
    guard let predicate = address.whyNotPublic else { return .allowed }
    return .blocked(reason: "\(address) \(predicate)")
  }
}

extension AddressRules {
  /// Why a callback URL can never be allowed; nil where it is for connecting to decide.
  package func refusal(ofCallbackURL url: String) -> String? {
    do {
      let origin = try Origin(of: url)
      if let reason = refusal(ofPort: origin.port) { return reason }
      guard let address = origin.address,
        case .blocked(let reason) = verdict(on: address, host: origin.host)
      else { return nil }
      return reason + origin.remark
    } catch {
      return error.text
    }
  }

  /// Why no callback may reach a port; nil where one may.
  ///
  /// Below 1024 are the ports of mail, names, shells and the like, which a request could be made to
  /// speak to. At 1 and 9 nothing is that a request could do: they are what people name who want a
  /// receiver that is down. Sources: RFC 1078, RFC 863.
  package func refusal(ofPort port: UInt16) -> String? {
    if port >= Self.userPortsBegin || Self.harmlessPorts.contains(port) || ports.contains(port) {
      return nil
    }
    return "port \(port) is below \(Self.userPortsBegin), where callbacks reach 80 and 443 alone"
  }

  private static let harmlessPorts: Set<UInt16> = [1, 9, 80, 443]

  /// The first port that needs no privilege. Source: RFC 6335, §6.
  package static let userPortsBegin: UInt16 = 1_024

  /// Why a provider’s URL cannot be used; nil where it can: `https`, or `http` on this machine.
  package func refusal(ofProviderURL url: String) -> String? {
    do {
      let origin = try Origin(of: url)
      let isLocal = origin.address?.isLoopback ?? (origin.host == "localhost")
      if origin.scheme == .https || isLocal { return nil }
      return "Plain http is for loopback addresses only, and \(origin.hostAsGiven) is none"
    } catch {
      return error.text
    }
  }
}

extension AddressRules.Entry {
  /// Reads one block, address or host name.
  package init(_ text: some StringProtocol) throws(AllowListFault) {
    if let block = AddressBlock(text) {
      self = .block(block)
    } else if let address = Address(host: text) {
      self = .block(AddressBlock(address, prefixBits: address.bitCount))
    } else if let name = hostName(text) {
      self = .name(name)
    } else {
      throw AllowListFault(entry: String(text))
    }
  }
}

/// An entry of the list of allowed callbacks that cannot be read; the operator has to correct it.
package struct AllowListFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The entry of the list as it was written.
  package let entry: String

  /// One sentence that names the entry.
  package var description: String {
    "“\(entry)” is neither an address, a block such as 10.0.0.0/8, nor a host name"
  }
}

extension StringProtocol {
  fileprivate func trimmingSpaces() -> SubSequence {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return self[startIndex..<startIndex] }
    return self[first...last]
  }
}
