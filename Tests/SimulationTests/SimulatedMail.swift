import Domain
import Events

/// The made-up mailbox, with everything that each message ever was.
struct SimulatedMail {
  struct Message {
    var labels: Set<String>
    var revision: Int

    var mark: String { LabelSum.revision(String(revision), sum: LabelSum.of(labels)) }
  }

  private struct Record {
    let number: Int
    let message: String
    /// The name of the array in Gmail’s answer.
    let kind: String
  }

  static let labels = ["INBOX", "UNREAD", "TRASH", "Label_1", "DRAFT"]

  private(set) var messages: [String: Message] = [:]
  private(set) var history: [String: [SimulatedCalendar.Version]] = [:]
  private(set) var head = 100
  /// What began before is no longer told.
  private var oldest = 0
  private var records: [Record] = []
  private var listings: [[String]] = []
  private var isFollowed = false
  /// As that of a calendar.
  var isLearntAnew = false
  private var made = 0

  mutating func expire() { oldest = head }

  // MARK: What people do

  mutating func disturb(_ random: inout SeededRandom, at now: Moment) {
    let ids = messages.keys.sorted()
    switch random.number(0...10) {
    case 0...3: insert(["INBOX", "UNREAD"], at: now)
    case 10:
      // A draft that is edited is another message.
      if let id = random.pick(ids.filter { messages[$0]?.labels.contains("DRAFT") == true }) {
        change(id, "messagesDeleted", at: now) { _ in nil }
      }
      insert(["DRAFT"], at: now)
    case 4...7:
      guard let id = random.pick(ids), let label = random.pick(SimulatedMail.labels) else { return }
      let isThere = messages[id]?.labels.contains(label) ?? false
      change(id, isThere ? "labelsRemoved" : "labelsAdded", at: now) { message in
        var message = message ?? Message(labels: [], revision: 0)
        message.labels.formSymmetricDifference([label])
        return message
      }
    default: if let id = random.pick(ids) { change(id, "messagesDeleted", at: now) { _ in nil } }
    }
  }

  private mutating func insert(_ labels: Set<String>, at now: Moment) {
    made += 1
    change("m\(made)", "messagesAdded", at: now) { _ in Message(labels: labels, revision: 0) }
  }

  private mutating func change(
    _ id: String, _ kind: String, at now: Moment, _ work: (Message?) -> Message?
  ) {
    head += 3
    var message = work(messages[id])
    message?.revision = head
    messages[id] = message
    records.append(Record(number: head, message: id, kind: kind))
    history[id, default: []].append(
      SimulatedCalendar.Version(etag: message?.mark ?? "", isCancelled: message == nil, since: now))
  }

  // MARK: What Gmail answers

  /// - Returns: A status and a body.
  mutating func answer(
    _ path: [String], _ query: [String: String], isWrong: Bool, _ random: inout SeededRandom
  ) -> (status: Int, body: String) {
    switch path.first {
    case "profile": return (200, "{\"emailAddress\":\"a@example.com\",\"historyId\":\"\(head)\"}")
    case "labels":
      let names = SimulatedMail.labels.map { "{\"id\":\"\($0)\",\"name\":\"\($0)\"}" }
      return (200, "{\"labels\":[\(names.joined(separator: ","))]}")
    case "history": return tell(query, isWrong: isWrong, &random)
    case "messages" where path.count > 1:
      guard messages[path[1]] != nil else { return refusal }
      return (200, json(path[1]))
    case "messages": return list(query, isWrong: isWrong, &random)
    default: return refusal
    }
  }

  private let refusal = (
    status: 404,
    body: #"{"error":{"code":404,"message":"Not Found","errors":[{"reason":"notFound"}]}}"#
  )

  private func json(_ id: String) -> String {
    guard let message = messages[id] else { return "{}" }
    let labels = message.labels.sorted().map { "\"\($0)\"" }.joined(separator: ",")
    return "{\"id\":\"\(id)\",\"threadId\":\"\(id)\",\"labelIds\":[\(labels)],"
      + "\"historyId\":\"\(message.revision)\",\"internalDate\":\"1795000000000\"}"
  }

