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

  /// Releases what is held without need, now and then: it looks at all groups of it.
  ///
  /// - Parameter isWanted: Whether a delivery was found that has to go behind some of it.
  func releaseHeld(isWanted: Bool = false) async throws(LogError) {
    let uptime = world.uptime()
    if !isWanted, let last = heldLookedAt, uptime - last < Limits.heldLookGap { return }
    heldLookedAt = uptime
    do {
      try await book.releaseCleared(in: world)
    } catch let error as LogError {
      throw error
    } catch {
      // Cancelled: it is found again.
    }
  }

  /// The same where a delivery steps back for it; before it is asked what is due.
  func releaseWanted() async throws(LogError) {
    guard isReleaseWanted else { return }
    isReleaseWanted = false
    try await releaseHeld(isWanted: true)
  }

  /// Whether a delivery lets others go first, which were made earlier and are still held for what
  /// is over: a person has enabled their callback, or brought the key back, and nobody has released
  /// them yet.
  ///
  /// - Parameter isBehind: Whether something older is held that goes the same way.
  func stepsBack(_ stream: String, isBehind: Bool) -> Bool {
    // Once: nothing may keep it back for ever.
    guard isBehind, steppedBack.insert(stream).inserted else {
      steppedBack.remove(stream)
      return false
    }
    isReleaseWanted = true
    return true
  }
}
