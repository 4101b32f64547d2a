import Events
import TestSupport
import Testing

@testable import EventStore

@Suite struct StoredWordTests {
  @Test(arguments: ["callback-disabled", "replay-stopped", "secrets-unreadable", "moon", ""])
  func `a stored word is written as it was read`(word: String) throws {
    let held = DeliveryHeld(
      delivery: "d", instance: 1, kind: StoredWord(stored: word), url: "u", reason: "r")
    let text = JSONBody.text(of: held)
    #expect(text.contains(#""kind":"\#(word)""#))
    #expect(try JSONBody(text: text).decode(DeliveryHeld.self) == held)
    #expect((held.kind.known == nil) == ["moon", ""].contains(word))
  }

  @Test(arguments: [
    ("https://example.com/hook", HoldKind.callbackDisabled),
    ("HTTP://example.com/replay/3", .callbackDisabled),
    ("replay/3", .replayStopped), ("instance/12", .secretsUnreadable),
  ])
  func `what an older program held says its kind by what it waits for`(
    target: String, kind: HoldKind
  ) throws {
    let body = #"{"delivery":"d","instance":1,"reason":"r","url":"\#(target)"}"#
    #expect(try JSONBody(text: body).decode(DeliveryHeld.self).kind == .known(kind))
  }
}
