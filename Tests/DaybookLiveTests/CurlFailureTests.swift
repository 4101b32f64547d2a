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
        Problem with the SSL CA cert (path? access rights?)
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

  @Test func `the library names its version`() {
    #expect(HTTPClient.libcurlVersion.contains("."))
  }
}
