import Engine
public import Events
import RawJSON

extension Journal {
  /// Renders a recorded notification by today’s rules and compares it with what was recorded;
  /// nothing is written.
  ///
  /// Id and times are the recorded ones: what differs comes of settings and rules.
  ///
  /// - Parameter position: Of a change, or of any event of a delivery.
  /// - Returns: Rows by the columns of `RowTable.whatIf`, none where the bytes are the same. Where
  ///   only the writing differs, one row for `(bytes)`.
  /// - Throws: `refused` where no notification is of it, or its bytes are not kept any more.
  public func whatIf(_ position: Int64) async throws(DaybookError) -> [Row] {
    try await translated {
      let again = try await Engine.Replays.again(
        position, by: access.settings.connector, from: reader())
      if again.today == [again.recorded] { return [] }
      guard again.today.count == 1, let today = again.today.first else {
        return [
          Row(
            names: RowTable.whatIf.names,
            values: [
              .text("(notifications)"), .text("1"), .text("\(again.today.count)"),
            ])
        ]
      }
      let before = try JSON.parse(again.recorded)
      var rows: [Row] = []
      Self.compare(before, try JSON.parse(today), at: "", into: &rows)
      if rows.isEmpty {
        rows.append(
          Row(
            names: RowTable.whatIf.names,
            values: [
              .text("(bytes)"), .text("\(again.recorded.count)"), .text("\(today.count)"),
            ]))
      }
      return rows
    }
  }

  /// Adds a row for each value that is other in one than in the other, by its path.
  private static func compare(
    _ before: JSON?, _ after: JSON?, at path: String, into rows: inout [Row]
  ) {
    if before == after { return }
    if let old = before?.members, let new = after?.members {
      for name in old.names + new.names.filter({ old[$0] == nil }) {
        compare(old[name], new[name], at: path.isEmpty ? name : "\(path).\(name)", into: &rows)
      }
      return
    }
    if let old = before?.elements, let new = after?.elements {
      for place in 0..<max(old.count, new.count) {
        compare(
          old.indices.contains(place) ? old[place] : nil,
          new.indices.contains(place) ? new[place] : nil, at: "\(path)[\(place)]", into: &rows)
      }
      return
    }
    rows.append(
      Row(names: RowTable.whatIf.names, values: [.text(path), field(before), field(after)]))
  }

  private static func field(_ json: JSON?) -> Field {
    guard let json else { return .null }
    return json.text.map { .text($0) } ?? .json(String(decoding: json.bytes(), as: UTF8.self))
  }
}
