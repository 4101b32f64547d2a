/// Goes along when a code is exchanged, where its consent was asked for here.
package struct CodeProof: Sendable, Equatable {
  /// The secret of which the consent was given a digest (PKCE); nil: it was given none.
  package var verifier: String?
  /// Where the code came back to; nil: the instance’s own `oauth.callback.url`.
  package var redirectURL: String?

  package init(verifier: String? = nil, redirectURL: String? = nil) {
    self.verifier = verifier
    self.redirectURL = redirectURL
  }
}

/// Proofs that may belong to a code, the likeliest first; at least one.
package typealias CodeProofs =
  @Sendable (_ code: String, _ clientID: String, _ redirectURL: String) async -> [CodeProof]
