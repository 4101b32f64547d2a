import Daybook
import Events

extension Session {
  /// Commands to try first, with positions that are there; in an empty folder, ways to begin.
  func invitation() async -> [String] {
    guard let journal = try? presentJournal(), (try? await journal.head()) ?? 0 > 0 else {
      return [
        "there is no journal at \(settings.journal) yet; to begin:",
        "  demo                                all of it at once, against a stand-in for Google",
        "  connect googlesuite --client-id ID --callback URL    an account, through the browser",
        "  instance create FILE                the JSON that POST /instances takes",
      ]
    }
    var tries = ["changes"]
    if let sent = await newest("delivery.requested", in: journal) { tries.append("trace \(sent)") }
    if let attempt = await newest("delivery.attempted", in: journal) {
      tries.append("show \(attempt)")
    }
    if let poll = await newest("poll.completed", in: journal) { tries.append("at \(poll)") }
    tries += ["tables", "SELECT count(*) FROM events;"]
    return ["try: \(tries.joined(separator: " · "))"]
  }

  private func newest(_ type: String, in journal: Journal) async -> Int64? {
    var part = Selection()
    part.types = [type]
    part.isReversed = true
    return try? await journal.events.rows(part, limit: 1).first?["position"]?.integer
  }
}
