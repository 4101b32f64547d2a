import Events

extension JournalWriter {
  /// Appends events of another copy of this log as they stand there, digests and times included,
  /// with their payloads; all of it or nothing. What they say was removed is removed here as well.
  ///
  /// - Throws: `foreign` where an event does not follow from the head, or a payload is not the one
  ///   that its digest names; with it which of them that was.
  package func append(
    recorded rows: [RecordedEvent], payloads: [StoredPayload]
  ) throws(ImportFailure) {
    var item: ImportFailure.Item?
    do throws(JournalError) {
      try append(rows, payloads, at: &item)
    } catch {
      throw ImportFailure(cause: error, item: error.isOfItem ? item : nil)
    }
  }

  private func append(
    _ rows: [RecordedEvent], _ payloads: [StoredPayload], at item: inout ImportFailure.Item?
  ) throws(JournalError) {
    let removed = try commit { () throws(JournalError) in
      var removed: [String] = []
      for (place, payload) in payloads.enumerated() {
        item = .payload(place)
        try keep(payload)
      }
      for (place, payload) in payloads.enumerated() {
        item = .payload(place)
        try check(payload)
      }
      let fold = connection.fold(projector.generation)
      for (place, row) in rows.enumerated() {
        item = .event(place)
        guard row.position == head.position + 1 else {
          throw .foreign(path: path, why: "event \(row.position) does not follow \(head.position)")
        }
        link.write(row, after: head.digest)
        guard link.digest == row.digest else {
          throw .foreign(
            path: path, why: "the digest of event \(row.position) does not follow from the head")
        }
        try connection.insert(row, link)
        for change in row.secretsReplaced { try connection.change(change) }
        if case .payloadExpunged(let body)? = try? row.event() { removed += body.digests }
        do throws(JournalError) {
          try fold.decide(row, link)
        } catch {
          throw error.ofFolding(path)
        }
        head = Head(position: row.position, recordedAt: row.recordedAt, digest: row.digest)
      }
      item = nil
      return try connection.remove(removed)
    }
    // What is left of it between other rows is written over as well.
    if removed > 0 { _ = try wipe(isRewritten: true) }
    copyBack(after: Bounds.walPagesFolding)
  }

  private func keep(_ payload: StoredPayload) throws(JournalError) {
    let known = try connection.statement(SQL.hasPayload)
    defer { known.reset() }
    try known.bind("digest", .bytes(payload.digest))
    guard try !known.step() else { return }
    try connection.statement(SQL.addPayload).run([
      "digest": .bytes(payload.digest), "salt": .bytes(payload.salt),
      "kind": .text(payload.kind), "form": .text(payload.form),
      "length_bytes": .integer(payload.length), "content": .bytes(payload.content),
    ])
  }

  /// Puts it together and hashes it, as it will be read.
  private func check(_ payload: StoredPayload) throws(JournalError) {
    do throws(JournalError) {
      let whole = try connection.payload(payload.digest)
      guard whole.count == payload.length else { throw .alteredPayload(digest: "") }
    } catch {
      guard case .alteredPayload = error else { throw error }
      throw .foreign(
        path: path, why: "the bytes of payload \(hexadecimal(payload.digest)) are not the original")
    }
  }
}

/// The end of an import at one of its items.
package struct ImportFailure: Error {
  /// One of those that were given, by its place.
  package enum Item: Sendable {
    case payload(Int)
    case event(Int)
  }

  package let cause: JournalError
  /// The item that does not fit; nil where none is to blame, as for a full disk.
  package let item: Item?
}

extension JournalError {
  /// True where what was to be taken in is at fault.
  fileprivate var isOfItem: Bool {
    switch self {
    case .foreign, .noPayload, .alteredPayload, .unreadable, .misfolded, .conflict, .tooLarge: true
    // 19: a constraint of the tables. Source: sqlite.org, “Result and Error Codes”.
    case .sqlite(let code, _, _): code & 0xff == 19
    default: false
    }
  }
}

extension RecordedEvent {
  /// The sealed secrets that are not in force any more once this has happened. What took their
  /// place is not in an export: it counts as missing, and nothing is sent under what was before.
  fileprivate var secretsReplaced: [SecretChange] {
    switch try? event() {
    case .instanceDeleted(let body)?: [.drop(owner: .instance(body.instance), name: nil)]
    case .instanceUpdated(let body)?:
      body.changed.filter { $0.hasPrefix("configuration.") }.flatMap { changed -> [SecretChange] in
        let name = String(changed.dropFirst("configuration.".count))
        return ["", ".previous", ".previous.2", ".previous.3"].map { ending in
          SecretChange.drop(owner: StreamName.instance(body.instance), name: name + ending)
        }
      }
    case .authorizationGranted(let body)?: Self.tokens(of: body.instance)
    case .authorizationRefreshed(let body)? where body.isRotated: Self.tokens(of: body.instance)
    default: []
    }
  }

  private static func tokens(of instance: InstanceID) -> [SecretChange] {
    ["access token", "refresh token"].map { name in
      SecretChange.drop(owner: StreamName.instance(instance), name: name)
    }
  }
}
