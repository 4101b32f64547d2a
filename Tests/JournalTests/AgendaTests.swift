import Events
import Testing

@testable import Journal

@Suite struct AgendaTests {
  @Test func `of what is due at once the older goes first, whatever its id`() async throws {
    let folder = Folder()
    let log = try folder.open()
    for (place, name) in ["9", "5", "7"].enumerated() {
      let request = DeliveryRequested(
        delivery: name, notification: name, eventId: name, instance: 1, feed: 1, resource: "a",
        action: .updated, changes: [1], sequence: 1, body: String(repeating: "0", count: 64),
        bytes: 1, mode: "live", hasCredentials: true, place: place, places: 3,
        dueAtMs: noon.milliseconds)
      _ = try await log.append(
        Append([Draft("delivery/\(name)", .deliveryRequested(request))], at: noon))
    }
    let tasks = try await LogReader(folder.journal).read { reading throws(LogError) in
      try reading.due([.deliver], at: noon, limit: 2)
    }
    #expect(tasks.map(\.subject) == ["delivery/9", "delivery/5"])
  }
}
