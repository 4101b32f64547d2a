import DaybookLive
import Events
import Testing

@Suite struct LiveWorldTests {
  @Test func `the time of day lies in this century`() {
    #expect(LiveClock.now() > Moment(milliseconds: 1_750_000_000_000))
    #expect(LiveClock.now() < Moment(milliseconds: 4_102_444_800_000))
  }

  @Test func `the uptime never steps back`() {
    let readings = (0..<1_000).map { _ in LiveClock.uptime() }
    #expect(readings == readings.sorted())
    #expect(readings[0] > .zero)
  }

  @Test func `chance gives as many bytes as asked for, and not the same again`() {
    #expect(LiveChance.bytes(0).isEmpty)
    #expect(LiveChance.bytes(33).count == 33)
    #expect(LiveChance.bytes(32) != LiveChance.bytes(32))
    #expect(Set((0..<100).map { _ in LiveChance.number() }).count == 100)
  }
}
