import Domain

/// The account’s messages by a search. Gmail lists ids alone: what came since is read one by one.
///
///     /hubs/general/messages?where=q='after:${epoch:s}'
struct MessagesByDate: DatedResource {
  let path = "messages"
  let scopes = [Scope.mail]
  let pageSizeMax = ChangedMessages().pageSizeMax
  let shape = ListShape.listedMessages
  let sizeName = "maxResults"
  /// Source: Gmail API guide, “Usage limits”.
  let quotaUnits = 5
  let readsOneByOne = true

  func listURL(_ id: String, _ google: GoogleSuite) -> String { "\(google.gmailURL)/messages" }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.messageRequest(object, token: token)
  }
}

extension ListShape {
  static let listedMessages = ListShape(
    root: "messages", object: .listedMessage, words: ("a message", "messages"), cursor: .nowhere)
}

extension GoogleObject.Shape {
  /// A message of which only the id is told.
  static let listedMessage = GoogleObject.Shape { object, id in
    Item(id: id, revision: LabelSum.revision(nil, sum: 0), bytes: object.range)
  }
}
