import ArgumentParser
import Daybook
import Events

/// Filters of the lists, as flags.
struct FilterOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Types, such as poll.completed; for changes CREATED, UPDATED, DELETED.")
  var type: [EventTypeOrChange] = []
  @Option(help: "An instance's id.") var instance: InstanceID?
  @Option(help: "A resource, as in the configuration.") var resource: ResourceKey?
  @Option(help: "An objectId.") var object: ObjectID?
  @Option(
    parsing: .unconditional, help: "Recorded then or later: a time such as 2026-11-23, today, -2h.")
  var since: TimeText?
  @Option(parsing: .unconditional, help: "Recorded before then.") var until: TimeText?
  @Option(parsing: .unconditional, help: "After that position.") var after: EventPlace?
  @Option(parsing: .unconditional, help: "Before that position.") var before: EventPlace?
  @Option(help: "At most so many.") var limit: Int?
  @Flag(help: "Newest first.") var reverse = false

  /// The part of a list that the flags make.
  @MainActor func part(of table: RowTable, in session: Session) async throws -> Selection {
    var part = Selection()
    let types = type.map(\.text)
    part.types = table == .changes ? types.map { $0.uppercased() } : types
    if table != .deliveries { try check(part.types, of: table) }
    part.instance = instance?.number
    part.resource = resource?.text
    part.object = object?.text
    if let since { part.since = try session.moment(since.text, flag: "--since") }
    if let until { part.until = try session.moment(until.text, flag: "--until") }
    if let after { part.after = try await session.position(after.text, flag: "--after") }
    if let before { part.before = try await session.position(before.text, flag: "--before") }
    if let limit, limit < 0 { throw Failure.usage("--limit: \(limit) is below 0") }
    part.limit = limit
    part.isReversed = reverse
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
