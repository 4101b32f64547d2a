package import Domain

/// Bounds of what is asked of Google and read from it; items a page stand with their resource.
package enum GoogleLimits {
  /// Messages that one poll asks for one by one; of more, all ids are listed and compared instead.
  package static let changedMessagesMax = 5_000
  /// Sizes of pages that a continuation can name.
  static let pageSizes = 1...10_000
  /// Numbers of messages asked for that a continuation can name: the page that goes past the bound
  /// is the last.
  static let asked = 0...100_000
  /// How far back `updatedMin` may lie: a day less than the 28 after which Calendar was seen to
  /// refuse it.
  package static let updatedMinAgeMax: Duration = .seconds(27 * 86_400)
  /// How long Google is left alone at least once a quota of hours or days is spent; the waits of
  /// further failures double beyond it.
  package static let quotaPause: Duration = .seconds(600)
  /// Items in one reply; a server that sends more pays no heed to what was asked.
  package static let itemsMax = 10_000
  /// Bytes of a calendar's or object's id. Google's own ids have at most 1,024 characters.
  package static let idBytesMax = 1_024
  /// Bytes of a page token or sync token, which go into a URL.
  package static let tokenBytesMax = 8_192
  /// Bytes of an etag; of an object with a longer one a mark of its bytes is its revision.
  package static let etagBytesMax = 2_000
  /// Bytes of the target that a browser comes back with, and of the code in it: Google's codes have
  /// about 80, and the scopes some hundred.
  package static let redirectBytesMax = 16_384
  package static let codeBytesMax = 4_096
  /// Bytes of an error's body that are looked into.
  package static let errorBytesMax = 65_536
  /// Code points of Google's own message that are repeated in ours.
  package static let messageMax = 200

  /// For a page: 64 MiB hold 2,500 of the largest events, and two minutes a slow line.
  package static let page = ExchangeBounds(
    connect: .seconds(10), total: .seconds(120), keptBytesMax: 64 << 20, readBytesMax: 64 << 20,
    mayCut: false)
  /// For the token endpoint, whose answers have a few KiB.
  package static let token = ExchangeBounds(
    connect: .seconds(10), total: .seconds(30), keptBytesMax: 1 << 20, readBytesMax: 1 << 20,
    mayCut: false)
}

/// A number of a continuation: whoever reads resources over HTTP brings one back, and may have
/// changed it.
func number(_ text: some StringProtocol, _ range: ClosedRange<Int>) -> Int? {
  Int(text).flatMap { range.contains($0) ? $0 : nil }
}
