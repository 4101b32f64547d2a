/// The pages that one listing has shown, so that one that leads in a circle is seen at once.
///
/// Digests are kept, eight bytes of each page's name and of what was on it; they travel with a long
/// poll as 16 hexadecimal digits each.
///
/// Source: Fowler, Noll, Vo, FNV-1a, 64 bits.
package struct PageTrail: Sendable, Equatable {
  private var seen: Set<UInt64> = []
  private var emptyPages = 0

  package init() {}

  /// Takes up a trail where it was noted; an odd text is none.
  package init(_ text: String) {
    var rest = text[...]
    while !rest.isEmpty {
      if let mark = UInt64(rest.prefix(16), radix: 16) { seen.insert(mark) }
      rest = rest.dropFirst(16)
    }
  }

  /// The trail as a text, in any order.
  package var text: String {
    seen.sorted().map { mark in
      let digits = String(mark, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }

  /// Tells if a page of that name was asked for before.
  package func holds(_ name: String) -> Bool { seen.contains(Self.mark(["name", name])) }

  /// Takes a page that is about to be read.
  package mutating func take(_ name: String) { seen.insert(Self.mark(["name", name])) }

  /// Takes a page without items that names itself as the next one.
  ///
  /// - Returns: Whether it may be asked for again: so often, and no more, they do no harm.
  package mutating func mayComeAgain() -> Bool {
    emptyPages += 1
    return emptyPages <= Limits.emptyPagesMax
  }

  /// Takes what was on a page.
  ///
  /// - Returns: Whether it is new. Pages without items tell nothing.
  package mutating func takeContent(of page: Page) -> Bool {
    if page.items.isEmpty { return true }
    let texts = page.items.flatMap { [$0.id, $0.revision, $0.isGone ? "gone" : "there"] }
    return seen.insert(Self.mark(["page", page.label ?? ""] + texts)).inserted
  }

  private static func mark(_ texts: [String]) -> UInt64 {
    var mark = 0xCBF2_9CE4_8422_2325 as UInt64
    for text in texts {
      for byte in text.utf8 { mark = (mark ^ UInt64(byte)) &* 0x100_0000_01B3 }
      // No byte of UTF-8, so that no two lists of texts run together.
      mark = (mark ^ 0xFF) &* 0x100_0000_01B3
    }
    return mark
  }
}
