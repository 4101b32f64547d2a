import Domain
import Events
import Testing

private func parts(_ kinds: [ChangeKind], bytes: Int = 10) -> [NotificationPlan.Part] {
  kinds.enumerated().map {
    NotificationPlan.Part(position: Int64($0.offset + 1), kind: $0.element, bytes: bytes)
  }
}

@Suite struct NotificationPlanTests {
  @Test func `two thousand updates make two hundred notifications`() {
    let groups = NotificationPlan.groups(parts(Array(repeating: .updated, count: 2_000)))
    #expect(groups.count == 200)
    #expect(groups.allSatisfy { $0.count == 10 })
    #expect(groups.flatMap { $0.map(\.position) } == Array(1...2_000))
  }

  @Test func `a notification holds one kind, in the order of the log`() {
    let groups = NotificationPlan.groups(
      parts([.created, .deleted, .created, .updated, .deleted]))
    #expect(groups.map { $0.map(\.position) } == [[1, 3], [2, 5], [4]])
  }

  @Test func `long objects share no notification past its bytes`() {
    let third = Limits.notificationBytesMax / 3
    let groups = NotificationPlan.groups(
      parts(Array(repeating: .updated, count: 7), bytes: third))
    #expect(groups.map(\.count) == [3, 3, 1])
    let whole = NotificationPlan.groups(
      parts([.updated, .updated], bytes: Limits.notificationBytesMax + 1))
    #expect(whole.map(\.count) == [1, 1])
  }

  @Test func `no changes make no notification`() {
    #expect(NotificationPlan.groups([]).isEmpty)
  }
}
