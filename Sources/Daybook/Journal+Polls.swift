import Domain
import Engine
import EventStore
public import Events

extension Journal {
  /// Asking the provider for what is new.
  public struct Polls: Sendable {
    let journal: Journal

    /// Which feeds to poll.
    public enum Target: Sendable, Equatable {
      /// Feeds whose next poll is due by their schedule.
      case due
      /// Everything that can be polled, due or not.
      case all
      /// An instance’s feeds, or the one with that key in its configuration, due or not.
      case instance(Int64, resource: String? = nil)
    }

    /// Polls once, and returns when done; where another process runs the journal, that one polls.
    ///
    /// - Parameters:
    ///   - isForced: Whether a provider’s `Retry-After` is passed over.
    ///   - reason: Recorded with a request for each poll; nil: none is recorded, where this polls
    ///     itself.
    ///   - progress: Told the polls that are done, of those that it makes.
    /// - Throws: `refused` where there is no such instance or resource.
    public func run(
      _ target: Target = .due, isForced: Bool = false, reason: String? = nil,
      progress: @escaping WorkProgress.Report = { _ in }
    ) async throws(DaybookError) -> [PollReport] {
      if case .instance(let id, let resource) = target {
        try await journal.instances.check(id)
        if let resource { try await journal.check(resource, of: id) }
      }
      return try await translated {
        try await journal.working().poll(
          target, isForced: isForced, reason: reason, progress: progress)
      }
    }

    /// Begins a poll that a person carries forward by hand.
    ///
    /// - Throws: `refused` where there is no such resource, or it cannot be polled now.
    public func byHand(
      _ instance: Int64, _ resource: String
    ) async throws(DaybookError) -> PollByHand {
      try await journal.instances.check(instance)
      try await journal.check(resource, of: instance)
      return try await translated {
        let opened = try await journal.working()
        try await opened.repository.writer.checkProjections()
        let feeds = try await opened.repository.reader.read { snapshot throws(JournalError) in
          try snapshot.feeds(of: InstanceID(instance))
        }
        let named = feeds.last { $0.resource == resource && $0.state != .closed }
        guard let named else {
          throw Refusal(.notFound(.resource), "instance \(instance) has no resource \(resource)")
        }
        let worker = opened.worker()
        return PollByHand(
          worker, try await worker.beginByHand(named.feed), connector: opened.connector)
      }
    }
  }
}

/// A poll by hand: page by page, each item with its verdict; nothing is recorded until it is
/// accepted or discarded.
public struct PollByHand: Sendable {
  private let worker: Worker
  private var poll: ManualPoll
  private let connector: any Connector

  init(_ worker: Worker, _ poll: ManualPoll, connector: any Connector) {
    self.worker = worker
    self.poll = poll
    self.connector = connector
  }

  /// The request that comes next, without credentials.
  public struct Request: Sendable, Equatable {
    /// `GET` or `POST`.
    public let method: String
    /// In full, as it is sent.
    public let url: String
    /// The feed’s mode, such as `baseline`.
    public let mode: String
  }

  /// An item of a page and what it means.
  public struct Item: Sendable, Equatable {
    /// `created`, `updated`, `deleted`, `seen before` or `filtered`.
    public let verdict: String
    /// Half a sentence on why.
    public let reason: String
    /// The provider’s own id.
    public let objectID: String
    /// Changes whenever the object does.
    public let revision: String
    /// The provider’s own bytes.
    public let bytes: [UInt8]
    /// The name by which a person knows it, such as the summary of an event; nil where its bytes
    /// hold none.
    public let title: String?
  }

  /// The provider’s answer to the request, as the resource reads it.
  public enum Fetched: Sendable, Equatable {
    case page([Item])
    /// The provider no longer takes the cursor, or refused, or did not answer.
    case ended(reason: String, text: String)
    /// The task was cancelled, so nothing more is asked for; or what was asked for was cut.
    case cancelled
  }

  /// Pages that were read.
  public var pages: Int { poll.run.pages }

  /// Bytes of the last answer, decompressed; items are only a part of it.
  public var answerBytes: Int { poll.answerBytes }

  /// True once the last page was read, so that nothing more is asked.
  public var isAtEnd: Bool { poll.run.ask == nil }

  /// The request that comes next; nil after the last page.
  public func nextRequest() async -> Request? {
    guard let next = await worker.nextRequest(of: poll) else { return nil }
    return Request(
      method: next.method.rawValue, url: next.url, mode: poll.run.feed.mode.name.rawValue)
  }

  /// Asks for the next page and judges every item of it.
  public mutating func fetch() async throws(DaybookError) -> Fetched {
    do {
      return Fetched(try await worker.fetchByHand(&poll), connector)
    } catch {
      throw DaybookError(error)
    }
  }

  /// After the last page: asks for what a listing showed without its state, and confirms what it
  /// missed.
  public mutating func reconcile() async throws(DaybookError) -> Fetched {
    do {
      return Fetched(try await worker.reconcileByHand(&poll), connector)
    } catch {
      throw DaybookError(error)
    }
  }

  /// Records it as any poll.
  ///
  /// - Returns: nil where the feed has moved meanwhile, so that it can only be discarded.
  public func accept() async throws(DaybookError) -> PollReport? {
    try await translated { try await worker.accept(poll.run) }
  }

  /// Records what was seen, and leaves the cursor alone.
  ///
  /// - Returns: The position of `poll.discarded`.
  public func discard(reason: String) async throws(DaybookError) -> Int64 {
    try await translated { try await worker.discard(poll, reason: reason) }
  }
}

extension PollByHand.Fetched {
  init(_ fetched: ManualPoll.Fetched, _ connector: any Connector) {
    switch fetched {
    case .page(let judged): self = .page(judged.map { PollByHand.Item($0, connector) })
    case .ended(let reason, let text): self = .ended(reason: reason, text: text)
    case .cancelled: self = .cancelled
    }
  }
}

extension PollByHand.Item {
  init(_ judged: PollRun.Judged, _ connector: any Connector) {
    reason = judged.verdict.reason
    if let kind = judged.verdict.kind {
      verdict = kind.rawValue.lowercased()
    } else {
      verdict = reason.hasPrefix("seen before") ? "seen before" : "filtered"
    }
    objectID = judged.item.id
    revision = judged.item.revision
    bytes = judged.bytes
    title = judged.bytes.withUnsafeBytes { connector.title(of: $0) }
  }
}
