import CCurl
import Domain
import Events

extension HTTPTransfer {
  /// The outcome, once libcurl says that the exchange is over.
  func outcome(_ code: CURLcode) -> Outcome {
    guard let failure = shortfall(code) else { return .reply(reply(lacking: nil)) }
    return settled(failure)
  }

  /// The outcome where we were told to end the exchange.
  func stoppedOutcome() -> Outcome { settled(stopped(after: duration, times)) }

  /// An answer all the same, where its head is whole and its status says enough.
  ///
  /// A receiver’s status is its answer; a provider’s is, unless it promises something to be read.
  private func settled(_ failure: NetworkFailure) -> Outcome {
    guard head.isComplete, bounds.mayCut || !(200..<300).contains(head.status) else {
      return .failed(failure)
    }
    return .reply(reply(lacking: failure.kind))
  }

  /// The failure that kept it from coming to its end; nil where the answer is whole.
  private func shortfall(_ code: CURLcode) -> NetworkFailure? {
    if let refused, opened == nil {
      let address = "\(refused.address)"
      return NetworkFailure(
        .blocked, refused.reason, address: address, duration: duration, times: times)
    }
    switch stop {
    case .bodyTooLarge:
      let max = bounds.mayCut ? bounds.readBytesMax : min(bounds.keptBytesMax, bounds.readBytesMax)
      return failure(.tooLarge, "The reply of \(origin) is longer than \(max) bytes")
    case .headTooLarge: return failure(.tooLarge, headTooLarge(origin))
    case nil: break
    }
    if isRepeatRefused { return failure(CURLE_GOT_NOTHING) }
    return code == CURLE_OK ? nil : failure(code)
  }

  /// The failure that a code of libcurl’s means here.
  func failure(_ code: CURLcode) -> NetworkFailure {
    // Looked up again only for a second try: the first had been sent.
    let code = isSent && !mayRepeat && code == CURLE_COULDNT_RESOLVE_HOST ? CURLE_GOT_NOTHING : code
    let (kind, text) = complaint(code).explained(origin, bounds)
    return failure(kind, text)
  }

  private func failure(_ kind: NetworkFailure.Kind, _ text: String) -> NetworkFailure {
    NetworkFailure(kind, text, address: address, duration: duration, times: times)
  }

  private func complaint(_ code: CURLcode) -> CurlFailure {
    CurlFailure(
      code: code, systemError: Int32(ccurl_get_long(easy, CURLINFO_OS_ERRNO)),
      isConnected: isSent || ccurl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T) > 0,
      isHeadComplete: head.isComplete,
      tls: TLSFailure(
        verification: ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT),
        words: String(cString: errorText)))
  }

  private func reply(lacking bodyFailure: NetworkFailure.Kind?) -> Reply {
    Reply(
      status: head.status, headers: head.headers, body: body, bodyBytes: bodyBytes,
      bodyFailure: bodyFailure, address: address ?? "", duration: duration, times: times,
      bodyDigest: bodyDigest)
  }

  /// The times of its steps; libcurl has 0 for those that were not reached, and for a connection
  /// that was kept from before some that are none.
  private var times: ExchangeTimes {
    func time(_ info: CURLINFO) -> Int64? {
      let microseconds = ccurl_get_offset(easy, info)
      return microseconds > 0 ? Int64(microseconds) : nil
    }
    var times = ExchangeTimes(
      firstByte: time(CURLINFO_STARTTRANSFER_TIME_T), end: time(CURLINFO_TOTAL_TIME_T))
    let isKept = isSent && opened == nil
    if !isKept {
      times.name = time(CURLINFO_NAMELOOKUP_TIME_T)
      times.connect = time(CURLINFO_CONNECT_TIME_T)
      times.tls = time(CURLINFO_APPCONNECT_TIME_T)
    }
    return times
  }

  /// The address connected to, else the last one tried.
  private var address: String? {
    guard let text = ccurl_get_text(easy, CURLINFO_PRIMARY_IP), text.pointee != 0 else {
      return opened.map { "\($0)" }
    }
    return String(cString: text)
  }
}
