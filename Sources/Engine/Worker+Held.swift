import Domain
import EventStore
import Events

/// What is held although nobody has to let it go on.
extension Worker {
  /// Why a delivery is held whose secrets cannot be had, and the kind of the notice about it.
  static let unreadable = "secrets-unreadable"

  /// Tells a person that deliveries of an instance are held for want of its secrets; recorded with
  /// the first of them.
  static func unreadableNotice(_ instance: Instance, _ secrets: Secrets) -> NewEvent {
    let names = secrets.unreadable.filter { !SecretNames.isToken($0) }.sorted()
    let which =
      names.isEmpty ? "what its notifications are sent under" : names.joined(separator: ", ")
    let text =
      "Secrets of instance \(instance.id) are missing, or the key file does not open them:"
      + " \(which). Its deliveries are held. Start Daybook with the right key file,"
      + " or give the secrets anew with `instance update`; then they go out."
    return NewEvent(
      Repository.noticeStream(Worker.unreadable, instance.stream),
      .noticeRaised(
        NoticeRaised(
          kind: Worker.unreadable, subject: instance.stream, text: text, instance: instance.id)),
      cause: .newEvent(0))
  }

  /// Releases what is held without need, now and then: it looks at all groups of it.
  ///
  /// - Parameter isWanted: Whether a delivery was found that has to go behind some of it.
  func releaseHeld(isWanted: Bool = false) async throws(JournalError) {
    let uptime = world.uptime()
    let isFirst = heldLookedAt == nil
    if !isWanted, let last = heldLookedAt, uptime - last < Limits.heldLookGap { return }
    heldLookedAt = uptime
    do {
      // The first look of a process is at all of it.
      if isWanted || isFirst {
        try await repository.releaseCleared(in: world)
      } else {
        heldAfter = try await repository.releaseCleared(
          after: heldAfter, limit: Limits.heldGroupsPerLook, in: world)
      }
    } catch let error as JournalError {
      throw error
    } catch {
      // Cancelled: it is found again.
    }
  }

  /// The same where a delivery steps back for it; before it is asked what is due.
  func releaseWanted() async throws(JournalError) {
    guard deliverer.isReleaseWanted else { return }
    deliverer.isReleaseWanted = false
    try await releaseHeld(isWanted: true)
  }
}
