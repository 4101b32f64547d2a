import Domain
import Events
import Journal

/// What is held although nobody has to let it go on.
extension Runner {
  /// Why a delivery is held whose secrets the key does not open, and the kind of the notice about
  /// it.
  static let unreadable = "secrets-unreadable"

  /// What a notification is sent under.
  private static let signature = "event.notification.signature.key"
  private static let credentials: Set = [
    "event.notification.basic.username", "event.notification.basic.password",
    "event.notification.callback.headers",
  ]

  /// Whether something is missing that a delivery is sent under.
  ///
  /// - Parameter isTrusted: Whether credentials go along.
  static func isUnreadable(_ secrets: Secrets, isTrusted: Bool) -> Bool {
    secrets.unreadable.contains(signature)
      || isTrusted && !secrets.unreadable.isDisjoint(with: credentials)
  }

  /// Tells a person, once, that deliveries of an instance are held for want of the key.
  func tellUnreadable(_ instance: Instance) async throws(LogError) {
    let stream = Book.noticeStream(Runner.unreadable, instance.stream)
    let version = try await book.reader.read { reading throws(LogError) in
      try reading.version(of: stream)
    }
    if try await book.isNoticeOpen(Runner.unreadable, instance.stream) { return }
    let text =
      "The key file does not open the secrets of instance \(instance.id), so its deliveries are"
      + " held. Start Daybook with the right key, at its place or named with DAYBOOK_KEY_FILE, or"
      + " give the secrets anew with `instance update`; then they go out."
    let notice = NoticeRaised(
      kind: Runner.unreadable, subject: instance.stream, text: text, instance: instance.id)
    // Where somebody else was faster, it is said.
    _ = try await book.attempt(
      Append(
        [Draft(stream, .noticeRaised(notice))], expecting: [stream: version], at: world.now()))
  }

  /// Makes due what waits for nothing any more: the key opens the secrets again, or the instance
  /// names another URL than the one that held it up.
  func releaseHeld() async throws(LogError) {
    let uptime = world.uptime()
    // It looks at all that is held.
    if let last = heldLookedAt, uptime - last < Limits.heldLookGap { return }
    heldLookedAt = uptime
    let waiting = try await book.reader.read { reading throws(LogError) in
      try reading.heldTargets()
    }
    for held in waiting {
      let instance = try await book.instance(held.instance)
      do {
        if held.target == instance.stream {
          let secrets = try await book.secrets(of: held.instance)
          guard !Runner.isUnreadable(secrets, isTrusted: true) else { continue }
          // First: where this is cut short, what is still held is found again.
          try await endUnreadable(instance)
          try await book.release(heldFor: held.target, reason: "secrets-readable", in: world)
        } else if held.target.hasPrefix("http"), let url = instance.settings?.callback,
          url != held.target
        {
          try await book.release(
            heldFor: held.target, of: held.instance, reason: "moved", in: world)
        }
      } catch let error as LogError {
        throw error
      } catch {
        // Cancelled: it is found again.
        return
      }
    }
  }

  private func endUnreadable(_ instance: Instance) async throws(LogError) {
    var ends = NoticeEnds()
    try await book.end(
      Runner.unreadable, about: instance.stream, because: "the key opens them",
      instance: instance.id, cause: .none, in: &ends)
    guard !ends.drafts.isEmpty else { return }
    _ = try await book.attempt(Append(ends.drafts, expecting: ends.expected, at: world.now()))
  }
}
