import RawJSON
import Testing

private func json(_ text: String) throws(JSONFault) -> JSON {
  try JSON.parse(Array(text.utf8))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test(arguments: [
  "null", "true", "false", "0", "-12.50e+7", #""""#, "[]", "{}",
  #"{"z":1,"a":[null,{"b":"\u0007é😀/\"\\"}],"m":{}}"#,
  "[\(String(repeating: "9", count: 500))]",
])
func `what is parsed is written as it was, order and numbers kept`(document: String) throws {
  #expect(text(try json(document).bytes()) == document)
}

@Test func `sorted members stand in the order of their bytes, at every depth`() throws {
  let value = try json(#"{"b":{"z":1,"y":2},"é":3,"a":[{"d":4,"c":5}],"B":6}"#)
  #expect(
    text(value.bytes(sorted: true)) == #"{"B":6,"a":[{"c":5,"d":4}],"b":{"y":2,"z":1},"é":3}"#)
}

@Test func `a quoted string escapes quotes, backslashes and control characters only`() throws {
  #expect(quoted("a/b \"é\" \\ \n\u{1F}\u{7F}😀") == #""a/b \"é\" \\ \u000a\u001f"# + "\u{7F}😀\"")
  let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
  #expect(try json(quoted(all)).text == all)
}

@Test func `values are equal whatever the order of members, and only then`() throws {
  #expect(try json(#"{"a":1,"b":[2]}"#) == json(#"{"b":[2],"a":1}"#))
  #expect(try json(#"{"a":1}"#) != json(#"{"a":1,"b":2}"#))
  #expect(try json(#"{"a":1}"#) != json(#"{"a":1.0}"#))
  #expect(try json("[1,2]") != json("[2,1]"))
  #expect(JSON.string("\u{E9}") != JSON.string("e\u{301}"))
  #expect(try json(#"{"\u00e9":1,"e\u0301":2}"#)["e\u{301}"] == 2)
}

@Test func `members are found by their whole name, and by a dotted path`() throws {
  let value = try json(#"{"oauth.api.key":"k","a":{"b":{"c":"15"}},"n":15,"t":true,"l":[1]}"#)
  #expect(value["oauth.api.key"]?.text == "k")
  #expect(value.at(path: "oauth.api.key") == nil)
  #expect(value.at(path: "a.b.c")?.text == "15")
  #expect(value.at(path: "a.b.c.d") == nil)
  #expect(value["n"]?.integer == 15)
  #expect(value["a"]?.integer == nil)
  #expect(value["t"]?.flag == true)
  #expect(value["l"]?.elements == [1])
  #expect(value["missing"] == nil)
}

@Test(arguments: [("1.0", nil), ("1e3", nil), ("-7", -7), ("9223372036854775808", nil), ("-0", 0)])
func `only whole numbers that fit are integers`(digits: String, expected: Int?) throws {
  #expect(try json(digits).integer == expected)
}

@Test func `members are set in place, appended and removed`() {
  var members: Members = Members([("a", 1), ("b", 2)])
  members["a"] = 3
  members["c"] = ["x": true]
  members["b"] = nil
  members["nothing"] = nil
  #expect(text(JSON.object(members).bytes()) == #"{"a":3,"c":{"x":true}}"#)
  #expect(members.names == ["a", "c"])
}

@Test(arguments: [
  ("updated", "2026-11-23T09:05:00.123Z"), ("metadata.updateTime", "2023-02-19T20:29:44.421678Z"),
  ("internalDate", "1700000000123"), ("metadata", nil), ("metadata.deleted", nil), ("", nil),
  ("metadata.updateTime.x", nil), ("created", nil), ("note", nil), (".updated", nil),
])
func `a text is read at a dotted path from an object's bytes`(path: String, expected: String?) {
  let item = """
    {"updated":"2026-11-23T09:05:00.123Z","internalDate":1700000000123,"note":null,
    "metadata":{"deleted":true,"updateTime":"2023-02-19T20:29:44.421678Z"}}
    """
  let page = Array("[\(item)]".utf8)
  #expect(JSON.text(at: path, in: page, range: 1..<page.count - 1) == expected)
  #expect(JSON.text(at: path, in: page[1..<page.count - 1]) == expected)
}

@Test func `a path into what is not JSON gives nothing`() {
  #expect(JSON.text(at: "a", in: Array(#"{"a":"b"#.utf8)) == nil)
  #expect(JSON.text(at: "a", in: Array(#"{"a":"b"} {}"#.utf8)) == nil)
  #expect(JSON.text(at: "a", in: [UInt8]()) == nil)
}
