import Events

// Contact groups of the People API.
extension FakeGoogle {
  private static let groupsKind: Int64 = 5
  private static let groupFields = ["clientData", "groupType", "memberCount", "metadata", "name"]
  private static let groupFieldsUsual: Set = ["groupType", "memberCount", "metadata", "name"]
  private static let prefix = "contactGroups/"

  mutating func groupList(
    _ call: ContactsCall, _ user: String
  ) throws(GoogleError) -> FakeAnswer {
    typealias Listing = ContactsListing<FakeContacts.Group>
    try call.allow("pageSize", "pageToken", "syncToken", "groupFields")
    let fields = try groupMask(call)
    let query = try ContactsQuery(call.target.query, usual: FakeLimits.groupItemsDefault)
    if query.pageToken == nil, let token = query.syncToken,
      let change = Listing.change(ofSync: token, kind: FakeGoogle.groupsKind)
    {
      contacts[user]?.groups.log.follow(change)
    }
    var setting = Listing.Setting(
      kind: FakeGoogle.groupsKind, owner: user, expiry: switches.contactsExpiry, now: call.now)
    let groups = contacts[user]?.groups ?? ChangedList()
    let showsSystem = switches.showsSystemGroupsAlways
    setting.isAlwaysShown = { id in showsSystem && groups[id]?.isSystem ?? false }
    let page = try Listing(groups, query, setting).page(call.distortion)
    let text = JSONText.object(isPretty: call.isPretty) { text in
      if !page.rows.isEmpty {
        text.arrayField("contactGroups") { text in
          for row in page.rows {
            text.element()
            write(row.row, fields: fields, to: &text)
          }
        }
      }
      if page.total > 0 { text.field("totalItems", page.total) }
      if let token = page.nextPageToken { text.field("nextPageToken", token) }
      // On every page, beside the page token. Source: an answer recorded by KDE’s LibKGAPI.
      text.field("nextSyncToken", page.nextSyncToken)
    }
    return .json(200, text)
  }

  func groupAnswer(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("groupFields", "maxMembers", "resourceName")
    let fields = try groupMask(call)
    let text = try groupText(call, user, id, fields)
    return .json(200, text)
  }

  func groupBatch(_ call: ContactsCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    try call.allow("groupFields", "maxMembers", "resourceNames")
    let fields = try groupMask(call)
    let names = call.target.query.filter { $0.name == "resourceNames" }.map(\.value)
    guard (1...200).contains(names.count) else { throw .argument("resourceNames: 1 to 200.") }
    let most = call.target["maxMembers"].flatMap { Int($0) } ?? 0
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.arrayField("responses") { text in
        for name in names {
          text.element()
          text.object { text in
            text.field("requestedResourceName", name)
            let group = contacts[user]?.groups[FakeGoogle.id(name, FakeGoogle.prefix)]
            guard let group else {
              text.objectField("status") { text in
                text.field("code", 5)
                text.field("message", "Requested entity was not found.")
              }
              return
            }
            text.objectField("status") { _ in }
            text.objectField("contactGroup") { text in
              writeName(FakeGoogle.id(name, FakeGoogle.prefix), to: &text)
              write(group, fields: fields, members: most, to: &text)
            }
          }
        }
      }
    }
    return .json(200, text)
  }

  private func groupMask(_ call: ContactsCall) throws(GoogleError) -> Set<String> {
    try call.mask("groupFields", of: FakeGoogle.groupFields) ?? FakeGoogle.groupFieldsUsual
  }

  private func groupText(
    _ call: ContactsCall, _ user: String, _ id: String, _ fields: Set<String>
  ) throws(GoogleError) -> JSONText {
    guard let group = contacts[user]?.groups[id] else { throw .notFound }
    let most = call.target["maxMembers"].flatMap { Int($0) } ?? 0
    return JSONText.object(isPretty: call.isPretty) { text in
      writeName(id, to: &text)
      write(group, fields: fields, members: most, to: &text)
    }
  }

  /// The part of a name behind a prefix such as `people/`.
  static func id(_ name: String, _ prefix: String) -> String {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
  }
}

// Writing groups.
extension FakeGoogle {
  mutating func createGroup(
    _ call: ContactsCall, _ user: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow()
    let body = try call.body()
    let fields = try readMask(call, body)
    let name = body["contactGroup"]?["name"]?.string ?? ""
    guard
      let id = try contacts[user]?.addGroup(
        named: name, clientData: body["contactGroup"]?["clientData"], random: &random, at: call.now)
    else { throw .notFound }
    return .json(200, try groupText(call, user, id, fields))
  }

