import ArgumentParser
import Daybook
import Events

/// One poll by hand: request, reply, changes; accepted or discarded.
struct PollStep: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "One poll by hand, in this process.",
    discussion: """
      Shows the request and waits; fetches a page, shows every item with its verdict, and waits. \
      `n` fetches the next page, `s N` shows item N, `a` accepts, `d` discards, `q` leaves. \
      Discarding or leaving records what was seen and leaves the cursor alone. The flags do it \
      without questions.

      EXAMPLE
        daybook poll step 1 calendars/primary/changed-events --until changes --discard
      """)

  static let isWork = true

  enum Stop: String, WordOperand { case request, reply, changes }

  @OptionGroup var shared: SharedOptions
  @Argument(help: InstanceID.help) var id: InstanceID
  @Argument(help: ResourceKey.help) var resource: ResourceKey
  @Option(help: "Stop after request, reply or changes.") var until: Stop?
  @Flag(help: "Record it when it was read to its end.") var accept = false
  @Flag(help: "Record what was seen, and leave the cursor alone.") var discard = false

  @Option(help: "Why; recorded where it is discarded.")
  var reason: ReasonText?

  func validate() throws {
    if accept, reason != nil {
      throw ValidationError("--reason is of a poll that is discarded; what is accepted needs none")
    }
    if accept && discard { throw ValidationError("--accept and --discard exclude each other") }
    if accept, let until, until != .changes {
      throw ValidationError("--accept needs the whole poll: leave out --until \(until.rawValue)")
    }
  }

  var writes: Bool { true }

  @MainActor func perform(_ session: Session) async throws {
    let isAsking = until == nil && !accept && !discard
    if isAsking, !session.isTerminal {
      throw Failure.answerNeeded(
        "a poll by hand asks questions; --until, --accept or --discard answer them")
    }
    let id = try await session.instance(id)
    var walk = StepWalk(
      session: session, poll: try await session.writing().polls.byHand(id, resource.text))
    walk.given = reason.given
    let ending: StepWalk.Ending
    if isAsking {
      ending = try await walk.ask()
    } else {
      ending = try await walk.go(until: until, accepts: accept)
    }
    // Recorded first: whoever leaves the pager leaves only what is shown.
    var (records, obstacle) = (walk.records, Failure?.none)
    do {
      records.append(try await walk.finish(ending))
    } catch {
      obstacle = Failure(error)
    }
    try await walk.show(records)
    if let obstacle { throw obstacle }
    if walk.isInterrupted { throw Failure(status: 130, "") }
    if walk.hasFailed { throw Failure.partly("the poll came to nothing") }
  }
}

/// Where a poll by hand stands.
@MainActor
private struct StepWalk {
  let session: Session
  var poll: PollByHand
  var records: [Record] = []
  var judged: [PollByHand.Item] = []
  /// Items of all pages by the page, as far as they are kept.
  private var pages = PagesKept(bytesMax: TerminalLimits.stepBytesKept)
  /// Why it is discarded, as the person said.
  var given: String?
  var hasFailed = false
  /// True once the person left by Ctrl-C or Ctrl-D, at a question or while an answer was awaited.
  var isInterrupted = false
  private var failure = ""

  init(session: Session, poll: PollByHand) {
    self.session = session
    self.poll = poll
  }

  enum Ending {
    case accepted
    case discarded(String)
  }

  /// Without questions.
  mutating func go(until: PollStep.Stop?, accepts: Bool) async throws -> Ending {
    while let request = await poll.nextRequest() {
      records.append(requestRecord(request))
      if until == .request { return .discarded("stopped at the request") }
      guard try await fetch() else { return .discarded(failure) }
      if until == .reply { return .discarded("stopped at the reply") }
      records += changeRecords()
    }
    return accepts ? .accepted : .discarded("looked at by hand")
  }

  /// A person decides after each step.
  mutating func ask() async throws -> Ending {
    while true {
      let next = await poll.nextRequest()
      if let next { try await show([requestRecord(next)]) }
      let choices =
        next == nil
        ? "a accept, d discard, s N show, q leave"
        : "n fetch (Enter as well), s N show, d discard, q leave"
      let answer: String
      do {
        answer = try await session.ask("\(choices)> ").trimmedBlanks
      } catch let failure as Failure where failure.status == 130 {
        // What was seen is left in the journal all the same.
        isInterrupted = true
        return .discarded("left")
      }
      switch answer.split(separator: " ").first {
      case "n"? where next != nil, nil where next != nil:
        records = []
        guard try await fetch() else { return .discarded(failure) }
        try await show(records + changeRecords())
        records = []
        if let total { session.remark(total) }
      case "s"?:
        let words = answer.split(separator: " ")
        if words.count == 2, let item = pages.item(words[1], on: poll.pages) {
          try show(item: item.bytes)
        } else {
          session.remark(
            "there is no such item; they count from 1 on each page, and 2.7 is the seventh of page"
              + " 2, as far as that is kept")
        }
      case "a"? where next == nil: return .accepted
      case "d"?: return .discarded("discarded by hand")
      case "q"?: return .discarded("left")
      default: session.remark("one of: \(choices)")
      }
    }
  }

