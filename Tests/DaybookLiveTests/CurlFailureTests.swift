import CCurl
import Domain
import Glibc
import Testing

@testable import DaybookLive

/// What libcurl’s codes mean, the ones too that loopback cannot bring about.
@Suite struct CurlFailureTests {
  @Test(
    arguments: [
      (CURLE_COULDNT_RESOLVE_HOST, 0, .nameNotFound, "The name example.com has no address"),
      (CURLE_COULDNT_CONNECT, ECONNREFUSED, .refused, "https://example.com refused the connection"),
      (
        CURLE_COULDNT_CONNECT, ETIMEDOUT, .timedOut,
        "No connection to https://example.com came about in time"
      ),
      (
        CURLE_COULDNT_CONNECT, EHOSTUNREACH, .other,
        "https://example.com cannot be reached: system error \(EHOSTUNREACH)"
      ),
      (
        CURLE_OPERATION_TIMEDOUT, 0, .timedOut,
        "No connection to https://example.com within 5.0 seconds"
      ),
      (CURLE_RECV_ERROR, ECONNRESET, .reset, "https://example.com reset the connection"),
      (CURLE_RECV_ERROR, ECONNREFUSED, .garbled, "The reply of https://example.com cannot be read"),
      (
        CURLE_SSL_CACERT_BADFILE, 0, .tls,
        """
        No trusted TLS connection to https://example.com: \
        the file of authorities cannot be read as PEM; DAYBOOK_CA_FILE names it
        """
      ),
      (
        CURLE_FAILED_INIT, 0, .other,
        "The exchange with https://example.com failed: Failed initialization"
      ),
    ] as [(CURLcode, Int32, NetworkFailure.Kind, String)])
  func `a code becomes a kind and a sentence`(
    code: CURLcode, systemError: Int32, kind: NetworkFailure.Kind, text: String
  ) throws {
    let origin = try Origin(of: "https://example.com/secret?secret")
    let complaint = CurlFailure(
      code: code, systemError: systemError, isConnected: false, isHeadComplete: false)
    let explained = complaint.explained(origin, .page())
    #expect(explained.0 == kind)
    #expect(explained.1 == text)
  }

  @Test func `a name without an address is told as it was given too`() throws {
    let complaint = CurlFailure(
      code: CURLE_COULDNT_RESOLVE_HOST, systemError: 0, isConnected: false, isHeadComplete: false)
    let text = complaint.explained(try Origin(of: "http://LOCALHOST.:80/"), .page()).1
    #expect(text == "The name localhost (given as LOCALHOST.) has no address")
  }

  @Test(
    arguments: [
      (CURLE_SSL_CONNECT_ERROR, 0, "routines::wrong version number", "does not speak TLS; the URL"),
      (
        CURLE_SSL_CONNECT_ERROR, 0, "routines::tlsv1 alert protocol version",
        "it does not speak TLS 1.2 or newer"
      ),
      (CURLE_SSL_CONNECT_ERROR, 0, "routines::unsupported protocol", "TLS 1.2 or newer"),
      (
        CURLE_SSL_CONNECT_ERROR, 0, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a",
        "it closed the connection during the handshake"
      ),
      (
        CURLE_RECV_ERROR, 0, "SSL_read: routines::tlsv13 alert certificate required, errno 0",
        "it wants a client certificate; DAYBOOK_CLIENT_CERTIFICATE names one"
      ),
      (CURLE_RECV_ERROR, 0, "routines::tlsv1 alert unknown ca", "does not trust the authority"),
      (CURLE_SSL_CONNECT_ERROR, 0, "routines::sslv3 alert something new", "ended the handshake"),
      (CURLE_PEER_FAILED_VERIFICATION, 10, "", "its certificate has expired"),
      (CURLE_PEER_FAILED_VERIFICATION, 20, "", "of an authority that is not trusted here"),
      (CURLE_PEER_FAILED_VERIFICATION, 99, "", "by OpenSSL’s error 99"),
      (CURLE_RECV_ERROR, 0, "Recv failure: Connection reset by peer", nil),
      (CURLE_SSL_CONNECT_ERROR, 0, "something else", nil), (CURLE_GOT_NOTHING, 0, "", nil),
    ] as [(CURLcode, Int, String, String?)])
  func `what OpenSSL says becomes a sentence that names what to mend`(
    code: CURLcode, verification: Int, words: String, part: String?
  ) {
    let reason = TLSFailure(verification: verification, words: words).reason(code)
    if let part {
      #expect(reason?.contains(part) == true, "\(reason ?? "none")")
    } else {
      #expect(reason == nil)
    }
  }

  @Test func `the library names its version`() {
    #expect(HTTPClient.libcurlVersion.contains("."))
  }
}
