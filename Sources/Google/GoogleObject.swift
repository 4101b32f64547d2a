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
  private(set) var etag: String?
  private(set) var series: String?
  private(set) var isGone = false
  private(set) var isDeleted = false
  private(set) var isPrimary = false
  private(set) var labels: [String] = []
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
  /// How objects of one kind show id, revision and deletion; each is told where its resource is.
  struct Shape: Sendable {
    /// The member that holds the id.
    let idField: String
    /// The text before the id there.
    let prefix: String
    /// The object as a poll takes it, its id found.
    let item: @Sendable (GoogleObject, _ id: String) -> Item

    init(
      idField: String = "id", prefix: String = "",
      _ item: @escaping @Sendable (GoogleObject, _ id: String) -> Item
    ) {
      self.idField = idField
      self.prefix = prefix
      self.item = item
    }
  }

  /// The object as a poll takes it; nil where it has no id to tell it by.
  func item(_ shape: Shape) -> Item? {
    let id = shape.idField == "id" ? id : named(shape.prefix)
    return usable(id).map { shape.item(self, $0) }
  }

  /// A revision for an object without an etag: it changes with any of the bytes.
  var mark: String { contentMark(body[range]) }

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

  /// A revision for an object without an etag: it changes with its names alone.
  var nameMark: String {
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
