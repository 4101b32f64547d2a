import Daybook
import Events
import RawJSON

/// One event for a person: its fields, then its body and payloads, each indented.
struct EventScreen {
  let palette: Palette
  let moments: MomentStyle
  let width: Int

  /// Fields that are shown in another way.
  private static let apart: Set<String> = [
    "payloads", "request", "response", "object", "differences",
  ]

  /// The lines of an event that is no attempt, without anything that a terminal would obey.
  func lines(_ row: Record, payloads: [RecordedPayload]) -> [String] {
    let position = row.fields.first { $0.name == "position" }?.value.text(moments) ?? ""
    let outline = Outline(palette: palette, moments: moments, width: width)
    var lines = outline.lines(fields(of: row))
    for field in row.fields where !Self.apart.contains(field.name) {
      if case .json(let text) = field.value { lines += block(field.name, Array(text.utf8)) }
    }
    lines += differences(in: row)
    for payload in payloads.prefix(TerminalLimits.payloadsShown) {
      lines += self.payload(payload, of: position)
    }
    let more = payloads.count - TerminalLimits.payloadsShown
    if more > 0 {
      let count = more == 1 ? "1 payload" : "\(more) payloads"
      lines += ["", faint("… \(count) more; `show \(position) --raw` writes all")]
    }
    return lines
  }

  /// The lines of an attempt, or of an event that tells its outcome.
  func lines(_ row: Record, _ exchange: RecordedExchange) -> [String] {
    func value(_ name: String) -> String {
      visible(row.fields.first { $0.name == name }?.value.text(moments) ?? "")
    }
    let head =
      "event \(value("position"))  \(value("type"))  \(value("recordedAt"))  \(value("stream"))"
    let text = ExchangeText(palette: palette, moments: moments)
    return [head, faint("digest \(value("digest"))"), ""] + text.lines(exchange)
      + [
        "",
        faint(
          "`show \(exchange.position) --raw` writes the bytes, `show \(exchange.position) --curl` a"
            + " command that sends them"),
      ]
  }

  /// Fields that have a value, but for JSON, which has a block of its own.
  private func fields(of row: Record) -> Record {
    Record(
      row.fields.filter { field in
        if case .json = field.value { return false }
        return field.value != .null
      })
  }

  /// Field by field what is other in an object than in the version before.
  private func differences(in row: Record) -> [String] {
    guard case .json(let text)? = row.fields.first(where: { $0.name == "differences" })?.value,
      let list = (try? JSON.parse(Array(text.utf8)))?.elements
    else { return [] }
    let lines = list.prefix(TerminalLimits.differencesShown).flatMap { difference in
      let name = visible(difference["field"]?.text ?? "")
      let (before, after) = (value(difference["before"]), value(difference["after"]))
      let line = "  \(name)  \(before) → \(after)"
      if displayWidth(line) <= width { return [line] }
      return ["  \(name)", "    \(before)", "  → \(after)"]
    }
    let left = list.count - TerminalLimits.differencesShown
    let more = left > 0 ? [faint("  … \(left) more; `--output json` shows all")] : []
    let heading = palette.styled("changed since the version before", .heading)
    return ["", heading] + (list.isEmpty ? [faint("  nothing")] : lines) + more
  }

  private func value(_ json: JSON?) -> String {
    guard let json, json != .null else { return "–" }
    return visibleJSON(String(decoding: json.bytes(), as: UTF8.self))
  }

  private func payload(_ payload: RecordedPayload, of position: String) -> [String] {
    guard let content = payload.bytes else {
      return ["", heading(payload.field, "not kept any more")]
    }
    let shown = ShownBytes(content)
    var lines = ["", heading(payload.field, bytes(Int64(content.count)))]
    lines += shown.lines.map { "  " + $0 }
    if shown.left > 0 {
      let left = bytes(Int64(shown.left))
      lines.append(faint("  … \(left) more; `show \(position) --raw` writes all"))
    }
    return lines
  }

  private func block(_ name: String, _ json: [UInt8]) -> [String] {
    ["", palette.styled(visible(name), .heading)] + jsonLines(json).map { "  " + $0 }
  }

  private func heading(_ name: String, _ rest: String) -> String {
    palette.styled(visible(name), .heading) + "  " + faint(rest)
  }

  private func faint(_ text: String) -> String { palette.styled(text, .faint) }
}
