/// The meaning of a request to the address that the provider sends a browser back to.
///
/// The address is open to every program on the machine, so only what knows the consent's own state
/// is believed.
package enum Redirect: Sendable, Equatable {
  /// The person agreed.
  case agreed(Agreement)
  /// Nothing was granted; with the provider's word for it, such as `access_denied`.
  case refused(reason: String)
  /// Another path, such as `/favicon.ico`: there is nothing.
  case elsewhere
  /// Another consent's, made up, or unreadable: the browser of this one may still come.
  case foreign
}

/// The code that a browser brings back when the person agreed. Never written to the log.
package struct Agreement: Sendable, Equatable {
  /// To be exchanged for tokens once, with the verifier of the consent.
  package var code: String
  /// The scopes that the person agreed to, where the redirect says so.
  package var scopes: [String]?

  package init(code: String, scopes: [String]? = nil) {
    self.code = code
    self.scopes = scopes
  }
}
