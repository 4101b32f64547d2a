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
}
