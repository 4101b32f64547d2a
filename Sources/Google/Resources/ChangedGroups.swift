import Domain

/// The contact groups of the account, which has one collection of them, with People’s sync tokens.
///
///     /hubs/general/changed-groups
struct ChangedGroups: GoogleResource {
  let path = "changed-groups"
  let kind = "contact-groups"
  let nature = CollectionNature.cursor
  let scopes = [Scope.contacts]
  /// Source: People API reference, “contactGroups.list”, `pageSize`.
  let pageSizeMax = 1_000
  let shape = ListShape.groups
  let dateField: String? = "metadata.updateTime"
  let standardKeys = ["changed-groups"]

  func collection(at path: PlatformPath) -> Collection? { collection(named: self.path, at: path) }

  func fields(at path: PlatformPath) -> ObjectFields {
    ObjectFields(id: "id", updated: "metadata.updateTime", created: "metadata.updateTime")
  }

  func request(_ ask: PageRequest, _ google: GoogleSuite, token: String) -> Request {
    let query = listQuery(ask, size: "pageSize", [groupFields])
    return google.get("\(google.groupsURL)?\(query)", token: token)
  }

  /// People says 400 for a dead sync token, and has been seen to say 410; the reason decides, and
  /// where there is none, the message. Source: People API guide, “List the user's contacts”.
  func read(_ reply: Reply, to ask: PageRequest, _ google: GoogleSuite) -> PageOutcome {
    if [400, 410].contains(reply.status) {
      let error = GoogleError(reply)
      let isNamed = error.words.contains(deadToken)
      let isDead =
        reply.status == 410 ? error.isGoogles : isNamed || error.says(deadTokenMessage)
      if isDead { return .cursorExpired(reason: isNamed ? deadToken : error.reason) }
    }
    return google.readList(shape, reply, to: ask, pageSizeMax: pageSizeMax)
  }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.groupRequest(object, token: token)
  }
}

private let deadToken = "EXPIRED_SYNC_TOKEN"
private let deadTokenMessage = "sync token is expired"

/// All that a group has.
let groupFields = (
  name: "groupFields", value: "clientData,groupType,memberCount,metadata,name"
)

extension GoogleSuite {
  /// The account’s contact groups.
  var groupsURL: String { "\(peopleURL)/contactGroups" }

  /// A GET of one group.
  func groupRequest(_ object: String, token: String) -> Request {
    get("\(groupsURL)/\(percentEncoded(object))?\(queryText([groupFields]))", token: token)
  }
}

extension ListShape {
  static let groups = ListShape(
    root: "contactGroups", object: .group, words: ("a group", "groups"), cursor: .everyPage)
}

extension GoogleObject.Shape {
  /// A contact group. Google's own have no etag: only their names tell of a change, for
  /// `memberCount` would tell of every contact.
  static let group = GoogleObject.Shape(idField: "resourceName", prefix: "contactGroups/") {
    object, id in
    Item(
      id: id, revision: object.etag ?? object.nameMark, isGone: object.isGone, bytes: object.range)
  }
}