  mutating func updateGroup(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("resourceName")
    let body = try call.body()
    let fields = try readMask(call, body)
    let given = body["contactGroup"]
    let mask = try call.mask(
      "updateGroupFields", of: ["name", "clientData"], body["updateGroupFields"]?.string ?? "name")
    guard let group = contacts[user]?.groups[id] else { throw .notFound }
    if let etag = given?["etag"]?.string, etag != FakeGoogle.etag(group.revision) {
      throw .precondition(
        "Request contactGroup.etag is different than the current contactGroup.etag. "
          + "Clear local cache and get the latest contact group.")
    }
    try contacts[user]?.editGroup(
      id, name: mask?.contains("name") == true ? given?["name"]?.string ?? "" : nil,
      clientData: mask?.contains("clientData") == true ? .some(given?["clientData"]) : nil,
      at: call.now)
    return .json(200, try groupText(call, user, id, fields))
  }

  mutating func deleteGroup(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("deleteContacts", "resourceName")
    try contacts[user]?.removeGroup(
      id, withMembers: call.target["deleteContacts"] == "true", at: call.now)
    return .json(200, JSONText.object(isPretty: call.isPretty) { _ in })
  }

  mutating func modifyMembers(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("resourceName")
    let body = try call.body()
    let ids = { (name: String) in
      (body[name]?.items ?? []).compactMap(\.string).map { FakeGoogle.id($0, "people/") }
    }
    let missing =
      try contacts[user]?.editMembers(
        of: id, adding: ids("resourceNamesToAdd"), removing: ids("resourceNamesToRemove"),
        at: call.now) ?? []
    let text = JSONText.object(isPretty: call.isPretty) { text in
      guard !missing.isEmpty else { return }
      text.field("notFoundResourceNames", .array(missing.map { .text("people/\($0)") }))
    }
    return .json(200, text)
  }

  private func readMask(
    _ call: ContactsCall, _ body: LooseJSON
  ) throws(GoogleError) -> Set<String> {
    let text = body["readGroupFields"]?.string ?? ""
    let mask = try call.mask("readGroupFields", of: FakeGoogle.groupFields, text)
    return mask ?? ["groupType", "metadata", "name"]
  }
}

// A group as JSON; the list of a sync shows one that is gone by its name alone.
extension FakeGoogle {
  private func write(
    _ row: ChangedList<FakeContacts.Group>.Row, fields: Set<String>, to text: inout JSONText
  ) {
    text.object { text in
      writeName(row.id, to: &text)
      if row.isDeleted {
        text.objectField("metadata") { $0.field("deleted", true) }
      } else {
        write(row.item, fields: fields, members: 0, to: &text)
      }
    }
  }

  private func writeName(_ id: String, to text: inout JSONText) {
    text.field("resourceName", "\(FakeGoogle.prefix)\(id)")
  }

  private func write(
    _ group: FakeContacts.Group, fields: Set<String>, members most: Int, to text: inout JSONText
  ) {
    if !group.isSystem {
      text.field("etag", FakeGoogle.etag(group.revision))
      if fields.contains("metadata") {
        text.objectField("metadata") { $0.field("updateTime", time(group.revision)) }
      }
    }
    if fields.contains("groupType") {
      text.field("groupType", group.isSystem ? "SYSTEM_CONTACT_GROUP" : "USER_CONTACT_GROUP")
    }
    if fields.contains("name") {
      text.field("name", group.name)
      text.field("formattedName", group.formattedName)
    }
    let names = group.members.prefix(max(0, most)).map { LooseJSON.text("people/\($0)") }
    if !names.isEmpty { text.field("memberResourceNames", .array(names)) }
    if fields.contains("memberCount"), !group.members.isEmpty {
      text.field("memberCount", group.members.count)
    }
    if fields.contains("clientData"), let data = group.clientData { text.field("clientData", data) }
  }

  static func etag(_ revision: Int64) -> String {
    OpaqueToken.text([revision]).filter { $0 != "=" }
  }

  func time(_ revision: Int64) -> String {
    FakeContacts.time(revision, digits: switches.timeDigits)
  }
}
