import Domain
import EventStore
import Events

/// All that the beginning of a poll depends on, as one view of the journal has it.
struct PollBeginning: Sendable {
  let row: FeedRow
  /// Folded from its stream only where it is disabled or deleted: else it is known to be neither,
  /// and nothing more.
  let instance: Instance
  /// How far an earlier poll of it came; nil where none is to be gone on with.
  let kept: (pollID: Int64, keptAt: Moment, state: String)?
  /// Objects that earlier polls could not have.
  let missing: [MissedObject]
  /// The access token, under seal.
  let token: SealedSecret?

  /// - Returns: nil where the feed was never opened.
  init?(of feed: FeedID, in view: JournalSnapshot) throws(JournalError) {
    guard let row = try view.feed(feed) else { return nil }
    self.row = row
    instance =
      try view.isPaused(row.instance)
      ? try view.instance(row.instance) : Instance(id: row.instance)
    kept = try view.progress(of: feed, moved: row.moved)
    missing = try view.missed(of: feed)
    token = try view.secret(SecretNames.accessToken, of: .instance(row.instance))
  }
}