  /// Who leaves the pager has seen enough of it, and the poll goes on.
  func show(_ records: [Record]) async throws {
    do {
      let names = session.names(of: .pollSteps)
      try await session.show(names, of: .pollSteps, records.map { $0.only(names) })
    } catch OutputError.closed where session.isTerminal {}
  }

  private func show(item bytes: [UInt8]) throws(Failure) {
    do {
      try session.say(ShownBytes(bytes, most: .max).lines.joined(separator: "\n"))
    } catch {
      guard session.isTerminal, error.status == 0 else { throw error }
    }
  }

  private mutating func fetch() async throws -> Bool {
    switch try await poll.fetch() {
    case .page(let items):
      judged = items
      records.append([
        "phase": .text("reply"), "page": .integer(Int64(poll.pages)),
        "items": .integer(Int64(items.count)),
        "bytes": .integer(Int64(poll.answerBytes)),
      ])
    case .ended(let reason, let text): return fail(reason, text)
    case .cancelled: return interrupt()
    }
    if poll.isAtEnd {
      switch try await poll.reconcile() {
      case .page(let found): judged += found
      case .ended(let reason, let text): return fail(reason, text)
      case .cancelled: return interrupt()
      }
    }
    pages.keep(judged, of: poll.pages)
    return true
  }

  private mutating func interrupt() -> Bool {
    isInterrupted = true
    failure = "interrupted"
    return false
  }

  private mutating func fail(_ reason: String, _ text: String) -> Bool {
    failure = "\(reason): \(text)"
    hasFailed = true
    records.append(["phase": .text("reply"), "error": .text(failure)])
    return false
  }

  private func requestRecord(_ request: PollByHand.Request) -> Record {
    [
      "phase": .text("request"), "method": .text(request.method),
      "url": .text(request.url), "mode": .text(request.mode),
    ]
  }

  private func changeRecords() -> [Record] {
    judged.enumerated().map { place, judged in
      [
        "phase": .text("changes"), "page": .integer(Int64(poll.pages)),
        "item": .integer(Int64(place + 1)), "verdict": .text(judged.verdict),
        "reason": .text(judged.reason), "objectId": .text(judged.objectID),
        "revision": .text(judged.revision), "title": judged.title.map(Cell.text) ?? .null,
      ]
    }
  }

  /// The sum of a page, such as `30 items: 28 created, 2 seen before`; nil for no items.
  private var total: String? {
    guard !judged.isEmpty else { return nil }
    var counts: [String: Int] = [:]
    for item in judged { counts[item.verdict, default: 0] += 1 }
    let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\(grouped($0.value)) \($0.key)" }
    return "\(counted(judged.count, "item")): \(parts.joined(separator: ", "))"
  }

  func finish(_ ending: Ending) async throws -> Record {
    switch ending {
    case .accepted:
      guard let report = try await poll.accept() else {
        let position = try await poll.discard(reason: "the feed had moved")
        throw Failure.failed(
          "the feed has moved meanwhile, so this poll cannot be accepted; what it saw is kept at"
            + " \(position); step it anew")
      }
      return [
        "phase": .text("accepted"), "position": report.position.map(Cell.integer) ?? .null,
        "changes": .integer(Int64(report.changes)),
        "nextAt": report.nextAt.map(Cell.moment) ?? .null,
      ]
    case .discarded(let found):
      let reason = hasFailed || isInterrupted ? found : given ?? found
      let position = try await poll.discard(reason: reason)
      return [
        "phase": .text("discarded"), "position": .integer(position), "reason": .text(reason),
      ]
    }
  }
}

/// Items that a poll by hand has shown, those of the latest pages.
struct PagesKept {
  private let bytesMax: Int
  private var pages: [(number: Int, items: [PollByHand.Item])] = []
  private var bytes = 0

  /// - Parameter bytesMax: Bytes at most, but for the last page, which is kept however long it is.
  init(bytesMax: Int) { self.bytesMax = bytesMax }

  mutating func keep(_ items: [PollByHand.Item], of page: Int) {
    pages.append((page, items))
    bytes += PagesKept.bytes(of: items)
    while bytes > bytesMax, pages.count > 1 {
      bytes -= PagesKept.bytes(of: pages.removeFirst().items)
    }
  }

  /// The item that a person names: `7` on the page at hand, `2.7` on page 2.
  func item(_ text: Substring, on page: Int) -> PollByHand.Item? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(parts.count), let place = parts.last ?? nil,
      let number = parts.count == 1 ? page : parts[0],
      let items = pages.last(where: { $0.number == number })?.items,
      items.indices.contains(place - 1)
    else { return nil }
    return items[place - 1]
  }

  private static func bytes(of items: [PollByHand.Item]) -> Int {
    items.reduce(0) { $0 + $1.bytes.count }
  }
}
