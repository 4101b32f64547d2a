import CCurl

/// OpenSSL’s word on a connection, put into a sentence that names what is to be mended.
struct TLSFailure {
  /// The result of checking the certificate, as in x509_vfy.h; 0 where it is fine or did not come.
  let verification: Int
  /// libcurl’s words for the failure. They are looked at and never shown: nobody knows what they
  /// will hold.
  let words: String

  /// Why there is no connection, to go on behind a colon; nil where TLS is not the reason, or
  /// nothing more is known than the code.
  func reason(_ code: CURLcode) -> String? {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION: verificationReason
    case CURLE_SSL_CACERT_BADFILE:
      "the file of authorities cannot be read as PEM; DAYBOOK_CA_FILE names it"
    case CURLE_SSL_CERTPROBLEM: clientReason
    case CURLE_SSL_CONNECT_ERROR: alertReason ?? handshakeReason
    // With TLS 1.3 a receiver says no to our certificate after its own handshake.
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR: alertReason
    default: nil
    }
  }

  /// Source: OpenSSL’s verification errors, X509_STORE_CTX_get_error(3).
  private var verificationReason: String {
    switch verification {
    // libcurl itself compares the names, before it asks for the rest; until then it has 1.
    case 0, 1, 62: "its certificate is for another name"
    case 9: "its certificate is not valid yet, or the clock here is wrong"
    case 10: "its certificate has expired"
    case 18: "its certificate is signed by itself alone; DAYBOOK_CA_FILE can name it as trusted"
    case 2, 19, 20, 21, 27:
      "its certificate is of an authority that is not trusted here, or one between them is missing;"
        + " DAYBOOK_CA_FILE can name more authorities"
    case 23: "its certificate was revoked"
    case 66...68: "its certificate has a key or a digest that is too weak"
    default: "its certificate does not hold, by OpenSSL’s error \(verification)"
    }
  }

  private var clientReason: String {
    "the client certificate cannot be used; DAYBOOK_CLIENT_CERTIFICATE and DAYBOOK_CLIENT_KEY have"
      + " to name a certificate in PEM and its own key, without a passphrase"
  }

  /// The other side’s no, by its alert. Source: RFC 8446, §6.2.
  private var alertReason: String? {
    guard words.contains("alert ") else { return nil }
    let reasons = [
      (
        "certificate required",
        "it wants a client certificate; DAYBOOK_CLIENT_CERTIFICATE names one"
      ),
      ("unknown ca", "it does not trust the authority of the client certificate"),
      ("certificate expired", "the client certificate has expired"),
      ("bad certificate", "it does not take the client certificate, or wants one"),
      ("unsupported certificate", "it does not take this kind of client certificate"),
      ("certificate unknown", "it does not take the client certificate"),
      ("protocol version", "it does not speak TLS 1.2 or newer"),
      ("insufficient security", "it wants other ciphers than are allowed here"),
      ("unrecognized name", "it does not know that name"),
      ("handshake failure", "it has no cipher in common, or wants a client certificate"),
      ("access denied", "it denies access to this client certificate"),
    ]
    return reasons.first { words.contains("alert \($0.0)") }?.1 ?? "it ended the handshake"
  }

  private var handshakeReason: String? {
    if words.contains("wrong version number") || words.contains("packet length too long")
      || words.contains("http request")
    {
      return "what answers there does not speak TLS; the URL may have to begin with http://"
    }
    if words.contains("unsupported protocol") || words.contains("version too low") {
      return "it does not speak TLS 1.2 or newer"
    }
    if words.contains("dh key too small") || words.contains("ee key too small") {
      return "its key is too weak"
    }
    return words.contains("SSL_ERROR_SYSCALL") || words.contains("unexpected eof")
      ? "it closed the connection during the handshake" : nil
  }
}
