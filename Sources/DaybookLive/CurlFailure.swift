import CCurl
import Domain
import Glibc

/// An exchange that failed, in the words of libcurl and the system.
struct CurlFailure {
  let code: CURLcode
  /// The `errno` of the last call on the connection; 0 where none failed.
  let systemError: Int32
  /// True once the connection, TLS included, had come about.
  let isConnected: Bool
  /// True once the reply’s headers had come whole.
  let isHeadComplete: Bool
  var tls = TLSFailure(verification: 0, words: "")

  /// The kind of failure that this is, and a sentence that shows no more of the URL than its
  /// origin.
  ///
  /// Source: libcurl-errors(3), and what 7.88 was seen to give.
  func explained(_ origin: Origin, _ bounds: ExchangeBounds) -> (NetworkFailure.Kind, String) {
    if let reason = tls.reason(code) {
      return (.tls, "No trusted TLS connection to \(origin): \(reason)")
    }
    return switch code {
    case CURLE_URL_MALFORMAT:
      (.badURL, "libcurl cannot read the URL")
    case CURLE_COULDNT_RESOLVE_HOST:
      (.nameNotFound, "The name \(origin.hostAsGiven) has no address")
    case CURLE_COULDNT_CONNECT:
      connectExplained(origin)
    case CURLE_OPERATION_TIMEDOUT where isConnected:
      (.timedOut, "\(origin) gave no full answer within \(bounds.total)")
    case CURLE_OPERATION_TIMEDOUT:
      (.timedOut, "No connection to \(origin) within \(min(bounds.connect, bounds.total))")
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR:
      (.reset, "\(origin) closed the connection without an answer")
    case CURLE_RECV_ERROR:
      receiveExplained(origin)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      (.garbled, "The reply of \(origin) is not HTTP")
    case CURLE_PARTIAL_FILE:
      (.garbled, "The reply of \(origin) was cut short")
    case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR:
      // Where our own callbacks end a transfer they say so; libcurl’s unpacking uses both codes.
      (.garbled, "The reply of \(origin) is wrongly compressed")
    case CURLE_OUT_OF_MEMORY where !isHeadComplete:
      // libcurl’s answer to a line beyond its own bound, which is above ours.
      (.tooLarge, headTooLarge(origin))
    case _ where tlsCodes.contains(code.rawValue):
      (.tls, "No trusted TLS connection to \(origin): \(words)")
    default:
      (.other, "The exchange with \(origin) failed: \(words)")
    }
  }

  private func connectExplained(_ origin: Origin) -> (NetworkFailure.Kind, String) {
    switch systemError {
    case ECONNREFUSED: (.refused, "\(origin) refused the connection")
    case ECONNRESET: (.reset, "\(origin) reset the connection")
    case ETIMEDOUT: (.timedOut, "No connection to \(origin) came about in time")
    default: (.other, "\(origin) cannot be reached: system error \(systemError)")
    }
  }

  /// The same code stands for a lost connection and for chunks that cannot be read.
  private func receiveExplained(_ origin: Origin) -> (NetworkFailure.Kind, String) {
    switch systemError {
    case ECONNRESET, EPIPE, ECONNABORTED: (.reset, "\(origin) reset the connection")
    case ETIMEDOUT: (.timedOut, "The connection to \(origin) went silent")
    default: (.garbled, "The reply of \(origin) cannot be read")
    }
  }

  /// libcurl’s own fixed words for the code; they hold nothing of the exchange.
  private var words: String {
    guard let text = curl_easy_strerror(code) else { return "code \(code.rawValue)" }
    return String(cString: text)
  }
}

/// The sentence for headers beyond their bound.
func headTooLarge(_ origin: Origin) -> String {
  "The headers of \(origin) are longer than \(ReplyHead.bytesMax) bytes"
}

private let tlsCodes: Set<UInt32> = Set(
  [
    CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
    CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
    CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED,
    CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_NOTFOUND,
    CURLE_SSL_CLIENTCERT, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
  ].map(\.rawValue))
