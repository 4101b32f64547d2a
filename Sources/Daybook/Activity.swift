public import Events

/// One hour of changes and deliveries, of all or of one instance, resource or callback.
public struct Activity: Sendable, Equatable {
  /// The part that is counted by itself.
  public enum Key: Hashable, Sendable {
    /// Nothing is told apart.
    case all
    case instance(Int64)
    case resource(String)
    case callback(String)
  }

  /// How counts are told apart.
  public enum Grouping: String, Sendable, CaseIterable { case instance, resource, callback }

  /// Its beginning, a whole hour in UTC.
  public let hour: Moment
  /// The instance, resource or callback that is counted.
  public let key: Key
  /// Changes observed; by callback none are counted, since a change goes nowhere by itself.
  public internal(set) var changes = 0
  /// Deliveries asked for; by callback those that were first tried.
  public internal(set) var deliveries = 0
  /// Attempts that were begun.
  public internal(set) var attempts = 0
  /// Attempts that arrived.
  public internal(set) var succeeded = 0
  /// Attempts that did not, or whose outcome is not known.
  public internal(set) var failed = 0
  /// Polls that came to an end; by callback none are counted.
  public internal(set) var polls = 0
  /// Those of them that failed.
  public internal(set) var pollsFailed = 0
  /// Cursors that expired or were reset.
  public internal(set) var cursorResets = 0
  /// How long attempts took that ended in this hour, in milliseconds, ascending.
  public internal(set) var durations: [Int64] = []
  /// Deliveries that arrived in this hour, by the number of the attempt that did.
  public internal(set) var triesOfArrived: [Int: Int] = [:]

  init(hour: Moment, key: Key) {
    self.hour = hour
    self.key = key
  }

  /// The duration that so many of a hundred attempts did not exceed; nil without attempts.
  public func milliseconds(percentile: Int) -> Int64? {
    guard !durations.isEmpty else { return nil }
    let place = (durations.count * percentile + 99) / 100
    return durations[min(durations.count, max(1, place)) - 1]
  }

  /// The mean number of attempts until a delivery arrived; nil where none did.
  public var attemptsUntilSuccess: Double? {
    let arrived = triesOfArrived.values.reduce(0, +)
    guard arrived > 0 else { return nil }
    return Double(triesOfArrived.reduce(0) { $0 + $1.key * $1.value }) / Double(arrived)
  }

  /// By the columns of `RowTable.activity` that go with the grouping.
  public var row: Row {
    var row: Row = ["hour": .moment(hour)]
    func add(_ name: String, _ field: Field) {
      row.names.append(name)
      row.values.append(field)
    }
    switch key {
    case .all: break
    case .instance(let id): add("instance", .integer(id))
    case .resource(let text): add("resource", text.isEmpty ? .null : .text(text))
    case .callback(let text): add("callback", text.isEmpty ? .null : .text(text))
    }
    for (name, count) in [
      ("changes", changes), ("deliveries", deliveries), ("attempts", attempts),
      ("succeeded", succeeded), ("failed", failed),
    ] { add(name, .integer(Int64(count))) }
    for percentile in [50, 90, 99] {
      add("p\(percentile)Ms", milliseconds(percentile: percentile).map { .integer($0) } ?? .null)
    }
    add(
      "attemptsUntilSuccess",
      attemptsUntilSuccess.map { .decimal(($0 * 100).rounded() / 100) } ?? .null)
    for (name, count) in [
      ("polls", polls), ("pollsFailed", pollsFailed), ("cursorResets", cursorResets),
    ] { add(name, .integer(Int64(count))) }
    return row
  }
}
