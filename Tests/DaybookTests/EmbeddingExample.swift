import Daybook
import DaybookLive
import Events

/// Watches a calendar and sends what it saw once more to an archive.
func keepBooks(
  in path: String, instance json: String, archive: String, google: String? = nil,
  meanwhile: () async throws -> Void
) async throws -> [String] {
  var options = BookkeeperOptions()
  options.googleURL = google  // nil: Google’s own hosts
  options.allowedCallbacks = ["127.0.0.1"]  // only for receivers that are not public
  let outside = try Surroundings.live(allowedCallbacks: options.allowedCallbacks)
  let keeper = try Bookkeeper(path, options, in: outside)
  let (id, _) = try await keeper.createInstance(json)

  _ = try await keeper.poll(instance: id)  // learns what is there, announces nothing
  try await meanwhile()
  for feed in try await keeper.poll(instance: id) where feed.status == .failed {
    print(feed.resource, feed.error ?? "")
  }
  try await keeper.deliver { print($0.outcome, $0.url) }

  let replayed = try await keeper.replay(Selection(), to: archive)
  print("\(replayed.succeeded) of \(replayed.total) sent again")
  return try await keeper.changes(limit: 100).map { "\($0.kind.rawValue) \($0.objectID)" }
}
