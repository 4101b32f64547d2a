import Events

/// One user's mail: messages, labels, drafts, and the history of their changes.
package struct FakeMailbox: Sendable {
  struct Message: Sendable {
    var id: String
    var thread: String
    var labels: [String]
    /// The bytes as RFC 5322 has them.
    var raw: [UInt8]
    var place: Place
    /// The number of the last record that is about this message.
    var historyId: UInt64 = 0
  }

  /// Where a message stands among all: by its date, then by arrival.
  struct Place: Sendable, Comparable {
    /// Unix time, milliseconds.
    var date: Int64
    var arrival: Int64

    static func < (left: Place, right: Place) -> Bool {
      (left.date, left.arrival) < (right.date, right.arrival)
    }
  }

  /// One message in a record of the history, and what happened to it.
  struct Change: Sendable {
    enum Kind: String, Sendable, CaseIterable {
      case messageAdded, messageDeleted, labelAdded, labelRemoved
    }

    var kind: Kind
    var id: String
    var thread: String
    /// Those of the message after the change.
    var labels: [String]
    /// Labels that came or went.
    var changed: [String] = []
  }

  struct Record: Sendable {
    var id: UInt64
    var changes: [Change]
  }

  struct Label: Sendable {
    var id: String
    var name: String
    var isSystem = false
    var extras: [String: LooseJSON] = [:]
  }

  private(set) var messages: [String: Message] = [:]
  /// All messages by their places, oldest first.
  private(set) var order: [(place: Place, id: String)] = []
  /// Messages of a thread, in the order of their arrival.
  private(set) var threads: [String: [String]] = [:]
  private(set) var labels: [Label]
  /// Draft ids with the messages that they are now, in the order in which they were begun.
  private(set) var drafts: [(id: String, message: String)] = []
  private(set) var history: [Record] = []
  /// The newest record's number, or the one that the mailbox began with.
  package private(set) var historyId: UInt64
  /// Records up to this number are forgotten: nobody can ask what came after an earlier one.
  private(set) var historyFloor: UInt64
  /// Every version of each message, and how far those who read the history have come.
  package internal(set) var versions: VersionLog
  private var arrivals: Int64 = 0
  private var labelsMade = 0
  private var bytes = 0
  private let recordsKept: Int

  /// Source: Gmail API guide, “Manage labels”.
  static let systemLabels = [
    "CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS",
    "CATEGORY_UPDATES", "CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED",
    "UNREAD",
  ]

  init(
    random: inout FakeRandom, recordsKept: Int = FakeLimits.changesKept,
    keepsVersions: Bool = false
  ) {
    versions = VersionLog(isKept: keepsVersions)
    historyId = 1_000 + random.next() % 9_000
    historyFloor = historyId
    labels = FakeMailbox.systemLabels.map { Label(id: $0, name: $0, isSystem: true) }
    self.recordsKept = recordsKept
  }

  package var messageCount: Int { messages.count }
  /// In the order in which they were begun.
  package var draftIDs: [String] { drafts.map(\.id) }

  /// Forgets the history; no number given out so far can be asked for any more.
  mutating func expireHistory() {
    history = []
    historyId += 100
    historyFloor = historyId
  }
}

// Changing messages; every call is one record of the history.
extension FakeMailbox {
  /// Adds a message.
  ///
  /// - Parameter thread: One that exists; nil for a thread of its own.
  mutating func add(
    _ raw: [UInt8], labels: [String], thread: String? = nil, random: inout FakeRandom,
    at now: Moment
  ) throws(GoogleError) -> String {
    var changes: [Change] = []
    let id = try insert(raw, labels, thread, &changes, random: &random, at: now)
    record(changes, random: &random, at: now)
    return id
  }

  /// Adds many plain messages, so many to a record.
  mutating func generate(
    count: Int, title: String, perRecord: Int, random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) {
    var changes: [Change] = []
    for number in 1...max(1, count) where count > 0 {
      let raw = MailText.plain(subject: "\(title) \(number)", number: number)
      _ = try insert(raw, ["INBOX", "UNREAD"], nil, &changes, random: &random, at: now)
      guard changes.count >= perRecord || number == count else { continue }
      record(changes, random: &random, at: now)
      changes = []
    }
  }

