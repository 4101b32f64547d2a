import Events

/// The Google Contacts of one user: groups and people.
package struct FakeContacts: Sendable {
  /// A group of people, made by the user or there from the start.
  struct Group: Sendable {
    var name: String
    var formattedName: String
    var isSystem = false
    /// Unix time, microseconds, made unique among the user's contacts; 0 for system groups.
    var revision: Int64 = 0
    var clientData: LooseJSON?
    /// Ids of people, in the order in which they joined.
    var members: [String] = []
  }

  /// A person whom the user knows.
  struct Person: Sendable {
    /// Lists by their names, such as `names` and `emailAddresses`, as they were given.
    var fields: [String: LooseJSON]
    /// Unix time, microseconds, made unique among the user's contacts.
    var revision: Int64
  }

  /// By what follows `contactGroups/`.
  var groups: ChangedList<Group>
  /// By what follows `people/`.
  var people: ChangedList<Person>
  private var lastRevision: Int64 = 0

  /// The system groups of an account. Source: answers recorded by others.
  static let systemGroups = [
    ("myContacts", "My Contacts"), ("starred", "Starred"), ("friends", "Friends"),
    ("family", "Family"), ("coworkers", "Coworkers"), ("blocked", "Blocked"),
    ("chatBuddies", "Chat contacts"), ("all", "All Contacts"),
  ]

  /// Ids of the system groups.
  package static let systemGroupIDs = Set(systemGroups.map(\.0))

  init(keepsVersions: Bool = false) {
    groups = ChangedList(keepsVersions: keepsVersions)
    people = ChangedList(keepsVersions: keepsVersions)
    for (id, name) in FakeContacts.systemGroups {
      let group = Group(name: id, formattedName: name, isSystem: true)
      put(group, as: id, at: Moment(milliseconds: 0))
    }
  }

  /// Every version of each group, Google's own among them.
  package var groupVersions: VersionLog { groups.log }

  private mutating func put(_ group: Group, as id: String, at now: Moment) {
    groups.put(
      group, as: id, etag: group.isSystem ? "" : FakeGoogle.etag(group.revision), at: now)
  }

  private mutating func put(_ person: Person, as id: String, at now: Moment) {
    people.put(person, as: id, etag: FakeGoogle.etag(person.revision), at: now)
  }

  /// Groups, and people, that are there.
  package var groupCount: Int { groups.count }
  package var personCount: Int { people.count }

  /// Makes every sync token dead, also between two pages.
  mutating func expireSyncTokens() {
    groups.generation += 1
    people.generation += 1
  }

  /// Microseconds of a change; the last three digits follow from what it is about.
  private mutating func stamp(_ id: String, at now: Moment) -> Int64 {
    let digits = Int64(OpaqueToken.fingerprint("\(id) \(lastRevision)".utf8) % 1_000)
    lastRevision = max(lastRevision + 1, now.milliseconds * 1_000 + digits)
    return lastRevision
  }
}

// Groups.
extension FakeContacts {
  mutating func addGroup(
    named name: String, clientData: LooseJSON?, random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    try check(name, except: nil)
    guard groups.rows.count < FakeLimits.groupsMax else {
      throw GoogleError(429, "rateLimitExceeded", "Contact groups limit exceeded.")
    }
    let digits = String(random.next() >> 4 | 1 << 59, radix: 16)
    let id = groups[digits] == nil ? digits : "\(digits)\(groups.rows.count)"
    let group = Group(
      name: name, formattedName: name, revision: stamp(id, at: now), clientData: clientData)
    put(group, as: id, at: now)
    return id
  }

  mutating func editGroup(
    _ id: String, name: String?, clientData: LooseJSON??, at now: Moment
  ) throws(GoogleError) {
    var group = try ownGroup(id)
    if let name {
      try check(name, except: id)
      (group.name, group.formattedName) = (name, name)
    }
    if let clientData { group.clientData = clientData }
    group.revision = stamp(id, at: now)
    put(group, as: id, at: now)
  }

  /// Brings back a group that was removed, as undoing changes does.
  ///
  /// - Returns: False where it was not removed.
  mutating func restoreGroup(_ id: String, at now: Moment) -> Bool {
    guard groups[id] == nil, var group = groups.last(id) else { return false }
    group.revision = stamp(id, at: now)
    put(group, as: id, at: now)
    return true
  }

