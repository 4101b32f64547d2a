import Domain
import Events
import Testing

private let noon = Moment(milliseconds: 1_795_000_000_000)

@Suite struct RetryScheduleTests {
  @Test func `the standard ladder has nine rungs`() {
    let waits = (1...10).map {
      RetrySchedule.standard.wait(afterAttempt: $0, at: noon, firstFailureAt: noon)
    }
    let hour = 3_600
    let expected = [5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
    #expect(waits == expected.map { .seconds($0) } + [nil])
  }

  @Test(
    arguments: [
      (1, 0, 8), (2, 8, 56), (3, 64, 448), (4, 600, 3_496), (5, 4_096, 28_672), (6, 40_000, nil),
      // Late: its time is past, so it is due at once.
      (2, 100, 0),
    ] as [(Int, Int, Int?)])
  func `the sap ladder counts from the first failure`(attempt: Int, since: Int, wait: Int?) {
    let found = RetrySchedule.sap.wait(
      afterAttempt: attempt, at: noon + .seconds(since), firstFailureAt: noon)
    #expect(found == wait.map { .seconds($0) })
  }

  @Test func `a list of waits ends after its last`() {
    let retrySchedule = RetrySchedule.waits([.seconds(1), .seconds(2)])
    let waits = (1...3).map { retrySchedule.wait(afterAttempt: $0, at: noon, firstFailureAt: noon) }
    #expect(waits == [.seconds(1), .seconds(2), nil])
  }

  @Test(
    arguments: [
      ("standard", .standard), ("sap", .sap), ("1s", .waits([.seconds(1)])),
      ("1s, 500ms ,2h", .waits([.seconds(1), .milliseconds(500), .seconds(7_200)])),
      ("", nil), ("1s,", nil), ("1s,,2s", nil), ("SAP", nil), ("5", nil), ("5 s", nil),
      (
        Array(repeating: "1s", count: 50).joined(separator: ","),
        .waits(Array(repeating: .seconds(1), count: 50))
      ),
      (Array(repeating: "1s", count: 51).joined(separator: ","), nil),
    ] as [(String, RetrySchedule?)])
  func `a ladder is read as it is written`(text: String, retrySchedule: RetrySchedule?) {
    #expect(RetrySchedule(text) == retrySchedule)
  }

  @Test(
    arguments: [
      ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
      ("2h", .seconds(7_200)), ("7d", .seconds(604_800)), ("0s", .zero),
      ("366d", .seconds(31_622_400)),
      ("367d", nil), ("", nil), ("s", nil), ("-1s", nil), ("1.5s", nil), ("1w", nil), ("1S", nil),
      ("99999999999999999999s", nil), ("٣s", nil), ("1 s", nil),
    ] as [(String, Duration?)])
  func `a duration is a whole number and a unit`(text: String, duration: Duration?) {
    #expect(Duration(unit: text) == duration)
  }
}
