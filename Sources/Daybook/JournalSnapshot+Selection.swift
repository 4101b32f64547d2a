import Domain
import EventStore
import Events
import RawJSON

extension JournalSnapshot {
  /// The frozen positions of a replay: of deliveries for `exact`, of changes for `rebuilt`; nil
  /// where they are not kept.
  ///
  /// Its event tells them. In revision 1 it did not: there no more of them is read than is told.
  func selection(of replay: ReplayRequested) throws(JournalError) -> String? {
    if let frozen = replay.frozen { return frozen }
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
