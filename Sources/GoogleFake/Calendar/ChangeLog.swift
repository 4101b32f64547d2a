/// Which event each change of a calendar touched, by the change's number, as far back as is kept.
///
///     change   floor+1  floor+2  …  head
///     place       17       4          17        the last one of an event is its newest
struct ChangeLog: Sendable {
  /// The number of the newest change; 0 before the first.
  private(set) var head: Int64 = 0
  private var places: [Int32] = []
  private let kept: Int

  init(kept: Int) {
    self.kept = kept
  }

  /// Changes up to this number are forgotten: nobody can ask what came after an earlier one.
  var floor: Int64 { max(0, head - Int64(kept)) }

  mutating func append(place: Int) -> Int64 {
    head += 1
    places.append(Int32(place))
    if places.count > 2 * kept { places.removeFirst(places.count - kept) }
    return head
  }

  /// The event that a change touched; the number lies between `floor` and `head`.
  func place(ofChange change: Int64) -> Int {
    Int(places[places.count - Int(head - change) - 1])
  }
}
