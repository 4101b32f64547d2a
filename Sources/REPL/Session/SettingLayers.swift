import Daybook
import RawJSON

/// The environment over the file that `--config` names.
struct SettingLayers {
  private let environment: [String: String]
  private let file: JSON?
  /// The file’s path, as it was given.
  private let path: String

  /// - Throws: `Failure` for a file that is no JSON object, or holds what nobody would read: a
  ///   mistyped key would leave a default in force unseen.
  init(environment: [String: String], file: [UInt8]?, path: String?) throws(Failure) {
    self.environment = environment
    self.path = path ?? "--config"
    guard let file else {
      self.file = nil
      return
    }
    do {
      self.file = try JSON.parse(file)
    } catch {
      throw .usage("\(visible(self.path)): not JSON: \(error)")
    }
    guard let members = self.file?.members else {
      throw .usage("\(visible(self.path)): has to be a JSON object of settings")
    }
    try check(members, under: "")
  }

  /// A setting’s value and where it was given, for the person who has to mend it.
  func value(of setting: Setting) -> (text: String, source: String)? {
    if let variable = setting.variable, let text = environment[variable], !text.isEmpty {
      return (text, variable)
    }
    guard let key = setting.key,
      let text = file.flatMap({ Self.find(key[...], in: $0) })
        .flatMap({ Self.text($0, of: key) })
    else { return nil }
    return (text, "\(visible(path)): \(key)")
  }

  /// A value by its key, in whatever part dotted and in whatever part nested.
  private static func find(_ key: Substring, in json: JSON) -> JSON? {
    if let value = json[String(key)] { return value }
    for place in key.indices where key[place] == "." {
      guard let inner = json[String(key[..<place])] else { continue }
      if let value = find(key[key.index(after: place)...], in: inner) { return value }
    }
    return nil
  }

  /// Numbers make a list where they are ports: as an address, each would be one by accident.
  private static func text(_ value: JSON, of key: String) -> String? {
    if let text = value.text { return text }
    if let elements = value.elements {
      let isNumbered = key == Setting.ports.key
      let texts = elements.compactMap { element in
        element.text ?? (isNumbered ? element.integer.map(String.init) : nil)
      }
      return texts.count == elements.count ? texts.joined(separator: ",") : nil
    }
    return value.integer.map(String.init)
  }

  private static let keys = Setting.all.compactMap(\.key)

  private func check(_ members: Members, under prefix: String) throws(Failure) {
    for member in members {
      let key = prefix + member.name
      if Self.keys.contains(key) {
        guard member.value == .null || Self.text(member.value, of: key) != nil else {
          throw .usage("\(visible(path)): \(key): has to be a text or a whole number")
        }
      } else if Self.keys.contains(where: { $0.hasPrefix("\(key).") }) {
        guard let inner = member.value.members else {
          throw .usage("\(visible(path)): \(key): has to be an object")
        }
        try check(inner, under: "\(key).")
      } else {
        let hint = suggestion(for: key, among: Self.keys.sorted()).map { "; did you mean \($0)?" }
        throw .usage("\(visible(path)): there is no setting \(visible(key))\(hint ?? "")")
      }
    }
  }
}
