/// A table, index, view or trigger as `sqlite_schema` has it.
struct SchemaObject: Hashable {
  /// `table`, `index`, `view` or `trigger`.
  var kind: String
  var name: String
  /// The table or view that it belongs to; of a table or view its own name.
  var owner: String
  var text: String

  /// The text without comments and line ends: how it was laid out changes nothing.
  var bareText: String {
    let lines: [Substring] = text.split(separator: "\n").map { line in
      guard let comment = line.firstRange(of: "--") else { return line }
      return line[..<comment.lowerBound]
    }
    let words: [Substring] = lines.flatMap { $0.split(whereSeparator: \.isWhitespace) }
    return words.joined(separator: " ")
  }
}

/// One thing in which the schema of the disposable tables is not the one that Daybook makes.
struct SchemaDifference: Equatable {
  var object: SchemaObject
  /// True where it should be there, and is not, or not so.
  var isMissing: Bool
  /// True where it is there, and should not be, or not so.
  var isSurplus: Bool

  /// The end of a sentence that tells it: `the index agenda_by_due_1 is missing`.
  var description: String {
    let place = object.owner == object.name ? "" : " on \(object.owner)"
    let how =
      if !isSurplus { "is missing" } else if isMissing { "is not the one that Daybook made" } else {
        "is none that Daybook made"
      }
    return "the \(object.kind) \(object.name)\(place) \(how)"
  }
}

extension Projector {
  /// The most that is taken for the number of a generation.
  static let generationMax: Int64 = 1 << 48

  /// The names that the views of the generation in force have.
  static let viewNames: Set<String> = [
    "feeds", "objects", "agenda", "replays", "entries", "effects", "changes", "notices",
    "instances", "cursors", "deliveries", "callbacks",
  ]

  /// The generation that a name ends with, where the rest is a disposable table's; else nil.
  static func generation(ofTable name: String) -> Int64? {
    let base = name.prefix { $0 != "_" }
    let isOurs = (decisionTables + reportTables).contains { $0 == base }
    return isOurs ? Int64(name.dropFirst(base.count + 1)) : nil
  }

  /// True for a table or view that can be made anew from the log at any time.
  static func isDisposable(_ name: String) -> Bool {
    viewNames.contains(name) || generation(ofTable: name) != nil
  }

  /// All that a generation in force has in the schema, made in memory.
  static func wantedSchema(_ generation: Int64) throws(JournalError) -> [SchemaObject] {
    let reference = try Connection(path: "the reference", access: .memory)
    let projector = Projector(connection: reference, generation: generation)
    try projector.makeTables()
    try reference.execute(projector.named(SQL.reportIndices))
    try reference.execute(projector.named(SQL.liveViews))
    return try reference.schemaObjects()
  }

  /// How the schema of a generation in force departs from the one that Daybook makes: missing,
  /// changed and foreign tables, indices, views, and triggers.
  static func schemaDifferences(
    _ generation: Int64, in found: [SchemaObject]
  ) throws(JournalError) -> [SchemaDifference] {
    let wanted = try wantedSchema(generation)
    let owners = Set(wanted.map(\.owner))
    var differences: [SchemaDifference] = []
    // A table that is missing says more than each of its indices.
    for object in wanted.sorted(by: { $0.kind == "table" && $1.kind != "table" }) {
      let other = found.first { $0.kind == object.kind && $0.name == object.name }
      if other?.bareText != object.bareText || other?.owner != object.owner {
        differences.append(
          SchemaDifference(object: object, isMissing: true, isSurplus: other != nil))
      }
    }
    for object in found where owners.contains(object.owner) {
      guard !wanted.contains(where: { $0.kind == object.kind && $0.name == object.name }) else {
        continue
      }
      differences.append(SchemaDifference(object: object, isMissing: false, isSurplus: true))
    }
    return differences
  }
}

extension Connection {
  /// All that the journal's schema has a text for.
  func schemaObjects() throws(JournalError) -> [SchemaObject] {
    let query = try statement(SQL.listSchema.replacing("@schema", with: schema))
    defer { query.reset() }
    var objects: [SchemaObject] = []
    while try query.step() {
      objects.append(
        SchemaObject(
          kind: query.text(0), name: query.text(1), owner: query.text(3), text: query.text(2)))
    }
    return objects
  }

  /// Why the table `projections` cannot be what Daybook wrote, as the end of a sentence; nil where
  /// it can.
  ///
  /// - Parameter head: The position of the last event.
  static func implausibility(
    of rows: [String: ProjectionRow], head: Int64
  ) -> (row: String, why: String)? {
    guard let decisions = rows["decisions"] else { return ("decisions", "it has no such row") }
    guard let reports = rows["reports"] else { return ("reports", "it has no such row") }
    for (name, row) in rows.sorted(by: { $0.key < $1.key }) {
      guard (1...Projector.generationMax).contains(row.generation) else {
        return (name, "there is no generation \(row.generation)")
      }
      guard row.revision >= 1 else { return (name, "there is no revision \(row.revision)") }
      guard (0...head).contains(row.position) else {
        return (name, "its position is not one of the \(head) events")
      }
    }
    guard reports.generation == decisions.generation else {
      return ("reports", "its generation is not the one in force")
    }
    guard reports.revision == decisions.revision else {
      return ("reports", "its revision is not that of the tables that decide")
    }
    if let rebuild = rows["rebuild"], rebuild.generation <= decisions.generation {
      return ("rebuild", "its generation is not after the one in force")
    }
    return nil
  }

  /// How far the report tables of a generation have read, as they say themselves.
  func newestEntry(of generation: Int64) throws(JournalError) -> Int64 {
    let query = try projection(
      SQL.newestEntry.replacing("@schema", with: schema), generation)
    defer { query.reset() }
    return try query.step() ? query.integer(0) : 0
  }

  /// The findings of SQLite about a table and its indices, a line each.
  func integrityProblems(of table: String) throws(JournalError) -> [String] {
    let query = try statement("PRAGMA \(schema).integrity_check('\(table)')")
    defer { query.reset() }
    var lines: [String] = []
    while try query.step() { lines.append(query.text(0)) }
    return lines == ["ok"] ? [] : lines
  }
}
