import Domain
import RawJSON

// Objects that cannot be read within pages that can: a name that stands twice, too much inside each
// other, a text that is none, no id.

extension Stray {
  /// - Parameter shape: Says where such an object has its id.
  init(_ bytes: ArraySlice<UInt8>, _ shape: GoogleObject.Shape, _ fault: String) {
    let prefix = shape.prefix
    let texts = Set(looseTexts(shape.idField, in: bytes))
    let id = texts.count == 1 ? texts.first : nil
    let usable = id.flatMap { id -> String? in
      guard id.hasPrefix(prefix) else { return nil }
      let rest = String(id.dropFirst(prefix.count))
      return (1...GoogleLimits.idBytesMax).contains(rest.utf8.count) ? rest : nil
    }
    self.init(id: usable, mark: contentMark(bytes), fault: fault)
  }
}

/// The texts of the members of that name at the top of an object that is no proper JSON.
private func looseTexts(_ name: String, in bytes: ArraySlice<UInt8>) -> [String] {
  var found: [String] = []
  var depth = 0
  var place = bytes.startIndex
  var isNamed = false
  while place < bytes.endIndex {
    switch bytes[place] {
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    case UInt8(ascii: "\""):
      let end = endOfText(from: place, in: bytes)
      let text = (try? JSON.parse(Array(bytes[place..<end])))?.text
      let next = bytes[end...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
      if isNamed, let text { found.append(text) }
      isNamed = depth == 1 && text == name && next == UInt8(ascii: ":")
      place = end
      continue
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ":"): break
    default: isNamed = false
    }
    place += 1
  }
  return found
}

/// Behind the closing quote of a text.
private func endOfText(from start: Int, in bytes: ArraySlice<UInt8>) -> Int {
  var place = start + 1
  while place < bytes.endIndex {
    if bytes[place] == UInt8(ascii: "\"") { return place + 1 }
    place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
  }
  return bytes.endIndex
}
