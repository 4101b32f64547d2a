import Domain
import Engine
import EventStore
public import Events
import RawJSON

/// Evidence that is to be removed. State, which deciding needs, and the events themselves stay.
public enum RemovalChoice: Sendable, Equatable {
  /// Kinds of it that were recorded before a moment; what is still to be delivered stays.
  case aged([EvidenceKind], before: Moment)
  /// All of one object, of any instance or of one; of a series its occurrences as well.
  case object(String, of: Int64? = nil)
  /// All of one instance.
  case instance(Int64)
  /// All objects of which some version names an address, as mail and calendars have it.
  case person(String)
}

/// Evidence by its use.
public enum EvidenceKind: String, Sendable, CaseIterable {
  /// Pages of polls.
  case pages
  /// Objects; the pages and the bodies that are put together of them go with them.
  case items
  /// Bodies of notifications.
  case bodies
  /// Header fields that were sent.
  case requests
  /// Answers of receivers, and of Google where it did not give what was asked for.
  case responses
}

/// The extent of a removal, planned or done.
public struct RemovedEvidence: Sendable, Equatable {
  /// Payloads of each kind that has any.
  public let counts: [EvidenceKind: Int]
  /// Bytes that they take in the file.
  public let bytes: Int64
  /// Objects that are forgotten; 0 where kinds were chosen by age, or an instance.
  public let objects: Int
  /// Deliveries that need some of it and are not done, polls that are not told counted as one each.
  public let open: Int
  /// Positions of the `payload.expunged` that tell of it; none of a plan.
  public let positions: [Int64]
  /// False where copies may be left for now, in the write-ahead log or in free space of the file.
  public let isWiped: Bool
  /// Why it is not; nil where it is.
  public let obstacle: String?

  /// Payloads of all kinds.
  public var payloads: Int { counts.values.reduce(0, +) }

  /// Rows `executed, payloads, bytes, pages, items, bodies, requests, responses, objects, open,
  /// events, wiped, backups`; the last three say nothing of a plan.
  ///
  /// - Parameter backups: Paths of those that may hold it still.
  public func row(isExecuted: Bool, backups: [String] = []) -> Row {
    func count(_ kind: EvidenceKind) -> Field { .integer(Int64(counts[kind] ?? 0)) }
    let list = positions.map { "\($0)" }.joined(separator: ",")
    return [
      "executed": .flag(isExecuted), "payloads": .integer(Int64(payloads)),
      "bytes": .integer(bytes), "pages": count(.pages), "items": count(.items),
      "bodies": count(.bodies), "requests": count(.requests), "responses": count(.responses),
      "objects": .integer(Int64(objects)), "open": .integer(Int64(open)),
      "events": .json("[\(list)]"), "wiped": isExecuted ? .flag(isWiped) : .null,
      "backups": isExecuted ? .json(text(of: backups)) : .null,
    ]
  }

  private func text(of paths: [String]) -> String {
    String(decoding: JSON.array(paths.map { .string($0) }).bytes(), as: UTF8.self)
  }

  init(_ extent: EvidenceRemoval.Extent, obstacle: String? = nil) {
    counts = Dictionary(
      uniqueKeysWithValues: extent.counts.compactMap { use, count in
        EvidenceKind(rawValue: use.rawValue).map { ($0, count) }
      })
    (bytes, objects, open) = (extent.bytes, extent.objects, extent.open)
    positions = extent.positions
    isWiped = obstacle == nil
    self.obstacle = obstacle
  }
}

extension Journal {
  /// How long bytes are kept.
  public var retention: Retention { Retention(journal: self) }

  /// Removing bytes for good. That they were there, digests and facts, stays.
  public struct Retention: Sendable {
    let journal: Journal

    /// Finds what would be removed, and removes nothing.
    ///
    /// - Throws: `refused` where there is nothing of that name.
    public func plan(_ choice: RemovalChoice) async throws(DaybookError) -> RemovedEvidence {
      try await translated {
        let access = journal.access
        let removal = EvidenceRemoval(
          planningBy: try await access.reader(), world: access.world)
        return RemovedEvidence(try await removal.plan(try await checked(choice)))
      }
    }

