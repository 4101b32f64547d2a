import Domain
import RawJSON

/// Keeps of settings that nobody knows, and that may hold a secret, the names alone.
enum HiddenValues {
  static let mask = "********"

  /// The value under seal of a setting that nobody knows, as text; nil where it is shown.
  ///
  /// One misspelt letter must not put a secret where everybody can read it: what stands under
  /// `event.notification.` and `oauth.` or is named like a secret keeps its name alone, whatever
  /// its value is, and so does what holds such names inside.
  static func sealed(_ value: JSON, named name: String) -> String? {
    guard !isEmpty(value), SecretNames.mayBe(name) || isPlatforms(value, in: name) else {
      return nil
    }
    return value.text ?? String(decoding: value.bytes(), as: UTF8.self)
  }

  /// True where names inside make up one of the platform's: `{"event": {"notification": {…}}}`.
  private static func isPlatforms(_ value: JSON, in path: String) -> Bool {
    (value.members ?? Members()).contains { member in
      let inner = "\(path).\(member.name)"
      let folded = inner.lowercased().filter { $0.isLetter || $0.isNumber }
      return folded.hasPrefix("eventnot") || isPlatforms(member.value, in: inner)
    }
  }

  private static func isEmpty(_ value: JSON) -> Bool {
    value == .null || value.text?.isEmpty == true
  }

  /// A setting as it is kept: what inside is named like a secret has a mask for its value. Names
  /// that are resources may be called anything.
  static func masked(_ value: JSON, in name: String) -> JSON {
    guard let text = value.text else {
      return name == ResourcesReader.key ? resources(value) : masked(value)
    }
    // An object may be given as text.
    guard let inner = try? JSON.parse(Array(text.utf8)),
      inner.members != nil || inner.elements != nil
    else { return value }
    let clean = name == ResourcesReader.key ? resources(inner) : masked(inner)
    return clean == inner ? value : .string(String(decoding: clean.bytes(), as: UTF8.self))
  }

  private static func resources(_ value: JSON) -> JSON {
    guard let members = value.members else { return masked(value) }
    return .object(Members(members.map { ($0.name, masked($0.value)) }))
  }

  private static func masked(_ value: JSON) -> JSON {
    if let elements = value.elements { return .array(elements.map(masked)) }
    guard let members = value.members else { return value }
    return .object(
      Members(
        members.map { member in
          let isHidden = SecretNames.mayBe(member.name) && holdsValue(member.value)
          return (member.name, isHidden ? .string(mask) : masked(member.value))
        }))
  }

  /// True where any value is inside: it could be a secret.
  private static func holdsValue(_ value: JSON) -> Bool {
    if let elements = value.elements { return elements.contains(where: holdsValue) }
    if let members = value.members { return members.contains { holdsValue($0.value) } }
    if case .number = value { return true }
    return value.text?.isEmpty == false
  }
}
