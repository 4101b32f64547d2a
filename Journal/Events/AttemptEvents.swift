// What becomes of one attempt to deliver. Property by property as in CATALOGUE.md.

/// `delivery.attempted`: An attempt is about to be made; written before anything is sent.
public struct DeliveryAttempted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.attempted"
  /// From the second on it names what triggered it.
  public static let revision = 2
  /// The delivery's id.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// Counted from 1.
  public var attempt: Int
  /// Where to.
  public var url: String
  /// The time that is signed, Unix milliseconds.
  public var sentAtMs: Int64
  /// Digest of the header fields sent, credentials masked.
  public var request: String?
  /// Its occasion; nil in revision 1.
  public var trigger: StoredWord<AttemptTrigger>?
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, attempt: Int, url: String, sentAtMs: Int64,
    request: String? = nil, trigger: StoredWord<AttemptTrigger>? = nil
  ) {
    self.delivery = delivery
    self.instance = instance
    self.attempt = attempt
    self.url = url
    self.sentAtMs = sentAtMs
    self.request = request
    self.trigger = trigger
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case attempt = "attempt"
    case url = "url"
    case sentAtMs = "sent_at_ms"
    case request = "request"
    case trigger = "trigger"
  }
}

/// `delivery.succeeded`: The receiver answered 2xx.
public struct DeliverySucceeded: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.succeeded"
  /// From the second on it holds the times of its steps.
  public static let revision = 2
  /// The delivery's id.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// Which attempt.
  public var attempt: Int
  /// The HTTP status.
  public var status: Int
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
  /// The same until its end; nil in revision 1.
  public var endUs: Int64?
  /// Who answered.
  public var address: String?
  /// Digest of what it said.
  public var response: String?
  /// How much it said.
  public var responseBytes: Int
  /// Why its body is not whole, as a kind of network failure; absent where it is.
  public var responseFailure: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, attempt: Int, status: Int, durationMs: Int64,
    times: ExchangeTimes = ExchangeTimes(), address: String? = nil, response: String? = nil,
    responseBytes: Int,
    responseFailure: String? = nil
  ) {
    self.delivery = delivery
    self.instance = instance
    self.attempt = attempt
    self.status = status
    self.durationMs = durationMs
    (nameUs, connectUs, tlsUs) = (times.name, times.connect, times.tls)
    (firstByteUs, endUs) = (times.firstByte, times.end)
    self.address = address
    self.response = response
    self.responseBytes = responseBytes
    self.responseFailure = responseFailure
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case attempt = "attempt"
    case status = "status"
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

/// `delivery.failed`: The attempt came to nothing.
public struct DeliveryFailed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.failed"
  /// From the second on it holds the times of its steps.
  public static let revision = 2
  /// The delivery's id.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// Which attempt.
  public var attempt: Int
  /// The HTTP status, where there was an answer.
  public var status: Int?
  /// `status`, or the kind of network failure.
  public var error: String
  /// One sentence.
  public var text: String
  /// How long it took.
  public var durationMs: Int64
  /// Microseconds from its beginning until the name had an address; nil where none was looked up.
  public var nameUs: Int64?
  /// The same until the connection had come about; nil where one was kept from before.
  public var connectUs: Int64?
  /// The same until it was encrypted.
  public var tlsUs: Int64?
  /// The same until the first byte of the answer.
  public var firstByteUs: Int64?
  /// The same until its end; nil in revision 1.
  public var endUs: Int64?
  /// Who was connected to.
  public var address: String?
  /// Digest of what it said.
  public var response: String?
  /// How much it said.
  public var responseBytes: Int
  /// Why its body is not whole, as a kind of network failure; absent where it is.
  public var responseFailure: String?
  /// When it is tried again; absent: never.
  public var retryAtMs: Int64?
  /// The wait of the retry schedule or `Retry-After`, milliseconds.
  public var waitMs: Int64
  /// Jitter that chance added, milliseconds.
  public var jitterMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, attempt: Int, status: Int? = nil, error: String,
    text: String, durationMs: Int64, times: ExchangeTimes = ExchangeTimes(),
    address: String? = nil, response: String? = nil, responseBytes: Int,
    responseFailure: String? = nil, retryAtMs: Int64? = nil, waitMs: Int64, jitterMs: Int64
  ) {
    self.delivery = delivery
    self.instance = instance
    self.attempt = attempt
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
    self.retryAtMs = retryAtMs
    self.waitMs = waitMs
    self.jitterMs = jitterMs
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case attempt = "attempt"
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
    case retryAtMs = "retry_at_ms"
    case waitMs = "wait_ms"
    case jitterMs = "jitter_ms"
  }
}

/// `delivery.unknown`: An attempt was begun and its outcome was lost with the process.
public struct DeliveryUnknown: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "delivery.unknown"
  /// The delivery's id.
  public var delivery: DeliveryID
  /// The instance's id.
  public var instance: InstanceID
  /// Which attempt.
  public var attempt: Int
  /// When it is sent again, under the same id.
  public var retryAtMs: Int64?
  /// The wait of the retry schedule, milliseconds.
  public var waitMs: Int64
  /// Jitter that chance added, milliseconds.
  public var jitterMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(
    delivery: DeliveryID, instance: InstanceID, attempt: Int, retryAtMs: Int64? = nil,
    waitMs: Int64,
    jitterMs: Int64
  ) {
    self.delivery = delivery
    self.instance = instance
    self.attempt = attempt
    self.retryAtMs = retryAtMs
    self.waitMs = waitMs
    self.jitterMs = jitterMs
  }

  private enum CodingKeys: String, CodingKey {
    case delivery = "delivery"
    case instance = "instance"
    case attempt = "attempt"
    case retryAtMs = "retry_at_ms"
    case waitMs = "wait_ms"
    case jitterMs = "jitter_ms"
  }
}

extension Event {
  /// When an exchange had come how far, by the event that tells its outcome; any other has none.
  public var times: ExchangeTimes {
    switch self {
    case .deliverySucceeded(let body):
      ExchangeTimes(
        name: body.nameUs, connect: body.connectUs, tls: body.tlsUs, firstByte: body.firstByteUs,
        end: body.endUs)
    case .deliveryFailed(let body):
      ExchangeTimes(
        name: body.nameUs, connect: body.connectUs, tls: body.tlsUs, firstByte: body.firstByteUs,
        end: body.endUs)
    case .probeConcluded(let body):
      ExchangeTimes(
        name: body.nameUs, connect: body.connectUs, tls: body.tlsUs, firstByte: body.firstByteUs,
        end: body.endUs)
    default: ExchangeTimes()
    }
  }
}
