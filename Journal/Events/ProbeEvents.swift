// What becomes of a probe: one request to a URL, to see what it answers. Property by property as in
// CATALOGUE.md.

/// `probe.attempted`: A person tries a URL; written before anything is sent.
public struct ProbeAttempted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "probe.attempted"
  /// The id that the receiver sees.
  public var probe: NotificationID
  /// The instance under whose key and credentials it goes; nil where none sends there.
  public var instance: InstanceID?
  /// Where to.
  public var url: String
  /// The time that is signed, Unix milliseconds.
  public var sentAtMs: Int64
  /// Digest of the header fields sent, credentials masked.
  public var request: String
  /// Digest of the body.
  public var body: String
  /// Why, in the words of who asked.
  public var reason: String?
  /// Who asked: a name that the system has for a person, or the door.
  public var askedBy: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    probe: NotificationID, instance: InstanceID?, url: String, sentAtMs: Int64, request: String,
    body: String, reason: String?, askedBy: String?
  ) {
    self.probe = probe
    self.instance = instance
    self.url = url
    self.sentAtMs = sentAtMs
    self.request = request
    self.body = body
    self.reason = reason
    self.askedBy = askedBy
  }

  private enum CodingKeys: String, CodingKey {
    case probe = "probe"
    case instance = "instance"
    case url = "url"
    case sentAtMs = "sent_at_ms"
    case request = "request"
    case body = "body"
    case reason = "reason"
    case askedBy = "asked_by"
  }
}

/// `probe.concluded`: What came of a probe. Nothing is decided by it.
public struct ProbeConcluded: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "probe.concluded"
  /// Which.
  public var probe: NotificationID
  /// The instance under which it went.
  public var instance: InstanceID?
  /// The HTTP status, where there was an answer.
  public var status: Int?
  /// `status`, or the kind of network failure; nil where the receiver took it.
  public var error: String?
  /// One sentence on that.
  public var text: String?
  /// From the look-up to the last byte.
  public var durationMs: Int64
  /// Microseconds from its beginning until the name had an address; nil where none was looked up.
  public var nameUs: Int64?
  /// The same until the connection had come about; nil where one was kept from before.
  public var connectUs: Int64?
  /// The same until it was encrypted.
  public var tlsUs: Int64?
  /// The same until the first byte of the answer.
  public var firstByteUs: Int64?
  /// The same until its end.
  public var endUs: Int64?
  /// Who was connected to.
  public var address: String?
  /// Digest of what it said.
  public var response: String?
  /// How much it said.
  public var responseBytes: Int
  /// Why its body is not whole, as a kind of network failure; absent where it is.
  public var responseFailure: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    probe: NotificationID, instance: InstanceID?, status: Int? = nil, error: String? = nil,
    text: String? = nil, durationMs: Int64, times: ExchangeTimes = ExchangeTimes(),
    address: String? = nil, response: String? = nil, responseBytes: Int = 0,
    responseFailure: String? = nil
  ) {
    self.probe = probe
    self.instance = instance
    self.status = status
    self.error = error
    self.text = text
    self.durationMs = durationMs
    (nameUs, connectUs, tlsUs) = (times.name, times.connect, times.tls)
    (firstByteUs, endUs) = (times.firstByte, times.end)
    self.address = address
    self.response = response
    self.responseBytes = responseBytes
    self.responseFailure = responseFailure
  }

  private enum CodingKeys: String, CodingKey {
    case probe = "probe"
    case instance = "instance"
    case status = "status"
    case error = "error"
    case text = "text"
    case durationMs = "duration_ms"
    case nameUs = "name_us"
    case connectUs = "connect_us"
    case tlsUs = "tls_us"
    case firstByteUs = "first_byte_us"
    case endUs = "end_us"
    case address = "address"
    case response = "response"
    case responseBytes = "response_bytes"
    case responseFailure = "response_failure"
  }
}
