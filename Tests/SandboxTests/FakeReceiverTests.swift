import Domain
import Events
import GoogleFake
import Sandbox
import Testing

@Suite struct FakeReceiverTests {
  private func post(_ path: String, _ body: String = "{}") -> FakeRequest {
    FakeRequest("POST", path, headers: [Header("webhook-id", "1")], body: Array(body.utf8))
  }

  @Test func `every path follows a script of its own and then says 204`() {
    var receiver = FakeReceiver()
    receiver.script("/receiver/hook", [.init(status: 503, times: 2), .init(status: 200)])
    receiver.script("/receiver/other", [.init(status: 410, times: nil)])
    let statuses = (0..<4).map { _ in receiver.answer(post("/receiver/hook?a=1"), at: noon).status }
    #expect(statuses == [503, 503, 200, 204])
    #expect(
      (0..<3).map { _ in receiver.answer(post("/receiver/other"), at: noon).status } == [
        410, 410, 410,
      ])
    #expect(receiver.counts["/receiver/hook"]?.statuses == [503: 2, 200: 1, 204: 1])
    #expect(receiver.deliveries.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
    #expect(receiver.deliveries[0].headers == [Header("webhook-id", "1")])
  }

  @Test func `the oldest deliveries go when the bounds are reached, and are still counted`() {
    var receiver = FakeReceiver(keptMax: 10, bytesMax: 1_000)
    for _ in 0..<25 { _ = receiver.answer(post("/receiver/hook"), at: noon) }
    #expect(receiver.total == 25)
    #expect(receiver.deliveries.count <= 10)
    #expect(receiver.deliveries.last?.number == 25)
    for _ in 0..<3 {
      _ = receiver.answer(post("/receiver/hook", String(repeating: "x", count: 600)), at: noon)
    }
    #expect(receiver.deliveries.map(\.body.count).reduce(0, +) <= 1_000)
    #expect(receiver.counts["/receiver/hook"]?.deliveries == 28)
  }
}