  private mutating func list(
    _ query: [String: String], isWrong: Bool, _ random: inout SeededRandom
  ) -> (status: Int, body: String) {
    let place: (listing: Int, offset: Int)
    if let token = query["pageToken"] {
      let numbers = token.split(separator: "-").compactMap { Int($0) }
      place = (numbers[0], numbers[1])
    } else {
      let label = query["labelIds"]
      listings.append(
        messages.keys.filter { id in
          label.map { messages[id]?.labels.contains($0) ?? false } ?? true
        }.sorted())
      place = (listings.count - 1, 0)
    }
    let listing = listings[place.listing]
    let end = min(place.offset + random.number(1...9), listing.count)
    var ids = listing[place.offset..<end].filter { messages[$0] != nil }
    // Something that is known is missing; of what nobody knows yet nobody could tell.
    if isWrong, isFollowed, !isLearntAnew, let missing = random.pick(ids.filter { !isNew($0) }) {
      ids.removeAll { $0 == missing }
    }
    let items = ids.map { "{\"id\":\"\($0)\",\"threadId\":\"\($0)\"}" }.joined(separator: ",")
    var members = ids.isEmpty ? [] : ["\"messages\":[\(items)]"]
    if end < listing.count { members.append("\"nextPageToken\":\"\(place.listing)-\(end)\"") }
    members.append("\"resultSizeEstimate\":\(listing.count)")
    return (200, "{\(members.joined(separator: ","))}")
  }

  /// The newest history id that came back: who sent it knows what there was by then.
  private var followed = 0

  private func isNew(_ id: String) -> Bool {
    let firsts = records.first { $0.message == id && $0.kind == "messagesAdded" }
    return firsts.map { $0.number > followed } ?? true
  }

  private mutating func tell(
    _ query: [String: String], isWrong: Bool, _ random: inout SeededRandom
  ) -> (status: Int, body: String) {
    guard let start = query["startHistoryId"].flatMap({ Int($0) }) else {
      return (400, #"{"error":{"code":400,"errors":[{"reason":"invalidArgument"}]}}"#)
    }
    isFollowed = true
    followed = max(followed, start)
    guard start >= oldest else { return refusal }
    let after = query["pageToken"].flatMap { Int($0) } ?? start
    let later = records.filter { $0.number > after }
    let isEmptyPage = random.happens(permille: 100)
    var page = isEmptyPage ? [] : Array(later.prefix(random.number(1...4)))
    let last = page.last?.number ?? after
    if isWrong, let twice = page.first { page.insert(twice, at: 0) }
    var members: [String] = []
    if !page.isEmpty {
      let text = SimulatedMail.joined(page).map(SimulatedMail.json).joined(separator: ",")
      members.append("\"history\":[\(text)]")
    }
    if later.contains(where: { $0.number > last }) {
      members.append("\"nextPageToken\":\"\(last)\"")
    }
    members.append("\"historyId\":\"\(max(head, start))\"")
    return (200, "{\(members.joined(separator: ","))}")
  }

  /// One record tells of several messages where the same became of them, one after the other.
  private static func joined(_ page: [Record]) -> [[Record]] {
    page.reduce(into: []) { groups, record in
      if groups.last?.last?.kind == record.kind, record.number % 2 == 0 {
        groups[groups.count - 1].append(record)
      } else {
        groups.append([record])
      }
    }
  }

  private static func json(_ records: [Record]) -> String {
    guard let last = records.last else { return "{}" }
    let messages = records.map { "{\"id\":\"\($0.message)\",\"threadId\":\"\($0.message)\"}" }
    let told = messages.map { "{\"message\":\($0)}" }.joined(separator: ",")
    return "{\"id\":\"\(last.number)\",\"messages\":[\(messages.joined(separator: ","))],"
      + "\"\(last.kind)\":[\(told)]}"
  }
}
