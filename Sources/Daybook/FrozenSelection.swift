import Domain
import EventStore
import Events
import RawJSON

/// Positions as a person reads them, those that follow each other as one range.
///
///     18, 22..24, 40
///     18, 22..24, 40, … 9311 in all
struct FrozenSelection {
  private(set) var ranges: [ClosedRange<Int64>] = []

  /// True once there are more ranges than are told.
  var isFull: Bool { ranges.count > Limits.rangesToldMax }

  /// Takes one more position, which is past all those before.
  mutating func add(_ position: Int64) {
    if let last = ranges.last, last.upperBound + 1 == position {
      ranges[ranges.count - 1] = last.lowerBound...position
    } else {
      ranges.append(position...position)
    }
  }

  /// - Parameter count: How many positions there are, told where not all of them are.
  func text(of count: Int) -> String {
    let told = ranges.prefix(Limits.rangesToldMax).map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)..\(range.upperBound)"
    }
    return told.joined(separator: ", ") + (isFull ? ", … \(count) in all" : "")
  }
}

extension JournalSnapshot {
  /// The frozen positions of a replay: of deliveries for `exact`, of changes for `rebuilt`; nil
  /// where they are not kept.
  ///
  /// No more of them is read than is told.
  func selection(of replay: ReplayRequested) throws(JournalError) -> String? {
    var selection = FrozenSelection()
    for digest in replay.selected where !selection.isFull {
      let bytes: [UInt8]
      do throws(JournalError) {
        bytes = try payload(digest)
      } catch .noPayload {
        return nil
      }
      guard let list = (try? JSON.parse(bytes))?.elements else {
        throw .alteredPayload(digest: digest)
      }
      for position in list.compactMap(\.integer) where !selection.isFull {
        selection.add(Int64(position))
      }
    }
    let isRebuilt = replay.mode.known == .rebuilt
    return selection.text(of: isRebuilt ? replay.changes : replay.notifications)
  }
}
