extension Duration {
  /// Reads `500ms`, `30s`, `5m`, `2h` or `7d`; nil where the text is none of them or is past a
  /// year.
  public init?(unit text: some StringProtocol) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number <= 100_000_000_000 else { return nil }
    let scale: Int64
    switch text.dropFirst(digits.count) {
    case "ms": scale = 1
    case "s": scale = 1_000
    case "m": scale = 60_000
    case "h": scale = 3_600_000
    case "d": scale = 86_400_000
    default: return nil
    }
    let (milliseconds, isPast) = number.multipliedReportingOverflow(by: scale)
    guard !isPast, milliseconds <= 366 * 86_400_000 else { return nil }
    self = .milliseconds(milliseconds)
  }

  /// The duration in the largest unit that makes it a whole number, as `init(unit:)` reads it;
  /// parts of a millisecond are left out.
  public var unitText: String {
    let (seconds, rest) = components
    let milliseconds = seconds * 1_000 + rest / 1_000_000_000_000_000
    let units: [(name: String, scale: Int64)] = [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]
    let unit = units.first { milliseconds >= $0.scale && milliseconds % $0.scale == 0 }
    return unit.map { "\(milliseconds / $0.scale)\($0.name)" } ?? "\(milliseconds)ms"
  }
}
