import Domain
import Events
import RawJSON

/// Checks of single values, shared by all forms; each refusal names the path.
enum FormField {
  /// A name or tag as given; control characters are refused.
  static func word(_ text: String, at path: String) throws(Refusal) -> String {
    guard !text.isEmpty, text.count <= Limits.nameCharactersMax else {
      throw Refusal(
        at: path, "has \(text.count) characters; 1 to \(Limits.nameCharactersMax) are allowed")
    }
    return try visible(text, at: path)
  }

  private static func visible(_ text: String, at path: String) throws(Refusal) -> String {
    let isControlled = text.unicodeScalars.contains {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.properties.isBidiControl
    }
    if isControlled { throw Refusal(at: path, "control characters are not allowed") }
    return text
  }

  /// A name without the HTML that was in it.
  static func name(_ value: JSON) throws(Refusal) -> String {
    guard let name = value.text else { throw Refusal(at: "name", "has to be a string") }
    let plain = HTMLTags.removed(from: try word(name, at: "name"))
    guard !plain.isEmpty else { throw Refusal(at: "name", "is nothing but HTML") }
    return plain
  }

  /// - Returns: An empty list for `null`.
  static func tags(_ value: JSON) throws(Refusal) -> [String] {
    if value == .null { return [] }
    guard let list = value.elements, list.count <= Limits.tagsMax else {
      throw Refusal(at: "tags", "has to be an array of at most \(Limits.tagsMax) strings")
    }
    var tags: [String] = []
    for (place, tag) in list.enumerated() {
      guard let text = tag.text else { throw Refusal(at: "tags[\(place)]", "has to be a string") }
      tags.append(try word(text, at: "tags[\(place)]"))
    }
    return tags
  }

  /// The authorization code, where one is given.
  static func code(_ value: JSON?) throws(Refusal) -> String? {
    guard let value, value != .null else { return nil }
    guard let code = value.text else {
      throw Refusal(at: "providerData.code", "has to be a string")
    }
    guard code.utf8.count <= 4_096 else { throw Refusal(at: "providerData.code", "is too long") }
    return code.isEmpty ? nil : code
  }

  /// A text that may be absent; an empty one counts as absent.
  static func text(
    _ value: JSON?, at path: String, most: Int = Limits.nameCharactersMax
  ) throws(Refusal) -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.text else { throw Refusal(at: path, "has to be a string") }
    guard text.count <= most else {
      throw Refusal(at: path, "has \(text.count) characters; at most \(most) are allowed")
    }
    return text.isEmpty ? nil : try visible(text, at: path)
  }

  /// `true` and `false`, also as strings; nil where it is absent.
  static func flag(_ value: JSON?, at path: String) throws(Refusal) -> Bool? {
    switch value {
    case nil, .null?: return nil
    case .bool(let flag)?: return flag
    case .string("true")?: return true
    case .string("false")?: return false
    case .string("")?: return nil
    default: throw Refusal(at: path, "\(shown(value)) is neither true nor false")
    }
  }

  /// A whole number, also as a string; nil where it is absent.
  ///
  /// - Parameter unit: What is counted, for the refusal.
  static func whole(
    _ value: JSON?, in range: ClosedRange<Int64>, of unit: String, at path: String
  ) throws(Refusal) -> Int64? {
    let digits: String
    switch value {
    case nil, .null?, .string("")?: return nil
    case .number(let text)?: digits = text
    case .string(let text)?: digits = text.trimmingBlanks()
    default: digits = ""
    }
    guard let number = Int64(digits), range.contains(number) else {
      throw Refusal(
        at: path,
        "\(shown(value)) is not a whole number of \(unit), \(range.lowerBound) to"
          + " \(range.upperBound)")
    }
    return number
  }

  private static func shown(_ value: JSON?) -> String {
    String(String(decoding: (value ?? .null).bytes(), as: UTF8.self).prefix(60))
  }
}
