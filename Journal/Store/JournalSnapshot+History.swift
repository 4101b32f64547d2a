package import Events

extension JournalSnapshot {
  /// A version of an object, as far as a later one is compared with it.
  package struct Version: Sendable, Equatable {
    package var position: Int64
    /// True where the object was gone then.
    package var isDeletion: Bool
    /// Digest of its bytes; nil where there never were any.
    package var item: String?
  }

  /// The version of an object before a change of it; nil where no change before it was recorded.
  package func version(
    before change: Int64, _ body: ChangeObserved
  ) throws(JournalError) -> Version? {
    let query = try query(
      SQL.versionBefore,
      [
        "object_id": .text(body.objectId ?? body.object), "position": .integer(change),
        "feed": .integer(body.feed.number), "object": .text(body.object),
      ])
    defer { query.reset() }
    guard try query.step() else { return nil }
    return Version(
      position: query.integer(0), isDeletion: query.text(1) == ChangeKind.deleted.rawValue,
      item: query.optionalText(2))
  }

  /// The deliveries that tell of a change, those of replays among them: rows `position, id, url,
  /// status, attempts, lastStatus, lastAttemptAt, finishedAt, replay`.
  package func deliveries(telling change: Int64) throws(JournalError) -> [Row] {
    try rows(SQL.toldOfChange, ["position": .integer(change)])
  }
}
