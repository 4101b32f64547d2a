import Domain
import Events

/// Where a poll by dates stands: what has to be remembered between two of its requests.
///
///     (none)                        the first page
///     1 50 0 CAoQ                   the next page, after no messages asked for
///     1 50 12 CAoQ 18c1,18c2        messages of a page, and what comes after them
///
/// First the format's number and the page size that the poll began with; `*` for no token. Texts of
/// Google’s are percent-encoded. Dates are filled in for each page anew, always the same: the
/// window of a poll does not move.
struct DatedPlace {
  /// The parameters that go on to Google, dates filled in.
  let parameters: [(name: String, value: String)]
  let pageSize: Int
  var pageToken: String?
  /// How many messages the poll has asked for, those in `ids` included.
  var asked = 0
  /// Messages that are read one by one before the next page.
  var ids: [String] = []

  init(_ ask: PageRequest, of resource: some DatedResource) {
    let path = PlatformPath(ask.collection.id)
    let query = try? PlatformQuery(path.query ?? "")
    let window =
      ask.window ?? DateWindow(since: .init(milliseconds: 0), now: .init(milliseconds: 0))
    // With all of it nothing is missed.
    let isTooOld = window.since < window.now - GoogleLimits.updatedMinAgeMax
    var isWhole = true
    if case .changes = ask.mode { isWhole = resource.hasOldestDate && isTooOld }
    parameters = query?.filled(by: window, isWhole: isWhole) ?? []
    var words = ask.continuation?.split(separator: " ")[...] ?? []
    guard words.popFirst() == "1",
      let size = words.popFirst().flatMap({ number($0, GoogleLimits.pageSizes) }),
      let asked = words.popFirst().flatMap({ number($0, GoogleLimits.asked) }),
      let token = words.popFirst()
    else {
      pageSize = min(max(query?.pageSize ?? ask.pageSize, 1), resource.pageSizeMax)
      pageToken = query?.nextPage
      return
    }
    pageSize = size
    self.asked = asked
    pageToken = token == "*" ? nil : percentDecoded(String(token))
    ids = words.popFirst()?.split(separator: ",").map { percentDecoded(String($0)) } ?? []
  }

  /// The place as `PageRequest.continuation` carries it.
  var continuation: String {
    let token = pageToken.map(percentEncoded) ?? "*"
    let list = ids.map(percentEncoded).joined(separator: ",")
    return "1 \(pageSize) \(asked) \(token)" + (list.isEmpty ? "" : " \(list)")
  }

  /// The name of a page of the list; nil where single messages are asked for.
  var pageName: String? { ids.isEmpty ? pageToken ?? "" : nil }

  /// The message that is asked for by itself.
  var object: AskedObject? { ids.first.map { AskedObject(id: $0) } }

  /// The end, or the next page, with nothing left of this one.
  func after(_ token: String?) -> Page.Next {
    var next = self
    next.pageToken = token
    next.ids = []
    return token == nil ? .end(cursor: "") : .more(continuation: next.continuation)
  }
}
