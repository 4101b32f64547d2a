import Domain

/// Where a poll of Gmail stands: what has to be remembered between two of its requests.
///
///     (none)                                   a baseline or comparison: the profile is next
///     (none)                                   changes: the history is next
///     1 500 labels 8123                        the labels, after the history id of the profile
///     1 500 list 8123 *,INBOX,Label_7 CAoQ     ids: all, then by label; the token of the next page
///     1 500 doubt 8123 Label_7 *               the labels again: this one seems to be deleted
///     1 500 again 8123 Label_7 *               its ids once more: it is not
///     1 500 history 12 CAoQ                    the next page of the history, after 12 messages
///     1 500 get 12 8200 * 18c1,18c2            messages, and where the history goes on or ends
///
/// First the format's number and the page size that the poll began with; `*` for what is not there.
/// Texts of Google's are percent-encoded, so that none holds a blank, a comma or a `*`.
struct MessagePlace: Equatable {
  var pageSize: Int
  var step: Step

  enum Step: Equatable {
    case profile
    case labels(start: String)
    case list(Listing)
    /// The first label of the listing was not found: the labels tell whether it is deleted.
    case doubt(Listing)
    /// They say that it is not.
    case again(Listing)
    case history(pageToken: String?, asked: Int)
    case get(Pending)
  }

  /// A full listing: all ids, then the ids with each label.
  struct Listing: Equatable {
    /// The cursor that the poll ends with: it was read before anything was listed, so nothing that
    /// changes meanwhile is lost.
    var start: String
    /// The labels that are still to be listed, the first at present; nil for all messages.
    var labels: [String?]
    var pageToken: String?

    /// The first page of a label is next.
    var isAtLabel: Bool { pageToken == nil && labels.first != .some(nil) }
  }

  /// Messages of one page of the history that are read one by one.
  struct Pending: Equatable {
    /// How many the poll has asked for, these included.
    var asked: Int
    /// The history id of the page: the poll's cursor where it was the last.
    var end: String?
    var pageToken: String?
    var ids: [String]
  }

  init(pageSize: Int, step: Step) {
    self.pageSize = pageSize
    self.step = step
  }

  /// - Returns: nil where the continuation is not of this format, such as an earlier program's.
  init?(_ ask: PageRequest) {
    guard let continuation = ask.continuation else {
      pageSize = min(max(ask.pageSize, 1), ChangedMessages().pageSizeMax)
      if case .changes = ask.mode {
        step = .history(pageToken: nil, asked: 0)
      } else {
        step = .profile
      }
      return
    }
    var words = continuation.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard words.popFirst() == "1",
      let size = words.popFirst().flatMap({ number($0, GoogleLimits.pageSizes) }),
      let name = words.popFirst(), let step = Step(name, words.map { Self.text($0) })
    else { return nil }
    pageSize = size
    self.step = step
  }

  /// The place as `PageRequest.continuation` carries it.
  var continuation: String {
    let words =
      switch step {
      case .profile: ["profile"]
      case .labels(let start): ["labels", Self.word(start)]
      case .list(let listing): ["list"] + Self.words(of: listing)
      case .doubt(let listing): ["doubt"] + Self.words(of: listing)
      case .again(let listing): ["again"] + Self.words(of: listing)
      case .history(let pageToken, let asked):
        ["history", String(asked), Self.word(pageToken)]
      case .get(let pending):
        [
          "get", String(pending.asked), Self.word(pending.end), Self.word(pending.pageToken),
          Self.list(pending.ids),
        ]
      }
    return (["1", String(pageSize)] + words).joined(separator: " ")
  }

  /// The name of a page of a listing or of the history; nil for any other request.
  var pageName: String? {
    switch step {
    case .profile, .labels, .doubt, .get: nil
    case .list(let listing), .again(let listing):
      "list \(Self.word(listing.labels.first ?? nil)) \(Self.word(listing.pageToken))"
    case .history(let pageToken, _): "history \(Self.word(pageToken))"
    }
  }

  /// The message that is asked for by itself, or the label whose messages are listed.
  var object: AskedObject? {
    switch step {
    case .get(let pending): pending.ids.first.map { AskedObject(id: $0) }
    case .list(let listing), .again(let listing):
      (listing.labels.first ?? nil).map { AskedObject(id: "labels/\($0)", isPart: true) }
    case .profile, .labels, .doubt, .history: nil
    }
  }

  /// The label that an object's name stands for; no message's id has a slash.
  static func label(_ object: String) -> String? {
    object.hasPrefix("labels/") ? String(object.dropFirst(7)) : nil
  }

  private static func words(of listing: Listing) -> [String] {
    [word(listing.start), list(listing.labels), word(listing.pageToken)]
  }

  private static func word(_ text: String?) -> String { text.map(percentEncoded) ?? "*" }

  private static func list(_ texts: [String?]) -> String {
    texts.map(word).joined(separator: ",")
  }

  /// The texts of one word of the continuation.
  private static func text(_ word: Substring) -> [String?] {
    word.split(separator: ",").map { $0 == "*" ? nil : percentDecoded(String($0)) }
  }
}

extension MessagePlace.Step {
  fileprivate init?(_ name: Substring, _ words: [[String?]]) {
    func first(_ index: Int) -> String? { words[index].first ?? nil }
    switch (name, words.count) {
    case ("profile", 0): self = .profile
    case ("labels", 1):
      guard let start = first(0) else { return nil }
      self = .labels(start: start)
    case ("list", 3), ("doubt", 3), ("again", 3):
      guard let start = first(0), !words[1].isEmpty else { return nil }
      let listing = MessagePlace.Listing(start: start, labels: words[1], pageToken: first(2))
      switch name {
      case "doubt": self = .doubt(listing)
      case "again": self = .again(listing)
      default: self = .list(listing)
      }
    case ("history", 2):
      guard let asked = first(0).flatMap({ number($0, GoogleLimits.asked) }) else { return nil }
      self = .history(pageToken: first(1), asked: asked)
    case ("get", 4):
      let ids = words[3].compactMap { $0 }
      guard let asked = first(0).flatMap({ number($0, GoogleLimits.asked) }), !ids.isEmpty else {
        return nil
      }
      self = .get(.init(asked: asked, end: first(1), pageToken: first(2), ids: ids))
    default: return nil
    }
  }
}
