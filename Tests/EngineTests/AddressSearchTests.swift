import Testing

@testable import Engine

@Suite struct AddressSearchTests {
  private func finds(_ address: String, in text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { AddressSearch(address).isIn($0) }
  }

  @Test(arguments: [
    #"{"email":"ann@example.com"}"#, #"{"email":"Ann@Example.COM"}"#,
    #"{"value":"Ann <ann@example.com>, Bob"}"#, #"{"value":"\u003cann@example.com\u003e"}"#,
    "write to ann@example.com.", #"{"url":"https://x/ann%40example.com/y"}"#,
    // "Dear ann@example.com, hello" in base64 for URLs, and of a mail without its last quantum.
    #"{"data":"RGVhciBhbm5AZXhhbXBsZS5jb20sIGhlbGxv"}"#,
    #"{"data":"RGVhciBhbm5AZXhhbXBsZS5jb20"}"#, #"["{\"email\":\"ann@example.com\"}"]"#,
  ])
  func `an address is found`(text: String) { #expect(finds("ann@example.com", in: text)) }

  @Test(arguments: [
    #"{"email":"joann@example.com"}"#, #"{"email":"ann@example.com.au"}"#,
    #"{"email":"x.ann@example.com"}"#, #"{"email":"ann@example.community"}"#,
    #"{"email":"ann+x@example.com"}"#, #"{"name":"Ann"}"#, "", "ann@example",
  ])
  func `another address is not`(text: String) { #expect(!finds("ann@example.com", in: text)) }

  @Test func `an id is found as a whole text or the end of a name`() {
    let search = IDSearch(["abc"])
    func finds(_ text: String) -> Bool { Array(text.utf8).withUnsafeBytes { search.isIn($0) } }
    #expect(finds(#"{"id":"abc"}"#) && finds(#"{"resourceName":"contactGroups/abc"}"#))
    #expect(finds(#"["{\"id\":\"abc\"}"]"#))
    #expect(!finds(#"{"id":"abcd"}"#) && !finds(#"{"id":"x_abc"}"#))
  }
}
