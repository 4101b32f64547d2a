package import Events

/// What a poll under way keeps on disk, in one transaction.
package struct Scratch: Sendable {
  /// Names the poll; even, the next number stands for its second listing.
  package var ticket: Int64
  /// Kept aside until the append that tells of them.
  package var payloads: [Payload]
  package var sightings: [Sighting]
  /// From where the poll could go on; nil: what was kept of it before still counts.
  package var progress: Progress?

  /// An object that a listing has shown.
  package struct Sighting: Sendable, Equatable {
    package var object: String
    /// What the listing went by, hashed; 0: all that there is.
    package var trait: Int64
    /// Whether it was the second listing that showed it.
    package var isSecond: Bool

    package init(object: String, trait: Int64 = 0, isSecond: Bool = false) {
      self.object = object
      self.trait = trait
      self.isSecond = isSecond
    }
  }

  /// From where a poll could go on.
  package struct Progress: Sendable, Equatable {
    /// nil: a poll by hand, which nobody else goes on with.
    package var feed: Int64?
    /// `FeedRow.moved`: at another position there is nothing to go on from.
    package var moved: Int64
    package var keptAt: Moment
    /// JSON, known to the engine alone.
    package var state: String

    package init(feed: Int64?, moved: Int64, keptAt: Moment, state: String) {
      self.feed = feed
      self.moved = moved
      self.keptAt = keptAt
      self.state = state
    }
  }

  package init(
    ticket: Int64, payloads: [Payload] = [], sightings: [Sighting] = [], progress: Progress? = nil
  ) {
    self.ticket = ticket
    self.payloads = payloads
    self.sightings = sightings
    self.progress = progress
  }
}

extension EventLog {
  /// Keeps what a long poll has so far, until the append that tells of it.
  package func keep(_ scratch: Scratch) throws(LogError) {
    try write { () throws(LogError) in
      for payload in scratch.payloads {
        try connection.stage(payload, ticket: scratch.ticket)
      }
      for sighting in scratch.sightings {
        try connection.statement(SQL.addSighting).run([
          "ticket": .integer(scratch.ticket + (sighting.isSecond ? 1 : 0)),
          "object": .text(sighting.object), "trait": .integer(sighting.trait),
        ])
      }
      guard let progress = scratch.progress else { return }
      try connection.statement(SQL.putProgress).run([
        "ticket": .integer(scratch.ticket), "feed": Binding(progress.feed),
        "moved": .integer(progress.moved), "kept_at_ms": .integer(progress.keptAt.milliseconds),
        "state": .text(progress.state),
      ])
    }
  }

  /// Adds what the second listing of a poll has seen to what the first has.
  package func joinListings(ticket: Int64) throws(LogError) {
    try write { () throws(LogError) in
      try connection.statement(SQL.joinSightings).run([
        "ticket": .integer(ticket + 1), "other": .integer(ticket),
      ])
    }
  }

  /// Forgets what a poll kept after the note that another goes on from.
  ///
  /// - Parameter staged: How many payloads the note counts.
  package func trimScratch(ticket: Int64, staged: Int) throws(LogError) {
    try write { () throws(LogError) in
      try connection.statement(SQL.trimStaged).run([
        "ticket": .integer(ticket), "most": .integer(Int64(staged)),
      ])
      try connection.statement(SQL.dropSecondListing).run(["ticket": .integer(ticket)])
    }
  }

  /// Forgets what a poll has kept.
  package func dropScratch(ticket: Int64) throws(LogError) {
    try write { () throws(LogError) in try connection.drop(ticket: ticket) }
  }

  /// Forgets what polls have kept that nobody can go on from any more.
  ///
  /// - Parameter before: What was kept earlier is too old.
  package func dropLostScratch(before: Moment) throws(LogError) {
    try write { () throws(LogError) in
      // The tables may have been rebuilt under other names.
      try refresh()
      try connection.statement(projector.named(SQL.dropOldProgress)).run([
        "before_ms": .integer(before.milliseconds)
      ])
      try connection.statement(SQL.dropLostStaged).run()
      try connection.statement(SQL.dropLostSightings).run()
    }
  }
}

extension Connection {
  func drop(ticket: Int64) throws(LogError) {
    for sql in [SQL.dropStaged, SQL.dropSightings, SQL.dropProgress] {
      try statement(sql).run(["ticket": .integer(ticket)])
    }
  }

  func stagedCount(_ ticket: Int64) throws(LogError) -> Int {
    let query = try statement(SQL.countStaged)
    defer { query.reset() }
    try query.bind("ticket", .integer(ticket))
    return try query.step() ? Int(query.integer(0)) : 0
  }
}
