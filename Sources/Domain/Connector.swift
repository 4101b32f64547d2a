package import Events

/// A provider seen by the engine: it builds requests and reads replies, and performs nothing.
///
/// The engine carries a poll forward page by page: `request(_:token:)`, perform, `read(_:to:)`,
/// until a page says that it was the last. What a connector needs to remember between two requests
/// goes into `PageRequest.continuation`, so that a long poll can stop and go on elsewhere.
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
  /// Explains the fault in a `url`, in half a sentence for the person who wrote it, and where it
  /// cannot be polled, with a list of those that can; nil where there is none.
  func fault(inURL url: String) -> String?
  /// Items a page, where a `url` says it: that makes no other collection.
  func pageSize(inURL url: String) -> Int?
  /// Keys of the resources that are watched where a configuration names none.
  var standardResources: [String] { get }
  /// The fields of the objects that a `url` leads to; none where it cannot be polled.
  func fields(atURL url: String) -> ObjectFields
  /// How a collection is polled; nil for one that `reads(_:)` does not take.
  func nature(of collection: Collection) -> CollectionNature?

  /// Tells if a collection can be polled: a stored one may be any text.
  func reads(_ collection: Collection) -> Bool
  /// Where an object of the collection bears the time of its last change, in RFC 3339; nil where it
  /// bears none.
  func dateField(of collection: Collection) -> String?
  /// A `url` with a member of a roster in place of its placeholder.
  ///
  ///     /hubs/general/calendars/{calendarId}/changed-events, a#b@example.com
  ///     /hubs/general/calendars/a%23b%40example.com/changed-events
  func fill(url: String, with member: String) -> String

  /// The single object that a request of a poll is for; nil for pages.
  func object(of ask: PageRequest) -> AskedObject?
  /// Goes on behind an object that could not be had.
  ///
  /// - Parameter ask: One that `object(of:)` names an object of.
  func page(without ask: PageRequest) -> Page

  /// The name of a page among those of its listing, such as the provider's token for it; nil where
  /// a single object is asked for.
  func pageName(of ask: PageRequest) -> String?

  func request(_ ask: PageRequest, token: String) -> Request
  func read(_ reply: Reply, to ask: PageRequest) -> PageOutcome

  /// Asks for one object, to confirm that an absence is a deletion.
  func confirmation(of object: String, in collection: Collection, token: String) -> Request
  func readConfirmation(
    _ reply: Reply, of object: String, in collection: Collection
  ) -> Confirmation

  /// The object of a collection that a `url` leads to by its id; nil for any other.
  func object(atURL url: String) -> (collection: Collection, id: String)?
  /// Asks for a resource that is one object and that no poll watches; nil for any other `url`.
  func wholeRequest(atURL url: String, token: String) -> Request?
  func readWhole(_ reply: Reply) -> Confirmation

  /// The name by which a person knows an object, such as the summary of an event, cut to
  /// `Limits.titleCharactersMax`; nil where its bytes hold none.
  func title(of object: UnsafeRawBufferPointer) -> String?

  /// The scopes that a person has to allow, so that these can be read and no more.
  func scopes(for collections: [Collection]) -> [String]
  /// Tells if the scopes granted are enough to read a collection.
  func canRead(_ collection: Collection, with granted: [String]) -> Bool

  /// - Parameter verifier: The secret of which the consent was given a digest (PKCE), if any.
  func exchange(code: String, client: OAuthClient, verifier: String?) -> Request
  func refresh(_ refreshToken: String, client: OAuthClient) -> Request
  func readGrant(_ reply: Reply) -> GrantOutcome
  /// Gives a refresh or access token back: it opens nothing any more.
  func revocation(of token: String) -> Request
  func readRevocation(_ reply: Reply) -> RevocationOutcome
}

