import Events

// The history of a mailbox.
extension FakeGoogle {
  private static let historyKind: Int64 = 11

  /// The parameters of `history.list`, read and checked.
  private struct HistoryQuery {
    var start: UInt64
    var kinds: Set<FakeMailbox.Change.Kind>
    var label: String?

    init(_ call: MailCall) throws(GoogleError) {
      guard let text = call.target["startHistoryId"], !text.isEmpty else {
        throw .argument("Missing/invalid parameter: startHistoryId")
      }
      guard let number = UInt64(text) else {
        throw .argument("Invalid value at 'start_history_id' (TYPE_UINT64), \"\(text)\"")
      }
      start = number
      label = call.target["labelId"]
      kinds = []
      for parameter in call.target.query where parameter.name == "historyTypes" {
        for word in parameter.value.split(separator: ",") {
          guard let kind = FakeMailbox.Change.Kind(rawValue: String(word)) else {
            throw .argument("Invalid value at 'history_types': \"\(word)\"")
          }
          kinds.insert(kind)
        }
      }
      if kinds.isEmpty { kinds = Set(FakeMailbox.Change.Kind.allCases) }
    }

    /// The record with what is asked for; nil where nothing is left.
    func shown(_ record: FakeMailbox.Record) -> FakeMailbox.Record? {
      var record = record
      record.changes.removeAll { change in
        !kinds.contains(change.kind)
          || label.map { !change.labels.contains($0) && !change.changed.contains($0) } ?? false
      }
      return record.changes.isEmpty ? nil : record
    }
  }

  mutating func historyList(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let query = try HistoryQuery(call)
    if call.target["pageToken"] == nil {
      mailboxes[user]?.versions.follow(Int64(clamping: query.start))
    }
    guard let box = mailboxes[user] else { throw .notFound }
    guard query.start >= box.historyFloor, query.start <= box.historyId else { throw .notFound }
    let most = try call.pageItems()
    let numbers = try call.pageNumbers(FakeGoogle.historyKind, count: 3)
    let from = numbers.map { UInt64(bitPattern: $0[2]) } ?? query.start
    var rest: [FakeMailbox.Record] = []
    let needed = call.distortion.rowsNeeded(most: most)
    for record in box.history[box.record(after: from)...] {
      guard rest.count < needed else { break }
      if let shown = query.shown(record) { rest.append(shown) }
    }
    var distortion = call.distortion
    // Pages without records and with a token were seen. Source: issues of lieer.
    if switches.emptyHistoryPermille > 0, !rest.isEmpty,
      random.next() % 1_000 < UInt64(switches.emptyHistoryPermille)
    {
      distortion.rowsMax = 0
    }
    let page = distortion.page(of: rest, most: most, log: box.versions) { "\($0.id)" }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      if !page.rows.isEmpty {
        text.arrayField("history") { text in
          for record in page.rows {
            text.element()
            text.object { FakeGoogle.write(record, to: &$0) }
          }
        }
      }
      if page.hasMore {
        let last = page.anchor?.id ?? from
        text.field(
          "nextPageToken",
          OpaqueToken.text([
            FakeGoogle.historyKind, call.fingerprint, Int64(bitPattern: last),
          ]))
      }
      text.field("historyId", "\(box.historyId)")
    }
    return .json(200, text)
  }

  private static func write(_ record: FakeMailbox.Record, to text: inout JSONText) {
    text.field("id", "\(record.id)")
    var seen: Set<String> = []
    text.arrayField("messages") { text in
      for change in record.changes where seen.insert(change.id).inserted {
        text.element()
        text.object { text in
          text.field("id", change.id)
          text.field("threadId", change.thread)
        }
      }
    }
    let names: [(FakeMailbox.Change.Kind, String)] = [
      (.messageAdded, "messagesAdded"), (.messageDeleted, "messagesDeleted"),
      (.labelAdded, "labelsAdded"), (.labelRemoved, "labelsRemoved"),
    ]
    for (kind, name) in names {
      let changes = record.changes.filter { $0.kind == kind }
      guard !changes.isEmpty else { continue }
      text.arrayField(name) { text in
        for change in changes {
          text.element()
          text.object { write(change, to: &$0) }
        }
      }
    }
  }

  private static func write(_ change: FakeMailbox.Change, to text: inout JSONText) {
    text.objectField("message") { text in
      text.field("id", change.id)
      text.field("threadId", change.thread)
      if !change.labels.isEmpty { write("labelIds", change.labels, to: &text) }
    }
    if !change.changed.isEmpty { write("labelIds", change.changed, to: &text) }
  }
}
