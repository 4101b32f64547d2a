import CCurl
import Crypto
import Domain

/// One exchange while libcurl performs it; lives on the client’s thread alone.
final class HTTPTransfer {
  /// Why one of our callbacks ended a transfer that could have gone on.
  enum Stop { case bodyTooLarge, headTooLarge }

  let job: HTTPJob
  let origin: Origin
  let easy: UnsafeMutableRawPointer
  let settings: HTTPSettings

  private(set) var head = ReplyHead()
  private(set) var body: [UInt8] = []
  private(set) var bodyBytes = 0
  /// The hash of all that was read; begun once that is more than is kept.
  private var bodyHash: SHA256?
  private(set) var stop: Stop?
  /// The first address that was refused, and why.
  private(set) var refused: (address: Address, reason: String)?
  /// The last address that was allowed to be tried; nil also where a pooled connection is used.
  private(set) var opened: Address?
  /// True once the request was handed to a connection: from then on it may be on the wire.
  private(set) var isSent = false
  /// True where libcurl was about to send a second time what may be sent once.
  private(set) var isRepeatRefused = false
  private var refusedPooled = false
  private var usesFreshConnection = false
  /// The place where libcurl says what went wrong in more words than its code has.
  let errorText: UnsafeMutablePointer<CChar>
  /// Lists that libcurl borrows until the handle is reset.
  private var lists: [UnsafeMutablePointer<curl_slist>] = []

  init(
    _ job: HTTPJob, to origin: Origin, on easy: UnsafeMutableRawPointer, _ settings: HTTPSettings
  ) {
    self.job = job
    self.origin = origin
    self.easy = easy
    self.settings = settings
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    lists.forEach { curl_slist_free_all($0) }
    errorText.deallocate()
  }

  var bounds: ExchangeBounds { job.request.bounds }

  /// True where sending it twice does no more than sending it once.
  ///
  /// Source: RFC 9110, §9.2.2: a client does not repeat another request by itself.
  var mayRepeat: Bool { job.request.method == .get }

  /// How long it has taken so far.
  var duration: Duration {
    .microseconds(ccurl_get_offset(easy, CURLINFO_TOTAL_TIME_T))
  }

  /// Texts for libcurl to borrow for as long as the transfer lives; nil for none.
  func list(_ texts: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var head: UnsafeMutablePointer<curl_slist>?
    for text in texts {
      guard let longer = curl_slist_append(head, text) else {
        preconditionFailure("no memory for a header")
      }
      head = longer
    }
    if let head { lists.append(head) }
    return head
  }
}

extension HTTPTransfer {
  /// Judges an address about to be connected to.
  ///
  /// - Parameter address: nil for what is not an internet address.
  func mayOpen(_ address: Address?) -> Bool {
    guard isFirstOrRepeatable(), mayUse(address) else { return false }
    opened = address
    return true
  }

  /// Judges the connection on which the request is about to be sent: it may be a pooled one, opened
  /// for another reach.
  ///
  /// libcurl sends a request again by itself where a pooled connection ends before any byte of the
  /// answer; the receiver may have read it by then, so that is for the retry schedule to decide.
  func maySend(to address: Address?) -> Bool {
    guard isFirstOrRepeatable() else { return false }
    guard mayUse(address) else {
      refusedPooled = opened == nil
      return false
    }
    isSent = true
    return true
  }

  private func isFirstOrRepeatable() -> Bool {
    if !isSent || mayRepeat { return true }
    isRepeatRefused = true
    return false
  }

  private func mayUse(_ address: Address?) -> Bool {
    guard let address else { return false }
    guard let reason = refusal(of: address, for: job.request.reach, at: origin, settings.rules)
    else { return true }
    if refused == nil { refused = (address, reason) }
    return false
  }

  /// True where a pooled connection was refused, and a look-up of our own has still to decide.
  var wantsFreshConnection: Bool { refusedPooled && !usesFreshConnection }

  /// Makes it ready to be performed again, on a connection of its own.
  func useFreshConnection() {
    usesFreshConnection = true
    refused = nil
    ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
  }
}

extension HTTPTransfer {
  /// SHA-256 of all of the body that was read; nil where all of that is kept.
  var bodyDigest: [UInt8]? { bodyHash.map { Array($0.finalize()) } }

  /// Takes a line of the head; false ends the transfer.
  func receive(line: UnsafeRawBufferPointer) -> Bool {
    if head.add(line) { return true }
    stop = .headTooLarge
    return false
  }

  /// Takes bytes of the body, decompressed; false ends the transfer.
  func receive(body chunk: UnsafeRawBufferPointer) -> Bool {
    let read = chunk.prefix(max(0, bounds.readBytesMax - bodyBytes))
    let room = max(0, bounds.keptBytesMax - body.count)
    if bodyHash == nil, read.count > room, bounds.mayCut {
      var hash = SHA256()
      hash.update(data: body)
      bodyHash = hash
    }
    bodyHash?.update(bufferPointer: UnsafeRawBufferPointer(rebasing: read))
    body.append(contentsOf: chunk.prefix(room))
    bodyBytes += chunk.count
    if bodyBytes > bounds.readBytesMax {
      stop = .bodyTooLarge
      bodyBytes = bounds.readBytesMax
    } else if bodyBytes > bounds.keptBytesMax, !bounds.mayCut {
      stop = .bodyTooLarge
    }
    return stop == nil
  }
}
