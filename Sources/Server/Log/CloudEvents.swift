import Daybook
import Events
import RawJSON

/// Events of a journal as CloudEvents.
///
///     {"specversion":"1.0","id":"42","source":"urn:daybook:5f…","type":"poll.completed",
///      "subject":"feed/7","time":"2026-11-23T09:05:00.000Z","datacontenttype":"application/json",
///      "streamversion":3,"revision":1,"cause":"41","digest":"…","data":{…}}
///
/// The id is the position, and the source is the journal, which copies of one journal share: so are
/// their events. Names of attributes are lower case, as the format demands; `cause` is a string,
/// because its integers have 32 bits.
///
/// Source: CloudEvents 1.0.2, “CloudEvents” and “JSON Event Format for CloudEvents”.
struct CloudEvents: Sendable {
  static let one = "application/cloudevents+json"
  static let batch = "application/cloudevents-batch+json"

  private let source: String

  init(_ journal: Journal) async throws {
    let first = try await journal.events.row(1)
    let body = try? JSON.parse(Array((first["body"]?.string ?? "").utf8))
    source = "urn:daybook:\(body?["journal"]?.text ?? "")"
  }

  func json(_ event: Row) -> [UInt8] {
    var members = Members([
      ("specversion", "1.0"), ("id", .string("\(event["position"]?.integer ?? 0)")),
      ("source", .string(source)), ("type", .string(event["type"]?.string ?? "")),
      ("subject", .string(event["stream"]?.string ?? "")),
      ("time", .string(event["recordedAt"]?.moment?.rfc3339 ?? "")),
      ("datacontenttype", "application/json"),
      ("streamversion", .number(event["version"]?.integer ?? 0)),
      ("revision", .number(event["revision"]?.integer ?? 0)),
    ])
    if let cause = event["cause"]?.integer { members["cause"] = .string("\(cause)") }
    members["digest"] = .string(event["digest"]?.string ?? "")
    let body = Array((event["body"]?.string ?? "").utf8)
    members["data"] = (try? JSON.parse(body)) ?? .null
    return JSON.object(members).bytes()
  }

  static let schema = Schema.object(
    [
      "specversion": .word(["1.0"]), "id": .text, "source": .text, "type": .text, "subject": .text,
      "time": .time, "datacontenttype": .word(["application/json"]), "streamversion": .whole,
      "revision": .whole, "cause": .text, "digest": .text, "data": .anything,
    ],
    required: [
      "specversion", "id", "source", "type", "subject", "time", "datacontenttype",
      "streamversion", "revision", "digest", "data",
    ])
}