  /// Takes messages away for good.
  mutating func delete(_ ids: [String], random: inout FakeRandom, at now: Moment) {
    record(ids.compactMap { remove($0) }, random: &random, at: now)
  }

  /// Puts labels on messages and takes labels off; what changes nothing leaves no record.
  mutating func label(
    _ ids: [String], adding: [String], removing: [String], random: inout FakeRandom,
    at now: Moment
  ) throws(GoogleError) {
    for label in adding + removing where !labels.contains(where: { $0.id == label }) {
      throw GoogleError(400, "invalidArgument", "Invalid label: \(label)")
    }
    if let both = adding.first(where: removing.contains) {
      throw GoogleError(
        400, "invalidArgument", "Cannot both add and remove the same label: \(both)")
    }
    let changes = ids.flatMap { relabel($0, adding: adding, removing: removing) }
    record(changes, random: &random, at: now)
  }

  private mutating func relabel(_ id: String, adding: [String], removing: [String]) -> [Change] {
    guard var message = messages[id] else { return [] }
    let came = adding.filter { !message.labels.contains($0) }
    let went = removing.filter(message.labels.contains)
    message.labels = message.labels.filter { !went.contains($0) } + came
    messages[id] = message
    var changes: [Change] = []
    for (kind, changed) in [(Change.Kind.labelAdded, came), (.labelRemoved, went)]
    where !changed.isEmpty {
      changes.append(
        Change(
          kind: kind, id: id, thread: message.thread, labels: message.labels, changed: changed))
    }
    return changes
  }

  private mutating func insert(
    _ raw: [UInt8], _ labels: [String], _ thread: String?, _ changes: inout [Change],
    random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    if let thread, threads[thread] == nil { throw .notFound }
    for label in labels where !self.labels.contains(where: { $0.id == label }) {
      throw GoogleError(400, "invalidArgument", "Invalid label: \(label)")
    }
    guard messages.count < FakeLimits.messagesMax,
      bytes + raw.count <= FakeLimits.mailBytesMax
    else { throw GoogleError(403, "quotaExceeded", "Mailbox is full.", domain: "usageLimits") }
    arrivals += 1
    let place = Place(date: now.milliseconds, arrival: arrivals)
    // Sixteen digits that begin with the time, as Gmail’s do.
    let number = UInt64(max(0, now.milliseconds)) << 20 | random.next() >> 44
    var id = String(number, radix: 16)
    if messages[id] != nil { id = String(number ^ UInt64(arrivals) << 1 | 1, radix: 16) }
    let message = Message(
      id: id, thread: thread ?? id, labels: labels, raw: raw, place: place)
    messages[id] = message
    bytes += raw.count
    order.insert((place, id), at: index(after: place))
    threads[message.thread, default: []].append(id)
    changes.append(
      Change(kind: .messageAdded, id: id, thread: message.thread, labels: labels))
    return id
  }

  private mutating func remove(_ id: String) -> Change? {
    guard let message = messages.removeValue(forKey: id) else { return nil }
    bytes -= message.raw.count
    let index = index(after: message.place) - 1
    if order.indices.contains(index), order[index].id == id { order.remove(at: index) }
    threads[message.thread]?.removeAll { $0 == id }
    if threads[message.thread]?.isEmpty == true { threads[message.thread] = nil }
    drafts.removeAll { $0.message == id }
    return Change(
      kind: .messageDeleted, id: id, thread: message.thread, labels: message.labels)
  }

  /// Writes a record; numbers grow with gaps between them.
  private mutating func record(_ changes: [Change], random: inout FakeRandom, at now: Moment) {
    guard !changes.isEmpty else { return }
    historyId += 1 + random.next() % 97
    for change in changes { messages[change.id]?.historyId = historyId }
    for id in Set(changes.map(\.id)).sorted() {
      versions.append(
        FakeVersion(
          change: Int64(historyId), etag: "\(historyId)", labels: messages[id]?.labels ?? [],
          isDeleted: messages[id] == nil, since: now), of: id)
    }
    history.append(Record(id: historyId, changes: changes))
    guard history.count > 2 * recordsKept else { return }
    historyFloor = history[history.count - recordsKept - 1].id
    history.removeFirst(history.count - recordsKept)
  }

