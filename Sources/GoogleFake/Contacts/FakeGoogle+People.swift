import Events

// People, whom the People API calls connections.
extension FakeGoogle {
  private static let peopleKind: Int64 = 7
  private static let prefix = "people/"

  /// The paths of `personFields`, in the order in which they are shown.
  /// Source: discovery document of People v1.
  private static let personFields = [
    "metadata", "addresses", "ageRanges", "biographies", "birthdays", "calendarUrls", "clientData",
    "coverPhotos", "emailAddresses", "events", "externalIds", "genders", "imClients", "interests",
    "locales", "locations", "memberships", "miscKeywords", "names", "nicknames", "occupations",
    "organizations", "phoneNumbers", "photos", "relations", "sipAddresses", "skills", "urls",
    "userDefined",
  ]

  mutating func connectionList(
    _ call: ContactsCall, _ user: String
  ) throws(GoogleError) -> FakeAnswer {
    typealias Listing = ContactsListing<FakeContacts.Person>
    try call.allow(
      "personFields", "pageSize", "pageToken", "syncToken", "requestSyncToken", "sortOrder",
      "sources", "resourceName", "requestMask.includeField")
    let fields = try personMask(call)
    var query = try ContactsQuery(call.target.query, usual: FakeLimits.peopleItemsDefault)
    query.order = try order(call.target["sortOrder"] ?? "")
    let same = ["personFields", "sortOrder", "sources"].map { call.target[$0] ?? "" }
    query.lineage = Int64(OpaqueToken.fingerprint(same.joined(separator: "&").utf8) >> 16)
    let key = call.target["sortOrder"] == "LAST_NAME_ASCENDING" ? "familyName" : "givenName"
    if query.pageToken == nil, let token = query.syncToken,
      let change = Listing.change(ofSync: token, kind: FakeGoogle.peopleKind)
    {
      contacts[user]?.people.log.follow(change)
    }
    let setting = Listing.Setting(
      kind: FakeGoogle.peopleKind, owner: user, expiry: switches.contactsExpiry, now: call.now,
      name: { $0.fields["names"]?.items?.first?[key]?.string ?? "" })
    let people = contacts[user]?.people ?? ChangedList()
    let page = try Listing(people, query, setting).page(call.distortion)
    let wantsToken = call.target["requestSyncToken"] == "true" || query.syncToken != nil
    let text = JSONText.object(isPretty: call.isPretty) { text in
      if !page.rows.isEmpty {
        text.arrayField("connections") { text in
          for row in page.rows {
            text.element()
            write(row.row, user, fields: fields, to: &text)
          }
        }
      }
      if let token = page.nextPageToken { text.field("nextPageToken", token) }
      if wantsToken, page.nextPageToken == nil { text.field("nextSyncToken", page.nextSyncToken) }
      if page.total > 0 {
        text.field("totalPeople", page.total)
        text.field("totalItems", page.total)
      }
    }
    return .json(200, text)
  }

  private func order(_ text: String) throws(GoogleError) -> ContactsQuery.Order {
    switch text {
    case "", "LAST_MODIFIED_ASCENDING": return .modifiedAscending
    case "LAST_MODIFIED_DESCENDING": return .modifiedDescending
    case "FIRST_NAME_ASCENDING", "LAST_NAME_ASCENDING": return .name
    default: throw .argument("Invalid value at 'sort_order': \"\(text)\"")
    }
  }

  private func personMask(_ call: ContactsCall) throws(GoogleError) -> Set<String> {
    let old = call.target["requestMask.includeField"]?.replacing("person.", with: "")
    guard let mask = try call.mask("personFields", of: FakeGoogle.personFields, old) else {
      throw .argument(
        "personFields mask is required. Please specify one or more valid paths. Valid paths are "
          + "documented at https://developers.google.com/people/api/rest/v1/people/get.")
    }
    return mask
  }

  func personAnswer(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("personFields", "requestMask.includeField", "resourceName", "sources")
    return .json(200, try personText(call, user, id, personMask(call)))
  }

  func personBatch(_ call: ContactsCall, _ user: String) throws(GoogleError) -> FakeAnswer {
    try call.allow("personFields", "requestMask.includeField", "resourceNames", "sources")
    let fields = try personMask(call)
    let names = call.target.query.filter { $0.name == "resourceNames" }.map(\.value)
    guard (1...200).contains(names.count) else { throw .argument("resourceNames: 1 to 200.") }
    let text = JSONText.object(isPretty: call.isPretty) { text in
      text.arrayField("responses") { text in
        for name in names {
          let id = FakeGoogle.id(name, FakeGoogle.prefix)
          text.element()
          text.object { text in
            text.field("requestedResourceName", name)
            guard let person = contacts[user]?.people[id] else {
              text.field("httpStatusCode", 404)
              text.objectField("status") { $0.field("code", 5) }
              return
            }
            text.field("httpStatusCode", 200)
            text.objectField("status") { _ in }
            text.objectField("person") { write(person, id, user, fields: fields, to: &$0) }
          }
        }
      }
    }
    return .json(200, text)
  }

  private func personText(
    _ call: ContactsCall, _ user: String, _ id: String, _ fields: Set<String>
  ) throws(GoogleError) -> JSONText {
    guard let person = contacts[user]?.people[id] else { throw .notFound }
    return JSONText.object(isPretty: call.isPretty) {
      write(person, id, user, fields: fields, to: &$0)
    }
  }
}

