import Domain
package import EventStore
package import Events

/// An append that was decided on, and what its maker is told once it is there.
package struct Decision<Answer: Sendable>: Sendable {
  /// nil where nothing is to be appended.
  package var append: AppendRequest?
  package var answer: Answer

  package init(_ append: AppendRequest?, answer: Answer) {
    self.append = append
    self.answer = answer
  }
}

extension Decision where Answer == Void {
  package init(_ append: AppendRequest?) { self.init(append, answer: ()) }
}

extension Repository {
  /// Loads streams, decides on them, and appends what was decided at the versions loaded; where
  /// somebody else was faster, all of it once more.
  ///
  ///     load ──▶ decide ──▶ append
  ///       ▲                   │ conflict
  ///       └───────────────────┘ `conflictsMax` times in all, then `busy`
  ///
  /// - Parameters:
  ///   - streams: What has to stand still from the view to the append. A decision may add to them
  ///     in its append, such as the streams of notices that it ends.
  ///   - conflictsMax: How often somebody else may be faster.
  ///   - decide: A function of one view of the journal and of the moment; it may be called several
  ///     times, and changes nothing.
  /// - Throws: `JournalError`; and what `decide` throws, such as a `Refusal`.
  package nonisolated(nonsending) func transact<Answer: Sendable>(
    _ streams: [StreamName], in world: World, conflictsMax: Int = Limits.conflictsMax,
    decide: @Sendable (JournalSnapshot, Moment) throws -> Decision<Answer>
  ) async throws -> (appended: AppendResult?, answer: Answer) {
    try await decided(streams, in: world, conflictsMax) {
      view, now -> Result<Decision<Answer>, any Error> in
      do { return .success(try decide(view, now)) } catch { return .failure(error) }
    }.get()
  }

  /// The same for a decision that refuses nothing.
  package nonisolated(nonsending) func decide<Answer: Sendable>(
    on streams: [StreamName], in world: World,
    decide: @Sendable (JournalSnapshot, Moment) throws(JournalError) -> Decision<Answer>
  ) async throws(JournalError) -> (appended: AppendResult?, answer: Answer) {
    try await decided(streams, in: world, Limits.conflictsMax) {
      view, now -> Result<Decision<Answer>, JournalError> in
      do throws(JournalError) {
        return .success(try decide(view, now))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  private nonisolated(nonsending) func decided<Answer: Sendable, Failure: Error>(
    _ streams: [StreamName], in world: World, _ conflictsMax: Int,
    decide: @Sendable (JournalSnapshot, Moment) -> Result<Decision<Answer>, Failure>
  ) async throws(JournalError) -> Result<(appended: AppendResult?, answer: Answer), Failure> {
    for _ in 0..<conflictsMax {
      let now = world.now()
      let (decided, versions) = try await reader.read { view throws(JournalError) in
        var versions: [StreamName: Int64] = [:]
        for stream in streams { versions[stream] = try view.version(of: stream) }
        return (decide(view, now), versions)
      }
      let decision: Decision<Answer>
      switch decided {
      case .success(let made): decision = made
      case .failure(let failure): return .failure(failure)
      }
      guard var append = decision.append, !append.newEvents.isEmpty else {
        return .success((nil, decision.answer))
      }
      append.expected.merge(versions) { named, _ in named }
      if let appended = try await attempt(append) { return .success((appended, decision.answer)) }
    }
    throw .busy(path: writer.path)
  }
}

/// States of streams, folded over one view.
extension JournalSnapshot {
  func instance(_ id: InstanceID) throws(JournalError) -> Instance {
    try Instance(id: id, events(of: StreamName.instance(id)))
  }

  func delivery(_ stream: StreamName) throws(JournalError) -> Repository.LoadedDelivery {
    try Repository.LoadedDelivery(events(of: stream))
  }

  func callback(_ url: String) throws(JournalError) -> Callback { try Callback(url: url, in: self) }

  /// True where a delivery is not made because its instance is deleted.
  func endsWithInstance(
    _ delivery: Delivery, _ instance: Instance
  ) throws(JournalError) -> Bool {
    guard instance.isDeleted else { return false }
    let deleted = try events(of: instance.stream).first { $0.type == InstanceDeleted.type }
    return delivery.requested?.endsWithInstance(deletedAt: deleted?.position) ?? true
  }

  /// The notice of that kind about that subject, where it is open.
  func openNotice(
    _ kind: StoredWord<NoticeKind>, _ subject: StreamName
  ) throws(JournalError) -> (notice: NoticeRaised, version: Int64)? {
    let last = try lastEvent(of: StreamName.notice(kind, about: subject))
    guard let last, case .noticeRaised(let notice) = try last.event() else { return nil }
    return (notice, last.version)
  }

  /// Ends a notice where it is open.
  ///
  /// - Parameters:
  ///   - cause: What mended it; the first event of the append where nothing else is said.
  ///   - ends: Takes it along.
  func end(
    _ kind: NoticeKind, about subject: StreamName, because reason: String,
    instance: InstanceID? = nil,
    cause: NewEvent.Cause = .newEvent(0), in ends: inout NoticeEnds
  ) throws(JournalError) {
    guard let (_, version) = try openNotice(.known(kind), subject) else { return }
    let stream = StreamName.notice(.known(kind), about: subject)
    let closed = NoticeClosed(
      kind: .known(kind), subject: subject, reason: reason, instance: instance)
    ends.newEvents.append(NewEvent(stream, .noticeClosed(closed), cause: cause))
    ends.expected[stream] = version
  }

  /// Ends what is open about a feed that is watched no longer.
  func endNotices(
    aboutFeed feed: FeedRow, because reason: String, in ends: inout NoticeEnds
  ) throws(JournalError) {
    for one in try missed(of: feed.feed) {
      try end(
        Feed.unreadableKind, about: StreamName.object(one.object, ofFeed: feed.feed),
        because: reason,
        instance: feed.instance, in: &ends)
    }
    for kind in [NoticeKind.feedDisabled, .feedUnsupported] {
      try end(
        kind, about: .feed(feed.feed), because: reason, instance: feed.instance, in: &ends)
    }
  }
}