/// How a collection is polled.
package enum CollectionNature: Sendable, Equatable {
  /// The provider keeps a cursor; a full listing shows each object with its revision.
  case cursor
  /// The provider keeps a cursor; a full listing shows ids, label by label, and no revisions.
  ///
  /// Its pages name the label that they list by. What a comparison finds new or with other labels
  /// is asked for one by one.
  case layered
  /// Its objects are collections, each of them watched by a feed of its own.
  case roster
  /// There is no cursor: objects are asked for by the dates that they bear.
  case dated
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

/// The aim of a poll.
package enum PollMode: Sendable, Equatable {
  /// The first look: learns what exists, announces nothing.
  case baseline
  /// Changes since the cursor.
  case changes(since: String)
  /// Everything, to be compared with what is known, because the cursor is dead.
  case comparison
}

/// One request of a poll.
package struct PageRequest: Sendable, Equatable {
  package var collection: Collection
  package var mode: PollMode
  /// The connector's own memory between two pages; nil for the first.
  package var continuation: String?
  /// Items a page, as far as the provider allows.
  package var pageSize: Int
  /// The times that templates in the `url` stand for, where a collection is polled by dates.
  package var window: DateWindow?

  package init(
    collection: Collection, mode: PollMode, continuation: String? = nil, pageSize: Int,
    window: DateWindow? = nil
  ) {
    self.collection = collection
    self.mode = mode
    self.continuation = continuation
    self.pageSize = pageSize
    self.window = window
  }
}

/// The times between which a poll by dates looks; the same on every page of it.
package struct DateWindow: Sendable, Equatable {
  /// The cursor that the last poll left, less the feed’s delay.
  package var since: Moment
  /// When this poll began.
  package var now: Moment

  package init(since: Moment, now: Moment) {
    self.since = since
    self.now = now
  }
}

/// A single object that a request asks for.
package struct AskedObject: Sendable, Equatable {
  /// The provider's id of it, as `confirmation(of:in:token:)` takes it.
  package var id: String
  /// It is a part of the listing, such as a label, without which it says less: that is not passed
  /// over at the first trouble.
  package var isPart: Bool

  package init(id: String, isPart: Bool = false) {
    self.id = id
    self.isPart = isPart
  }
}

/// An object on a page that cannot be read, although the rest of the page can.
package struct Stray: Sendable, Equatable {
  /// nil where it shows none.
  package var id: String?
  /// Tells it from others by its bytes.
  package var mark: String
  /// The fault, in half a sentence.
  package var fault: String

  package init(id: String?, mark: String, fault: String) {
    self.id = id
    self.mark = mark
    self.fault = fault
  }
}

/// The meaning of a reply to a request.
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
  /// Objects among them that cannot be read.
  package var strays: [Stray] = []
  package var next: Next
  /// In a full listing of a layered collection: what these items have in common; nil: they exist.
  package var label: String?
  /// The provider's clock when it answered, where it says so.
  package var answeredAt: Moment?

  /// Where the provider says that reading goes on: at another page, or in the next poll.
  package enum Next: Sendable, Equatable {
    case more(continuation: String)
    /// Without a cursor of the provider's own, such as by dates, an empty text.
    case end(cursor: String)
  }

  package init(
    items: [Item], next: Next, label: String? = nil, answeredAt: Moment? = nil
  ) {
    self.items = items
    self.next = next
    self.label = label
    self.answeredAt = answeredAt
  }
}

/// One object as the provider showed it.
package struct Item: Sendable, Equatable, Codable {
  /// The provider's own id.
  package var id: String
  /// Changes whenever the object does: an etag, else a digest of its bytes.
  ///
  /// Of a layered collection as `LabelSum` writes it.
  package var revision: String
  /// The provider says that it is gone.
  package var isGone: Bool
  /// The series that this is an occurrence of.
  package var series: String?
  /// It is the member of a roster that the word `primary` stands for.
  package var isPrimary: Bool
  /// Where its bytes stand in the reply's body: exact, from `{` to `}`; empty where there are none.
  package var bytes: Range<Int>

  package init(
    id: String, revision: String, isGone: Bool = false, series: String? = nil,
    isPrimary: Bool = false, bytes: Range<Int>
  ) {
    self.id = id
    self.revision = revision
    self.isGone = isGone
    self.series = series
    self.isPrimary = isPrimary
    self.bytes = bytes
  }
}

/// The provider's word on one object that a listing missed.
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
  /// Asking the same again cannot help.
  package var isPermanent: Bool
  /// The token of the page is no longer taken: the poll has to begin anew.
  package var isOfPageToken = false
  /// It says nothing of what was asked for, but of the account, the quota or the moment.
  package var isGeneral = false

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

/// The answer of the token endpoint.
package enum GrantOutcome: Sendable, Equatable {
  case granted(Grant)
  /// Final: the code or refresh token is dead, and a person must authorize again.
  case dead(reason: String, text: String)
  case refused(ProviderRefusal)

  /// The reason where a code wants another proof (PKCE), or none: it is as good as before.
  package static let unproven = "invalid_grant (code verifier)"
}

/// The provider's answer to a token that was given back.
package enum RevocationOutcome: Sendable, Equatable {
  /// It opens nothing any more; perhaps it did not even before.
  case revoked
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
