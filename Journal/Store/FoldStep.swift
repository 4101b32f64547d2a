/// A statement that folds an event, with what each of its parameters takes.
struct FoldStep {
  private let statement: Statement
  private let sources: [Source]
  private let condition: (@Sendable (FoldedEvent) -> Bool)?

  private enum Source {
    case position, stream, type, recordedAt, cause, body, feed
    case field(Int)
  }

  /// - Parameters:
  ///   - statement: Of a text that `parametrized` has written.
  ///   - condition: Where it does not hold, the statement would change nothing.
  init(
    _ statement: Statement, _ fields: BodyFields,
    when condition: (@Sendable (FoldedEvent) -> Bool)?
  ) {
    self.statement = statement
    self.condition = condition
    sources = statement.parameters.map { name in
      switch name {
      case ":position": return .position
      case ":stream": return .stream
      case ":type": return .type
      case ":recorded_at_ms": return .recordedAt
      case ":cause": return .cause
      case ":body": return .body
      case ":feed": return .feed
      default:
        guard name.hasPrefix("@"), let place = fields.place(of: String(name.dropFirst())) else {
          preconditionFailure("a projection takes \(name), which nothing gives")
        }
        return .field(place)
      }
    }
  }

  func isNeeded(_ event: FoldedEvent) -> Bool { condition?(event) ?? true }

  /// - Parameter feed: The feed that the event concerns, where its body need not say so.
  func run(_ event: FoldedEvent, feed: Int64? = nil) throws(JournalError) {
    for (index, source) in sources.enumerated() {
      let parameter = Int32(index + 1)
      switch source {
      case .position: statement.bind(parameter, event.position)
      case .stream: statement.bind(parameter, textThere: event.stream)
      case .type: statement.bind(parameter, text: event.type)
      case .recordedAt: statement.bind(parameter, event.recordedAtMs)
      case .cause: statement.bind(parameter, event.cause)
      case .body: statement.bind(parameter, textThere: event.body)
      case .feed: statement.bind(parameter, feed)
      case .field(let place): event.fields.bind(place, to: statement, at: parameter)
      }
    }
    try statement.runBound()
  }

  /// Puts a parameter in the place of each field of the body: `@feed` for `:body ->> 'feed'`.
  ///
  /// What stands deeper is left to SQLite.
  ///
  /// - Returns: The text, and the names of the fields.
  static func parametrized(_ sql: String) -> (text: String, fields: [String]) {
    let bytes = Array(sql.utf8)
    let mark = Array(":body ->".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var fields: [String] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == mark[0], bytes[at...].starts(with: mark),
        let (name, end) = field(bytes, from: at + mark.count)
      {
        fields.append(name)
        text.append(UInt8(ascii: "@"))
        text += name.utf8
        at = end
      } else {
        text.append(bytes[at])
        at += 1
      }
    }
    return (String(decoding: text, as: UTF8.self), fields)
  }

  /// The name between the quotes that follow an arrow, and where they end; nil for a path.
  private static func field(_ bytes: [UInt8], from start: Int) -> (String, Int)? {
    var at = start
    for byte in "> '".utf8
    where at < bytes.count && (byte != UInt8(ascii: ">") || bytes[at] == byte) {
      guard bytes[at] == byte else { return nil }
      at += 1
    }
    let name = bytes[at...].prefix { $0 == UInt8(ascii: "_") || (97...122).contains($0) }
    guard !name.isEmpty, name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: "'")
    else { return nil }
    return (String(decoding: name, as: UTF8.self), name.endIndex + 1)
  }
}
