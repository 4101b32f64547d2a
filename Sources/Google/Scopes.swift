package import Domain

// What a person has to allow so that a collection can be read.
//
// Source: the `scopes` of each method in Google's discovery documents, Calendar revision 20261030,
// People 20251117, Gmail 20261005.

/// Scopes that will do for a resource, the narrowest first.
enum Scope {
  static let contacts = ["contacts.readonly", "contacts"].map(full)

  /// Whole messages are read, which `gmail.metadata` does not allow.
  static let mail = ["gmail.readonly", "gmail.modify"].map(full) + ["https://mail.google.com/"]

  /// Without those that show a part of the events alone, such as `calendar.events.owned.readonly`.
  static let events = [
    "calendar.events.readonly", "calendar.events", "calendar.readonly", "calendar",
  ].map(full)

  static let calendarList = [
    "calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar",
  ].map(full)

  /// How the scopes of most interfaces begin.
  static let prefix = "https://www.googleapis.com/auth/"

  private static func full(_ name: String) -> String { prefix + name }
}

extension GoogleSuite {
  /// The scopes to ask for, so that these can be read and no more: each once, in order.
  package func scopes(for collections: [Collection]) -> [String] {
    var scopes: [String] = []
    for need in collections.flatMap({ resource(of: $0)?.scopes ?? [] })
    where !scopes.contains(need[0]) {
      scopes.append(need[0])
    }
    return scopes
  }

  /// Tells if the scopes granted are enough to read a collection; broader ones than the one asked
  /// for count too.
  package func canRead(_ collection: Collection, with granted: [String]) -> Bool {
    guard let resource = resource(of: collection) else { return false }
    return resource.scopes.allSatisfy { need in need.contains(where: granted.contains) }
  }
}
