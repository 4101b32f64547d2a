import Domain
import Google
import Testing

/// What a person calls an object, out of its bytes.
@Suite struct TitleTests {
  private func title(_ json: String) -> String? {
    Array(json.utf8).withUnsafeBytes { GoogleSuite().title(of: $0) }
  }

  @Test(arguments: [
    (
      #"{"kind":"calendar#event","id":"a","summary":"Planning","creator":{"name":"Ada"}}"#,
      "Planning"
    ),
    (
      #"{"kind":"calendar#calendarListEntry","summary":"a@b.example","summaryOverride":"Work"}"#,
      "Work"
    ),
    (#"{"resourceName":"contactGroups/1","name":"friends","formattedName":"Friends"}"#, "friends"),
    (#"{"resourceName":"contactGroups/1","formattedName":"Friends"}"#, "Friends"),
    (#"{"names":[{"displayName":"Ada Lovelace"},{"displayName":"A. L."}]}"#, "Ada Lovelace"),
    (
      #"{"id":"1","threadId":"1","snippet":"Hi","payload":{"headers":[{"name":"From","value":"x"},"#
        + #"{"name":"subject","value":"Lunch"},{"name":"Subject","value":"Other"}]}}"#, "Lunch"
    ),
    (#"{"id":"1","snippet":"the first words"}"#, "the first words"),
    (#"{"summary":"caf\u00e9 \ud83c\udf7d\n\u001b[1m"}"#, "café 🍽\n\u{1B}[1m"),
  ])
  func `an object has the title that a person knows it by`(json: String, expected: String) {
    #expect(title(json) == expected)
  }

  @Test(arguments: [
    "", "[]", "null", "{", #"{"id":"a"}"#, #"{"summary":""}"#, #"{"summary":"  "}"#,
    #"{"summary":7}"#, #"{"summary":{"summary":"x"}}"#, #"{"names":[]}"#,
    #"{"summary":"half a \ud800 pair"}"#,
    #"{"id":"1","threadId":"1","snippet":"Hi","payload":{"headers":[]}}"#,
    #"{"summary":"cut off"#,
  ])
  func `bytes that name nothing give none`(json: String) {
    #expect(title(json) == nil)
  }

  @Test func `a long title is cut, whatever its characters are made of`() {
    let long = String(repeating: "a", count: 300)
    #expect(title(#"{"summary":"\#(long)"}"#) == String(repeating: "a", count: 199) + "…")
    let exact = String(repeating: "é", count: 200)
    #expect(title(#"{"summary":"\#(exact)"}"#) == exact)
    let family = String(repeating: "👨‍👩‍👧", count: 300)
    let marks = "e" + String(repeating: "\u{301}", count: 10_000)
    for text in [family, marks] {
      let cut = title(#"{"summary":"\#(text)"}"#) ?? ""
      #expect(cut.hasSuffix("…") && cut.utf8.count <= 8 * 200 + 3)
    }
  }
}
