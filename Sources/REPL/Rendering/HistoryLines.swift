import Daybook
package import Events
import RawJSON

/// The lines of one object's history for a terminal.
///
///     2026-11-24
///       15  08:47:01.798  CREATED  Planning  instance 1, calendars/primary/changed-events
///           told http://127.0.0.1:18095/receiver: succeeded 08:47:07.313 (delivery 18)
///       20  08:47:01.804  UPDATED  Planning, moved
///           start.dateTime   "2026-12-07T09:00:00Z" → "2026-12-08T09:00:00Z"
///           summary          "Planning" → "Planning, moved"
///
/// Values that are long are shortened in the middle; `--output json` has all of them.
package struct HistoryLines {
  private let palette: Palette
  private let moments: MomentStyle
  private let width: Int
  private var day = ""
  private var source = ""

  /// - Parameter columns: The width of the window; nil where nothing bounds it.
  package init(_ palette: Palette, _ moments: MomentStyle, columns: Int?) {
    self.palette = palette
    self.moments = moments
    width = max(40, columns ?? TerminalLimits.tableCellsMax)
  }

  private static let indent = String(repeating: " ", count: 10)

  /// The lines of one version, by the columns of `RowTable.history`.
  package mutating func lines(_ row: Row) -> [String] {
    var lines: [String] = []
    let recordedAt = row["recordedAt"]?.moment.map(moments.text) ?? ""
    if day != recordedAt.prefix(10) {
      day = String(recordedAt.prefix(10))
      lines.append(palette.styled(day, .heading))
    }
    lines.append(heading(row, clock: Self.clock(recordedAt)))
    let kind = row["eventType"]?.string ?? ""
    lines += differences(row["changes"]?.string, isDeletion: kind == "DELETED")
    if let note = row["note"]?.string { lines.append(Self.indent + palette.styled(note, .faint)) }
    return lines + told(row["deliveries"]?.string)
  }

  private mutating func heading(_ row: Row, clock: String) -> String {
    let position = String(row["position"]?.integer ?? 0)
    let blanks = String(repeating: " ", count: max(0, 8 - position.utf8.count))
    let kind = row["eventType"]?.string ?? ""
    var line = blanks + position + "  " + palette.styled(clock, .faint) + "  "
    line += palette.styled(kind, kind == "DELETED" ? .bad : kind == "CREATED" ? .good : .place)
    if let title = row["title"]?.string { line += "  " + visible(title) }
    let source = "instance \(row["instance"]?.integer ?? 0), \(row["resource"]?.string ?? "")"
    // Most objects are of one feed: it is told where it changes.
    if source != self.source { line += "  " + palette.styled(visible(source), .faint) }
    self.source = source
    return line
  }

  /// Tells of a deletion only what is other in it: all else is not given any more.
  private func differences(_ json: String?, isDeletion: Bool) -> [String] {
    guard let json, let list = (try? JSON.parse(Array(json.utf8)))?.elements else { return [] }
    if list.isEmpty {
      return [Self.indent + palette.styled("nothing in its bytes differs", .faint)]
    }
    let told = isDeletion ? list.filter { !Self.isNull($0["after"]) } : list
    let shown = told.prefix(TerminalLimits.differencesShown)
    let names = shown.map { visible($0["field"]?.text ?? "") }
    let least = min(names.map(displayWidth).max() ?? 0, width / 3)
    var lines = zip(shown, names).map { difference, name in
      let blanks = String(repeating: " ", count: max(0, least - displayWidth(name)))
      let room = max(10, (width - Self.indent.count - max(least, displayWidth(name)) - 5) / 2)
      let values = ["before", "after"].map { Self.value(difference[$0], cells: room) }
      return Self.indent + name + blanks + "  " + palette.styled(values[0], .faint) + " → "
        + values[1]
    }
    let left = list.count - shown.count
    if left > 0 {
      let what = left == 1 ? "1 more field" : "\(left) more fields"
      lines.append(Self.indent + palette.styled("\(what); --output json shows all", .faint))
    }
    return lines
  }

  private static func isNull(_ json: JSON?) -> Bool { json == nil || json == .null }

  private func told(_ json: String?) -> [String] {
    guard let json, let list = (try? JSON.parse(Array(json.utf8)))?.elements else { return [] }
    if list.isEmpty { return [Self.indent + palette.styled("nobody was told", .faint)] }
    var lines = list.prefix(TerminalLimits.deliveriesShown).map { delivery in
      let status = delivery["status"]?.text ?? ""
      let time = delivery["finishedAt"]?.text ?? delivery["lastAttemptAt"]?.text
      let when = time.flatMap { Moment(rfc3339: $0) }.map { self.when($0) } ?? ""
      let replay = delivery["replay"]?.integer.map { ", replay \($0)" } ?? ""
      return Self.indent + "told " + visible(delivery["url"]?.text ?? "no callback") + ": "
        + palette.styled(status, Self.style(status)) + when
        + palette.styled(" (delivery \(delivery["position"]?.integer ?? 0)\(replay))", .faint)
    }
    let left = list.count - lines.count
    if left > 0 {
      lines.append(
        Self.indent + palette.styled("\(left) more deliveries; --output json shows all", .faint))
    }
    return lines
  }

  /// Behind a blank, with its date where it is of another day.
  private func when(_ moment: Moment) -> String {
    let text = moments.text(moment)
    let date = String(text.prefix(10))
    return date == day ? " \(Self.clock(text))" : " \(date) \(Self.clock(text))"
  }

  private static func style(_ status: String) -> Palette.Style {
    switch status {
    case "succeeded": .good
    case "failed", "exhausted", "skipped": .bad
    default: .warning
    }
  }

  private static func clock(_ instant: String) -> String {
    String(instant.dropFirst(11).prefix(12))
  }

  /// A value as JSON, its middle left out where it is long; a dash where there is none.
  private static func value(_ json: JSON?, cells: Int) -> String {
    guard let json, json != .null else { return "–" }
    return shortened(String(decoding: json.bytes(), as: UTF8.self), cells: cells)
  }
}
