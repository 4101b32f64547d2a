import EventStore
import Events

/// A table or a view that SQL may ask.
package struct JournalTable: Sendable, Equatable {
  /// One of its columns.
  package struct Column: Sendable, Equatable {
    package var name: String
    /// As it was declared; empty for what a view reckons.
    package var type: String
    /// In a few words; nil where nobody has said anything.
    package var comment: String?

    /// A column as given.
    package init(name: String, type: String, comment: String? = nil) {
      self.name = name
      self.type = type
      self.comment = comment
    }
  }

  package var name: String
  package var isView: Bool
  /// In a few words; nil where nobody has said anything.
  package var comment: String?
  package var columns: [Column]

  /// A table as given.
  package init(name: String, isView: Bool, comment: String?, columns: [Column]) {
    self.name = name
    self.isView = isView
    self.comment = comment
    self.columns = columns
  }
}

extension Journal {
  /// The tables and views that SQL may ask.
  package func tables() async throws(DaybookError) -> [JournalTable] {
    try await translated {
      try await reader().tables().map { table in
        JournalTable(
          name: table.name, isView: table.isView, comment: table.comment,
          columns: table.columns.map { .init(name: $0.name, type: $0.type, comment: $0.comment) })
      }
    }
  }

  /// Words that a statement of SQL may hold beside names of tables and columns.
  ///
  /// - Parameter count: Of how many of the newest events keys are gathered.
  package func words(
    newest count: Int
  ) async throws(DaybookError) -> (functions: [String], bodyKeys: [String]) {
    try await translated {
      let reader = try await reader(isCaughtUp: false)
      return (try await reader.functions(), try await reader.bodyKeys(newest: count))
    }
  }
}
