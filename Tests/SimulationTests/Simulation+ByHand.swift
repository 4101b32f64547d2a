import Domain
import Engine
import EventStore
import Events
import Synchronization

/// What a person carries forward step by step: polls by hand, replays, and starting anew.
extension Simulation {
  /// Polls a feed in a process of its own, page by page, and accepts or discards what came.
  func pollByHand(_ feed: FeedID) async throws {
    let (process, own) = try open(mayDie: false)
    let worker = worker(own, process)
    var poll: ManualPoll
    do {
      poll = try await worker.beginByHand(feed)
    } catch is Refusal {
      return
    }
    while poll.run.ask != nil {
      await world.sleep(.seconds(world.draw { $0.number(0...20) }))
      guard case .page = try await worker.fetchByHand(&poll) else {
        return try await leave(poll, worker)
      }
    }
    let isAccepted = world.draw { $0.happens(permille: 600) }
    guard isAccepted, case .page = try await worker.reconcileByHand(&poll) else {
      return try await leave(poll, worker)
    }
    // Where the feed has moved meanwhile, nothing is recorded.
    _ = try await worker.accept(poll.run)
  }

  private func leave(_ poll: ManualPoll, _ worker: Worker) async throws {
    _ = try await worker.discard(poll, reason: "a person left")
  }

  /// Asks for some of what was sent to be sent again, as it was.
  func replay(_ repository: Repository) async throws {
    let asked = try await rows(repository).filter { row in
      guard case .deliveryRequested(let body) = try row.event() else { return false }
      return body.replay == nil
    }
    let positions = world.draw { random in
      asked.map(\.position).filter { _ in random.happens(permille: 300) }.prefix(10)
    }
    guard !positions.isEmpty else { return }
    var selection = Replays.Selection()
    selection.positions = Array(positions)
    selection.notifications = positions.count
    let order = Replays.Order(
      url: Simulation.callbacks[1], mode: .exact,
      rate: world.draw { $0.pick([nil, nil, 1, 30]) } ?? nil,
      concurrency: world.draw { $0.pick([nil, 1]) } ?? nil, hasCredentials: false, reason: nil)
    _ = try await replays(repository).request(selection, order)
  }

  private func replays(_ repository: Repository) -> Replays {
    Replays(repository, world: world.seen(by: 0), rules: AddressRules())
  }

  /// Stops replays that run and lets stopped ones go on, by chance.
  func changeReplays(_ repository: Repository) async throws {
    for (replay, state) in try await replays(repository)
    where world.draw({ $0.happens(permille: 500) }) {
      do {
        switch state {
        case "running": try await replays(repository).stop(replay, reason: "a person asked")
        case "stopped": try await replays(repository).resume(replay, reason: "a person asked")
        default: break
        }
      } catch is Refusal {
        // It ended meanwhile.
        continue
      } catch JournalError.conflict {
        continue
      }
    }
  }

  /// Lets every stopped replay go on.
  func resumeReplays(_ repository: Repository) async throws {
    for (replay, state) in try await replays(repository) where state == "stopped" {
      try await replays(repository).resume(replay, reason: "healed")
    }
  }

  private func replays(_ repository: Repository) async throws -> [(ReplayID, String)] {
    let asked = try await rows(repository).filter { $0.type == ReplayRequested.type }.map(
      { ReplayID($0.position) })
    return try await repository.reader.read { snapshot throws(JournalError) in
      var found: [(ReplayID, String)] = []
      for position in asked {
        if let row = try snapshot.replay(position) { found.append((position, row.state)) }
      }
      return found
    }
  }

  /// Drops a cursor so that everything is learnt anew and nothing announced.
  func learnAnew(_ feed: FeedID, _ repository: Repository) async throws {
    guard let row = try await repository.feed(feed), row.state == .open else { return }
    hideNothing()
    let reset = CursorReset(
      feed: feed, instance: row.instance, mode: .known(.baseline), reason: "a person asked",
      nextAtMs: world.now.milliseconds)
    try await append([.cursorReset(reset)], to: .feed(feed), repository)
  }

  /// From now on nothing that is known is hidden: what a second baseline misses nobody announces.
  func hideNothing() {
    world.state.withLock { $0.google.hideNothing() }
  }
}
