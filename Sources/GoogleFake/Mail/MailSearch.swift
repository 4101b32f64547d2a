/// The search behind a list of messages: labels, words, and whether spam and trash count.
///
/// Of Gmail's search language it knows words, `from:`, `to:`, `subject:`, `label:`, `in:`,
/// `is:unread|read|starred`, `rfc822msgid:`, `after:` and `before:` with seconds since 1970, and a
/// minus before any of them.
struct MailSearch: Sendable {
  private var labels: [String]
  private var terms: [Term]
  private var isEverywhere: Bool

  private struct Term: Sendable {
    var isNegated: Bool
    var key: String
    var word: String
  }

  init(_ call: MailCall) throws(GoogleError) {
    labels = call.target.query.filter { $0.name == "labelIds" }.map(\.value)
    let text = call.target["q"] ?? ""
    if !text.isEmpty, call.isMetadataOnly {
      throw GoogleError(403, "forbidden", "Metadata scope does not support 'q' parameter")
    }
    terms = text.split(separator: " ").map { part in
      let isNegated = part.first == "-"
      let halves = part.drop { $0 == "-" }.split(separator: ":", maxSplits: 1).map(String.init)
      let word = (halves.last ?? "").lowercased().filter { $0 != "\"" }
      return Term(
        isNegated: isNegated, key: halves.count == 2 ? halves[0].lowercased() : "", word: word)
    }
    let hidden = ["TRASH", "SPAM"]
    isEverywhere =
      call.target["includeSpamTrash"] == "true" || labels.contains(where: hidden.contains)
      || terms.contains { $0.key == "in" && ["trash", "spam", "anywhere"].contains($0.word) }
  }

  func wants(_ message: FakeMailbox.Message, in box: FakeMailbox) -> Bool {
    guard labels.allSatisfy(message.labels.contains) else { return false }
    guard isEverywhere || !message.labels.contains(where: { $0 == "TRASH" || $0 == "SPAM" }) else {
      return false
    }
    guard !terms.isEmpty else { return true }
    let text = MailText(message.raw)
    return terms.allSatisfy { holds($0, message, text, box) != $0.isNegated }
  }

  private func holds(
    _ term: Term, _ message: FakeMailbox.Message, _ text: MailText, _ box: FakeMailbox
  ) -> Bool {
    func has(_ name: String) -> Bool { text[name]?.lowercased().contains(term.word) ?? false }
    switch term.key {
    case "from", "to", "subject": return has(term.key)
    case "rfc822msgid": return has("Message-ID")
    case "is" where term.word == "read": return !message.labels.contains("UNREAD")
    case "in" where term.word == "anywhere": return true
    case "after": return Int64(term.word).map { message.place.date / 1_000 >= $0 } ?? false
    case "before": return Int64(term.word).map { message.place.date / 1_000 < $0 } ?? false
    case "is", "in", "label":
      return box.labels.contains { label in
        message.labels.contains(label.id)
          && [label.id.lowercased(), label.name.lowercased()].contains(term.word)
      }
    default:
      return has("Subject") || has("From") || has("To")
        || text.text.lowercased().contains(term.word)
    }
  }
}
