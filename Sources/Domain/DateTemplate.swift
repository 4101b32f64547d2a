import Events

/// The places in a configured `url` where a date goes in.
///
///     ${date}  ${date:F}  ${gmtDate:F}       since when, in GMT, by the pattern F
///     ${dateTimeZone:America/Denver:F}       the same in a zone: a name, or an offset as `-8:00`
///     ${nowTimeZone:GMT:F}                   when the poll began
///     ${epoch}  ${epoch:ms}  ${milliseconds} since when, in milliseconds since 1970
///     ${epoch:s}  ${epoch:us}                in seconds, in microseconds
///
/// Sources: developer portal of the platform, “Building elements”; configurations that others have
/// published, for `nowTimeZone` and `${epoch:0}`.
package struct DateTemplate: Sendable, Equatable {
  private enum Value: Equatable {
    case epoch(unit: String)
    case date(JavaDatePattern, Zone)
    case now(JavaDatePattern, Zone)
  }

  private enum Piece: Equatable {
    case text(String)
    case value(Value)
  }

  private let pieces: [Piece]

  /// A fault in a template, explained to the person who wrote it.
  package struct Fault: Error, Equatable {
    package var text: String

    package init(text: String) { self.text = text }
  }

  /// - Throws: `Fault` for a template that is not closed, or that means nothing.
  package init(_ text: String) throws(Fault) {
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let place = rest.firstRange(of: "${") {
      pieces.append(.text(String(rest[..<place.lowerBound])))
      guard let end = rest[place.upperBound...].firstIndex(of: "}") else {
        throw Fault(text: "a template is not closed: ${ wants a } after it")
      }
      pieces.append(.value(try DateTemplate.value(rest[place.upperBound..<end])))
      rest = rest[rest.index(after: end)...]
    }
    pieces.append(.text(String(rest)))
    self.pieces = pieces.filter { $0 != .text("") }
  }

  /// It holds a place for a date.
  package var hasDates: Bool { pieces.contains { if case .value = $0 { true } else { false } } }

  /// It is one date and nothing else.
  package var isDate: Bool { pieces.count == 1 && hasDates }

  /// The text with dates in place of the templates.
  package func filled(by window: DateWindow) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .value(.epoch(let unit)): DateTemplate.epoch(window.since, in: unit)
      case .value(.date(let pattern, let zone)): pattern.format(window.since, zone: zone)
      case .value(.now(let pattern, let zone)): pattern.format(window.now, zone: zone)
      }
    }.joined()
  }

  private static func epoch(_ moment: Moment, in unit: String) -> String {
    switch unit {
    case "s": String(moment.milliseconds / 1_000)
    case "us": "\(moment.milliseconds)000"
    default: String(moment.milliseconds)
    }
  }

  private static func value(_ text: Substring) throws(Fault) -> Value {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, rest) = (parts[0].lowercased(), parts.count > 1 ? parts[1] : "")
    switch name {
    case "date", "gmtdate": return .date(try pattern(rest, of: text), .gmt)
    case "datetimezone", "nowtimezone":
      let (zone, format) = try zoned(rest, of: text)
      return name == "nowtimezone" ? .now(format, zone) : .date(format, zone)
    case "milliseconds" where rest.isEmpty: return .epoch(unit: "ms")
    case "epoch" where ["", "0", "s", "ms", "us"].contains(rest): return .epoch(unit: String(rest))
    default:
      throw Fault(
        text: "${\(text)} means nothing; there are ${gmtDate:F}, ${date}, ${dateTimeZone:Z:F},"
          + " ${nowTimeZone:Z:F}, ${epoch:s} and ${milliseconds}")
    }
  }

  private static func pattern(
    _ text: Substring, of template: Substring
  ) throws(Fault) -> JavaDatePattern {
    let format = text.isEmpty ? JavaDatePattern.rfc3339 : JavaDatePattern(String(text))
    guard let format else {
      throw Fault(
        text: "${\(template)}: \(text) is no date pattern such as yyyy-MM-dd'T'HH:mm:ss'Z'")
    }
    return format
  }

  /// A zone and a pattern; an offset such as `-8:00` holds a colon itself.
  private static func zoned(
    _ text: Substring, of template: Substring
  ) throws(Fault) -> (Zone, JavaDatePattern) {
    let ends = text.indices.filter { text[$0] == ":" } + [text.endIndex]
    for end in ends.prefix(2) {
      guard let zone = Zone(String(text[..<end])) else { continue }
      // `-8` is a zone as well: the longer one counts where both are.
      if let next = ends.first(where: { $0 > end }), let longer = Zone(String(text[..<next])) {
        return (longer, try pattern(text[next...].dropFirst(), of: template))
      }
      return (zone, try pattern(text[end...].dropFirst(), of: template))
    }
    throw Fault(text: "${\(template)}: names no zone such as GMT, -8:00 or America/Denver")
  }
}
