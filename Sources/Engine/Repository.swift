package import Domain
package import EventStore
package import Events

/// A journal as the engine and its callers use it: the writing side, a reading side, the seal.
package struct Repository: Sendable {
  package let writer: JournalWriter
  package let reader: JournalReader
  /// nil where the key is missing: reads work, secrets stay shut.
  package let seal: Seal?

  package init(writer: JournalWriter, reader: JournalReader, seal: Seal?) {
    self.writer = writer
    self.reader = reader
    self.seal = seal
  }

  /// An instance folded from its stream; one that never was has no settings.
  package func instance(_ id: InstanceID) async throws(JournalError) -> Instance {
    try await reader.instance(id)
  }

  /// A delivery, and the position of its last event: what comes next is caused by it.
  package struct LoadedDelivery: Sendable {
    package var delivery: Delivery
    package var last: Int64

    /// - Parameter rows: Its stream.
    init(_ rows: [RecordedEvent]) throws(JournalError) {
      delivery = Delivery()
      for row in rows { delivery.evolve(try row.event(), at: row.recordedAt) }
      last = rows.last?.position ?? 0
    }
  }

  /// A delivery folded from its stream, with what the next event of it needs to know.
  package func loaded(_ stream: StreamName) async throws(JournalError) -> LoadedDelivery {
    try await reader.read { view throws(JournalError) in try view.delivery(stream) }
  }

  /// A delivery folded from its stream.
  package func delivery(_ stream: StreamName) async throws(JournalError) -> Delivery {
    try await loaded(stream).delivery
  }

  /// A callback folded from its stream; enabled where nothing was ever said of it.
  package func callback(_ url: String) async throws(JournalError) -> Callback {
    try await reader.read { view throws(JournalError) in try view.callback(url) }
  }

  /// A feed as its table has it; nil where it was never opened.
  package func feed(_ id: FeedID) async throws(JournalError) -> FeedRow? {
    try await reader.read { snapshot throws(JournalError) in try snapshot.feed(id) }
  }

  /// The beginning of a poll, as of one moment; nil where the feed was never opened.
  func beginning(of feed: FeedID) async throws(JournalError) -> PollBeginning? {
    try await reader.read { view throws(JournalError) in try PollBeginning(of: feed, in: view) }
  }

  /// The feeds that a list of collections opened and that are not closed.
  package func feeds(discoveredBy list: FeedRow) async throws(JournalError) -> [FeedRow] {
    let instance = list.instance
    return try await reader.read { snapshot throws(JournalError) in
      try snapshot.feeds(of: instance)
    }.filter { $0.roster == list.feed && $0.state != .closed }
  }

  /// Seals a secret, to be put with an append.
  package func put(
    _ secret: String, _ name: String, of instance: InstanceID, hash: [UInt8]? = nil,
    expiresAt: Moment? = nil
  ) throws(Refusal) -> SecretChange {
    guard let seal else {
      throw Refusal(
        .keyMissing, "the key file is missing, so no secret can be sealed; bring it back")
    }
    let owner = StreamName.instance(instance)
    return .put(
      owner: owner, name: name, sealed: seal.close(secret, owner: owner, name: name),
      hash: hash, expiresAt: expiresAt)
  }

  /// Appends, or answers nil where somebody else was faster: load again and decide again.
  package func attempt(_ append: AppendRequest) async throws(JournalError) -> AppendResult? {
    do {
      return try await writer.append(append)
    } catch .conflict {
      return nil
    }
  }

  /// True where a notice of that kind about that subject is open.
  package func isNoticeOpen(
    _ kind: StoredWord<NoticeKind>, _ subject: StreamName
  ) async throws(JournalError) -> Bool {
    try await reader.read { view throws(JournalError) in
      try view.openNotice(kind, subject) != nil
    }
  }
}

extension JournalReader {
  /// Looks up the items that the feed knows, and the series that they name.
  func known(_ items: [Item], in feed: FeedID) throws(JournalError) -> KnownObjects {
    try view { snapshot throws(JournalError) in
      try snapshot.known(items.map(\.id) + items.compactMap(\.series), in: feed)
    }
  }

  /// An instance folded from its stream; one that never was has no settings.
  package func instance(_ id: InstanceID) throws(JournalError) -> Instance {
    let rows = try view { snapshot throws(JournalError) in
      try snapshot.events(of: StreamName.instance(id))
    }
    return try Instance(id: id, rows)
  }
}
