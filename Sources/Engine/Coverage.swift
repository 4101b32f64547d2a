package import Domain
import EventStore
package import Events

/// Holds the resources of an instance against what a grant is enough for, and has the words for a
/// person.
struct Coverage: Sendable {
  /// Kinds of the notices about a grant that is less than it should be.
  static let missingKind = NoticeKind.scopesMissing
  static let endingKind = NoticeKind.authorizationEnds

  /// Those that can be read, and those that cannot, in their order.
  private(set) var readable: [ResourceForm] = []
  private(set) var missing: [ResourceForm] = []
  /// Scopes that would be enough for the latter.
  let wanted: [String]

  /// - Parameter scopes: What was granted; none: the provider did not say, and nothing is missing.
  ///   Source: RFC 6749, §5.1.
  init(of resources: [ResourceForm], by scopes: [String], _ connector: any Connector) {
    var collections: [Collection] = []
    for resource in resources {
      let collection = connector.collection(resource: resource.key, url: resource.url)
      if let collection, !scopes.isEmpty, !connector.canRead(collection, with: scopes) {
        missing.append(resource)
        collections.append(collection)
      } else {
        readable.append(resource)
      }
    }
    wanted = connector.scopes(for: collections)
  }

  /// Tells a person which resources are not watched; nil where none is missing.
  func text(of instance: InstanceID) -> String? {
    if missing.isEmpty { return nil }
    return "What these resources of instance \(instance) need was not granted:"
      + " \(missing.map(\.key).joined(separator: ", ")). Authorize again with"
      + " \(wanted.joined(separator: " ")), then `instance update \(instance)` with the new code."
  }

  /// Tells a person when a grant ends that has no refresh token.
  static func text(ending end: Moment, of instance: InstanceID) -> String {
    "Google gave no refresh token for instance \(instance): its polls end at \(end.rfc3339)."
      + " Authorize again with access_type=offline and prompt=consent, then `instance update"
      + " \(instance)` with the new code."
  }
}

extension Instances {
  /// Refuses a grant that is good for nothing that was asked for.
  package static func check(
    _ grant: Grant?, for form: InstanceForm, by connector: any Connector
  ) throws(Refusal) {
    guard let grant, !form.resources.isEmpty else { return }
    let coverage = Coverage(of: form.resources, by: grant.scopes, connector)
    guard coverage.readable.isEmpty else { return }
    throw Refusal(
      .notGranted,
      "nothing was granted of what the resources need; nothing was created. Authorize with"
        + " \(coverage.wanted.joined(separator: " "))")
  }

  /// Makes one notice about an instance say this, or ends it, where it is open and says another
  /// thing.
  func tell(
    _ kind: NoticeKind, _ text: String?, of id: InstanceID, because reason: String,
    in append: inout AppendRequest, _ view: JournalSnapshot
  ) throws(JournalError) {
    let subject = StreamName.instance(id)
    let open = try view.openNotice(.known(kind), subject)
    if open?.notice.text == text { return }
    var ends = NoticeEnds()
    try view.end(kind, about: subject, because: reason, instance: id, in: &ends)
    append.newEvents += ends.newEvents
    append.expected.merge(ends.expected) { $1 }
    if let text { append.newEvents.append(notice(kind, subject, text, id)) }
  }

  /// Reads what an instance is configured to watch; nothing where it is written as nobody would
  /// take it today.
  static func resources(
    of settings: InstanceSettings, by connector: any Connector
  ) -> [ResourceForm] {
    var reader = ResourcesReader(connector)
    return (try? reader.resources(in: InstanceUpdate.members(of: settings))) ?? []
  }

  /// Scopes that were granted last, as far as the provider said; none: it did not say.
  func scopes(of id: InstanceID, _ view: JournalSnapshot) throws(JournalError) -> [String] {
    var scopes: [String] = []
    for row in try view.events(of: .authorization(id)) {
      switch try row.event() {
      case .authorizationGranted(let body): scopes = body.scopes
      case .authorizationRefreshed(let body): scopes = body.scopes ?? scopes
      default: break
      }
    }
    return scopes
  }
}
