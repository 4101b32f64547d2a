import Domain
import RawJSON

// A page of any of Google's lists, as far as it is read:
//
//     {"items": [{…}, …],
//      "nextPageToken": "…"      where more pages follow
//      "nextSyncToken": "…"}     on the last page; with People on every page
//
// Sources: Calendar API reference, “Events: list”, “CalendarList: list”; People API reference,
// “contactGroups.list”.

/// Why a reply of 200 is not what Google promises: not JSON, or JSON that says something else.
enum PageFault: Error, CustomStringConvertible {
  case json(JSONFault)
  case content(String)

  var description: String {
    switch self {
    case .json(let fault): fault.description
    case .content(let text): text
    }
  }
}

/// The differences between Google's lists; each is told where its resource is.
struct ListShape: Sendable {
  /// The member that holds the objects.
  var root: String
  var object: GoogleObject.Shape
  /// One and many of them, for a person: `an event`, `events`.
  var words: (one: String, many: String)
  var cursor: Cursor

  /// Where the sync token stands.
  enum Cursor {
    /// On the last page, which has no page token.
    case lastPage
    /// On every page; the last is the one without a page token.
    case everyPage
    /// There is none.
    case nowhere
  }
}

/// Reads a page of a list out of a reply's body.
struct ListReader {
  private let body: [UInt8]
  private let shape: ListShape
  private var items: [Item] = []
  private var pageToken: String?
  private var syncToken: String?
  private var problem: String?
  /// Objects that cannot be read while the rest can.
  private(set) var strays: [Stray] = []

  init(_ shape: ListShape, body: [UInt8]) {
    self.shape = shape
    self.body = body
  }

  /// Reads a list without a cursor of its own: its objects, and the token of the next page.
  mutating func list() throws(PageFault) -> (items: [Item], pageToken: String?) {
    try scan()
    return (items, pageToken)
  }

  /// - Parameter pageSize: What the poll began with; it travels on with the token.
  mutating func page(pageSize: Int) throws(PageFault) -> Page {
    try scan()
    switch (pageToken, syncToken) {
    case (.some, .some) where shape.cursor == .lastPage:
      throw .content("both a next page and a sync token")
    case (let token?, _):
      return page(next: .more(continuation: "\(pageSize) \(token)"))
    case (nil, let token?): return page(next: .end(cursor: token))
    case (nil, nil): throw .content("neither a next page nor a sync token")
    }
  }

  private func page(next: Page.Next) -> Page {
    var page = Page(items: items, next: next)
    page.strays = strays
    return page
  }

  private mutating func scan() throws(PageFault) {
    do {
      var scanner = JSONScanner(body)
      try scanner.members { (scanner, name) throws(JSONFault) in
        switch name {
        case shape.root:
          try scanner.elements { (scanner) throws(JSONFault) in try take(&scanner) }
        case "nextPageToken": pageToken = try scanner.filledString().flatMap(usable)
        case "nextSyncToken": syncToken = try scanner.filledString().flatMap(usable)
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
  }

  /// A token that says something: blanks alone are none.
  private func usable(_ token: String) -> String? {
    token.allSatisfy(\.isWhitespace) ? nil : token
  }

  private mutating func take(_ scanner: inout JSONScanner) throws(JSONFault) {
    var probe = scanner
    do throws(JSONFault) {
      let object = try GoogleObject(&probe, in: body)
      scanner = probe
      if let item = object.item(shape.object) {
        items.append(item)
      } else {
        let fault = "\(shape.words.one) without a usable id"
        strays.append(Stray(body[object.range], shape.object, fault))
      }
    } catch {
      strays.append(Stray(body[try scanner.skip()], shape.object, error.description))
    }
    if items.count + strays.count > GoogleLimits.itemsMax {
      problem = "too many \(shape.words.many) on one page"
    }
  }
}

extension GoogleObject {
  /// The one object that is the whole body.
  static func single(in body: [UInt8]) throws(PageFault) -> GoogleObject {
    do {
      var scanner = JSONScanner(body)
      let object = try GoogleObject(&scanner, in: body)
      try scanner.end()
      return object
    } catch {
      throw .json(error)
    }
  }
}

/// Where a poll stands: the page size it began with, and Google's token for the page that is next.
///
///     250 CkgKO…        as a continuation
struct PagePlace {
  var pageSize: Int
  var pageToken: String?

  init(_ ask: PageRequest, pageSizeMax: Int) {
    pageSize = min(max(ask.pageSize, 1), pageSizeMax)
    guard let continuation = ask.continuation else { return }
    let parts = continuation.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let size = number(parts[0], GoogleLimits.pageSizes) else {
      pageToken = continuation
      return
    }
    pageSize = size
    pageToken = String(parts[1])
  }
}
