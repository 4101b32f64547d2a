/// The bounds of the stand-in for Google, each with unit and reason.
package enum FakeLimits {
  /// Requests of one batch. Sources: Gmail API guide and Calendar API guide, “Batch requests”.
  package static let batchMax = 100
  package static let calendarBatchMax = 50

  /// Users, and calendars of all users together.
  package static let usersMax = 1_000
  package static let calendarsMax = 10_000
  /// Events of one calendar, cancelled ones included; about 200 bytes each.
  package static let eventsMax = 1_000_000
  /// Changes of a calendar that sync tokens can reach back; older tokens are answered with 410.
  package static let changesKept = 200_000
  /// Events on a page where the request names no number, and at most. Source: Calendar API v3.
  package static let pageItemsDefault = 250
  package static let pageItemsMax = 2_500
  /// Calendars on a page where the request names no number, and at most. Source: Calendar API v3.
  package static let calendarListItemsDefault = 100
  package static let calendarListItemsMax = 250
  /// Occurrences of a series without end that are listed singly.
  package static let occurrencesMax = 730
  /// How far back `updatedMin` may lie. Source: answers recorded by others, 28 to 30 days.
  package static let updatedMinAgeMax: Duration = .seconds(28 * 86_400)

  /// Groups, and people, of one user, deleted ones included.
  package static let groupsMax = 20_000
  package static let peopleMax = 100_000
  /// Groups on a page where the request names no number. Source: People API v1.
  package static let groupItemsDefault = 30
  /// People on a page where the request names no number. Source: People API v1.
  package static let peopleItemsDefault = 100
  /// How long after a full listing People takes a sync token. Source: `people.connections.list`.
  package static let contactsTokenLifetime: Duration = .seconds(7 * 86_400)

  /// Messages of one mailbox, and their bytes together.
  package static let messagesMax = 200_000
  package static let mailBytesMax = 256 << 20
  /// Labels of one mailbox. Source: Gmail API guide, “Manage labels”.
  package static let labelsMax = 10_000
  /// Messages, threads or records on a page where the request names no number, and at most.
  /// Source: Gmail API v1.
  package static let mailItemsDefault = 100
  package static let mailItemsMax = 500

  /// How long a code lives.
  package static let codeLifetime: Duration = .seconds(600)
  /// Codes and access tokens that are remembered; beyond, the oldest are forgotten.
  package static let codesMax = 1_000
  package static let accessTokensMax = 10_000
  /// Live refresh tokens of one user and client; beyond, the oldest dies silently.
  /// Source: Google, “Using OAuth 2.0 to Access Google APIs”, refresh token expiration.
  package static let refreshTokensMax = 100

  /// Faults that wait their turn.
  package static let faultsMax = 1_000
  /// Bytes of the largest page that a fault may ask for.
  package static let hugeBytesMax = 256 << 20
}
