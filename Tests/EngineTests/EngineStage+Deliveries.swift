import Domain
import Engine
import EventStore
import Events
import Synchronization
import TestSupport

/// Deliveries without polls, and processes that die.
extension EngineStage {
  static let hook = "https://example.com/hook"

  /// Asks for a delivery as the changes of a poll would.
  ///
  /// - Parameter replay: The replay that it is of, and its URL.
  func ask(
    _ number: Int, of replay: (id: ReplayID, url: String)? = nil, instance: InstanceID = 1
  ) async throws {
    let salt = (0..<16).map { _ in UInt8.random(in: 0...255) }
    let payload = Payload(Array("{}".utf8), kind: .evidence, salt: salt)
    let notification = NotificationID(UInt64(number))
    let id = DeliveryID(of: notification, in: replay?.id)
    let requested = DeliveryRequested(
      delivery: id, notification: notification, eventId: "event", instance: instance, feed: 1,
      resource: Self.primary, action: .created, changes: [], sequence: Int64(number),
      body: payload.name, bytes: 2, mode: .known(replay == nil ? .live : .exact),
      replay: replay?.id,
      url: replay?.url, hasCredentials: replay == nil, place: number, places: 1_000,
      dueAtMs: now.milliseconds)
    _ = try await repository.writer.append(
      AppendRequest(
        [NewEvent(.delivery(id), .deliveryRequested(requested))], payloads: [payload], at: now)
    )
  }

  /// Makes of what is held what an older program recorded: revision 1 of the event, which does not
  /// name its kind, and tables that are folded anew.
  func forgetHoldKinds() throws {
    let trigger = String(
      decoding: try run(
        "sqlite3", path, "SELECT sql FROM sqlite_schema WHERE name = 'events_never_change'"),
      as: UTF8.self)
    _ = try run(
      "sqlite3", path,
      "DROP TRIGGER events_never_change; UPDATE events SET revision = 1,"
        + " body = json_remove(body, '$.kind') WHERE type = 'delivery.held';"
        + " UPDATE projections SET revision = revision - 1; \(trigger);")
  }

  /// What arrived at receivers since, by its `webhook-id`.
  func received(since count: Int = 0) -> [Int] {
    requests.dropFirst(count).map { request in
      Int(request.headers.first { $0.name == "webhook-id" }?.value ?? "") ?? 0
    }
  }

  /// Does what is due, one after the other.
  func deliver(_ worker: Worker? = nil) async throws {
    let worker = worker ?? self.worker
    while try await worker.step([.deliver]) != nil {}
  }

  /// Lets another process work that dies after so many commits.
  ///
  /// - Returns: Whether it died.
  func dies(
    after commits: Int, _ work: (Repository, World) async throws -> Void
  ) async throws -> Bool {
    let left = Mutex(commits)
    let hooks = JournalWriter.Hooks { place in
      guard place == .beforeCommit else { return false }
      return left.withLock { left in
        left -= 1
        return left < 0
      }
    }
    do {
      try await work(try repository(hooks), world)
      return false
    } catch JournalError.died {
      return true
    }
  }
}
