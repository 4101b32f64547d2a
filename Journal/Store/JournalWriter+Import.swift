import Events

extension JournalWriter {
  /// Appends events of another copy of this log as they stand there, digests and times included,
  /// with their payloads; all of it or nothing. What they say was removed is removed here as well.
  ///
  /// - Throws: `foreign` where an event does not follow from the head, or a payload is not the one
  ///   that its digest names.
  package func append(
    recorded rows: [RecordedEvent], payloads: [StoredPayload]
  ) throws(JournalError) {
    let removed = try commit { () throws(JournalError) in
      var removed: [String] = []
      for payload in payloads { try keep(payload) }
      for payload in payloads { try check(payload) }
      let fold = connection.fold(projector.generation)
      for row in rows {
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
      _ = try connection.payload(payload.digest)
    } catch {
      guard error == .alteredPayload(digest: hexadecimal(payload.digest)) else { throw error }
      throw .foreign(
        path: path, why: "the bytes of payload \(hexadecimal(payload.digest)) are not the original")
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
