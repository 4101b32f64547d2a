import Domain
import EventStore
import Events
import Synchronization

@testable import Engine

/// The parts of a worker, each by itself.
extension EngineStage {
  func poller(
    world: World? = nil, settings: EngineSettings = EngineSettings(),
    admission: Admission = Admission(attemptsMax: 16)
  ) -> Poller {
    let world = world ?? self.world
    return Poller(
      repository, connector: connector, world: world, settings: settings,
      wallClock: WallClock(repository, world: world), admission: admission)
  }

  var notifier: Notifier { Notifier(repository, connector: connector, world: world) }

  var replayFeeder: ReplayFeeder { ReplayFeeder(repository, connector: connector, world: world) }

  /// The world, where something happens once, before a request whose URL holds this part is sent.
  func world(
    before part: String, _ happens: @escaping @Sendable () async throws -> Void
  ) -> World {
    let isLeft = Mutex(true)
    var changed = world
    changed.perform = { [world] request in
      let isNow = isLeft.withLock { isLeft in
        guard isLeft, request.url.contains(part) else { return false }
        isLeft = false
        return true
      }
      if isNow {
        do { try await happens() } catch { return .failed(NetworkFailure(.other, "\(error)")) }
      }
      return await world.perform(request)
    }
    return changed
  }

  /// A page of a calendar: `a1` is the object `a` at its first state, `a-` the object gone.
  static func page(_ items: [String], cursor: String) -> String {
    let texts = items.map { item in
      let (id, state) = (item.dropLast(), item.suffix(1))
      let status = state == "-" ? #","status":"cancelled""# : ""
      return #"{"id":"\#(id)","etag":"\#(state)"\#(status)}"#
    }
    return #"{"items":[\#(texts.joined(separator: ","))],"nextSyncToken":"\#(cursor)"}"#
  }

  /// Polls feed 1 once, which finds these items.
  @discardableResult
  func found(_ items: [String], cursor: String = "S") async throws -> PollReport {
    answer("/events", 200, Self.page(items, cursor: cursor))
    return try await poller().poll(1, isForced: true)
  }

  /// The bodies of the deliveries that were asked for since.
  func requested(since position: Int64) async throws -> [DeliveryRequested] {
    try await events(after: position).compactMap { row in
      if case .deliveryRequested(let body) = try row.event() { body } else { nil }
    }
  }
}
