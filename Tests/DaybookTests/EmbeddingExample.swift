import Daybook
import DaybookLive
import Events

/// Watches a calendar and sends what it saw once more to an archive.
func watch(
  in path: String, instance json: String, archive: String, google: String? = nil,
  meanwhile: () async throws -> Void
) async throws -> [String] {
  var options = JournalOptions()
  options.googleURL = google  // nil: Google’s own hosts
  options.callbacks = try CallbackRules(allowing: ["127.0.0.1"])  // only where not public
  let journal = try Journal(path, options, in: .live(callbacks: options.callbacks))
  let instance = try await journal.instances.create(json).id

  _ = try await journal.polls.run(.instance(instance))  // learns what is there, announces nothing
  try await meanwhile()
  for feed in try await journal.polls.run(.instance(instance)) where feed.status == .failed {
    print(feed.resource, feed.error ?? "")
  }
  try await journal.deliveries.deliver { print($0.outcome, $0.url) }

  let replayed = try await journal.replays.send(to: archive)
  print("\(replayed["succeeded"]?.integer ?? 0) sent again")
  return try await journal.changes.rows(limit: 100).map { row in
    "\(row["eventType"]?.string ?? "") \(row["objectId"]?.string ?? "")"
  }
}
