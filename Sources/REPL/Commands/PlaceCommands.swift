import ArgumentParser
import Daybook
import Events

struct MarkCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark",
    abstract: "Names a position; marks live in your own state, not in the journal.",
    discussion: "EXAMPLE\n  daybook mark before-the-move head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The name.") var name: String
  @Argument(help: "The position; default: where you stand, else the head.") var position: String?

  @MainActor func perform(_ session: Session) async throws {
    let isWord = name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    let isTaken = name.hasPrefix("head") || Int64(name) != nil || session.time(name) != nil
    guard isWord, !isTaken, name.utf8.count <= 200 else {
      throw Failure.usage(
        "\(visible(name)) is no name: letters, digits, - _ . and not head, a number or a time")
    }
    let typed = position ?? session.place.map(String.init) ?? "head"
    let place = try await session.position(typed, flag: "mark")
    // 0, also as a time before it, is where the log begins.
    if place != 0 { _ = try await session.journal().events.glance(place) }
    try session.marks.add(name, place)
    try await session.showOne(["mark": .text(name), "position": .integer(place)])
  }
}

struct GotoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "goto", abstract: "Stands at a position and shows it.",
    discussion: "EXAMPLE\n  daybook goto head")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "A position, a mark, or a time.") var position: String

  @MainActor func perform(_ session: Session) async throws {
    try await session.stepping(
      { try await session.position(position, flag: "goto", in: $0) }, arrived: session.visit)
  }
}

struct BackCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "back", abstract: "The position visited before this one.",
    discussion: "EXAMPLE\n  daybook -c 'goto 1' -c 'goto 2' -c back")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.revisit(-1)
  }
}

struct ForwardCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "The position visited after this one.",
    discussion: "EXAMPLE\n  daybook -c 'goto 1' -c 'goto 2' -c back -c forward")

  @OptionGroup var shared: SharedOptions

  @MainActor func perform(_ session: Session) async throws {
    try await session.revisit(1)
  }
}

extension Session {
  /// Goes along the visited positions without visiting anew.
  fileprivate func revisit(_ step: Int) async throws {
    let next = visitedPlace + step
    guard visited.indices.contains(next) else {
      throw Failure.failed(step < 0 ? "nothing was visited before" : "nothing was visited after")
    }
    try await stepping({ _ in visited[next] }, arrived: { _ in visitedPlace = next })
  }
}