  mutating func removeGroup(_ id: String, withMembers: Bool, at now: Moment) throws(GoogleError) {
    let group = try ownGroup(id)
    groups.remove(id, at: now)
    if withMembers { for person in group.members { try removePerson(person, at: now) } }
  }

  /// Lets people join and leave a group.
  ///
  /// - Returns: Those that are not there.
  mutating func editMembers(
    of id: String, adding: [String], removing: [String], at now: Moment
  ) throws(GoogleError) -> [String] {
    guard var group = groups[id] else { throw .notFound }
    guard id != "all", id != "chatBuddies" else {
      throw .argument("Cannot modify the members of contactGroups/\(id).")
    }
    let missing = (adding + removing).filter { people[$0] == nil }
    let leaving = Set(removing)
    let joining = adding.filter { people[$0] != nil && !group.members.contains($0) }
    group.members = group.members.filter { !leaving.contains($0) } + joining
    if !group.isSystem { group.revision = stamp(id, at: now) }
    put(group, as: id, at: now)
    for person in Set(joining + removing) { touchPerson(person, at: now) }
    return missing
  }

  private func ownGroup(_ id: String) throws(GoogleError) -> Group {
    guard let group = groups[id] else { throw .notFound }
    guard !group.isSystem else {
      throw .argument("Cannot modify a system contact group: contactGroups/\(id).")
    }
    return group
  }

  private func check(_ name: String, except id: String?) throws(GoogleError) {
    guard !name.isEmpty else { throw .argument("Contact group name must not be empty.") }
    let isTaken = groups.rows.contains { $0.id != id && !$0.isDeleted && $0.item.name == name }
    guard !isTaken else {
      throw GoogleError(409, "alreadyExists", "Contact group name already exists.")
    }
  }
}

// People.
extension FakeContacts {
  mutating func addPerson(
    _ fields: [String: LooseJSON], random: inout FakeRandom, at now: Moment
  ) throws(GoogleError) -> String {
    guard people.rows.count < FakeLimits.peopleMax else {
      throw GoogleError(429, "rateLimitExceeded", "MY_CONTACTS_OVERFLOW_COUNT")
    }
    let id = "c\(random.next() >> 2 | 1 << 62)"
    put(Person(fields: fields, revision: stamp(id, at: now)), as: id, at: now)
    for group in ["myContacts", "all"] { groups.amend(group) { $0.members.append(id) } }
    return id
  }

  mutating func editPerson(
    _ id: String, at now: Moment, _ body: (inout [String: LooseJSON]) -> Void
  ) throws(GoogleError) {
    guard var person = people[id] else { throw .notFound }
    body(&person.fields)
    person.revision = stamp(id, at: now)
    put(person, as: id, at: now)
  }

  mutating func removePerson(_ id: String, at now: Moment) throws(GoogleError) {
    guard people.remove(id, at: now) else { throw .notFound }
    for (group, item) in groups.items where item.members.contains(id) {
      if item.isSystem {
        groups.amend(group) { $0.members.removeAll { $0 == id } }
      } else {
        var item = item
        item.members.removeAll { $0 == id }
        item.revision = stamp(group, at: now)
        put(item, as: group, at: now)
      }
    }
  }

  private mutating func touchPerson(_ id: String, at now: Moment) {
    guard var person = people[id] else { return }
    person.revision = stamp(id, at: now)
    put(person, as: id, at: now)
  }

  /// The groups that a person is in.
  func groups(of person: String) -> [String] {
    groups.items.filter { $0.item.members.contains(person) }.map(\.id)
  }
}

extension FakeContacts {
  /// A time as protocol buffers write it: `2026-11-23T12:00:00.421678Z`.
  ///
  /// - Parameter digits: Of the fraction: 0, 3, 6 or 9.
  static func time(_ microseconds: Int64, digits: Int) -> String {
    let text = Moment(milliseconds: microseconds / 1_000).isoSeconds
    guard digits > 0 else { return text }
    let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst() + "000"
    return "\(text.dropLast()).\(fraction.prefix(digits))Z"
  }
}
