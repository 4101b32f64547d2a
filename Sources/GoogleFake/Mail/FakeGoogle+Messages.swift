import Events

// Messages and threads, read.
extension FakeGoogle {
  private static let messagesKind: Int64 = 9
  private static let threadsKind: Int64 = 10

  func messageList(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let search = try MailSearch(call)
    return try listAnswer(call, user, FakeGoogle.messagesKind, "messages") { message, box in
      search.wants(message, in: box)
    } write: { message, _, text in
      text.field("id", message.id)
      text.field("threadId", message.thread)
    }
  }

  func threadList(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let search = try MailSearch(call)
    return try listAnswer(call, user, FakeGoogle.threadsKind, "threads") { message, box in
      // A thread stands where its newest message stands.
      let all = (box.threads[message.thread] ?? []).compactMap { box.messages[$0] }
      return all.allSatisfy { $0.place <= message.place }
        && all.contains { search.wants($0, in: box) }
    } write: { message, box, text in
      text.field("id", message.thread)
      text.field("snippet", MailText(message.raw).snippet)
      text.field("historyId", "\(FakeGoogle.historyId(of: message.thread, in: box))")
    }
  }

  /// A page of rows that stand where messages do, newest first.
  private func listAnswer(
    _ call: MailCall, _ user: String, _ kind: Int64, _ name: String,
    wants: (FakeMailbox.Message, FakeMailbox) -> Bool,
    write: (FakeMailbox.Message, FakeMailbox, inout JSONText) -> Void
  ) throws(GoogleError) -> FakeAnswer {
    guard let box = mailboxes[user] else { throw .notFound }
    let most = try call.pageItems()
    let numbers = try call.pageNumbers(kind, count: 4)
    let bound = numbers.map { FakeMailbox.Place(date: $0[2], arrival: $0[3] - 1) }
    var index = bound.map(box.index(after:)) ?? box.order.count
    var rest: [FakeMailbox.Message] = []
    let needed = call.distortion.rowsNeeded(most: most)
    while index > 0, rest.count < needed {
      index -= 1
      if let message = box.messages[box.order[index].id], wants(message, box) {
        rest.append(message)
      }
    }
    let page = call.distortion.page(of: rest, most: most, log: box.versions) { $0.id }
    let last = page.anchor.map { [$0.place.date, $0.place.arrival] } ?? numbers?.suffix(2)
    let text = JSONText.object(isPretty: call.isPretty) { text in
      if !page.rows.isEmpty {
        text.arrayField(name) { text in
          for row in page.rows {
            text.element()
            text.object { write(row, box, &$0) }
          }
        }
      }
      if page.hasMore {
        let start = last.map(Array.init) ?? [Int64.max, Int64.max]
        text.field("nextPageToken", OpaqueToken.text([kind, call.fingerprint] + start))
      }
      text.field("resultSizeEstimate", page.rows.count + (page.hasMore ? 101 : 0))
    }
    return .json(200, text)
  }

  func messageAnswer(
    _ call: MailCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    guard let message = mailboxes[user]?.messages[id] else { throw .notFound }
    let shape = try MailShape(call)
    return .json(200, JSONText.object(isPretty: call.isPretty) { shape.write(message, to: &$0) })
  }

  func threadAnswer(
    _ call: MailCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    guard let box = mailboxes[user], let ids = box.threads[id] else { throw .notFound }
    let shape = try MailShape(call)
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("id", id)
      text.field("historyId", "\(FakeGoogle.historyId(of: id, in: box))")
      text.arrayField("messages") { text in
        for message in ids.compactMap({ box.messages[$0] }) {
          text.element()
          text.object { shape.write(message, to: &$0) }
        }
      }
    }
    return .json(200, text)
  }

  static func historyId(of thread: String, in box: FakeMailbox) -> UInt64 {
    (box.threads[thread] ?? []).compactMap { box.messages[$0]?.historyId }.max() ?? 0
  }
}

/// How much of a message is shown.
struct MailShape: Sendable {
  private enum Format: String { case minimal, metadata, full, raw }

  private var format: Format
  /// In lower case; empty for all.
  private var headers: Set<String>

  init(_ call: MailCall) throws(GoogleError) {
    let text = call.target["format"]?.lowercased() ?? "full"
    guard let format = Format(rawValue: text) else {
      throw .argument("Invalid value at 'format': \"\(text)\"")
    }
    if call.isMetadataOnly, format == .full || format == .raw {
      throw GoogleError(
        403, "forbidden", "Metadata scope doesn't allow format \(text.uppercased())")
    }
    self.format = format
    headers = Set(
      call.target.query.filter { $0.name == "metadataHeaders" }.map { $0.value.lowercased() })
  }

  func write(_ message: FakeMailbox.Message, to text: inout JSONText) {
    let mail = MailText(message.raw)
    text.field("id", message.id)
    text.field("threadId", message.thread)
    if !message.labels.isEmpty { FakeGoogle.write("labelIds", message.labels, to: &text) }
    text.field("snippet", mail.snippet)
    if format == .metadata || format == .full {
      text.objectField("payload") { text in
        if format == .full { text.field("partId", "") }
        write(mail, id: "", to: &text)
      }
    }
    text.field("sizeEstimate", message.raw.count)
    if format == .raw { text.field("raw", MailText.base64(message.raw)) }
    text.field("historyId", "\(message.historyId)")
    text.field("internalDate", "\(message.place.date)")
  }

  private func write(_ part: MailText, id: String, to text: inout JSONText) {
    text.field("mimeType", part.mimeType)
    if format == .full { text.field("filename", part.filename) }
    let shown = part.headers.filter {
      format == .full || headers.isEmpty || headers.contains($0.name.lowercased())
    }
    if !shown.isEmpty {
      text.arrayField("headers") { text in
        for header in shown {
          text.element()
          text.object { text in
            text.field("name", header.name)
            text.field("value", header.value)
          }
        }
      }
    }
    guard format == .full else { return }
    text.objectField("body") { text in
      text.field("size", part.body.count)
      if !part.body.isEmpty { text.field("data", MailText.base64(part.body)) }
    }
    guard !part.parts.isEmpty else { return }
    text.arrayField("parts") { text in
      for (place, inner) in part.parts.enumerated() {
        let number = id.isEmpty ? "\(place)" : "\(id).\(place)"
        text.element()
        text.object { text in
          text.field("partId", number)
          write(inner, id: number, to: &text)
        }
      }
    }
  }
}

extension FakeGoogle {
  /// A list of texts as a member.
  static func write(_ name: String, _ texts: [String], to text: inout JSONText) {
    text.field(name, .array(texts.map(LooseJSON.text)))
  }
}
