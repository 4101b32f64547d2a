import Domain
import RawJSON

// Calendar's list of events, as far as it is read:
//
//     {"kind": "calendar#events", …,
//      "items": [{"id": "…", "etag": "\"…\"", "status": "confirmed|tentative|cancelled",
//                 "recurringEventId": "…", …}, …],
//      "nextPageToken": "…"      where more pages follow
//      "nextSyncToken": "…"}     on the last page, instead
//
// Source: Calendar API reference, “Events: list”.

/// Why a reply of 200 is not what Calendar promises: not JSON, or JSON that says something else.
enum EventsFault: Error, CustomStringConvertible {
  case json(JSONFault)
  case content(String)

  var description: String {
    switch self {
    case .json(let fault): fault.description
    case .content(let text): text
    }
  }
}

/// Reads events out of a reply's body; dates and everything else of them are left to their readers.
struct EventsReader {
  let body: [UInt8]
  private var items: [Item] = []
  private var pageToken: String?
  private var syncToken: String?
  private var problem: String?

  init(body: [UInt8]) {
    self.body = body
  }

  mutating func page(pageSize: Int) throws(EventsFault) -> Page {
    do {
      var scanner = JSONScanner(body)
      try scanner.members { (scanner, name) throws(JSONFault) in
        switch name {
        case "items": try scanner.elements { (scanner) throws(JSONFault) in try take(&scanner) }
        case "nextPageToken": pageToken = try scanner.filledString()
        case "nextSyncToken": syncToken = try scanner.filledString()
        default: break
        }
      }
      try scanner.end()
    } catch {
      throw .json(error)
    }
    if let problem { throw .content(problem) }
    if max(pageToken?.utf8.count ?? 0, syncToken?.utf8.count ?? 0) > GoogleLimits.tokenBytesMax {
      throw .content("a token is longer than \(GoogleLimits.tokenBytesMax) bytes")
    }
    switch (pageToken, syncToken) {
    case (let token?, nil):
      return Page(items: items, next: .more(continuation: "\(pageSize) \(token)"))
    case (nil, let token?): return Page(items: items, next: .end(cursor: token))
    case (nil, nil): throw .content("neither a next page nor a sync token")
    case (_?, _?): throw .content("both a next page and a sync token")
    }
  }

  /// The one event that is the whole body.
  func single() throws(EventsFault) -> Item {
    do {
      var scanner = JSONScanner(body)
      let item = try event(&scanner)
      try scanner.end()
      if let item { return item }
    } catch {
      throw .json(error)
    }
    throw .content("an event without a usable id")
  }

  private mutating func take(_ scanner: inout JSONScanner) throws(JSONFault) {
    let found = try event(&scanner)
    if let found, items.count < GoogleLimits.itemsMax {
      items.append(found)
    } else {
      problem = found == nil ? "an event without a usable id" : "too many events on one page"
    }
  }

  /// The next event; nil where it has no id to tell it by.
  private func event(_ scanner: inout JSONScanner) throws(JSONFault) -> Item? {
    _ = try scanner.kind()
    let start = scanner.position
    var id: String?
    var etag: String?
    var series: String?
    var isGone = false
    try scanner.members { (scanner, name) throws(JSONFault) in
      switch name {
      case "id": id = try scanner.filledString()
      case "etag": etag = try scanner.filledString()
      case "recurringEventId": series = try scanner.filledString()
      case "status": isGone = try scanner.filledString() == "cancelled"
      default: break
      }
    }
    guard let id, id.utf8.count <= GoogleLimits.idBytesMax else { return nil }
    let range = start..<scanner.position
    if let tag = etag, tag.utf8.count > GoogleLimits.tokenBytesMax { etag = nil }
    return Item(
      id: id, revision: etag ?? contentMark(body[range]), isGone: isGone, series: series,
      bytes: range)
  }
}

extension JSONScanner {
  /// A string that is not empty; anything else is left to be passed over.
  fileprivate mutating func filledString() throws(JSONFault) -> String? {
    guard try kind() == .string else { return nil }
    let text = try string()
    return text.isEmpty ? nil : text
  }
}

/// Sixteen hexadecimal digits that change with the bytes: a revision for what has no etag, such as
/// a cancelled stub. Not a proof of anything. Source: Fowler, Noll, Vo, FNV-1a, 64 bits.
private func contentMark(_ bytes: ArraySlice<UInt8>) -> String {
  let mark = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  let hex = String(mark, radix: 16)
  return String(repeating: "0", count: 16 - hex.utf8.count) + hex
}
