import Domain

/// The account’s contacts. People shows no fields by itself.
///
///     /hubs/general/contacts?where=sortOrder='LAST_MODIFIED_DESCENDING'
struct ContactsByDate: DatedResource {
  let path = "contacts"
  let scopes = [Scope.contacts]
  /// Source: People API reference, “people.connections.list”, `pageSize`.
  let pageSizeMax = 1_000
  let shape = ListShape.contacts
  let sizeName = "pageSize"
  let defaults = [personFields]

  func listURL(_ id: String, _ google: GoogleSuite) -> String {
    "\(google.peopleURL)/people/me/connections"
  }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.get(
      "\(google.peopleURL)/people/\(percentEncoded(object))?\(queryText([personFields]))",
      token: token)
  }
}

/// Fields of a contact that are asked for where the `url` names none.
private let personFields = (
  name: "personFields",
  value: "addresses,biographies,birthdays,emailAddresses,events,memberships,metadata,names,"
    + "nicknames,occupations,organizations,phoneNumbers,photos,relations,urls,userDefined"
)

extension ListShape {
  static let contacts = ListShape(
    root: "connections", object: .person, words: ("a contact", "contacts"), cursor: .nowhere)
}

extension GoogleObject.Shape {
  /// A contact.
  static let person = GoogleObject.Shape(idField: "resourceName", prefix: "people/") { object, id in
    Item(id: id, revision: object.etag ?? object.mark, isGone: object.isGone, bytes: object.range)
  }
}