// Writing people.
extension FakeGoogle {
  mutating func createPerson(
    _ call: ContactsCall, _ user: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("personFields", "sources")
    let fields = try call.body().members ?? [:]
    let given = fields.filter { FakeGoogle.isWritable($0.key) && $0.value.items != nil }
    guard let id = try contacts[user]?.addPerson(given, random: &random, at: call.now) else {
      throw .notFound
    }
    return .json(200, try personText(call, user, id, answerMask(call)))
  }

  mutating func updatePerson(
    _ call: ContactsCall, _ user: String, _ id: String
  ) throws(GoogleError) -> FakeAnswer {
    try call.allow("personFields", "resourceName", "sources", "updatePersonFields")
    let writable = FakeGoogle.personFields.filter(FakeGoogle.isWritable)
    guard let mask = try call.mask("updatePersonFields", of: writable) else {
      throw .argument("updatePersonFields mask is required.")
    }
    let body = try call.body()
    guard let person = contacts[user]?.people[id] else { throw .notFound }
    let sources = body["metadata"]?["sources"]?.items ?? []
    guard let etag = body["etag"]?.string ?? sources.first?["etag"]?.string else {
      throw .argument(
        "Request must set person.etag or person.metadata.sources.etag for the source that is "
          + "being updated.")
    }
    guard etag == FakeGoogle.etag(person.revision) else {
      throw .precondition(
        "Request person.etag is different than the current person.etag. Clear local cache and get "
          + "the latest person.")
    }
    try contacts[user]?.editPerson(id, at: call.now) { fields in
      for name in mask { fields[name] = body[name]?.items.map(LooseJSON.array) }
    }
    return .json(200, try personText(call, user, id, answerMask(call)))
  }

  private func answerMask(_ call: ContactsCall) throws(GoogleError) -> Set<String> {
    try call.mask("personFields", of: FakeGoogle.personFields) ?? Set(FakeGoogle.personFields)
  }

  private static func isWritable(_ name: String) -> Bool {
    let fixed = ["metadata", "memberships", "ageRanges", "coverPhotos", "photos"]
    return personFields.contains(name) && !fixed.contains(name)
  }
}

// A person as JSON.
extension FakeGoogle {
  private func write(
    _ row: ChangedList<FakeContacts.Person>.Row, _ user: String, fields: Set<String>,
    to text: inout JSONText
  ) {
    text.object { text in
      guard row.isDeleted else {
        return write(row.item, row.id, user, fields: fields, to: &text)
      }
      text.field("resourceName", "\(FakeGoogle.prefix)\(row.id)")
      text.field("etag", FakeGoogle.etag(row.item.revision))
      text.objectField("metadata") { text in
        text.field("deleted", true)
        text.field("objectType", "PERSON")
      }
    }
  }

  private func write(
    _ person: FakeContacts.Person, _ id: String, _ user: String, fields: Set<String>,
    to text: inout JSONText
  ) {
    text.field("resourceName", "\(FakeGoogle.prefix)\(id)")
    text.field("etag", FakeGoogle.etag(person.revision))
    if fields.contains("metadata") {
      text.objectField("metadata") { text in
        text.arrayField("sources") { text in
          text.element()
          text.object { text in
            text.field("type", "CONTACT")
            text.field("id", FakeGoogle.source(id))
            text.field("etag", "#\(FakeGoogle.etag(person.revision))")
            text.field("updateTime", time(person.revision))
          }
        }
        text.field("objectType", "PERSON")
      }
    }
    let groups = contacts[user]?.groups(of: id) ?? []
    for name in FakeGoogle.personFields where fields.contains(name) {
      if name == "memberships", !groups.isEmpty {
        text.arrayField(name) { writeMemberships(groups, id, to: &$0) }
      } else if let items = person.fields[name]?.items, !items.isEmpty {
        let shown = items.enumerated().map { FakeGoogle.shown($1, name, id, isFirst: $0 == 0) }
        text.field(name, .array(shown))
      }
    }
  }

  private func writeMemberships(_ groups: [String], _ id: String, to text: inout JSONText) {
    for group in groups where group != "all" {
      text.element()
      text.object { text in
        text.field("metadata", FakeGoogle.fieldMetadata(id, isFirst: false))
        text.objectField("contactGroupMembership") { text in
          text.field("contactGroupId", group)
          text.field("contactGroupResourceName", "contactGroups/\(group)")
        }
      }
    }
  }

  /// One value of a field, with what Google adds to it.
  private static func shown(
    _ item: LooseJSON, _ name: String, _ id: String, isFirst: Bool
  ) -> LooseJSON {
    guard var members = item.members else { return item }
    members["metadata"] = fieldMetadata(id, isFirst: isFirst)
    if name == "names", members["displayName"] == nil {
      let parts = ["givenName", "familyName"].compactMap { members[$0]?.string }
      members["displayName"] = .text(parts.joined(separator: " "))
      members["displayNameLastFirst"] = .text(parts.reversed().joined(separator: ", "))
    }
    return .object(members)
  }

  private static func fieldMetadata(_ id: String, isFirst: Bool) -> LooseJSON {
    var members: [String: LooseJSON] = [
      "source": .object(["type": .text("CONTACT"), "id": .text(source(id))])
    ]
    if isFirst { members["primary"] = .bool(true) }
    return .object(members)
  }

  /// The id of a contact in its source: its number in hexadecimal.
  private static func source(_ id: String) -> String {
    String(UInt64(id.dropFirst()) ?? 0, radix: 16)
  }
}
