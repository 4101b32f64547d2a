import EventStore
import Events
import RawJSON

/// Holds the events of a log that comes from elsewhere to what an engine can have written: a chain
/// of digests says that nothing was changed since, not that it was ever right.
///
///     attempt, places, instance …   1 and more
///     date_ms, by_ms, jitter_ms     also below 0
///     …_ms                          0 to 2^48, some thousand years
///     any other number              0 to 10^12
struct LogCheck {
  private var recordedAt = Moment(milliseconds: 0)
  /// The feed whose changes follow, and how many; none are wanted of a log that begins among them.
  private var awaited: (feed: FeedID, count: Int)?
  /// Halves of digests, which are hashes; see `RemovedPayloads`.
  private var kept: Set<UInt128> = []
  private var named: [UInt128: MissingPayload] = [:]
  private var removed: [UInt128: Int64] = [:]

  /// Bytes that an event names and that were not given before it.
  struct MissingPayload {
    var digest: String
    /// The last event that names them.
    var position: Int64
    var line: Int
  }

  /// The payloads that are named, not given, and not told of by a later removal.
  var missing: [MissingPayload] {
    named.filter { removed[$0.key].map { [position = $0.value.position] in $0 < position } ?? true }
      .values.sorted { $0.line < $1.line }
  }

  /// Takes a payload in.
  ///
  /// - Returns: Why it cannot be one; nil where it may.
  mutating func take(_ payload: StoredPayload) -> String? {
    guard payload.length <= LogCheck.payloadBytesMax else {
      return "its length is past all that a journal keeps"
    }
    if payload.form == "bytes" {
      guard payload.length == Int64(payload.content.count), payload.isOriginal else {
        return "payload \(hexadecimal(payload.digest)) is not the original"
      }
    }
    kept.insert(LogCheck.half(hexadecimal(payload.digest)))
    return nil
  }

  /// More than a page, an answer or a notification has.
  private static let payloadBytesMax: Int64 = 128 << 20

  /// Takes an event in.
  ///
  /// - Returns: Why no engine wrote it; nil where one may have.
  mutating func take(_ row: RecordedEvent, line: Int) -> String? {
    guard let event = try? row.event() else {
      return "event \(row.position) of type \(row.type) cannot be read by this program;"
        + " update Daybook"
    }
    guard row.recordedAt >= recordedAt, LogCheck.times.contains(row.recordedAt.milliseconds),
      row.revision < 1 << 31
    else { return "event \(row.position) has a time or a revision that none can have there" }
    recordedAt = row.recordedAt
    if let name = LogCheck.strangeNumber(in: row.body) ?? event.misplacedNumber(row.position) {
      return "event \(row.position) has a number in \(name) that none can have there"
    }
    for digest in event.payloads where !kept.contains(LogCheck.half(digest)) {
      named[LogCheck.half(digest)] = MissingPayload(
        digest: digest, position: row.position, line: line)
    }
    if case .payloadExpunged(let body) = event {
      for digest in body.digests {
        kept.remove(LogCheck.half(digest))
        removed[LogCheck.half(digest)] = row.position
      }
    }
    return misplacedChange(event, row.position)
  }

  /// The changes of a poll follow it, as many as it says: the notifier counts on that.
  private mutating func misplacedChange(_ event: Event, _ position: Int64) -> String? {
    if let (feed, count) = awaited, count > 0 {
      guard case .changeObserved(let body) = event, body.feed == feed else {
        return "event \(position) stands where a change of the poll before it belongs"
      }
      awaited = (feed, count - 1)
      return nil
    }
    switch event {
    case .pollCompleted(let body): awaited = (body.feed, body.changes)
    case .changeObserved where awaited != nil:
      return "event \(position) is a change of no poll"
    default: if awaited == nil, position == 1 { awaited = (0, 0) }
    }
    return nil
  }

  private static func half(_ digest: String) -> UInt128 {
    UInt128(digest.prefix(32), radix: 16) ?? 0
  }
}

extension LogCheck {
  private static let times: ClosedRange<Int64> = 0...(1 << 48)
  private static let counts: ClosedRange<Int64> = 0...1_000_000_000_000
  private static let signed: Set<String> = ["date_ms", "by_ms", "jitter_ms"]
  private static let counted: Set<String> = [
    "attempt", "places", "instance", "feed", "replay", "tries", "failures", "interval_ms",
    "interval_minutes", "rate_per_second", "concurrency", "page_size",
  ]

  /// The name of the first number in a body that no engine writes; nil where all are plausible.
  ///
  /// The operator's configuration may hold any.
  static func strangeNumber(in body: String) -> String? {
    guard let json = try? JSON.parse(Array(body.utf8)) else { return "its body" }
    return strangeNumber(in: json, named: "its body")
  }

  private static func strangeNumber(in json: JSON, named name: String) -> String? {
    switch json {
    case .number:
      guard let number = json.integer.map(Int64.init), range(of: name).contains(number) else {
        return name
      }
      return nil
    case .array(let elements):
      for element in elements {
        if let strange = strangeNumber(in: element, named: name) { return strange }
      }
      return nil
    case .object(let members):
      for member in members where member.name != "configuration" {
        if let strange = strangeNumber(in: member.value, named: member.name) { return strange }
      }
      return nil
    default: return nil
    }
  }

  private static func range(of name: String) -> ClosedRange<Int64> {
    if signed.contains(name) { return -times.upperBound...times.upperBound }
    if counted.contains(name) { return 1...counts.upperBound }
    return name.hasSuffix("_ms") ? times : counts
  }
}

extension Event {
  /// The name of a number that does not fit the others, or the position of the event.
  fileprivate func misplacedNumber(_ position: Int64) -> String? {
    switch self {
    case .deliveryRequested(let body):
      if body.place >= body.places { return "place" }
      if !body.changes.allSatisfy({ (1..<position).contains($0) }) { return "changes" }
      return nil
    case .journalRestored(let body): return body.head < position ? nil : "head"
    default: return nil
    }
  }
}
