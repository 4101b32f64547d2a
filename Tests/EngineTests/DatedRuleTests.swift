import Domain
import Engine
import Events
import Testing

private let noon = Moment(milliseconds: 1_795_003_200_000)
private let window = DateWindow(since: noon - .seconds(600), now: noon)

private func rule(
  _ change: (inout PollingRules) -> Void = { _ in }, updated: String? = "meta.changed"
) -> DatedRule {
  var rules = PollingRules(createdField: "meta.made")
  change(&rules)
  return DatedRule(rules, updatedField: updated)
}

/// An object changed some seconds after noon, and made some seconds before that.
private func object(changed: Int64, made: Int64) -> [UInt8] {
  let (changed, made) = (noon + .seconds(changed), noon + .seconds(changed - made))
  return Array(
    #"{"id":"a","meta":{"changed":"\#(changed.rfc3339)","made":"\#(made.rfc3339)"}}"#.utf8)
}

private func judge(
  _ rule: DatedRule, _ bytes: [UInt8], known: String? = nil, isGone: Bool = false
) -> ChangeKind? {
  let item = Item(id: "a", revision: "2", isGone: isGone, bytes: 0..<bytes.count)
  let verdict = rule.judge(item, bytes, known: known.map { Known(revision: $0) }, in: window)
  #expect(!verdict.reason.isEmpty)
  return verdict.kind
}

@Suite struct DatedRuleTests {
  @Test(
    arguments: [
      // changed after noon, made before that, known as; in seconds
      (-60, 0, nil, .created), (-60, 10, nil, .created), (-60, 11, nil, .updated),
      (-60, -10, nil, .created), (-60, 86_400, nil, .updated),
      (-60, 0, "1", .updated), (-60, 86_400, "1", .updated), (-60, 0, "2", nil),
      // The instant of the last poll is asked for again; what is older is not.
      (-600, 0, nil, .created), (-600, 0, "2", nil), (-601, 0, nil, nil), (-601, 0, "1", nil),
      // What the clock of this machine calls the future is taken now.
      (60, 0, nil, .created),
    ] as [(Int64, Int64, String?, ChangeKind?)])
  func `dates classify what is not known`(
    changed: Int64, made: Int64, known: String?, kind: ChangeKind?
  ) {
    #expect(judge(rule(), object(changed: changed, made: made), known: known) == kind)
  }

  @Test func `filters and the tolerance are as configured`() {
    let old = object(changed: -601, made: 3)
    let new = object(changed: 1, made: 3)
    #expect(judge(rule { $0.filtersByUpdatedDate = false }, old) == .created)
    #expect(judge(rule { $0.filtersByCurrentDate = true }, new) == nil)
    #expect(judge(rule { $0.toleranceSeconds = 2 }, new) == .updated)
    #expect(judge(rule { $0.toleranceSeconds = 0 }, object(changed: -1, made: 0)) == .created)
  }

  @Test func `one field for both dates is held against the last poll`() {
    let same = rule({ $0.createdField = "meta.changed" })
    #expect(judge(same, object(changed: -60, made: 86_400)) == .created)
    let all = rule {
      $0.createdField = "meta.changed"
      $0.filtersByUpdatedDate = false
    }
    #expect(judge(all, object(changed: -601, made: 0)) == .updated)
  }

  @Test func `without dates, known or unknown decides`() {
    let undated = rule({ $0.createdField = nil }, updated: nil)
    let bytes = object(changed: -90_000, made: 0)
    #expect(judge(undated, bytes) == .created)
    #expect(judge(undated, bytes, known: "1") == .updated)
    #expect(judge(undated, bytes, known: "2") == nil)
    #expect(undated.updated(in: bytes) == nil)
  }

  @Test func `a date that cannot be read hides nothing`() {
    let bytes = Array(#"{"meta":{"changed":"yesterday","made":"soon"}}"#.utf8)
    #expect(judge(rule(), bytes) == .created)
    #expect(judge(rule(), bytes, known: "1") == .updated)
    #expect(judge(rule(), Array(#"{"meta":1}"#.utf8)) == .created)
  }

  @Test func `with a date of changing alone nothing is called new`() {
    #expect(judge(rule { $0.createdField = nil }, object(changed: -60, made: 0)) == .updated)
  }

  @Test func `only what is known is deleted, and only by the provider's word`() {
    let bytes = object(changed: -60, made: 0)
    #expect(judge(rule(), bytes, known: "1", isGone: true) == .deleted)
    #expect(judge(rule(), bytes, isGone: true) == nil)
  }

  @Test func `patterns, zones and numbers are read`() {
    let bytes = Array(#"{"a":"2026-07-01 06:00","b":1676838584421}"#.utf8)
    let text = DatedRule(
      PollingRules(updatedFormat: "yyyy-MM-dd HH:mm", updatedZone: "America/Denver"),
      updatedField: "a")
    #expect(text.updated(in: bytes)?.rfc3339 == "2026-07-01T12:00:00.000Z")
    let number = DatedRule(PollingRules(updatedFormat: "milliseconds"), updatedField: "b")
    #expect(number.updated(in: bytes)?.milliseconds == 1_676_838_584_421)
  }
}
