package import Daybook

/// A column of a result, as far as its form depends on more than the values.
package struct OutputColumn: Equatable, Sendable {
  /// The way of a value that is wider than its place.
  package enum Fit: Sendable {
    /// It goes on in the next line; nothing of it is lost.
    case wrapped
    /// Its middle becomes `…`.
    case shortened
    /// The one where all values are short, else the other: nothing is known of the column.
    case byLength
  }

  /// The same in every format.
  package var name: String
  /// True where it is set flush right; nil: the values tell.
  package var isNumber: Bool?
  package var fit: Fit
  /// True where a list says that its values are texts, whatever they are.
  package var isText = false
  /// Left out of a table where none of the first rows has a value.
  package var isAsNeeded = false
  /// The place among columns that a narrow table does without, those with low numbers first.
  package var dispensable: Int?
  /// The cells that it is worth keeping before others are done without.
  package var comfort: Int { name == "summary" ? 40 : 24 }
  /// Holds names, by which one row is told from another; not so sentences.
  package var isName: Bool { name != "summary" && name != "title" }
  /// Shown also without any value: somebody asked for it.
  package var stays = false
  /// Holds times in the order of the rows, whose day a terminal shows on a line of its own.
  package var isClock = false

  /// A column that nothing but its name is known of.
  package init(_ name: String) {
    self.name = name
    let shape = OutputColumn.known[name.filter { $0 != "_" }.lowercased()]
    fit = shape ?? .byLength
  }

  /// The columns of those names, as their table has them.
  ///
  /// - Parameter areChosen: Somebody named them, so that all are shown.
  package static func of(
    _ names: [String], in table: RowTable?, areChosen: Bool = false
  ) -> [OutputColumn] {
    guard let table else { return names.map { OutputColumn($0) } }
    let clock = table.clocks.first { names.contains($0) }
    return names.map { name in
      var column = OutputColumn(name)
      if let known = table.columns.first(where: { $0.name == name }) {
        column.isNumber = known.kind == .integer
        column.isText = known.kind == .text
        column.fit = known.mayBeShortened ? .shortened : .wrapped
      }
      column.isAsNeeded = table.asNeeded.contains(name) && !areChosen
      column.stays = areChosen
      column.dispensable = areChosen ? nil : table.dispensable.firstIndex(of: name)
      column.isClock = name == clock
      return column
    }
  }

  /// Names that stand in a list of the journal, without case and lines between words: SQL writes
  /// `object_id` where a list has `objectId`.
  private static let known: [String: Fit] = {
    var known: [String: Fit] = [:]
    let tables =
      RowTable.lists + [.trace, .difference, .polls, .attempts, .pollSteps, .replayPlans]
    for column in tables.flatMap(\.columns) where column.kind == .text {
      let name = column.name.lowercased()
      let fit: Fit = column.mayBeShortened ? .shortened : .wrapped
      // What is whole in one list is whole everywhere.
      known[name] = known[name] == .wrapped ? .wrapped : fit
    }
    return known
  }()
}
