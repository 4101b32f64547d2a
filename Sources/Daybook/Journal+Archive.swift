import Engine
import EventStore
public import Events

/// A part of the log in a file of its own, planned or made.
public struct ArchivedPart: Sendable, Equatable {
  /// Its first position.
  public let first: Int64
  /// Its last position.
  public let last: Int64
  /// Events of it that stay in the journal as well, because work may ask for them.
  public let kept: Int64
  /// The file, beside the journal.
  public let file: String
  /// Bytes of the file; nil while it is not made.
  public let bytes: Int64?
  /// The position of the `journal.archived` that tells of it; nil of a plan.
  public let position: Int64?
  /// Why the journal did not become shorter, or copies may be left in it; nil where neither is so.
  public let obstacle: String?

  /// Events in the file: all from the first to the last.
  public var events: Int64 { last - first + 1 }

  /// Rows `executed, first, last, events, kept, file, bytes, position, wiped`; the last three say
  /// nothing of a plan.
  public var row: Row {
    [
      "executed": .flag(position != nil), "first": .integer(first), "last": .integer(last),
      "events": .integer(events), "kept": .integer(kept), "file": .text(file),
      "bytes": bytes.map { .integer($0) } ?? .null,
      "position": position.map { .integer($0) } ?? .null,
      "wiped": position == nil ? .null : .flag(obstacle == nil),
    ]
  }

  init(_ part: ArchivePart) {
    (first, last, kept) = (part.first, part.last, part.events - part.leaving)
    file = part.path
    (bytes, position, obstacle) = (nil, nil, nil)
  }

  init(_ part: ArchivePart, _ body: JournalArchived, at position: Int64, obstacle: String?) {
    (first, last, kept) = (body.first, body.last, body.kept)
    file = part.path
    bytes = part.bytes
    self.position = position
    self.obstacle = obstacle
  }
}

extension Journal.Retention {
  /// Finds what an archive of all events before one would hold, and makes none.
  ///
  /// - Throws: `refused`, with the code `conflict`, where there is nothing to archive.
  public func planArchive(before position: Int64) async throws(DaybookError) -> ArchivedPart {
    try await translated {
      ArchivedPart(
        try await journal.access.reader().read { snapshot throws(JournalError) in
          try snapshot.archivePart(before: position)
        })
    }
  }

  /// Moves all events before one that are in no archive yet to a file beside the journal, which is
  /// only read from then on. Lists, the past, `verify` and all else go on over both; what wants the
  /// file says which one where it is not at hand, and what is due never does.
  ///
  /// The file is written, brought to the disk and read back before anything leaves the journal.
  /// Ended anywhere, the same again goes on.
  ///
  /// - Parameters:
  ///   - reason: Recorded with it; it should name nobody.
  ///   - progress: Told how many events are in the file, of how many.
  /// - Throws: `refused`: `locked` where another process runs the journal, `conflict` where there
  ///   is nothing to archive or a replay asks for deliveries.
  public func archive(
    before position: Int64, reason: String? = nil,
    progress: @escaping WorkProgress.Report = { _ in }
  ) async throws(DaybookError) -> ArchivedPart {
    try await stoppable {
      let opened = try await journal.working()
      guard let lock = try EngineLock(opened) else {
        throw Refusal(
          .locked,
          "process \(EngineLock.holder(opened.path)) runs \(opened.path); stop it while events are"
            + " archived")
      }
      let part: ArchivePart
      let told: (position: Int64, body: JournalArchived)
      do {
        defer { lock.release() }
        let writer = opened.repository.writer
        part = try await journal.access.reader().read { snapshot throws(JournalError) in
          try snapshot.archivePart(before: position)
        }
        told = try await writer.archive(
          part, reason: reason, at: opened.world.now()
        ) { progress(WorkProgress(done: $0, total: part.events)) }
      }
      let removal = EvidenceRemoval(opened.repository, world: opened.world)
      return ArchivedPart(
        part, told.body, at: told.position, obstacle: try await wipe(removal, opened))
    }
  }
}
