import RawJSON
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Passes over one value that fills all the bytes.
private func check(_ bytes: [UInt8]) throws(JSONFault) {
  var scanner = JSONScanner(bytes)
  try scanner.value()
  try scanner.end()
}

private func fault(_ bytes: [UInt8]) -> JSONFault? {
  do {
    try check(bytes)
    return nil
  } catch {
    return error
  }
}

private let refused: [(String, Int, String)] = [
  ("", 0, "expected a value, but the text ends here"),
  ("  ", 2, "expected a value, but the text ends here"),
  ("{", 1, "expected a name in double quotes"),
  (#"{"a":0123}"#, 6, "a number may not begin with a zero and a digit"),
  (#"{"a":1.}"#, 7, "expected a digit"),
  (#"{"a":-}"#, 6, "expected a digit"),
  (#"{"a":1e}"#, 7, "expected a digit"),
  (#"{"a":1e+}"#, 8, "expected a digit"),
  (#"{"a":NaN}"#, 5, "expected a value"),
  (#"{"a":.5}"#, 5, "expected a value"),
  (#"{"a":+1}"#, 5, "expected a value"),
  (#"{"a":tru}"#, 5, "expected a value"),
  (#"{"a":nulL}"#, 5, "expected a value"),
  (#"{"a":truex}"#, 9, "expected a comma or a closing brace"),
  (#"{"id":1,"id":2}"#, 8, "this name stands twice in its object"),
  (#"{"items":[],"b":1,"items":[]}"#, 18, "this name stands twice in its object"),
  (#"{"id":1,"\u0069d":2}"#, 8, "this name stands twice in its object"),
  (#"{"\u0069d":1,"\u0069\u0064":2}"#, 13, "this name stands twice in its object"),
  (#"{"a":{"b":1,"b":2}}"#, 12, "this name stands twice in its object"),
  (#"{"\ud800":1,"\uD800":2}"#, 12, "this name stands twice in its object"),
  (#"{"":1,"":2}"#, 6, "this name stands twice in its object"),
  ("{\"a\":\"x\u{0}y\"}", 7, "a control character in a string has to be escaped"),
  ("{\"a\":\"x\ty\"}", 7, "a control character in a string has to be escaped"),
  ("{\"a\":\"x\ny\"}", 7, "a control character in a string has to be escaped"),
  (#"{"a":1,}"#, 7, "expected a name in double quotes"),
  (#"[1,]"#, 3, "expected a value"),
  (#"[1 2]"#, 3, "expected a comma or a closing bracket"),
  (#"[1"#, 2, "expected a comma or a closing bracket, but the text ends here"),
  (#"{"a" 1}"#, 5, "expected a colon"),
  (#"{"a":1 "b":2}"#, 7, "expected a comma or a closing brace"),
  (#"{a:1}"#, 1, "expected a name in double quotes"),
  (#"{'a':1}"#, 1, "expected a name in double quotes"),
  ("{} x", 3, "expected the end after the value"),
  ("{}\u{0}", 2, "expected the end after the value"),
  ("{}{}", 2, "expected the end after the value"),
  ("\u{FEFF}{}", 0, "a byte order mark is not JSON"),
  ("// no\n{}", 0, "expected a value"),
  (#""abc"#, 0, "this string has no closing quote"),
  (#""abc\"#, 4, "this string has no closing quote"),
  (#""\x41""#, 1, "no such escape"),
  (#""\u12g4""#, 5, "expected four hexadecimal digits"),
  (#""\u12"#, 5, "expected four hexadecimal digits"),
  ("<html>", 0, "expected a value"),
]

@Test(arguments: refused)
func `hostile text is refused at the byte that does not fit`(text: String, at: Int, why: String) {
  let found = fault(bytes(text))
  #expect(found?.offset == at)
  #expect(found?.message == why)
}

@Test(
  arguments: [
    [0x80], [0xC0, 0xAF], [0xC1, 0x81], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0xAF], [0xE2, 0x82],
    [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80],
    [0xE2, 0x28, 0xA1], [0xF0, 0x9F, 0x98], [0xFF],
  ] as [[UInt8]])
func `bytes that are not UTF-8 are refused, read or not`(sequence: [UInt8]) {
  let found = fault(bytes(#"{"a":["#) + [0x22] + sequence + [0x22] + bytes("]}"))
  #expect(found?.message == "not UTF-8")
  #expect(found?.offset == 7)
  #expect(fault([0x22] + sequence)?.offset == 1)
}

@Test(arguments: [
  "{}", "[]", " \t\r\n{ } ", "0", "-0", "-0.5e-10", "1E400", "\"\"", "null", "[true,false,null]",
  #"{"a":{"b":[{"c":"d"}]},"b":1}"#, #"{"":1}"#, #"["\ud83d\ude00","\"\\\/\b\f\n\r\t"]"#,
  "[\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"]", #"{"a":"\ud800"}"#,
  #"{"\ud800":1,"\udc00":2}"#, "[" + String(repeating: "7", count: 2_000) + "]",
])
func `what RFC 8259 allows is passed over, odd numbers and lone surrogates too`(text: String) throws
{
  try check(bytes(text))
}

@Test func `sixty-four levels are read and the sixty-fifth is refused`() throws {
  func nested(_ levels: Int) -> [UInt8] {
    bytes(String(repeating: "[", count: levels) + String(repeating: "]", count: levels))
  }
  try check(nested(64))
  #expect(fault(nested(65))?.offset == 64)
  #expect(fault(nested(200_000))?.message == "more than 64 arrays and objects inside each other")
  #expect(throws: JSONFault.self) { try JSON.parse(nested(65)) }
  let objects = String(repeating: #"{"a":"#, count: 65) + "1" + String(repeating: "}", count: 65)
  #expect(fault(bytes(objects))?.offset == 64 * 5)
}

@Test func `the depth is that of nesting, not of all arrays together`() throws {
  try check(bytes("[" + Array(repeating: "[[]]", count: 1_000).joined(separator: ",") + "]"))
}

@Test func `slices are exact, without the space around them`() throws {
  let page = bytes(
    "{ \"items\" : [ {\"id\" : \"ä\" ,\n \"n\":1.50} ,\r\n 7 , \"x\" , [ ] ] , \"rest\" : null }")
  var slices: [String] = []
  var scanner = JSONScanner(page)
  try scanner.members { (scanner, name) throws(JSONFault) in
    guard name == "items" else { return }
    try scanner.elements { (scanner) throws(JSONFault) in
      slices.append(String(decoding: page[try scanner.value()], as: UTF8.self))
    }
  }
  try scanner.end()
  #expect(slices == ["{\"id\" : \"ä\" ,\n \"n\":1.50}", "7", "\"x\"", "[ ]"])
}

@Test func `a visitor may read a value in parts, or leave it`() throws {
  let page = bytes(#"[{"id":"a","x":{"id":"no"}},{"id":"b"},3]"#)
  var ids: [String] = []
  var ranges: [Range<Int>] = []
  var scanner = JSONScanner(page)
  try scanner.elements { (scanner) throws(JSONFault) in
    let start = scanner.position
    guard try scanner.kind() == .object else { return }
    try scanner.members { (scanner, name) throws(JSONFault) in
      if name == "id" { ids.append(try scanner.string()) }
    }
    ranges.append(start..<scanner.position)
  }
  try scanner.end()
  #expect(ids == ["a", "b"])
  #expect(ranges == [1..<27, 28..<38])
}

@Test func `names are shown unescaped`() throws {
  var names: [String] = []
  var scanner = JSONScanner(bytes(#"{"\u0069d":1,"\ud83d\ude00":2,"a\"b":3}"#))
  try scanner.members { (_, name) throws(JSONFault) in names.append(name) }
  #expect(names == ["id", "😀", "a\"b"])
}

@Test func `a lone surrogate is refused in what is read as a string`() {
  #expect(throws: JSONFault.self) {
    var scanner = JSONScanner(bytes(#"["\ud800\u0041"]"#))
    try scanner.elements { (scanner) throws(JSONFault) in _ = try scanner.string() }
  }
  #expect(throws: JSONFault.self) { try JSON.parse(bytes(#"{"\udc00":1}"#)) }
  #expect(throws: JSONFault.self) { try JSON.parse(bytes(#""\ud83d\ud83d\ude00""#)) }
}

@Test func `a name that stands twice among very many is found`() throws {
  let many = (0..<5_000).map { #""name\#($0)":\#($0)"# }.joined(separator: ",")
  try check(bytes("{\(many)}"))
  let text = #"{\#(many),"\u006eame7":0}"#
  #expect(fault(bytes(text))?.offset == many.utf8.count + 2)
}

@Test func `an object with too many members is refused`() {
  let many = (0...JSONScanner.membersMax).map { #""\#($0)":0"# }.joined(separator: ",")
  #expect(fault(bytes("{\(many)}"))?.message == "more than 65536 members in one object")
}

@Test func `a string of ten million bytes is read whole`() throws {
  let long = String(repeating: "0123456789", count: 1_000_000)
  let json = try JSON.parse(bytes("{\"a\":\"\(long)\"}"))
  #expect(json["a"]?.text?.utf8.count == 10_000_000)
  #expect(json["a"]?.text == long)
}

@Test func `a fault names line and column in characters`() {
  let found = fault(bytes("{\n  \"ä\": 1,\n  \"日本\": \"é\" 2\n}"))
  #expect(found?.description == "line 3, column 13: expected a comma or a closing brace")
}

@Test func `a scanner over a part ends with the part`() throws {
  let page = bytes(#"{"a":[1,2],"b":3}"#)
  var scanner = JSONScanner(page, in: 5..<10)
  #expect(try scanner.value() == 5..<10)
  try scanner.end()
  var cut = JSONScanner(page, in: 5..<9)
  let found = #expect(throws: JSONFault.self) { try cut.value() }
  #expect(found?.offset == 9)
}

@Test func `every prefix and every changed byte of a page gives a value or a fault, never a trap`()
{
  let page = bytes(#"{"a":[1.5e3,"\u00e9\ud83d\ude00é",{"b":null,"c":true}],"d":""}"#)
  for length in 0..<page.count { #expect(fault(Array(page[..<length])) != nil) }
  for index in page.indices {
    for byte in [0x00, 0x22, 0x5C, 0x2C, 0x7D, 0xC3, 0xFF, 0x75] as [UInt8] {
      var changed = page
      changed[index] = byte
      if let found = fault(changed) { #expect((0...changed.count).contains(found.offset)) }
      _ = try? JSON.parse(changed)
    }
  }
}
