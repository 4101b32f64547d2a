import Domain
import Events

// Messages and threads, written.
extension FakeGoogle {
  mutating func writeMessages(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let id = call.path.count > 1 ? call.path[1] : ""
    switch (call.request.method, call.path.count, call.path.last) {
    case ("POST", 1, _), ("POST", 2, "import"):
      return try insert(call, user, labels: call.texts("labelIds"))
    case ("POST", 2, "send"):
      return try insert(call, user, labels: ["SENT"])
    case ("POST", 2, "batchModify"), ("POST", 2, "batchDelete"):
      let ids = try call.texts("ids")
      guard (1...1_000).contains(ids.count) else { throw .argument("Invalid ids value") }
      if id == "batchDelete" {
        mailboxes[user]?.delete(ids, random: &random, at: call.now)
      } else {
        try modify(call, user, ids)
      }
      return FakeAnswer(status: 204)
    case ("DELETE", 2, _):
      guard mailboxes[user]?.messages[id] != nil else { throw .notFound }
      mailboxes[user]?.delete([id], random: &random, at: call.now)
      return FakeAnswer(status: 204)
    case ("POST", 3, let verb?):
      guard mailboxes[user]?.messages[id] != nil else { throw .notFound }
      try act(verb, call, user, [id])
      return try shortAnswer(call, user, id)
    default: throw .notFound
    }
  }

  mutating func writeThreads(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    guard call.path.count > 1, let ids = mailboxes[user]?.threads[call.path[1]] else {
      throw .notFound
    }
    switch (call.request.method, call.path.count, call.path.last) {
    case ("DELETE", 2, _):
      mailboxes[user]?.delete(ids, random: &random, at: call.now)
      return FakeAnswer(status: 204)
    case ("POST", 3, let verb?):
      try act(verb, call, user, ids)
      var short = call
      short.target.query = [Target.Parameter(name: "format", value: "minimal")]
      return try threadAnswer(short, user, call.path[1])
    default: throw .notFound
    }
  }

  private mutating func act(
    _ verb: String, _ call: MailCall, _ user: String, _ ids: [String]
  ) throws(GoogleError) {
    switch verb {
    case "modify": try modify(call, user, ids)
    // To Gmail the trash is a label. Source: discovery document of Gmail v1, `History`.
    case "trash":
      try mailboxes[user]?.label(
        ids, adding: ["TRASH"], removing: [], random: &random, at: call.now)
    case "untrash":
      try mailboxes[user]?.label(
        ids, adding: [], removing: ["TRASH"], random: &random, at: call.now)
    default: throw .notFound
    }
  }

  private mutating func modify(
    _ call: MailCall, _ user: String, _ ids: [String]
  ) throws(GoogleError) {
    let (adding, removing) = (try call.texts("addLabelIds"), try call.texts("removeLabelIds"))
    guard adding.count + removing.count > 0 else {
      throw .argument("No label add or removes specified")
    }
    try mailboxes[user]?.label(
      ids, adding: adding, removing: removing, random: &random, at: call.now)
  }

  private mutating func insert(
    _ call: MailCall, _ user: String, labels: [String]
  ) throws(GoogleError) -> FakeAnswer {
    let body = try call.body()
    let raw = try FakeGoogle.raw(body)
    guard
      let id = try mailboxes[user]?.add(
        raw, labels: labels, thread: body["threadId"]?.string, random: &random, at: call.now)
    else { throw .notFound }
    return try shortAnswer(call, user, id)
  }

