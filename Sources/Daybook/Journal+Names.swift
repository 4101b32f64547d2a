import EventStore
import Events

extension Journal.Instances {
  /// The instance that a person means by its id, or by its name where only one has it.
  ///
  /// A text of digits is an id. One that is deleted is found by its id, and by its name where no
  /// other has that.
  ///
  /// - Throws: `refused` where there is none, with some that there are, and where several have the
  ///   name, with their ids.
  public func id(_ text: String) async throws(DaybookError) -> Int64 {
    if let number = Int64(text) {
      try await check(number)
      return number
    }
    let found = try await view { snapshot throws(JournalError) in
      try snapshot.instances(named: text, limit: Journal.namedMax + 1)
    }
    let present = found.filter { !$0.isDeleted }
    let meant = present.isEmpty ? found : present
    guard let first = meant.first else { throw .refused(try await missing(text)) }
    guard meant.count == 1 else {
      let ids = listed(meant.map { String($0.id) })
      throw .refused(
        Refusal(.invalid, "several instances are named \(text): \(ids); give an id"))
    }
    return first.id
  }

  /// Judges an id; one that is deleted is there.
  ///
  /// - Throws: `refused` where there is none, with some that there are.
  public func check(_ id: Int64) async throws(DaybookError) {
    let created = try await view { snapshot throws(JournalError) in
      try snapshot.creation(of: InstanceID(id))
    }
    guard let created, created <= journal.asOf ?? .max else {
      throw .refused(try await missing("\(id)"))
    }
  }

  private func missing(_ text: String) async throws(DaybookError) -> Refusal {
    let known = try await view { snapshot throws(JournalError) in
      try snapshot.instanceNames(limit: Journal.namesSearchedMax)
    }
    let shown = known.map { "\($0.id) (\($0.name))" }
    let hint = hint(for: text, among: known.map(\.name), as: shown)
    return Refusal(.notFound(.instance), "there is no instance \(named(text))\(hint)")
  }

  private func view<Answer: Sendable>(
    _ work: @Sendable (JournalSnapshot) throws(JournalError) -> Answer
  ) async throws(DaybookError) -> Answer {
    try await translated { try await journal.reader().read(work) }
  }
}

extension Journal {
  /// Names that a refusal lists.
  static let namedMax = 5
  /// Names among which one near to a mistyped one is looked for.
  static let namesSearchedMax = 1_000

  /// Judges what a part of a list names: rows of an instance, a resource or positions that are not
  /// there would be none, which says something else.
  ///
  /// What existed once is there. Of objects and times nothing is judged: they may come.
  ///
  /// - Throws: `refused`, with the code `notFound` and some that there are.
  public func check(_ part: Selection) async throws(DaybookError) {
    if let instance = part.instance { try await instances.check(instance) }
    if let resource = part.resource { try await check(resource, of: part.instance) }
    if let after = part.after { try await checkPosition(after) }
    // The one before which they are is left out.
    if let before = part.before { try await checkPosition(before > .min ? before - 1 : before) }
  }

  /// Judges a key of the configuration, of an instance or of any.
  func check(_ resource: String, of instance: Int64?) async throws(DaybookError) {
    let known: [String]? = try await translated {
      try await reader().read { snapshot throws(JournalError) in
        if try snapshot.hasResource(resource, of: instance) { return nil }
        return try snapshot.resources(of: instance, limit: Journal.namesSearchedMax)
      }
    }
    guard let known else { return }
    let whose =
      instance.map { "instance \($0) has no resource \(named(resource))" }
      ?? "no instance has the resource \(named(resource))"
    let hint = hint(for: resource, among: known)
    throw .refused(Refusal(.notFound(.resource), whose + hint))
  }

  /// Judges a position; 0, where the log begins, is there.
  ///
  /// - Throws: `refused` for one past the end, or past the event as of which the journal answers.
  public func checkPosition(_ position: Int64) async throws(DaybookError) {
    if let asOf, position <= asOf { return }
    let head = try await present.head()
    if asOf == nil, position <= head { return }
    throw .refused(try await missingEvent(position))
  }

  /// The refusal of a position at which there is no event.
  func missingEvent(_ position: Int64) async throws(DaybookError) -> Refusal {
    let head = try await present.head()
    if let asOf, position > asOf, position <= head {
      return Refusal(.notFound(.event), "event \(position) is after \(asOf)")
    }
    let end = position > head ? "ends at \(head)" : "begins with event 1"
    return Refusal(.notFound(.event), "there is no event \(position); the log \(end)")
  }
}

extension Journal {
  /// The objectId that a person means by its beginning, or by how a table shortens it:
  /// `3duqsj4k`, `3duqs…hec5`.
  ///
  /// - Parameter table: The list that is to be filtered by it; of events also the eventId of a
  ///   notification is found.
  /// - Returns: The text itself where it is an id, or where no id begins with it.
  /// - Throws: `refused` where several are meant, with some of them, and where no id was shortened
  ///   so.
  public func object(
    _ text: String, in table: RowTable = .changes
  ) async throws(DaybookError)
    -> String
  {
    let parts = text.split(separator: "…", maxSplits: 1, omittingEmptySubsequences: false)
    let start = parts.first.map(String.init) ?? ""
    let end = parts.count > 1 ? String(parts[1]) : nil
    let isOfEvents = table == .events
    let (found, isKnown) = try await translated {
      try await reader().read { (snapshot) throws(JournalError) -> ([String], Bool) in
        let found = try snapshot.objects(
          beginning: start, ofEvents: isOfEvents, limit: Journal.namedMax + 1
        ) { id in end.map { id.hasSuffix($0) && id.utf8.count >= text.utf8.count - 3 } ?? true }
        // One that never changed is meant by its id, whatever else begins so.
        guard end == nil, found.first != text else { return (found, false) }
        return (found, try snapshot.knows(object: text))
      }
    }
    if end == nil, isKnown || found.isEmpty || found.first == text { return text }
    guard let first = found.first else {
      throw .refused(Refusal(.notFound(.object), "there is no object \(text)"))
    }
    guard found.count == 1 else {
      let how = end == nil ? "begin with" : "are shortened to"
      throw .refused(
        Refusal(
          .invalid, "several objects \(how) \(named(text)): \(listed(found)); give more of the id"))
    }
    // The only object that there is, whichever that happens to be, is not what nothing means.
    guard !text.isEmpty else {
      throw .refused(Refusal(.invalid, "'' names no object; give the beginning of its id"))
    }
    return first
  }
}

/// A name in a sentence, where an empty one would not be seen.
private func named(_ name: String) -> String { name.isEmpty ? "''" : name }

/// Some names, and that there are more where they are many.
func listed(_ names: [String]) -> String {
  names.count <= Journal.namedMax
    ? names.joined(separator: ", ")
    : names.prefix(Journal.namedMax).joined(separator: ", ") + " and more"
}

/// The end of a refusal of a name: the one that was probably meant, or some that there are.
///
/// - Parameter shown: How they are shown, one for one; nil: as they are.
func hint(for name: String, among known: [String], as shown: [String]? = nil) -> String {
  if let near = suggestion(for: name, among: known) { return "; did you mean \(near)?" }
  if known.isEmpty { return "; there is none" }
  let shown = shown ?? known
  return shown.count == 1 ? "; the only one is \(shown[0])" : "; there are \(listed(shown))"
}
