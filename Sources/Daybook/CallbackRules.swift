package import Domain
public import Events

/// Where callbacks may go: public addresses, and what is allowed beside them.
public struct CallbackRules: Sendable, Equatable {
  package let rules: AddressRules

  /// Public addresses alone.
  public init() { rules = AddressRules() }

  /// - Parameters:
  ///   - list: CIDR blocks and host names, each one text or several with commas.
  ///   - ports: Ports below 1024 beside 80 and 443.
  /// - Throws: A refusal of `allowedCallbacks` for an entry that is neither.
  public init(allowing list: [String], ports: Set<UInt16> = []) throws(Refusal) {
    do {
      rules = try AddressRules(list: list.joined(separator: ","), ports: ports)
    } catch {
      throw Refusal(at: "allowedCallbacks", "\(error)")
    }
  }

  private init(_ rules: AddressRules) { self.rules = rules }

  /// The same with these ports below 1024 beside 80 and 443.
  public func allowing(ports: Set<UInt16>) -> CallbackRules {
    CallbackRules(AddressRules(allow: rules.allow, ports: ports))
  }

  /// Why a URL can never be a callback; nil where it can. A name is judged when connecting.
  public func refusal(of url: String) -> String? { rules.refusal(ofCallbackURL: url) }
}

/// A URL that notifications can go to, as far as can be told from its text.
public struct CallbackURL: Sendable {
  /// In lower case, without a final dot; an address in its usual form.
  public let host: String
  /// True for `localhost` and addresses of loopback, by their text; no name is looked up.
  public let isLoopback: Bool

  /// - Throws: A refusal of `url` for what cannot be read as one; it says nothing of the text.
  public init(_ url: String) throws(Refusal) {
    do throws(URLFault) {
      let origin = try Origin(of: url)
      host = origin.host
      isLoopback = origin.address?.isLoopback ?? (origin.host == "localhost")
    } catch {
      throw Refusal(at: "url", error.text)
    }
  }
}
