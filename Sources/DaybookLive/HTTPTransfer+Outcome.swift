import CCurl
import Domain
import Glibc

extension HTTPTransfer {
  /// What came of it, once libcurl says that it is over.
  func outcome(_ code: CURLcode) -> Outcome {
    if let refused, opened == nil {
      let address = "\(refused.address)"
      return .failed(
        NetworkFailure(.blocked, refused.reason, address: address, duration: duration))
    }
    switch stop {
    case .enough: return .reply(reply)
    case .bodyTooLarge:
      let max = min(bounds.keptBytesMax, bounds.readBytesMax)
      return .failed(failure(.tooLarge, "The reply of \(origin) is longer than \(max) bytes"))
    case .headTooLarge: return .failed(headTooLarge)
    case nil: break
    }
    if code == CURLE_OK || bounds.mayCut && head.isComplete && isBrokenBody(code) {
      return .reply(reply)
    }
    return .failed(failure(code))
  }

  /// The failure that a code of libcurl’s means here.
  func failure(_ code: CURLcode) -> NetworkFailure {
    switch code {
    case CURLE_URL_MALFORMAT:
      failure(.badURL, "libcurl cannot read the URL")
    case CURLE_COULDNT_RESOLVE_HOST:
      failure(.nameNotFound, "The name \(origin.host) has no address")
    case CURLE_COULDNT_CONNECT:
      connectFailure
    case CURLE_OPERATION_TIMEDOUT:
      timeout
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR:
      failure(.reset, "\(origin) closed the connection without an answer")
    case CURLE_RECV_ERROR:
      receiveFailure
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2:
      failure(.garbled, "The reply of \(origin) is not HTTP")
    case CURLE_PARTIAL_FILE:
      failure(.garbled, "The reply of \(origin) was cut short")
    case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR:
      // Where our own callbacks end a transfer they say so; libcurl’s unpacking uses both codes.
      failure(.garbled, "The reply of \(origin) is wrongly compressed")
    case CURLE_OUT_OF_MEMORY where !head.isComplete:
      // libcurl’s answer to a line beyond its own bound, which is above ours.
      headTooLarge
    case _ where tlsCodes.contains(code.rawValue):
      failure(.tls, "No trusted TLS connection to \(origin): \(words(code))")
    default:
      failure(.other, "The exchange with \(origin) failed: \(words(code))")
    }
  }
}

extension HTTPTransfer {
  private var reply: Reply {
    Reply(
      status: head.status, headers: head.headers, body: body, bodyBytes: bodyBytes,
      address: address ?? "", duration: duration)
  }

  /// The address connected to, else the last one tried.
  private var address: String? {
    guard let text = ccurl_get_text(easy, CURLINFO_PRIMARY_IP), text.pointee != 0 else {
      return opened.map { "\($0)" }
    }
    return String(cString: text)
  }

  private var headTooLarge: NetworkFailure {
    failure(.tooLarge, "The headers of \(origin) are longer than \(ReplyHead.bytesMax) bytes")
  }

  private var connectFailure: NetworkFailure {
    switch Int32(ccurl_get_long(easy, CURLINFO_OS_ERRNO)) {
    case ECONNREFUSED: failure(.refused, "\(origin) refused the connection")
    case ECONNRESET: failure(.reset, "\(origin) reset the connection")
    case ETIMEDOUT: failure(.timedOut, "No connection to \(origin) came about in time")
    case let number: failure(.other, "\(origin) cannot be reached: system error \(number)")
    }
  }

  private var timeout: NetworkFailure {
    // Zero until the connection, TLS included, is there.
    let isConnected = ccurl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T) > 0
    return isConnected
      ? failure(.timedOut, "\(origin) gave no full answer within \(bounds.total)")
      : failure(
        .timedOut, "No connection to \(origin) within \(min(bounds.connect, bounds.total))")
  }

  /// The same code stands for a lost connection and for chunks that cannot be read.
  private var receiveFailure: NetworkFailure {
    switch Int32(ccurl_get_long(easy, CURLINFO_OS_ERRNO)) {
    case ECONNRESET, EPIPE, ECONNABORTED: failure(.reset, "\(origin) reset the connection")
    case ETIMEDOUT: failure(.timedOut, "The connection to \(origin) went silent")
    default: failure(.garbled, "The reply of \(origin) cannot be read")
    }
  }

  private func failure(_ kind: NetworkFailure.Kind, _ text: String) -> NetworkFailure {
    NetworkFailure(kind, text, address: address, duration: duration)
  }
}

/// Codes that mean: the status came, its body did not come whole.
private func isBrokenBody(_ code: CURLcode) -> Bool {
  [CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR]
    .contains(code)
}

private let tlsCodes: Set<UInt32> = Set(
  [
    CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
    CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
    CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED,
    CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_NOTFOUND,
    CURLE_SSL_CLIENTCERT, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
  ].map(\.rawValue))

/// libcurl’s own fixed words for a code; they hold nothing of the exchange.
private func words(_ code: CURLcode) -> String {
  guard let text = curl_easy_strerror(code) else { return "code \(code.rawValue)" }
  return String(cString: text)
}
