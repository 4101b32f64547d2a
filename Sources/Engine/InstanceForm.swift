package import Domain
package import Events
import RawJSON

/// The body of `POST /instances`, read and checked before anything is asked or written.
///
///     { "element": {"key": "googlesuite"}, "providerData": {"code": "4/0A…"},
///       "configuration": { "oauth.api.key": "…", …, "event.poller.configuration": {…} },
///       "tags": ["Docs"], "name": "API Instance with Polling" }
///
/// Source: SAP Open Connectors, “Google Suite: Events”.
package struct InstanceForm: Sendable {
  package var settings: InstanceSettings
  /// Values of the settings that are sealed, by their names.
  package var secrets: [String: String]
  /// The authorization code; nil where a refresh token is brought along.
  package var code: String?
  package var resources: [ResourceForm]
  /// Keys that Daybook keeps and does not know.
  package var unknown: [String]
  /// The answer is to name the resources that can be read.
  package var wantsObjects: Bool

  /// Reads and checks the whole of it; the first fault ends it.
  ///
  /// - Throws: `Refusal` that names the path, what is wrong there and what would be right.
  package init(
    _ bytes: [UInt8], rules: AddressRules, connector: any Connector
  ) throws(Refusal) {
    let body = try InstanceForm.parse(bytes)
    let element = try InstanceForm.element(body)
    guard let members = body["configuration"]?.members else {
      throw Refusal(at: "configuration", "an object with the instance's settings is missing")
    }
    let external = try InstanceForm.external(body)
    code = external == "none" ? try FormField.code(body["providerData"]?["code"]) : nil
    if external == "none", code == nil {
      throw Refusal(
        at: "providerData.code", "you must provide an OAuth code in order to create an instance")
    }
    var name = "Google Suite"
    if let given = body["name"] { name = try FormField.name(given) }
    var reader = ResourcesReader(connector)
    resources = try reader.resources(in: members)
    let configuration = try ConfigurationForm(members, rules: rules)
    try ConfigurationForm.require(
      Set(configuration.secrets.keys), configuration.kept, isInitial: external == "initial")
    var tags: [String] = []
    if let given = body["tags"] { tags = try FormField.tags(given) }
    settings = InstanceSettings(
      name: name, element: element, tags: tags.isEmpty ? [name] : tags,
      callback: configuration.callback, isWatching: configuration.isWatching,
      intervalMinutes: configuration.intervalMinutes, configuration: configuration.kept,
      secrets: configuration.secrets.keys.sorted(), externalAuthentication: external)
    secrets = configuration.secrets
    wantsObjects =
      try FormField.flag(
        body["retrieveObjectsAfterInstantiation"], at: "retrieveObjectsAfterInstantiation") ?? false
    unknown =
      configuration.unknown + reader.unknown
      + (body.members ?? Members()).names.filter { !InstanceForm.topKeys.contains($0) }
  }

  /// The body as JSON; refused where it is long, or no object.
  static func parse(_ bytes: [UInt8]) throws(Refusal) -> JSON {
    guard bytes.count <= Limits.instanceBytesMax else {
      throw Refusal(
        .tooLarge, "the body has \(bytes.count) bytes; at most \(Limits.instanceBytesMax)")
    }
    let body: JSON
    do {
      body = try JSON.parse(bytes)
    } catch {
      throw Refusal(.invalid, "the body is not JSON: \(error)")
    }
    guard body.members != nil else { throw Refusal(.invalid, "the body has to be a JSON object") }
    return body
  }

  static let topKeys: Set<String> = [
    "element", "providerData", "configuration", "tags", "name", "externalAuthentication",
    "retrieveObjectsAfterInstantiation",
  ]

  private static func element(_ body: JSON) throws(Refusal) -> String {
    guard let key = try elementKey(body) else {
      throw Refusal(at: "element.key", #"is missing; use {"element":{"key":"googlesuite"}}"#)
    }
    return key
  }

  /// The key of the element that a body names, by key or by id; nil where it names none.
  static func elementKey(_ body: JSON) throws(Refusal) -> String? {
    if let key = body["element"]?["key"]?.text {
      guard key == "googlesuite" else {
        throw Refusal(
          at: "element.key", "there is no element \(quoted(key)); use \"googlesuite\"")
      }
      return key
    }
    guard let id = body["element"]?["id"], id != .null else { return nil }
    guard id.integer == elementID || id.text == "\(elementID)" else {
      throw Refusal(at: "element.id", "there is no element of that id; googlesuite is \(elementID)")
    }
    return "googlesuite"
  }

  /// The id of `googlesuite`, which the platform gives another one in each of its regions.
  package static let elementID = 1

  private static func external(_ body: JSON) throws(Refusal) -> String {
    guard let value = body["externalAuthentication"] else { return "none" }
    guard let text = value.text, ["none", "initial"].contains(text) else {
      throw Refusal(at: "externalAuthentication", "has to be \"none\" or \"initial\"")
    }
    return text
  }
}