  /// Answers a writing call with id, thread and labels.
  func shortAnswer(
    _ call: MailCall, _ user: String, _ id: String
  ) throws(GoogleError)
    -> FakeAnswer
  {
    guard let message = mailboxes[user]?.messages[id] else { throw .notFound }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      FakeGoogle.writeShort(message, to: &text)
    }
    return .json(200, text)
  }

  static func writeShort(_ message: FakeMailbox.Message, to text: inout JSONText) {
    text.field("id", message.id)
    text.field("threadId", message.thread)
    if !message.labels.isEmpty { write("labelIds", message.labels, to: &text) }
  }

  /// The bytes of a message that a body gives as `raw`, or by its headers and text.
  static func raw(_ body: LooseJSON) throws(GoogleError) -> [UInt8] {
    if let raw = body["raw"]?.string {
      guard let bytes = MailText.base64(raw) else {
        throw .argument("Invalid value for ByteString")
      }
      return bytes
    }
    guard let payload = body["payload"] else {
      throw .argument(
        "'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    }
    var text = ""
    for header in payload["headers"]?.items ?? [] {
      let value = (header["value"]?.string ?? "").filter { !$0.isNewline }
      text += "\(header["name"]?.string ?? "X-Empty"): \(value)\r\n"
    }
    let data = payload["body"]?["data"]?.string ?? ""
    return Array("\(text)\r\n".utf8) + (MailText.base64(data) ?? [])
  }
}

// Labels.
extension FakeGoogle {
  mutating func answerLabels(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let id = call.path.count > 1 ? call.path[1] : ""
    switch (call.request.method, call.path.count) {
    case ("GET", 1):
      let text = JSONText.object(isPretty: call.isPretty) { text in
        text.arrayField("labels") { text in
          for label in mailboxes[user]?.labels ?? [] {
            text.element()
            text.object { FakeGoogle.write(label, to: &$0) }
          }
        }
      }
      return .json(200, text)
    case ("GET", 2): return try labelAnswer(call, user, id, isCounted: true)
    case ("POST", 1):
      let body = try call.body()
      let made = try mailboxes[user]?.addLabel(
        named: body["name"]?.string ?? "", FakeGoogle.labelExtras(body))
      return try labelAnswer(call, user, made ?? "", isCounted: false)
    case ("PUT", 2), ("PATCH", 2):
      let body = try call.body()
      try mailboxes[user]?.editLabel(
        id, name: body["name"]?.string, FakeGoogle.labelExtras(body))
      return try labelAnswer(call, user, id, isCounted: false)
    case ("DELETE", 2):
      try mailboxes[user]?.removeLabel(id, random: &random, at: call.now)
      return FakeAnswer(status: 204)
    default: throw .notFound
    }
  }

  private func labelAnswer(
    _ call: MailCall, _ user: String, _ id: String, isCounted: Bool
  ) throws(GoogleError) -> FakeAnswer {
    guard let box = mailboxes[user], let label = box.labels.first(where: { $0.id == id }) else {
      throw .notFound
    }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      FakeGoogle.write(label, to: &text)
      guard isCounted else { return }
      let all = box.messages.values.filter { $0.labels.contains(id) }
      let unread = all.filter { $0.labels.contains("UNREAD") }
      text.field("messagesTotal", all.count)
      text.field("messagesUnread", unread.count)
      text.field("threadsTotal", Set(all.map(\.thread)).count)
      text.field("threadsUnread", Set(unread.map(\.thread)).count)
    }
    return .json(200, text)
  }

  private static func write(_ label: FakeMailbox.Label, to text: inout JSONText) {
    text.field("id", label.id)
    text.field("name", label.name)
    for (name, value) in label.extras.sorted(by: { $0.key < $1.key }) { text.field(name, value) }
    text.field("type", label.isSystem ? "system" : "user")
  }

  private static func labelExtras(_ body: LooseJSON) throws(GoogleError) -> [String: LooseJSON] {
    let visibility = [
      "messageListVisibility": ["show", "hide"],
      "labelListVisibility": ["labelShow", "labelShowIfUnread", "labelHide"],
    ]
    var extras: [String: LooseJSON] = [:]
    for (name, allowed) in visibility {
      guard let word = body[name]?.string else { continue }
      guard allowed.contains(word) else { throw .argument("Invalid value for \(name): \(word)") }
      extras[name] = .text(word)
    }
    if let color = body["color"], color.members != nil { extras["color"] = color }
    return extras
  }
}

// Drafts.
extension FakeGoogle {
  mutating func answerDrafts(_ call: MailCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    let id = call.path.count > 1 ? call.path[1] : ""
    switch (call.request.method, call.path.count) {
    case ("GET", 1): return draftList(call, user)
    case ("GET", 2): return try draftAnswer(call, user, id, MailShape(call))
    case ("POST", 1):
      let message = try call.body()["message"] ?? .object([:])
      let made = try mailboxes[user]?.addDraft(
        FakeGoogle.raw(message), thread: message["threadId"]?.string, random: &random,
        at: call.now)
      return try draftAnswer(call, user, made ?? "", nil)
    case ("PUT", 2):
      let message = try call.body()["message"] ?? .object([:])
      try mailboxes[user]?.editDraft(
        id, FakeGoogle.raw(message), random: &random, at: call.now)
      return try draftAnswer(call, user, id, nil)
    case ("POST", 2) where id == "send":
      let body = try call.body()
      let raw: [UInt8]? =
        try body["message"]?["raw"] == nil
        ? nil : FakeGoogle.raw(body["message"] ?? .null)
      let sent = try mailboxes[user]?.sendDraft(
        body["id"]?.string ?? "", raw, random: &random, at: call.now)
      return try shortAnswer(call, user, sent ?? "")
    case ("DELETE", 2):
      guard let draft = mailboxes[user]?.drafts.first(where: { $0.id == id }) else {
        throw .notFound
      }
      mailboxes[user]?.delete([draft.message], random: &random, at: call.now)
      return FakeAnswer(status: 204)
    default: throw .notFound
    }
  }

  /// All drafts on one page.
  private func draftList(_ call: MailCall, _ user: String) -> FakeAnswer {
    let drafts = (mailboxes[user]?.drafts ?? []).reversed().prefix(FakeLimits.mailItemsMax)
    let text = JSONText.object(isPretty: call.isPretty) { text in
      if !drafts.isEmpty {
        text.arrayField("drafts") { text in
          for draft in drafts {
            text.element()
            text.object { text in
              text.field("id", draft.id)
              text.objectField("message") { text in
                text.field("id", draft.message)
                text.field("threadId", mailboxes[user]?.messages[draft.message]?.thread ?? "")
              }
            }
          }
        }
      }
      text.field("resultSizeEstimate", drafts.count)
    }
    return .json(200, text)
  }

  private func draftAnswer(
    _ call: MailCall, _ user: String, _ id: String, _ shape: MailShape?
  ) throws(GoogleError) -> FakeAnswer {
    guard let draft = mailboxes[user]?.drafts.first(where: { $0.id == id }),
      let message = mailboxes[user]?.messages[draft.message]
    else { throw .notFound }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.field("id", id)
      text.objectField("message") { text in
        if let shape {
          shape.write(message, to: &text)
        } else {
          FakeGoogle.writeShort(message, to: &text)
        }
      }
    }
    return .json(200, text)
  }
}
