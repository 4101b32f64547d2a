import Domain
import Events
import Google
import RawJSON

/// An instance as `connect` is told it, before anybody was asked.
public struct ConnectForm: Sendable {
  /// The client’s, as the provider’s console gives it.
  public var clientID: String
  /// Where notifications go.
  public var callback: String
  /// Keys of the poller configuration; none: the element's own four.
  public var resources: [String]
  /// nil: the element's own interval.
  public var intervalMinutes: Int?
  /// nil: the element's own name.
  public var name: String?
  /// The key that notifications are signed with; nil: one is made.
  public var signatureKey: String?

  /// A form whose resources and interval, where they are not given, are the element’s own.
  public init(
    clientID: String, callback: String, resources: [String] = [], intervalMinutes: Int? = nil,
    name: String? = nil
  ) {
    self.clientID = clientID
    self.callback = callback
    self.resources = resources.isEmpty ? GoogleSuite().standardResources : resources
    self.intervalMinutes = intervalMinutes
    self.name = name
  }

  /// Collections that the resources watch, in the resources’ order.
  ///
  /// - Throws: `Refusal` for one that cannot be polled, or that is named twice.
  func collections(_ google: GoogleSuite) throws(Refusal) -> [(resource: String, Collection)] {
    var found: [(resource: String, Collection)] = []
    for resource in resources {
      guard let collection = google.collection(resource: resource, url: url(resource)) else {
        throw Refusal(
          at: "resources", google.fault(inURL: url(resource)) ?? "cannot be polled")
      }
      guard !found.contains(where: { $0.resource == resource }) else {
        throw Refusal(at: "resources", "\(resource) is named twice")
      }
      found.append((resource, collection))
    }
    return found
  }

  /// The body of `POST /instances`, with these of the resources.
  func body(
    _ collections: [(resource: String, Collection)], secret: String, signatureKey: String,
    redirectURL: String, code: String
  ) -> [UInt8] {
    var configuration = Members([
      ("oauth.api.key", .string(clientID)), ("oauth.api.secret", .string(secret)),
      ("oauth.callback.url", .string(redirectURL)), ("event.notification.enabled", true),
      ("event.notification.callback.url", .string(callback)),
      ("event.notification.signature.key", .string(signatureKey)),
      (
        "event.poller.configuration",
        .object(Members(collections.map { ($0.resource, settings(of: $0.resource)) }))
      ),
    ])
    if let intervalMinutes {
      configuration["event.poller.refresh_interval"] = .string("\(intervalMinutes)")
    }
    var body = Members([
      ("element", ["key": "googlesuite"]), ("providerData", ["code": .string(code)]),
      ("configuration", .object(configuration)),
    ])
    if let name { body["name"] = .string(name) }
    return JSON.object(body).bytes()
  }

  private func url(_ resource: String) -> String { "/hubs/\(GoogleSuite().hub)/\(resource)" }

  private func settings(of resource: String) -> JSON {
    let fields = GoogleSuite().fields(atURL: url(resource))
    var settings = Members([
      ("url", .string(url(resource))), ("idField", .string(fields.id ?? "")),
    ])
    if let updated = fields.updated, let created = fields.created {
      let (format, zone) = (JSON.string(ObjectFields.dateFormat), JSON.string(ObjectFields.zone))
      settings["datesConfiguration"] = [
        "updatedDateField": .string(updated), "updatedDateFormat": format,
        "updatedDateTimezone": zone, "createdDateField": .string(created),
        "createdDateFormat": format, "createdDateTimezone": zone,
      ]
    }
    return .object(settings)
  }
}
