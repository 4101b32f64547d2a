import Domain
import RawJSON

// A page of Gmail's history, as far as it is read:
//
//     {"history": [{"id": "8124",
//                   "messagesAdded":   [{"message": {"id", "threadId", "labelIds"}}],
//                   "messagesDeleted": [{"message": {…}}],
//                   "labelsAdded":     [{"message": {…}, "labelIds": […]}],
//                   "labelsRemoved":   [{"message": {…}, "labelIds": […]}],
//                   "messages": […]}],        repeats the others, so it is not looked at
//      "nextPageToken": "…",
//      "historyId": "8200"}
//
// Without `history` nothing changed; a page that has a next one may lack it too.
// Source: Gmail API reference, “users.history.list”.

/// Reads what became of each message out of a page of the history.
struct HistoryReader {
  private let body: [UInt8]
  /// The sum of the records so far, by message.
  private var states: [String: State] = [:]
  private var places = 0
  /// Records that cannot be read while the rest can.
  private(set) var strays: [Stray] = []
  private(set) var pageToken: String?
  private(set) var historyId: String?

  private enum State {
    /// Added, or its labels changed: it has to be asked for. In the order of the records.
    case pending(place: Int)
    case gone(Item)
  }

  init(_ body: [UInt8]) throws(PageFault) {
    self.body = body
    do {
      var scanner = JSONScanner(body)
      try scanner.members { (scanner, name) throws(JSONFault) in
        switch name {
        case "history":
          try scanner.elements { (scanner) throws(JSONFault) in
            try takeRecordOrStray(&scanner)
          }
        case "nextPageToken": pageToken = try scanner.filledString()
        case "historyId": historyId = GoogleObject.number(try scanner.text())
        default: break
        }
      }
      try scanner.end()
    } catch {
      throw .json(error)
    }
    if max(pageToken?.utf8.count ?? 0, historyId?.utf8.count ?? 0) > GoogleLimits.tokenBytesMax {
      throw .content("a token is longer than \(GoogleLimits.tokenBytesMax) bytes")
    }
  }

  /// Messages that the page leaves deleted, in the order of their bytes.
  var gone: [Item] {
    states.values.compactMap { if case .gone(let item) = $0 { item } else { nil } }
      .sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }
  }

  /// Ids of messages to be asked for, in the order of the records.
  var pending: [String] {
    states.compactMap { id, state in
      if case .pending(let place) = state { (id, place) } else { nil }
    }
    .sorted { $0.1 < $1.1 }.map(\.0)
  }

  private mutating func takeRecordOrStray(_ scanner: inout JSONScanner) throws(JSONFault) {
    var probe = scanner
    do throws(JSONFault) {
      try takeRecord(&probe)
      scanner = probe
    } catch {
      let record = body[try scanner.skip()]
      strays.append(Stray(id: nil, mark: contentMark(record), fault: error.description))
    }
  }

  private mutating func takeRecord(_ scanner: inout JSONScanner) throws(JSONFault) {
    var record: String?
    var changed: [GoogleObject] = []
    var deleted: [GoogleObject] = []
    try scanner.members { (scanner, name) throws(JSONFault) in
      switch name {
      case "id": record = try scanner.text()
      case "messagesAdded", "labelsAdded", "labelsRemoved":
        try scanner.elements { (scanner) throws(JSONFault) in
          try takeMessage(&scanner, into: &changed)
        }
      case "messagesDeleted":
        try scanner.elements { (scanner) throws(JSONFault) in
          try takeMessage(&scanner, into: &deleted)
        }
      default: break
      }
    }
    // Whatever the order of the members: what is deleted in a record is not there after it.
    for message in changed {
      guard let item = message.item(.listedMessage) else { continue }
      places += 1
      states[item.id] = .pending(place: places)
    }
    for message in deleted {
      guard var item = message.item(.listedMessage) else { continue }
      item.isGone = true
      item.revision = LabelSum.revision(record, sum: 0)
      states[item.id] = .gone(item)
    }
  }

  private mutating func takeMessage(
    _ scanner: inout JSONScanner, into list: inout [GoogleObject]
  ) throws(JSONFault) {
    try scanner.members { (scanner, name) throws(JSONFault) in
      guard name == "message", try scanner.kind() == .object else { return }
      let message = try GoogleObject(&scanner, in: body)
      if message.item(.listedMessage) == nil {
        let fault = "a message without a usable id"
        strays.append(Stray(id: nil, mark: contentMark(body[message.range]), fault: fault))
      }
      list.append(message)
    }
  }
}
