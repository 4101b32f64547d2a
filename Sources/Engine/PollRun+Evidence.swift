import Domain
import EventStore

extension PollRun {
  /// Keeps a page as a recipe over its items, as long as the poll is short enough.
  ///
  /// Most pages of most feeds hold nothing: of these only the digest is told. What a person has
  /// polled is kept all the same.
  mutating func keep(
    _ page: Page, _ body: [UInt8], _ kept: [(range: Range<Int>, payload: Payload)],
    salt: @Sendable () -> [UInt8]
  ) {
    evidenceBytes += body.count
    guard case .changes = feed.mode, evidenceBytes <= Limits.evidenceBytesMax else { return }
    guard !page.items.isEmpty || isByHand else {
      unkept.append(Payload.plainDigest(of: body))
      return
    }
    var pieces: [Payload.Piece] = []
    var place = 0
    for (range, payload) in kept {
      pieces.append(.text(Array(body[place..<range.lowerBound])))
      pieces.append(.payload(digest: payload.digest))
      place = range.upperBound
    }
    pieces.append(.text(Array(body[place...])))
    let page = Payload(recipe: pieces, whole: body, salt: salt())
    evidence.append(page.name)
    pendingPayloads.append(page)
  }
}
