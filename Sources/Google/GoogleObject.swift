import Domain
import RawJSON

// One object of any of Google's interfaces, as far as it is read:
//
//     event    {"id", "etag", "status": "confirmed|tentative|cancelled", "recurringEventId"}
//     calendar {"id", "etag", "primary", "deleted"}
//     group    {"resourceName": "contactGroups/…", "etag", "metadata": {"deleted"}, "name",
//               "formattedName"}
//     person   {"resourceName": "people/…", "etag", "metadata": {"deleted"}}
//     message  {"id", "threadId", "labelIds": ["INBOX", …], "historyId"}
//     thread   {"id", "snippet", "historyId"}
//
// Sources: Calendar API reference, “Events”, “CalendarList”; People API reference, “contactGroups”,
// “people”; Gmail API reference, “users.messages”, “users.threads”.

/// Reads one object out of a reply's body; dates, titles and everything else of it are left to
/// their readers.
struct GoogleObject {
  private let body: [UInt8]
  private(set) var range = 0..<0
  private var id: String?
  private var resourceName: String?
  private var etag: String?
  private var series: String?
  private var isGone = false
  private var isDeleted = false
  private var isPrimary = false
  private var labels: [String] = []
  /// The revision of a message; in Gmail's profile the newest of all.
  private(set) var historyId: String?
  /// Where the two names of a group stand; never read as texts, which might be odd.
  private var names: [Range<Int>] = []

  /// The next value of the scanner, which has to be an object.
  init(_ scanner: inout JSONScanner, in body: [UInt8]) throws(JSONFault) {
    self.body = body
    _ = try scanner.kind()
    let start = scanner.position
    try scanner.members { (scanner, name) throws(JSONFault) in try take(name, &scanner) }
    range = start..<scanner.position
    if let tag = etag, tag.utf8.count > GoogleLimits.etagBytesMax { etag = nil }
  }

  private mutating func take(_ name: String, _ scanner: inout JSONScanner) throws(JSONFault) {
    switch name {
    case "id": id = try scanner.filledString()
    case "resourceName": resourceName = try scanner.filledString()
    case "etag": etag = try scanner.filledString()
    case "recurringEventId": series = try scanner.filledString()
    case "status": if try scanner.filledString() == "cancelled" { isGone = true }
    case "deleted": isDeleted = try scanner.flag()
    case "primary": isPrimary = try scanner.flag()
    case "historyId": historyId = GoogleObject.number(try scanner.text())
    case "labelIds":
      guard try scanner.kind() == .array else { return }
      try scanner.elements { (scanner) throws(JSONFault) in
        if let label = try scanner.text() { labels.append(label) }
      }
    case "name", "formattedName": names.append(try scanner.value())
    case "metadata":
      guard try scanner.kind() == .object else { return }
      try scanner.members { (scanner, name) throws(JSONFault) in
        if name == "deleted", try scanner.flag() { isGone = true }
      }
    default: break
    }
  }
}

extension GoogleObject {
  /// The kinds of objects, which show id, revision and deletion in ways of their own.
  enum Shape {
    case event, calendar, group, person, message, thread
    /// A message of which only the id is told.
    case listedMessage
    case label
  }

  /// The object as a poll takes it; nil where it has no id to tell it by.
  func item(_ shape: Shape) -> Item? {
    switch shape {
    case .event:
      guard let id = usable(id) else { return nil }
      return Item(
        id: id, revision: etag ?? contentMark(body[range]), isGone: isGone, series: series,
        bytes: range)
    case .calendar:
      guard let id = usable(id) else { return nil }
      return Item(
        id: id, revision: etag ?? contentMark(body[range]), isGone: isDeleted,
        isPrimary: isPrimary, bytes: range)
    case .person:
      guard let id = usable(named("people/")) else { return nil }
      return Item(id: id, revision: etag ?? contentMark(body[range]), isGone: isGone, bytes: range)
    case .thread:
      guard let id = usable(id) else { return nil }
      return Item(id: id, revision: historyId ?? contentMark(body[range]), bytes: range)
    case .group:
      guard let id = usable(named("contactGroups/")) else { return nil }
      return Item(id: id, revision: etag ?? nameMark, isGone: isGone, bytes: range)
    case .message:
      guard let id = usable(id) else { return nil }
      let revision = LabelSum.revision(historyId, sum: LabelSum.of(labels))
      return Item(id: id, revision: revision, bytes: range)
    case .listedMessage, .label:
      guard let id = usable(id) else { return nil }
      return Item(id: id, revision: LabelSum.revision(nil, sum: 0), bytes: range)
    }
  }

  private func usable(_ id: String?) -> String? {
    id.flatMap { (1...GoogleLimits.idBytesMax).contains($0.utf8.count) ? $0 : nil }
  }

  /// A history id: an unsigned 64-bit number above zero, written as a string.
  static func number(_ text: String?) -> String? {
    text.flatMap { UInt64($0) }.flatMap { $0 == 0 ? nil : String($0) }
  }

  /// The part of its name behind a prefix.
  private func named(_ prefix: String) -> String? {
    guard let resourceName, resourceName.hasPrefix(prefix) else { return nil }
    return String(resourceName.dropFirst(prefix.count))
  }

  /// Google's own groups have no etag: only their names tell of a change, for `memberCount` would
  /// tell of every contact.
  private var nameMark: String {
    contentMark(names.reduce(into: []) { $0 += body[$1] + [0] }[...])
  }
}

extension JSONScanner {
  /// A string that is not empty; anything else is left to be passed over.
  mutating func filledString() throws(JSONFault) -> String? {
    guard try kind() == .string else { return nil }
    let text = try string()
    return text.isEmpty ? nil : text
  }

  /// Tells if the next value is `true`; takes it where it is a flag at all.
  mutating func flag() throws(JSONFault) -> Bool {
    guard try kind() == .bool else { return false }
    return try value().count == 4
  }
}

/// Sixteen hexadecimal digits that change with the bytes: a revision for what has no etag, such as
/// a cancelled stub. Not a proof of anything. Source: Fowler, Noll, Vo, FNV-1a, 64 bits.
func contentMark(_ bytes: ArraySlice<UInt8>) -> String {
  let mark = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  let hex = String(mark, radix: 16)
  return String(repeating: "0", count: 16 - hex.utf8.count) + hex
}
