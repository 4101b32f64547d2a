import Daybook
import Synchronization

/// The secrets that clients are held against. What the journal keeps is looked up now and then, so
/// that one which was rotated is taken by nobody for long.
final class ClientKeys: Sendable {
  /// Between two looks.
  private static let pause = Duration.seconds(2)

  private let journal: Journal
  private let world: World
  /// Secrets that are kept elsewhere; the journal’s say nothing beside them.
  private let given: [ClientSecret: String]
  private let secrets: Mutex<ClientSecrets>

  init(
    _ journal: Journal, in world: World, _ secrets: ClientSecrets, given: [ClientSecret: String]
  ) {
    self.journal = journal
    self.world = world
    self.given = given
    self.secrets = Mutex(secrets)
  }

  func matches(_ text: String, _ kind: ClientSecret) -> Bool {
    secrets.withLock { $0 }.matches(text, kind)
  }

  /// Follows the journal’s secrets until the task is cancelled.
  ///
  /// - Parameter changed: Told after one became another.
  func run(changed: () -> Void) async {
    let isOwn = ClientSecret.allCases.contains { given[$0] == nil }
    while !Task.isCancelled {
      await world.sleep(Self.pause)
      // Where they cannot be read those before go on.
      guard isOwn, let kept = try? await journal.clients.secrets() else { continue }
      let isOther = secrets.withLock { secrets in
        let fresh = secrets.taking(kept, but: Set(given.keys))
        defer { secrets = fresh }
        return fresh != secrets
      }
      if isOther { changed() }
    }
  }
}
