import CCurl
import Domain

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
    case .headTooLarge: return .failed(failure(.tooLarge, headTooLarge(origin)))
    case nil: break
    }
    // Of an answer that may be cut the status is what counts, and it has come.
    if code == CURLE_OK || bounds.mayCut && complaint(code).isAboutBody { return .reply(reply) }
    return .failed(failure(code))
  }

  /// The failure that a code of libcurl’s means here.
  func failure(_ code: CURLcode) -> NetworkFailure {
    let (kind, text) = complaint(code).explained(origin, bounds)
    return failure(kind, text)
  }

  private func failure(_ kind: NetworkFailure.Kind, _ text: String) -> NetworkFailure {
    NetworkFailure(kind, text, address: address, duration: duration)
  }

  private func complaint(_ code: CURLcode) -> Complaint {
    Complaint(
      code: code, systemError: Int32(ccurl_get_long(easy, CURLINFO_OS_ERRNO)),
      isConnected: ccurl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
      isHeadComplete: head.isComplete)
  }

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
}
