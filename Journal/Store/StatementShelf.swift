/// The statements that a connection has prepared, of one generation of the projections or of none.
final class StatementShelf {
  /// 0: of none.
  let generation: Int64
  /// By the places of the names.
  private var named = [Statement?](repeating: nil, count: StatementShelf.count)
  /// Those put together from parts, by their texts. The length stands for a text among the few that
  /// there are: to hash a kilobyte at each look-up takes longer than many a statement runs.
  private var composed = [[(text: String, statement: Statement)]](repeating: [], count: 64)

  private static let count = SQL.allCases.count

  init(generation: Int64 = 0) { self.generation = generation }

  /// The statement, reset; nil where it is not prepared yet.
  subscript(query: SQL) -> Statement? {
    get {
      let known = named[query.rawValue]
      known?.reset()
      return known
    }
    set { named[query.rawValue] = newValue }
  }

  /// The statement of a text, reset; nil where it is not prepared yet.
  subscript(text: String) -> Statement? {
    get {
      let known = composed[text.utf8.count & 63].first { $0.text == text }?.statement
      known?.reset()
      return known
    }
    set {
      if let newValue { composed[text.utf8.count & 63].append((text, newValue)) }
    }
  }

  func finalize() {
    for statement in named { statement?.finalize() }
    for one in composed.joined() { one.statement.finalize() }
  }
}
