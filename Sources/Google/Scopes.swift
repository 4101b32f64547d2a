package import Domain

// What a person has to allow so that a collection can be read.
//
// Source: the `scopes` of each method in Google's discovery documents, Calendar revision 20261030,
// People 20251117, Gmail 20261005.

extension GoogleSuite {
  /// The scopes to ask for, so that these can be read and no more: each once, in order.
  package func scopes(for collections: [Collection]) -> [String] {
    var scopes: [String] = []
    for need in collections.flatMap({ CollectionKind($0).needs(of: $0) })
    where !scopes.contains(need[0]) {
      scopes.append(need[0])
    }
    return scopes
  }

  /// Tells if the scopes granted are enough to read a collection; broader ones than the one asked
  /// for count too.
  package func canRead(_ collection: Collection, with granted: [String]) -> Bool {
    CollectionKind(collection).needs(of: collection).allSatisfy { need in
      need.contains(where: granted.contains)
    }
  }
}

extension CollectionKind {
  /// The scopes to be granted: one of each line, of which the first is the narrowest.
  fileprivate func needs(of collection: Collection) -> [[String]] {
    switch self {
    case .calendarEvents: [Self.eventScopes]
    // The calendars in the list are read as well.
    case .calendarList: [Self.calendarListScopes, Self.eventScopes]
    case .contactGroups: [Self.contactScopes]
    case .messages: [Self.mailScopes]
    case .records:
      switch RecordKind(PlatformPath(collection.id)) {
      case .events?: [Self.eventScopes]
      case .calendars?: [Self.calendarListScopes]
      case .contacts?, .groups?: [Self.contactScopes]
      case .messages?, .threads?: [Self.mailScopes]
      case nil: []
      }
    }
  }

  private static let contactScopes = ["contacts.readonly", "contacts"].map(full)

  /// Whole messages are read, which `gmail.metadata` does not allow.
  private static let mailScopes =
    ["gmail.readonly", "gmail.modify"].map(full) + ["https://mail.google.com/"]

  /// Without those that show a part of the events alone, such as `calendar.events.owned.readonly`.
  private static let eventScopes = [
    "calendar.events.readonly", "calendar.events", "calendar.readonly", "calendar",
  ].map(full)

  private static let calendarListScopes = [
    "calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar",
  ].map(full)

  private static func full(_ name: String) -> String {
    "https://www.googleapis.com/auth/\(name)"
  }
}
