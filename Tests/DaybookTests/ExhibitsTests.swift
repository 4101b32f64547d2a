import RawJSON
import Testing

@testable import Daybook

@Suite struct ExhibitsTests {
  @Test(arguments: [
    // Half of a surrogate pair, which JSON can hold and no text.
    ("{\"t\":\"\\ud800\"}", "{\"t\":\"\\ud800\"}"), (" [1,\n2] ", " [1,\n2] "),
    ("not JSON", "\"not JSON\""), ("{\"a\":1}{", "\"{\\\"a\\\":1}{\""), ("", "\"\""),
  ])
  func `payloads that are JSON are nested as they are`(payload: String, shown: String) {
    #expect(Exhibits.shown(Array(payload.utf8)) == shown)
  }

  @Test func `payloads that are no text are digits`() {
    #expect(Exhibits.shown([0xFF, 0x00]) == "\"ff00\"")
  }
}
