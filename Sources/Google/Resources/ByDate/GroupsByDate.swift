import Domain

/// The account’s contact groups, each asked for whole.
///
///     /hubs/general/groups
struct GroupsByDate: DatedResource {
  let path = "groups"
  let scopes = [Scope.contacts]
  let pageSizeMax = ChangedGroups().pageSizeMax
  let shape = ListShape.groups
  let sizeName = "pageSize"
  let defaults = [groupFields]

  func listURL(_ id: String, _ google: GoogleSuite) -> String { google.groupsURL }

  func request(
    of object: String, in collection: Collection, _ google: GoogleSuite, token: String
  ) -> Request {
    google.groupRequest(object, token: token)
  }
}
