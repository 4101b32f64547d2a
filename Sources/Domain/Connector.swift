/// A provider seen by the engine: it builds requests and reads replies, and performs nothing.
///
/// The engine carries a poll forward page by page: `request(_:token:)`, perform, `read(_:to:)`,
/// until a page says that it was the last. What a connector needs to remember between two requests
/// goes into `Ask.continuation`, so that a long poll can stop and go on elsewhere.
package protocol Connector: Sendable {
  /// The key of the element, such as `googlesuite`.
  var element: String { get }
  /// The hub that the element belongs to, such as `general`.
  var hub: String { get }

  /// Which collection a configured resource watches; nil where this connector cannot poll it.
  ///
  /// - Parameters:
  ///   - resource: The key in the configuration, such as `calendars/primary/changed-events`.
  ///   - url: Its `url`, such as `/hubs/general/calendars/primary/changed-events`.
  func collection(resource: String, url: String) -> Collection?

  func request(_ ask: Ask, token: String) -> Request
  func read(_ reply: Reply, to ask: Ask) -> PageOutcome

  /// Asks for one object, to confirm that an absence is a deletion.
  func confirmation(of object: String, in collection: Collection, token: String) -> Request
  func readConfirmation(_ reply: Reply, of object: String) -> Confirmation

  func exchange(code: String, client: OAuthClient) -> Request
  func refresh(_ refreshToken: String, client: OAuthClient) -> Request
  func readGrant(_ reply: Reply) -> GrantOutcome
}

/// One provider collection: what a feed is cut from.
package struct Collection: Sendable, Hashable {
  /// The kind of collection in the provider's words, such as `calendar-events`.
  package var kind: String
  /// The provider's id of it, such as `primary` or `team@group.calendar.google.com`.
  package var id: String

  package init(kind: String, id: String) {
    self.kind = kind
    self.id = id
  }
}

/// What a poll is for.
package enum PollMode: Sendable, Equatable {
  /// The first look: learns what exists, announces nothing.
  case baseline
  /// What changed since the cursor.
  case changes(since: String)
  /// Everything, to be compared with what is known, because the cursor is dead.
  case comparison
}

/// One request of a poll.
package struct Ask: Sendable, Equatable {
  package var collection: Collection
  package var mode: PollMode
  /// The connector's own memory between two pages; nil for the first.
  package var continuation: String?
  /// Items a page, as far as the provider allows.
  package var pageSize: Int

  package init(
    collection: Collection, mode: PollMode, continuation: String? = nil, pageSize: Int
  ) {
    self.collection = collection
    self.mode = mode
    self.continuation = continuation
    self.pageSize = pageSize
  }
}

/// What a reply to an ask says.
package enum PageOutcome: Sendable, Equatable {
  case page(Page)
  /// The cursor is dead: everything has to be compared anew. The text is the provider's reason.
  case cursorExpired(reason: String)
  /// The access token was not accepted: refresh once, ask once more.
  case unauthorized(reason: String)
  case refused(ProviderRefusal)
}

/// One page of items, in the provider's order.
package struct Page: Sendable, Equatable {
  package var items: [Item]
  package var next: Next

  /// Where the provider says that reading goes on: at another page, or in the next poll.
  package enum Next: Sendable, Equatable {
    case more(continuation: String)
    case end(cursor: String)
  }

  package init(items: [Item], next: Next) {
    self.items = items
    self.next = next
  }
}

/// One object as the provider showed it.
package struct Item: Sendable, Equatable {
  /// The provider's own id.
  package var id: String
  /// Changes whenever the object does: an etag, else a digest of its bytes.
  package var revision: String
  /// Whether the provider says that it is gone.
  package var isGone: Bool
  /// The series that this is an occurrence of.
  package var series: String?
  /// Where its bytes stand in the reply's body: exact, from `{` to `}`.
  package var bytes: Range<Int>

  package init(
    id: String, revision: String, isGone: Bool = false, series: String? = nil, bytes: Range<Int>
  ) {
    self.id = id
    self.revision = revision
    self.isGone = isGone
    self.series = series
    self.bytes = bytes
  }
}

/// What the provider says of one object that a listing missed.
package enum Confirmation: Sendable, Equatable {
  /// There, and how it is: it may have changed since it was listed last.
  case exists(Item)
  /// Gone; with the object's bytes in the reply where the provider still showed one.
  case gone(Item?)
  case unauthorized(reason: String)
  case refused(ProviderRefusal)
}

/// The provider's "no" to a poll.
package struct ProviderRefusal: Sendable, Equatable {
  /// nil where there was no answer.
  package var status: Int?
  /// The provider's machine-readable reason, such as `rateLimitExceeded`, or ours.
  package var reason: String
  /// One sentence for a person, without secrets, at most a few hundred characters.
  package var text: String
  /// How long the provider asked us to wait.
  package var retryAfter: Duration?
  /// Whether asking the same again can help.
  package var isPermanent: Bool

  package init(
    status: Int?, reason: String, text: String, retryAfter: Duration? = nil,
    isPermanent: Bool = false
  ) {
    self.status = status
    self.reason = reason
    self.text = text
    self.retryAfter = retryAfter
    self.isPermanent = isPermanent
  }
}

/// The client that a person registered with the provider. Never written to the log.
package struct OAuthClient: Sendable, Equatable {
  package var id: String
  package var secret: String
  package var redirectURL: String

  package init(id: String, secret: String, redirectURL: String) {
    self.id = id
    self.secret = secret
    self.redirectURL = redirectURL
  }
}

/// What the token endpoint said.
package enum GrantOutcome: Sendable, Equatable {
  case granted(Grant)
  /// Final: the code or refresh token is dead, and a person must authorize again.
  case dead(reason: String, text: String)
  case refused(ProviderRefusal)
}

/// Tokens as they came. Never written to the log in any readable form.
package struct Grant: Sendable, Equatable {
  package var accessToken: String
  /// nil where the provider kept the old one.
  package var refreshToken: String?
  package var expiresIn: Duration
  package var scopes: [String]

  package init(
    accessToken: String, refreshToken: String?, expiresIn: Duration, scopes: [String]
  ) {
    self.accessToken = accessToken
    self.refreshToken = refreshToken
    self.expiresIn = expiresIn
    self.scopes = scopes
  }
}
