import Domain
import Engine
import Events
import Journal
import Synchronization

/// What a person carries forward step by step: polls by hand, replays, and starting anew.
extension Simulation {
  /// Polls a feed in a process of its own, page by page, and accepts or discards what came.
  func pollByHand(_ feed: Int64) async throws {
    let (process, own) = try open(mayDie: false)
    let runner = runner(own, process)
    var poll: HandPoll
    do {
      poll = try await runner.beginByHand(feed)
    } catch is Refusal {
      return
    }
    while poll.session.ask != nil {
      await world.sleep(.seconds(world.draw { $0.number(0...20) }))
      guard case .page = try await runner.fetchByHand(&poll) else {
        return try await leave(poll, runner)
      }
    }
    let isAccepted = world.draw { $0.happens(permille: 600) }
    guard isAccepted, case .page = try await runner.settleByHand(&poll) else {
      return try await leave(poll, runner)
    }
    // Where the feed has moved meanwhile, nothing is recorded.
    _ = try await runner.accept(poll.session)
  }

  private func leave(_ poll: HandPoll, _ runner: Runner) async throws {
    _ = try await runner.discard(poll, reason: "a person left")
  }

  /// Asks for some of what was sent to be sent again, as it was.
  func replay(_ book: Book) async throws {
    let asked = try await rows(book).filter { row in
      guard case .deliveryRequested(let body) = try row.event() else { return false }
      return body.replay == nil
    }
    let positions = world.draw { random in
      asked.map(\.position).filter { _ in random.happens(permille: 300) }.prefix(10)
    }
    guard !positions.isEmpty else { return }
    var selection = Replayer.Selection()
    selection.positions = Array(positions)
    selection.notifications = positions.count
    let wish = Replayer.Wish(
      url: Simulation.callbacks[1], mode: "exact",
      rate: world.draw { $0.pick([nil, nil, 1, 30]) } ?? nil,
      concurrency: world.draw { $0.pick([nil, 1]) } ?? nil, hasCredentials: false, reason: nil)
    _ = try await replayer(book).request(selection, wish)
  }

  private func replayer(_ book: Book) -> Replayer {
    Replayer(book, world: world.seen(by: 0), rules: AddressRules())
  }

  /// Stops replays that run and lets stopped ones go on, by chance.
  func changeReplays(_ book: Book) async throws {
    for (replay, state) in try await replays(book)
    where world.draw({ $0.happens(permille: 500) }) {
      do {
        switch state {
        case "running": try await replayer(book).stop(replay, reason: "a person asked")
        case "stopped": try await replayer(book).resume(replay, reason: "a person asked")
        default: break
        }
      } catch is Refusal {
        // It ended meanwhile.
        continue
      } catch LogError.conflict {
        continue
      }
    }
  }

  /// Lets every stopped replay go on.
  func resumeReplays(_ book: Book) async throws {
    for (replay, state) in try await replays(book) where state == "stopped" {
      try await replayer(book).resume(replay, reason: "healed")
    }
  }

  private func replays(_ book: Book) async throws -> [(Int64, String)] {
    let asked = try await rows(book).filter { $0.type == ReplayRequested.type }.map(\.position)
    return try await book.reader.read { reading throws(LogError) in
      var found: [(Int64, String)] = []
      for position in asked {
        if let row = try reading.replay(position) { found.append((position, row.state)) }
      }
      return found
    }
  }

  /// Drops a cursor so that everything is learnt anew and nothing announced.
  func learnAnew(_ feed: Int64, _ book: Book) async throws {
    guard let row = try await book.feed(feed), row.state == .open else { return }
    hideNothing()
    let reset = CursorReset(
      feed: feed, instance: row.instance, mode: "baseline", reason: "a person asked",
      nextAtMs: world.now.milliseconds)
    try await append([.cursorReset(reset)], to: "feed/\(feed)", book)
  }

  /// From now on nothing that is known is hidden: what a second baseline misses nobody announces.
  func hideNothing() {
    world.state.withLock { state in
      for id in state.google.calendars.keys { state.google.calendars[id]?.isLearntAnew = true }
      state.google.mail.isLearntAnew = true
    }
  }
}
