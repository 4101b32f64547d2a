import ArgumentParser
import Daybook
import Events

/// Filters of the lists of the log, as flags.
struct FilterOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Only these types, such as poll.completed; of changes CREATED, UPDATED, DELETED.")
  var type: [EventTypeOrChange] = []
  @Option(help: InstanceID.help) var instance: InstanceID?
  @Option(help: ResourceKey.help) var resource: ResourceKey?
  @Option(help: ObjectID.help) var object: ObjectID?
  @OptionGroup var range: RangeOptions
  @OptionGroup var extent: ExtentOptions

  /// The part of a list that the flags make.
  @MainActor func part(of table: RowTable, in session: Session) async throws -> Selection {
    var part = Selection()
    let types = type.map(\.text)
    part.types = table == .changes ? types.map { $0.uppercased() } : types
    if table != .deliveries { try check(part.types, of: table) }
    try await range.narrow(&part, in: session)
    try extent.bound(&part)
    if let instance { part.instance = try await session.instance(instance) }
    part.resource = resource?.text
    if let object { part.object = try await session.object(object, in: table) }
    if table == .deliveries, !types.isEmpty {
      throw Failure.usage(
        "--type: deliveries have states and no types; --status names them, and `events --type`"
          + " lists their events")
    }
    if let first = part.filter(unknownTo: table) {
      throw Failure.usage("\(table.name) cannot be filtered by \(first)")
    }
    return part
  }

  private func check(_ types: [String], of table: RowTable) throws(Failure) {
    let known =
      table == .changes ? ChangeKind.allCases.map(\.rawValue) : Event.readers.keys.sorted()
    for type in types where !known.contains(type) {
      let hint = suggestion(for: type, among: known).map { "; did you mean \($0)?" } ?? ""
      throw .usage("--type: there is no type \(visible(type))\(hint)")
    }
  }
}

/// Where in the log a list begins and ends, as flags.
struct RangeOptions: ParsableArguments {
  @Option(help: "Only what was recorded at TIME or later, such as -2h, today, '2026-11-23 09:05'.")
  var since: TimeText?
  @Option(help: "Only what was recorded before TIME.") var until: TimeText?
  @Option(help: "Only what comes after that position.") var after: EventPlace?
  @Option(help: "Only what comes before that position.") var before: EventPlace?

  /// Puts them into a part of a list.
  @MainActor func narrow(_ part: inout Selection, in session: Session) async throws {
    if let since { part.since = try session.moment(since.text, flag: "--since") }
    if let until { part.until = try session.moment(until.text, flag: "--until") }
    if let after { part.after = try await session.position(after.text, flag: "--after") }
    if let before {
      // All events come before the one that follows the last.
      part.before = try await session.position(before.text, flag: "--before", margin: 1)
    }
  }
}

/// How much of a list is printed, and in which order, as flags.
struct ExtentOptions: ParsableArguments {
  @Option(help: "Show at most N rows: the newest, or with --after or --since the first from there.")
  var limit: Int?
  @Flag(help: "Show the newest first.") var reverse = false

  /// Puts them into a part of a list.
  func bound(_ part: inout Selection) throws(Failure) {
    if let limit, limit < 0 { throw .usage("--limit: \(limit) is below 0") }
    part.limit = limit
    part.isReversed = reverse
  }
}
