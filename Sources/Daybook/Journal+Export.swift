import Crypto
import EventStore
import Events

/// The extent of what was exported or imported.
public struct MovedLog: Sendable, Equatable {
  /// Events that were written.
  public var events: Int64 = 0
  /// Payloads that were written.
  public var payloads: Int64 = 0
  /// The position of the last event.
  public var head: Int64 = 0
  /// Its digest, in hexadecimal digits.
  public var digest = ""
}

extension Journal {
  /// Gives the log out as lines of JSON, with the bytes that its events name and a manifest at the
  /// end; positions and digests stay as they are. Sealed secrets stay here.
  ///
  /// - Parameters:
  ///   - after: The event that it goes on after; 0 for all of it.
  ///   - progress: Told the position reached and the last.
  ///   - write: Takes the lines, some at a time.
  /// - Throws: `refused` where there is no such event, and whatever `write` throws.
  public func export(
    after: Int64 = 0, progress: @Sendable (Int64, Int64) -> Void = { _, _ in },
    _ write: @Sendable ([UInt8]) async throws -> Void
  ) async throws -> MovedLog {
    do {
      return try await exported(after: after, progress, write)
    } catch {
      throw DaybookError.passing(error)
    }
  }

  private func exported(
    after: Int64, _ progress: @Sendable (Int64, Int64) -> Void,
    _ write: @Sendable ([UInt8]) async throws -> Void
  ) async throws -> MovedLog {
    // That of the past sees no end but its own, and so not what came behind it.
    let reader = try await present.reader(isCaughtUp: false)
    let until = if let asOf { asOf } else { try await head() }
    let (name, before) = try await reader.read { snapshot throws(JournalError) in
      let first = try snapshot.event(at: 1)?.event()
      guard case .journalCreated(let created)? = first else { return ("", [UInt8]?.none) }
      let digest =
        after == 0 ? [UInt8](repeating: 0, count: 32) : try snapshot.event(at: after)?.digest
      return (created.journal, digest)
    }
    guard let before, 0...until ~= after else {
      throw Refusal(.notFound(.event), "there is no event \(after); the last is \(until)")
    }
    var hash = SHA256()
    func give(_ lines: [UInt8]) async throws {
      hash.update(data: lines)
      try await write(lines)
    }
    var moved = MovedLog(head: after, digest: hexadecimal(before))
    try await give(
      LogBundle.line(.init(journal: name, after: after, digest: moved.digest)))
    var place = try await reader.exportPlace(after: after)
    while true {
      let page = try await reader.exportedPage(from: place, until: until)
      try await give(page.lines)
      place = page.place
      moved.events += page.events
      moved.payloads += page.payloads
      if let last = page.last { (moved.head, moved.digest) = last }
      progress(place.position, until)
      guard page.isMore else { break }
      try Task.checkCancellation()
    }
    let sha256 = hexadecimal(Array(hash.finalize()))
    try await write(
      LogBundle.line(
        LogBundle.Manifest(
          events: moved.events, payloads: moved.payloads, head: moved.head, digest: moved.digest,
          sha256: sha256)))
    return moved
  }
}

/// Some lines of an export.
private struct ExportedPage: Sendable {
  var lines: [UInt8] = []
  var events: Int64 = 0
  var payloads: Int64 = 0
  var last: (Int64, String)?
  var place: ExportPlace
  var isMore = false
}

extension JournalReader {
  fileprivate func exportedPage(
    from place: ExportPlace, until: Int64
  ) throws(JournalError) -> ExportedPage {
    var page = ExportedPage(place: place)
    var now = place
    page.isMore = try export(from: &now, until: until) { item throws(JournalError) in
      switch item {
      case .payload(let payload):
        page.payloads += 1
        page.lines += LogBundle.line(payload)
      case .event(let row):
        page.events += 1
        page.lines += LogBundle.line(row)
        page.last = (row.position, hexadecimal(row.digest))
      }
    }
    page.place = now
    return page
  }
}