    /// Removes it, with the salts of its digests, and records what it was as `payload.expunged` in
    /// the same transactions. Free pages are overwritten, the file is written anew, and the
    /// write-ahead log emptied.
    ///
    /// Ended anywhere, the same removal finds what is left.
    ///
    /// - Parameters:
    ///   - skipsOpen: Whether what is still to be delivered goes as well: such deliveries are
    ///     skipped when they are due.
    ///   - reason: Recorded with it; it should name nobody.
    ///   - progress: Told how many payloads are gone.
    /// - Throws: `refused`, with the code `conflict`, where something is still to be delivered.
    public func remove(
      _ choice: RemovalChoice, skipsOpen: Bool = false, reason: String? = nil,
      progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws(DaybookError) -> RemovedEvidence {
      try await translated {
        let opened = try await journal.working()
        let selection = try await checked(choice)
        let removal = EvidenceRemoval(opened.repository, world: opened.world)
        let extent = try await removal.carryOut(
          selection, choice.order(reason: reason), skipsOpen: skipsOpen, progress: progress)
        return RemovedEvidence(extent, obstacle: try await wipe(removal, opened))
      }
    }

    /// - Returns: Why copies may be left; nil where there are none.
    func wipe(
      _ removal: EvidenceRemoval, _ opened: OpenedJournal
    ) async throws(JournalError) -> String? {
      let runner = EngineLock.runner(opened.path)
      let isLong = try await opened.repository.writer.fileBytes() > Limits.rewrittenBytesMax
      let isRewritten = runner == nil || !isLong
      do throws(JournalError) {
        guard try await removal.wipe(isRewritten: isRewritten) else {
          return "a reader keeps \(opened.path)-wal from being emptied; do the same again once it"
            + " has ended"
        }
      } catch .full {
        _ = try await removal.wipe(isRewritten: false)
        return "there is no room to write \(opened.path) anew; make room and do the same again"
      }
      guard !isRewritten, let runner else { return nil }
      return "process \(runner) runs \(opened.path), which is too long to be written anew beside"
        + " it; stop that, and do the same again"
    }

    private func checked(_ choice: RemovalChoice) async throws -> EvidenceSelection {
      switch choice {
      case .aged(let kinds, let before):
        guard !kinds.isEmpty else { throw Refusal(at: "kind", "name a kind of evidence") }
        let uses = kinds.compactMap { PayloadUse(rawValue: $0.rawValue) }
        return .aged(uses, before: before)
      case .object(let id, let instance):
        if let instance { try await checkInstance(instance) }
        return .object(id, of: instance.map { InstanceID($0) })
      case .instance(let id):
        try await checkInstance(id)
        return .instance(InstanceID(id))
      case .person(let address):
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
          !address.contains(where: \.isWhitespace)
        else { throw Refusal(at: "person", "an address such as ann@example.com is needed") }
        return .person(address)
      }
    }

    private func checkInstance(_ id: Int64) async throws {
      let instance = try await journal.access.reader().instance(InstanceID(id))
      guard instance.settings != nil else {
        throw Refusal(.notFound(.instance), "there is no instance \(id)")
      }
    }
  }
}

extension RemovalChoice {
  /// The words that are recorded, which name nobody.
  fileprivate func order(reason: String?) -> ExpungeOrder {
    switch self {
    case .aged(let kinds, let before):
      let names = kinds.map(\.rawValue).joined(separator: ",")
      return ExpungeOrder(
        .prune, selection: "\(names) recorded before \(before.rfc3339)", reason: reason)
    case .object(let id, let instance):
      let whose = instance.map { " of instance \($0)" } ?? ""
      return ExpungeOrder(.forget, selection: "object \(id)\(whose)", reason: reason)
    case .instance(let id):
      return ExpungeOrder(.forget, selection: "instance \(id)", reason: reason)
    case .person: return ExpungeOrder(.forget, selection: "person", reason: reason)
    }
  }
}
