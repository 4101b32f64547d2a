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
  /// Which of its rows it leaves out, counted around; one that changed lately where there are any.
  var missed: Int?
  /// Which of its rows it shows once more at its end, counted around.
  var doubled: Int?
  /// It hides nothing but what somebody could tell that it is missing.
  var sparesUnknown = false

  /// The rows of a page.
  struct Page<Row> {
    var rows: [Row]
    var hasMore: Bool
    /// After which row the next page goes on; nil where it begins as this one did.
    var anchor: Row?
  }

  /// How many of the rows that are left of a list a page has to see.
  func rowsNeeded(most: Int) -> Int {
    isLast && sparesUnknown
      ? Int.max : min(most, rowsMax ?? most) + skipped + omitted.count + 1
  }

  /// Cuts a page from the rows that are left of a list.
  func page<Row>(
    of rest: [Row], most: Int, log: VersionLog, id: (Row) -> String
  ) -> Page<Row> {
    func mayHide(_ row: Row) -> Bool { !sparesUnknown || log.isKnown(id(row)) }
    let most = min(most, rowsMax ?? most)
    var left = omitted.isEmpty ? rest : rest.filter { !(omitted.contains(id($0)) && mayHide($0)) }
    if skipped > 0 { left = left.prefix(skipped).filter { !mayHide($0) } + left.dropFirst(skipped) }
    var rows = Array(left.prefix(most))
    let hasMore = left.count > rows.count && !isLast
    let anchor = rows.dropLast(repeated).last
    if isLast { rows += left.dropFirst(most).filter { !mayHide($0) } }
    if let missed {
      let places = rows.indices.filter { mayHide(rows[$0]) }
      let news = places.filter { log.isNews(id(rows[$0])) }
      let choice = news.isEmpty ? places : news
      if !choice.isEmpty { rows.remove(at: choice[missed % choice.count]) }
    }
    if let doubled, !rows.isEmpty { rows.append(rows[doubled % rows.count]) }
    return Page(rows: rows, hasMore: hasMore, anchor: anchor)
  }
}
