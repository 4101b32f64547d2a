package import Domain
package import Events
package import GoogleFake

/// A receiver of callbacks that answers as it is told and remembers what came.
///
/// Every path below `/receiver/` is a callback URL of its own, with its own script. Without a
/// script the answer is 204.
package struct FakeReceiver: Sendable {
  /// One answer of a script.
  package struct Answer: Sendable, Equatable {
    package var status: Int
    package var headers: [Header]
    package var body: [UInt8]
    package var delay: Duration
    package var manner: Manner
    /// How many deliveries it is for; nil for all that follow.
    package var times: Int?

    package init(
      status: Int = 204, headers: [Header] = [], body: [UInt8] = [], delay: Duration = .zero,
      manner: Manner = .plain, times: Int? = 1
    ) {
      self.status = status
      self.headers = headers
      self.body = body
      self.delay = delay
      self.manner = manner
      self.times = times
    }
  }

  /// One request that came, in the order of arrival.
  package struct Delivery: Sendable, Equatable {
    /// Counts from 1 over all paths.
    package var number: Int
    package var at: Moment
    package var method: String
    /// The request target, with its query.
    package var path: String
    package var headers: [Header]
    package var body: [UInt8]
    /// The status that it was told, also where the connection was reset instead.
    package var status: Int
  }

  /// How many came to a path and what they were told.
  package struct Count: Sendable, Equatable {
    package var deliveries = 0
    /// Deliveries by status.
    package var statuses: [Int: Int] = [:]
  }

  /// The newest deliveries that fit into the bounds.
  package private(set) var deliveries: [Delivery] = []
  /// All deliveries since the start, kept or not.
  package private(set) var total = 0
  /// By path without query, for as many paths as are counted.
  package private(set) var counts: [String: Count] = [:]
  private var scripts: [String: [Answer]] = [:]
  private var bodyBytes = 0
  private let keptMax: Int
  private let bytesMax: Int

  package init(
    keptMax: Int = SandboxLimits.deliveriesKept, bytesMax: Int = SandboxLimits.deliveryBytesKept
  ) {
    self.keptMax = keptMax
    self.bytesMax = bytesMax
  }

  /// Says how the next deliveries to a path are answered, in place of what was said before.
  package mutating func script(_ path: String, _ answers: [Answer]) {
    let kept = answers.prefix(SandboxLimits.receiverAnswersMax).filter { $0.times ?? 1 > 0 }
    scripts[path] = kept.isEmpty ? nil : Array(kept)
  }

  /// Forgets what came; scripts stay, and numbers go on.
  package mutating func forget() {
    deliveries = []
    counts = [:]
    bodyBytes = 0
  }

  /// Remembers a request and answers what the script of its path says next.
  package mutating func answer(_ request: FakeRequest, at now: Moment) -> FakeAnswer {
    let path = String(request.path.prefix { $0 != "?" })
    let answer = next(for: path)
    total += 1
    if counts[path] != nil || counts.count < SandboxLimits.receiverPathsMax {
      counts[path, default: Count()].deliveries += 1
      counts[path]?.statuses[answer.status, default: 0] += 1
    }
    keep(
      Delivery(
        number: total, at: now, method: request.method, path: request.path,
        headers: request.headers, body: request.body, status: answer.status))
    return FakeAnswer(
      status: answer.status, headers: answer.headers, body: answer.body, delay: answer.delay,
      manner: answer.manner)
  }

  private mutating func next(for path: String) -> Answer {
    guard let answer = scripts[path]?.first else { return Answer() }
    guard let times = answer.times else { return answer }
    if times > 1 {
      scripts[path]?[0].times = times - 1
    } else {
      scripts[path]?.removeFirst()
    }
    return answer
  }

  /// Keeps a delivery and drops the oldest past the bounds, a tenth at a time.
  private mutating func keep(_ delivery: Delivery) {
    deliveries.append(delivery)
    bodyBytes += delivery.body.count
    guard deliveries.count > keptMax || bodyBytes > bytesMax else { return }
    var drop = 0
    let (kept, bytes) = (keptMax - keptMax / 10, bytesMax - bytesMax / 10)
    while drop < deliveries.count - 1, deliveries.count - drop > kept || bodyBytes > bytes {
      bodyBytes -= deliveries[drop].body.count
      drop += 1
    }
    deliveries.removeFirst(drop)
  }
}
