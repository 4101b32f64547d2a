import Domain
import Events
import Journal

/// What is sent under secrets waits while the key does not open them.
extension Runner {
  /// Why a delivery is held, and the kind of the notice about it.
  static let unreadable = "secrets-unreadable"

  /// Tells a person, once, that deliveries of an instance are held for want of the key.
  func tellUnreadable(_ instance: Instance) async throws(LogError) {
    let stream = Book.noticeStream(Runner.unreadable, instance.stream)
    if try await book.isNoticeOpen(Runner.unreadable, instance.stream) { return }
    let text =
      "The key file does not open the secrets of instance \(instance.id), so its deliveries are"
      + " held. Bring the key back, or name it with DAYBOOK_KEY_FILE; then they go out."
    let notice = NoticeRaised(
      kind: Runner.unreadable, subject: instance.stream, text: text, instance: instance.id)
    _ = try await book.log.append(Append([Draft(stream, .noticeRaised(notice))], at: world.now()))
  }

  /// Makes due what was held for want of the key, where the key opens the secrets now.
  func releaseReadable() async throws(LogError) {
    let instances = try await book.reader.read { reading throws(LogError) in
      try reading.instancesHeldForSecrets()
    }
    for id in instances {
      guard try await !book.secrets(of: id).isUnreadable else { continue }
      let owner = Instance.stream(id)
      while true {
        let held = try await book.reader.read { reading throws(LogError) in
          try reading.held(for: owner, limit: Limits.tasksPerRound)
        }
        if held.isEmpty { break }
        for stream in held {
          let loaded = try await book.loaded(stream)
          let events = loaded.delivery.release(reason: "secrets-readable", dueAt: world.now())
          do {
            try await append(
              events, to: stream, expecting: loaded.delivery.version, cause: .position(loaded.last))
          } catch .conflict {
            // Somebody else was faster; if it is still held, it is found again.
            continue
          }
        }
      }
      var ends = NoticeEnds()
      try await book.end(
        Runner.unreadable, about: owner, because: "the key opens them", instance: id, cause: .none,
        in: &ends)
      guard !ends.drafts.isEmpty else { continue }
      do {
        _ = try await book.log.append(
          Append(ends.drafts, expecting: ends.expected, at: world.now()))
      } catch .conflict {
        continue
      }
    }
  }
}
