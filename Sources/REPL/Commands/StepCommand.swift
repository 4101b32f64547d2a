import ArgumentParser
import Daybook
import Events

struct StepCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Goes into what an event caused, over to the next of the same cause, or out to it.",
    discussion: """
      From where you stand: `step` to the first event that came of it, `step over` to the next \
      that came of the same, `step out` to what it came of. An event with several causes came of \
      the first of them, as in the tree of `trace`. Nothing is written.

      EXAMPLE
        daybook -c 'goto 2' -c step -c 'step out'
      """)

  enum Way: String, WordOperand { case into, over, out }

  static let answersAsOf = false

  @OptionGroup var shared: SharedOptions
  @Argument(help: "into, over or out; default: into.") var way: Way?

  @MainActor func perform(_ session: Session) async throws {
    try await session.stepping(
      { journal in
        var place = session.place ?? 0
        if session.place == nil { place = try await journal.head() }
        switch way ?? .into {
        case .into: return try await Self.into(place, journal)
        case .over: return try await Self.over(place, journal)
        case .out: return try await Self.cause(of: place, journal)
        }
      }, arrived: session.visit)
  }

  private static func into(_ place: Int64, _ journal: Journal) async throws -> Int64 {
    guard let effect = try await journal.events.effect(of: place) else {
      throw Failure.failed(
        "nothing came of event \(place); `step over` and `step out` go on from it")
    }
    return effect
  }

  private static func over(_ place: Int64, _ journal: Journal) async throws -> Int64 {
    let cause = try await cause(of: place, journal)
    guard let next = try await journal.events.effect(of: cause, after: place) else {
      throw Failure.failed(
        "event \(place) is the last that came of \(cause); `step out` goes there")
    }
    return next
  }

  private static func cause(of place: Int64, _ journal: Journal) async throws -> Int64 {
    guard let cause = try await journal.events.cause(of: place) else {
      throw Failure.failed("event \(place) came of no other")
    }
    return cause
  }
}
