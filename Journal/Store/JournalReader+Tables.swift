import Events

/// A table or a view that a person may ask.
package struct TableDescription: Sendable, Equatable {
  /// One of its columns.
  package struct Column: Sendable, Equatable {
    package var name: String
    /// As it was declared; empty for what a view reckons.
    package var type: String
    /// In the words of the file that makes the table; nil where that says nothing.
    package var comment: String?
  }

  package var name: String
  package var isView: Bool
  /// In the words of the file that makes the table.
  package var comment: String?
  package var columns: [Column]
}

extension JournalReader {
  /// The tables and views that are there to be asked, in the order of their names. Tables of a
  /// generation, and those that hold what is none of a person's, are left out.
  package func tables() throws(JournalError) -> [TableDescription] {
    let comments = TableComments.all
    var tables: [TableDescription] = []
    try rows(of: .listTables) { row in
      let name = row.text(0)
      guard let known = comments[name] else { return }
      let field = TableDescription.Column(
        name: row.text(2), type: row.text(3),
        comment: known.columns[row.text(2)] ?? TableComments.shared[row.text(2)])
      if tables.last?.name != name {
        tables.append(
          TableDescription(
            name: name, isView: row.text(1) == "view", comment: known.table, columns: []))
      }
      tables[tables.count - 1].columns.append(field)
    }
    return tables
  }

  /// The functions of SQL.
  package func functions() throws(JournalError) -> [String] {
    var names: [String] = []
    try rows(of: .listFunctions) { names.append($0.text(0)) }
    return names
  }

  /// Keys of the bodies of the newest events.
  package func bodyKeys(newest count: Int) throws(JournalError) -> [String] {
    var names: [String] = []
    try rows(of: .listBodyKeys, ["newest": .integer(Int64(count))]) { names.append($0.text(0)) }
    return names
  }

  private func rows(
    of query: SQL, _ values: KeyValuePairs<String, Binding> = [:], _ take: (Statement) -> Void
  ) throws(JournalError) {
    try view { _ throws(JournalError) in
      let text = query.replacing("@schema", with: connection.schema)
      let statement = try connection.statement(text)
      defer { statement.reset() }
      for (name, value) in values { try statement.bind(name, value) }
      while try statement.step() { take(statement) }
    }
  }
}

/// Comments on a table and its columns, from the text that makes it:
///
///     -- A row for each change.
///     CREATE TABLE changes_$ (
///       cause  INTEGER NOT NULL, -- its poll
private struct TableComments {
  var table: String?
  var columns: [String: String] = [:]

  static let all: [String: TableComments] = {
    let texts: [(name: String, text: String)] = [
      ("events", SQL.schemaEvents), ("payloads", SQL.schemaPayloads),
      ("agenda", SQL.agendaTable.text), ("callbacks", SQL.callbacksTable.text),
      ("changes", SQL.changesTable.text), ("cursors", SQL.cursorsTable.text),
      ("deliveries", SQL.deliveriesTable.text), ("effects", SQL.effectsTable.text),
      ("entries", SQL.entriesTable.text), ("feeds", SQL.feedsTable.text),
      ("instances", SQL.instancesTable.text), ("notices", SQL.noticesTable.text),
      ("objects", SQL.objectsTable.text), ("replays", SQL.replaysTable.text),
    ]
    return Dictionary(
      texts.map { ($0.name, TableComments($0.text)) }, uniquingKeysWith: { first, _ in first })
  }()

  /// Names that say the same in every table.
  static let shared = [
    "position": "place in the log: 1, 2, 3, … without gaps",
    "since": "position from which the row holds",
    "until": "position from which it holds no more; null: it still does",
    "instance": "number of the instance", "feed": "number of the feed",
    "resource": "the key in the configuration", "collection": "the provider's id of what is read",
    "stream": "the stream of the event", "type": "type of the event, such as poll.completed",
    "kind": "kind of it, in one word", "state": "state of it, in one word",
    "status": "state of the delivery, in one word", "mode": "way of it, in one word",
    "url": "where it goes", "replay": "position of its replay.requested; null: of none",
    "attempts": "attempts so far", "change_count": "changes that it tells of",
    "length_bytes": "length of the bytes", "name": "the name",
    "delivery": "the delivery's stream without its first word",
    "notification": "id that the receiver sees", "object": "the provider's id of the object",
    "object_id": "id that the notification gives the object",
    "reason": "why, in words; null where nobody said",
    "cursor": "the provider's token of how far was read", "failures": "failures in a row",
    "cause": "position of the event that led to it", "effect": "position of what came of it",
    "notifications": "notifications that it sends again", "requested": "those asked for so far",
    "sent": "those attempted so far", "succeeded": "those that arrived", "failed": "those given up",
    "text": "the sentence for a person", "subject": "the thing that it speaks of",
    "task": "kind of work: poll, notify, deliver or replay",
    "element": "the kind of provider", "callback": "where its notifications go",
    "authorization": "state of the account's authorization",
    "revision": "the provider's version of it", "interval_ms": "milliseconds between two polls",
    "created_at_ms": "Unix time in UTC, milliseconds, of its creation",
    "changed_at_ms": "Unix time in UTC, milliseconds, of its last change",
    "recorded_at_ms": "Unix time in UTC, milliseconds, of the event",
    "polled_at_ms": "Unix time in UTC, milliseconds, of the poll",
    "moved_at_ms": "Unix time in UTC, milliseconds, when the cursor moved last",
    "next_at_ms": "Unix time in UTC, milliseconds, when it comes next; null: not at all",
    "date_ms": "Unix time in UTC, milliseconds, of the change",
    "opened_at_ms": "Unix time in UTC, milliseconds, when it was raised",
    "closed_at_ms": "Unix time in UTC, milliseconds, when it was closed; null: it is open",
  ]

  init(_ text: String) {
    var above: String?
    var isInside = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("CREATE ") {
        isInside = line.hasPrefix("CREATE TABLE") && columns.isEmpty
        if isInside { table = above }
      } else if line.hasPrefix("-- ") {
        if above == nil { above = String(line.dropFirst(3)) }
      } else if isInside, let match = line.firstMatch(of: /^ +(\w+) .*?-- (.*)$/) {
        columns[String(match.1)] = String(match.2)
      }
    }
  }
}