  /// How many messages stand at a place or before it.
  func index(after place: Place) -> Int {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if order[middle].place <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The place of the first record after a number.
  func record(after number: UInt64) -> Int {
    var (low, high) = (0, history.count)
    while low < high {
      let middle = (low + high) / 2
      if history[middle].id <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// Drafts and labels.
extension FakeMailbox {
  mutating func addDraft(
    _ raw: [UInt8], thread: String?, random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    let message = try add(raw, labels: ["DRAFT"], thread: thread, random: &random, at: now)
    let id = "r\(random.next() >> 2)"
    drafts.append((id, message))
    return id
  }

  /// Puts another text into a draft: its message goes and another one comes, in one record.
  mutating func editDraft(
    _ id: String, _ raw: [UInt8], random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) {
    _ = try replaceDraft(id, raw, labels: ["DRAFT"], random: &random, at: now)
  }

  /// Sends a draft: its message goes, and the one that was sent comes.
  ///
  /// - Returns: The id of the message sent.
  mutating func sendDraft(
    _ id: String, _ raw: [UInt8]?, random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    let sent = try replaceDraft(id, raw, labels: ["SENT"], random: &random, at: now)
    drafts.removeAll { $0.id == id }
    return sent
  }

  private mutating func replaceDraft(
    _ id: String, _ raw: [UInt8]?, labels: [String], random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    guard let place = drafts.firstIndex(where: { $0.id == id }),
      let old = messages[drafts[place].message]
    else { throw .notFound }
    let keepsThread = threads[old.thread]?.count ?? 0 > 1
    var changes: [Change] = []
    let new = try insert(
      raw ?? old.raw, labels, keepsThread ? old.thread : nil, &changes, random: &random, at: now)
    drafts[place].message = new
    if let gone = remove(old.id) { changes.insert(gone, at: 0) }
    record(changes, random: &random, at: now)
    return new
  }

  mutating func addLabel(
    named name: String, _ extras: [String: LooseJSON]
  ) throws(GoogleError) -> String {
    try check(name, except: nil)
    guard labels.count < FakeLimits.labelsMax else {
      throw GoogleError(400, "invalidArgument", "Too many labels.")
    }
    labelsMade += 1
    labels.append(Label(id: "Label_\(labelsMade)", name: name, extras: extras))
    return "Label_\(labelsMade)"
  }

  mutating func editLabel(
    _ id: String, name: String?, _ extras: [String: LooseJSON]
  ) throws(GoogleError) {
    let place = try ownLabel(id)
    if let name {
      try check(name, except: id)
      labels[place].name = name
    }
    labels[place].extras.merge(extras) { $1 }
  }

  /// Deletes a label and takes it off all messages, in one record.
  mutating func removeLabel(
    _ id: String, random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) {
    let place = try ownLabel(id)
    let ids = order.map(\.id).filter { messages[$0]?.labels.contains(id) ?? false }
    try label(ids, adding: [], removing: [id], random: &random, at: now)
    labels.remove(at: place)
  }

  private func ownLabel(_ id: String) throws(GoogleError) -> Int {
    guard let place = labels.firstIndex(where: { $0.id == id }) else { throw .notFound }
    guard !labels[place].isSystem else {
      throw GoogleError(400, "invalidArgument", "Invalid update request")
    }
    return place
  }

  private func check(_ name: String, except id: String?) throws(GoogleError) {
    guard !name.isEmpty else { throw GoogleError(400, "invalidArgument", "Invalid label name") }
    guard !labels.contains(where: { $0.id != id && $0.name.lowercased() == name.lowercased() })
    else { throw GoogleError(409, "aborted", "Label name exists or conflicts", code: "ABORTED") }
  }
}
