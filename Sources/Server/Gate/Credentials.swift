import Events

/// What a request shows in `Authorization`: pairs of a word and a secret, in any order.
///
///     User 8f…, Organization 5c…        Element tok/AAAA=, User 8f…
///
/// Source: SAP Open Connectors, “Authorization Headers”.
struct Credentials: Equatable {
  var user: String?
  var organization: String?
  var element: String?

  /// - Returns: nil for what is none of it, or names one thing twice.
  init?(_ header: String) {
    for pair in header.split(separator: ",") {
      let words = pair.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 2 else { return nil }
      let secret = String(words[1])
      switch words[0].lowercased() {
      case "user" where user == nil: user = secret
      case "organization" where organization == nil: organization = secret
      case "element" where element == nil: element = secret
      default: return nil
      }
    }
  }
}
