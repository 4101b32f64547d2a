/// Files in PEM that connections use beside what the system has.
///
///     Google       the system’s authorities, and those of `authorities`
///     callbacks    the same, and the client certificate where the receiver asks for one
///
/// They are read for each connection: one that is replaced is in force with the next.
public struct TLSFiles: Sendable, Equatable {
  /// Certificates of authorities that are trusted beside the system’s.
  public var authorities: String?
  /// The certificate that receivers are shown, with those between it and its authority.
  public var certificate: String?
  /// Its private key, without a passphrase; nil: it stands in the same file.
  public var key: String?

  /// The paths as given, unchecked.
  public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }
}
