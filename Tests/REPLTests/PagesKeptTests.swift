import Testing

@testable import Daybook
@testable import REPL

/// What a poll by hand can show again.
@Suite struct PagesKeptTests {
  private func item(_ id: String) -> PollByHand.Item {
    PollByHand.Item(
      verdict: "created", reason: "", objectID: id, revision: "1",
      bytes: Array(repeating: 32, count: 10),
      title: nil)
  }

  @Test func `items count on the page at hand, and on any page that is named`() {
    var pages = PagesKept(bytesMax: 1_000)
    pages.keep([item("a"), item("b")], of: 1)
    pages.keep([item("c")], of: 2)
    for (text, id) in [("1", "c"), ("1.1", "a"), ("1.2", "b"), ("2.1", "c")] {
      #expect(pages.item(text[...], on: 2)?.objectID == id, "\(text)")
    }
    for text in ["0", "2", "-1", "1.3", "1.0", "3.1", "1.", ".1", "1.1.1", "x", ""] {
      #expect(pages.item(text[...], on: 2) == nil, "\(text)")
    }
  }

  @Test func `the last page is kept however long it is, earlier ones as far as there is room`() {
    var pages = PagesKept(bytesMax: 25)
    pages.keep([item("a")], of: 1)
    pages.keep([item("b")], of: 2)
    pages.keep([item("c")], of: 3)
    #expect(pages.item("1.1", on: 3) == nil && pages.item("2.1", on: 3)?.objectID == "b")
    pages.keep([item("d"), item("e"), item("f")], of: 4)
    #expect(pages.item("3.1", on: 4) == nil && pages.item("3", on: 4)?.objectID == "f")
  }
}
