import Domain
import EventStore
public import Events
import RawJSON

/// A stretch of time in steps, for counts.
public struct RecordSpan: Sendable, Equatable {
  /// The first moment; counts begin with the step that it lies in.
  public var from: Moment
  /// The last moment, itself included.
  public var to: Moment
  /// `second`, `minute`, `hour`, `day` or `week`, each as UTC has it; weeks begin on Mondays.
  public var interval: String

  /// Steps at most.
  public static let stepsMax = 1_500

  /// The parts as given, unchecked.
  public init(from: Moment, to: Moment, interval: String = "hour") {
    self.from = from
    self.to = to
    self.interval = interval
  }

  /// How many steps there are, as many as `Records.analytics` answers.
  ///
  /// - Throws: `refused` with the name of what cannot be.
  public func stepCount() throws(DaybookError) -> Int {
    do {
      return try steps().count
    } catch {
      throw .refused(error)
    }
  }

  /// How long a step is, where the first begins, and how many they are.
  ///
  /// - Throws: `Refusal` with the name of what cannot be.
  func steps() throws(Refusal) -> (length: Duration, start: Moment, count: Int) {
    let seconds: [String: Int64] = [
      "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800,
    ]
    guard let length = seconds[interval].map({ $0 * 1_000 }) else {
      throw Refusal(at: "interval", "has to be second, minute, hour, day or week")
    }
    guard to >= from else { throw Refusal(at: "to", "lies before from") }
    // The epoch was a Thursday.
    let offset: Int64 = interval == "week" ? 4 * 86_400_000 : 0
    func place(_ moment: Moment) -> Int64 {
      let time = moment.milliseconds - offset
      return time >= 0 ? time / length : (time + 1) / length - 1
    }
    let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
    guard range.contains(from.milliseconds), range.contains(to.milliseconds) else {
      throw Refusal(at: range.contains(from.milliseconds) ? "to" : "from", "is no such time")
    }
    let count = place(to) - place(from) + 1
    guard count <= Self.stepsMax else {
      throw Refusal(
        at: "interval", "is too fine: \(count) steps, and at most \(Self.stepsMax) are counted")
    }
    let start = Moment(milliseconds: place(from) * length + offset)
    return (.milliseconds(length), start, Int(count))
  }
}

extension Journal.Records {
  /// The counts that a step of time is shown with.
  public enum Grouping: String, Sendable, CaseIterable {
    /// One number a step.
    case none
    /// By instance, and by what became of it.
    case instances
    /// The same by account, of which a journal has one.
    case accounts
  }

  /// Counts event records by steps of time, as a JSON array with an object a step; both ends have
  /// one, and so has a step in which there was nothing.
  ///
  ///     {"timestamp":"2026-11-23T09:05:00Z","count":3}                              none
  ///     {"timestamp":"2026-11-23T09:05:00Z","total":3,"records":[
  ///       {"instanceId":7,"count":3,"success":2,"failed":1}]}                       instances
  ///
  /// - Parameter instance: Whose are counted; nil: everybody’s.
  /// - Throws: `refused` where the span ends before it begins, its interval is none, or more than
  ///   `RecordSpan.stepsMax` steps, or 50,000 counts, would be.
  public func analytics(
    _ span: RecordSpan, by grouping: Grouping = .none, of instance: Int64? = nil
  ) async throws(DaybookError) -> String {
    try await translated {
      let (length, start, count) = try span.steps()
      let counts = try await journal.reader().countNotifications(
        from: start, through: span.to, step: length, of: instance,
        limit: Limits.platformCountsMax + 1)
      guard counts.count <= Limits.platformCountsMax else {
        throw Refusal(
          at: "interval", "is too fine: more than \(Limits.platformCountsMax) counts")
      }
      var steps: [[NotificationCount]] = Array(repeating: [], count: count)
      for one in counts where steps.indices.contains(Int(one.step)) {
        steps[Int(one.step)].append(one)
      }
      let objects = steps.enumerated().map { place, counts in
        let start = start + .milliseconds(Int64(place) * length.wholeMilliseconds)
        return Self.object(start, counts, by: grouping)
      }
      return String(decoding: JSON.array(objects).bytes(), as: UTF8.self)
    }
  }

  private static func object(
    _ start: Moment, _ counts: [NotificationCount], by grouping: Grouping
  ) -> JSON {
    let total = counts.reduce(0) { $0 + $1.count }
    let timestamp = JSON.string(start.isoSeconds)
    switch grouping {
    case .none: return ["timestamp": timestamp, "count": .number(total)]
    case .instances:
      let records = counts.map { record("instanceId", $0.instance, [$0]) }
      return ["timestamp": timestamp, "total": .number(total), "records": .array(records)]
    case .accounts:
      let records = counts.isEmpty ? [] : [record("accountId", 1, counts)]
      return ["timestamp": timestamp, "total": .number(total), "records": .array(records)]
    }
  }

  private static func record(_ name: String, _ id: Int64, _ counts: [NotificationCount]) -> JSON {
    func sum(_ field: KeyPath<NotificationCount, Int64>) -> JSON {
      .number(counts.reduce(0) { $0 + $1[keyPath: field] })
    }
    return .object(
      Members([
        (name, .number(id)), ("count", sum(\.count)), ("success", sum(\.success)),
        ("failed", sum(\.failed)),
      ]))
  }
}
