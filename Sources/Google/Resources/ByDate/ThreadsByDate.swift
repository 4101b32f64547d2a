import Domain

/// The account’s threads as Gmail lists them.
///
///     /hubs/general/threads?where=q='newer_than:1d'
struct ThreadsByDate: DatedResource {
  let path = "threads"
  let scopes = [Scope.mail]
  let pageSizeMax = ChangedMessages().pageSizeMax
  let shape = ListShape.threads
  let sizeName = "maxResults"
  /// Source: Gmail API guide, “Usage limits”.
  let quotaUnits = 10

  func listURL(_ id: String, _ google: GoogleSuite) -> String { "\(google.gmailURL)/threads" }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    var request = google.get(
      "\(google.gmailURL)/threads/\(percentEncoded(object))?format=minimal", token: token)
    request.quotaUnits = quotaUnits
    return request
  }
}

extension ListShape {
  static let threads = ListShape(
    root: "threads", object: .thread, words: ("a thread", "threads"), cursor: .nowhere)
}

extension GoogleObject.Shape {
  /// A thread, which changes with its newest message.
  static let thread = GoogleObject.Shape { object, id in
    Item(id: id, revision: object.historyId ?? object.mark, bytes: object.range)
  }
}
