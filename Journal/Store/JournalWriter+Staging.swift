package import Events

/// A step of a poll under way, kept on disk in one transaction.
package struct Staging: Sendable {
  /// Names the poll; even, the next number stands for its second listing.
  package var pollID: Int64
  /// Kept aside until the append that tells of them.
  package var payloads: [Payload]
  package var seenObjects: [SeenObject]
  /// From where the poll could go on; nil: what was kept of it before still counts.
  package var progress: Progress?

  /// An object that a listing has shown.
  package struct SeenObject: Sendable, Equatable {
    package var object: String
    /// The label that the listing went by, hashed; 0: all that there is.
    package var label: Int64
    /// True where the second listing showed it.
    package var isSecond: Bool

    package init(object: String, label: Int64 = 0, isSecond: Bool = false) {
      self.object = object
      self.label = label
      self.isSecond = isSecond
    }
  }

  /// From where a poll could go on.
  package struct Progress: Sendable, Equatable {
    /// nil: a poll by hand, which nobody else goes on with.
    package var feed: FeedID?
    /// `FeedRow.moved`: at another position there is nothing to go on from.
    package var moved: Int64
    package var keptAt: Moment
    /// JSON, known to the engine alone.
    package var state: String

    package init(feed: FeedID?, moved: Int64, keptAt: Moment, state: String) {
      self.feed = feed
      self.moved = moved
      self.keptAt = keptAt
      self.state = state
    }
  }

  package init(
    pollID: Int64, payloads: [Payload] = [], seenObjects: [SeenObject] = [],
    progress: Progress? = nil
  ) {
    self.pollID = pollID
    self.payloads = payloads
    self.seenObjects = seenObjects
    self.progress = progress
  }
}

extension JournalWriter {
  /// Keeps what a long poll has so far, until the append that tells of it.
  package func keep(_ staging: Staging) throws(JournalError) {
    try write { () throws(JournalError) in
      for payload in staging.payloads {
        try connection.stage(payload, pollID: staging.pollID)
      }
      for seenObject in staging.seenObjects {
        try connection.statement(SQL.addSeenObject).run([
          "ticket": .integer(staging.pollID + (seenObject.isSecond ? 1 : 0)),
          "object": .text(seenObject.object), "trait": .integer(seenObject.label),
        ])
      }
      guard let progress = staging.progress else { return }
      try connection.statement(SQL.putProgress).run([
        "ticket": .integer(staging.pollID), "feed": Binding(progress.feed),
        "moved": .integer(progress.moved), "kept_at_ms": .integer(progress.keptAt.milliseconds),
        "state": .text(progress.state),
      ])
    }
  }

  /// Adds what the second listing of a poll has seen to what the first has.
  package func joinListings(pollID: Int64) throws(JournalError) {
    try write { () throws(JournalError) in
      try connection.statement(SQL.joinSeenObjects).run([
        "ticket": .integer(pollID + 1), "other": .integer(pollID),
      ])
    }
  }

  /// Forgets what a poll kept after the note that another goes on from.
  ///
  /// - Parameter staged: How many payloads the note counts.
  package func trimStaging(pollID: Int64, staged: Int) throws(JournalError) {
    try write { () throws(JournalError) in
      try connection.statement(SQL.trimStaged).run([
        "ticket": .integer(pollID), "most": .integer(Int64(staged)),
      ])
      try connection.statement(SQL.dropSecondListing).run(["ticket": .integer(pollID)])
    }
  }

  /// Forgets what a poll has kept.
  package func dropStaging(pollID: Int64) throws(JournalError) {
    try write { () throws(JournalError) in try connection.drop(pollID: pollID) }
  }

  /// Forgets what polls have kept that nobody can go on from any more.
  ///
  /// - Parameter before: What was kept earlier is too old.
  package func dropLostStaging(before: Moment) throws(JournalError) {
    try write { () throws(JournalError) in
      // The tables may have been rebuilt under other names.
      try refresh()
      try connection.projection(SQL.dropOldProgress, projector.generation).run([
        "before_ms": .integer(before.milliseconds)
      ])
      try connection.statement(SQL.dropLostStaged).run()
      try connection.statement(SQL.dropLostSeenObjects).run()
    }
  }
}

extension Connection {
  func drop(pollID: Int64) throws(JournalError) {
    for sql in [SQL.dropStaged, SQL.dropSeenObjects, SQL.dropProgress] {
      try statement(sql).run(["ticket": .integer(pollID)])
    }
  }

  func stagedCount(_ pollID: Int64) throws(JournalError) -> Int {
    let query = try statement(SQL.countStaged)
    defer { query.reset() }
    try query.bind("ticket", .integer(pollID))
    return try query.step() ? Int(query.integer(0)) : 0
  }
}

extension JournalWriter {
  /// Keeps secrets that belong to no event, such as those that an HTTP client shows; the log says
  /// nothing of them.
  package func keep(_ secrets: [SecretChange]) throws(JournalError) {
    try write { () throws(JournalError) in
      for secret in secrets { try connection.change(secret) }
    }
  }
}
