import Domain
import EventStore
package import Events
import RawJSON

extension Instances {
  /// Drops the cursors of a resource: its next poll compares everything with what is known and
  /// announces the differences, or learns everything anew and announces nothing.
  ///
  /// A poll that is under way meanwhile is thrown away: it began from a cursor that is no more.
  ///
  /// - Throws: `Refusal` where there is no such resource, or it cannot be polled.
  package func resetCursor(
    of id: InstanceID, _ resource: String, toBaseline: Bool, reason: String
  ) async throws {
    guard let reason = try FormField.text(.string(reason), at: "reason") else {
      throw Refusal(at: "reason", "say why; it is kept with the reset")
    }
    _ = try await repository.transact([StreamName.instance(id)], in: world) { view, now in
      _ = try view.instance(id).changeable()
      let newEvents = try Instances.named(resource, in: view.feeds(of: id), of: id).map { row in
        NewEvent(
          .feed(row.feed),
          Feed(row).reset(toBaseline: toBaseline, reason: reason, at: now))
      }
      return Decision(AppendRequest(newEvents, at: now))
    }
  }

  private static func named(
    _ resource: String, in rows: [FeedRow], of id: InstanceID
  ) throws(Refusal) -> [FeedRow] {
    let own = rows.filter { $0.state != .closed }
    let named = own.filter { $0.resource == resource }
    guard !named.isEmpty else {
      let names = own.map(\.resource).joined(separator: ", ")
      throw Refusal(
        .notFound(.resource),
        "instance \(id) has no resource \(resource)" + (names.isEmpty ? "" : "; it has \(names)"))
    }
    guard named.contains(where: { $0.state != .unsupported }) else {
      throw Refusal(
        .unsupported, "\(resource) is not polled, so it has no cursor; `notices` says why")
    }
    return named.filter { $0.state != .unsupported }
  }
}

extension Feed {
  /// The feed as a poll began with it, and scheduled as its table has it now.
  func asConfigured(in row: FeedRow) -> Feed {
    var feed = self
    feed.interval = row.interval
    feed.isScheduled = row.nextAt != nil
    return feed
  }

  /// A feed as its table has it.
  init(_ row: FeedRow) {
    let mode: PollMode =
      switch row.mode {
      case .baseline: .baseline
      case .comparison: .comparison
      case .changes: row.cursor.map { .changes(since: $0) } ?? .baseline
      }
    self.init(
      id: row.feed, instance: row.instance, resource: row.resource, interval: row.interval,
      mode: mode, cursor: row.cursor, failures: row.failures,
      announcesNew: row.announceFrom != nil, isScheduled: row.nextAt != nil)
  }
}
