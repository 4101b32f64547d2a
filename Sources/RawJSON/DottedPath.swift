extension JSON {
  /// A string or the digits of a number at the end of a dotted path in an object's bytes; nothing
  /// else of it is copied.
  ///
  ///     JSON.text(at: "metadata.updateTime", in: page, range: item.bytes)
  ///
  /// - Parameters:
  ///   - path: Names between dots; a name that holds a dot cannot be reached.
  ///   - range: The object's place in the bytes; all of them where it is nil.
  /// - Returns: nil where the path leads nowhere or to another kind of value, or this is not JSON.
  package static func text(
    at path: String, in bytes: [UInt8], range: Range<Int>? = nil
  ) -> String? {
    var scanner = JSONScanner(bytes, in: range ?? 0..<bytes.count)
    let names = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // Not JSON is no text: whoever cares why has scanned the whole page before.
    guard let text = try? scanner.text(at: names[...]), (try? scanner.end()) != nil else {
      return nil
    }
    return text
  }

  /// The same in a slice, such as one item cut from its page.
  package static func text(at path: String, in bytes: ArraySlice<UInt8>) -> String? {
    text(at: path, in: Array(bytes))
  }
}

extension JSONScanner {
  fileprivate mutating func text(at names: ArraySlice<String>) throws(JSONFault) -> String? {
    guard let wanted = names.first else { return try text() }
    guard try kind() == .object else {
      try value()
      return nil
    }
    var found: String?
    try members { (scanner, name) throws(JSONFault) in
      if name.utf8.elementsEqual(wanted.utf8) { found = try scanner.text(at: names.dropFirst()) }
    }
    return found
  }
}
