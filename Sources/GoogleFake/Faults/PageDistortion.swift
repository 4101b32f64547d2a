/// The changes that a fault makes to a list's page.
struct PageDistortion: Sendable {
  /// Rows at most, though more follow.
  var rowsMax: Int?
  /// Ids that this page leaves out.
  var omitted: Set<String> = []
  /// Rows at its beginning that it leaves out, as if they had moved to a page that was read before.
  var skipped = 0
  /// Rows at its end that the next page shows again.
  var repeated = 0
  /// The page says that it is the last although more follow.
  var isLast = false

  /// The rows of a page.
  struct Page<Row> {
    var rows: [Row]
    var hasMore: Bool
    /// After which row the next page goes on; nil where it begins as this one did.
    var anchor: Row?
  }

  /// Cuts a page from the rows that are left of a list.
  func page<Row>(of rest: [Row], most: Int, id: (Row) -> String) -> Page<Row> {
    let most = min(most, rowsMax ?? most)
    let shown = omitted.isEmpty ? rest : rest.filter { !omitted.contains(id($0)) }
    let left = shown.dropFirst(skipped)
    let rows = Array(left.prefix(most))
    let hasMore = left.count > rows.count && !isLast
    return Page(rows: rows, hasMore: hasMore, anchor: rows.dropLast(repeated).last)
  }
}
