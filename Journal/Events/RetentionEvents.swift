// What was taken out of the journal again. Property by property as in CATALOGUE.md.

/// `payload.expunged`: Bytes were removed for good; that they were there stays, by digest.
public struct PayloadExpunged: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "payload.expunged"
  /// The command or setting that had them removed: `forget`, `prune` or `policy`.
  public var askedBy: StoredWord<ExpungeRequest>
  /// The selection: `object ID`, `instance 1`, `person`, `pages,items recorded before TIME`.
  public var selection: String
  /// Digests of pages of polls.
  public var pages: [String]
  /// Digests of objects.
  public var items: [String]
  /// Digests of bodies of notifications.
  public var bodies: [String]
  /// Digests of header fields that were sent.
  public var requests: [String]
  /// Digests of answers, of receivers and of the provider.
  public var responses: [String]
  /// Bytes that all of it took in the file.
  public var bytes: Int64
  /// Why.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    askedBy: StoredWord<ExpungeRequest>, selection: String, pages: [String] = [],
    items: [String] = [], bodies: [String] = [], requests: [String] = [],
    responses: [String] = [], bytes: Int64, reason: String? = nil
  ) {
    self.askedBy = askedBy
    self.selection = selection
    self.pages = pages
    self.items = items
    self.bodies = bodies
    self.requests = requests
    self.responses = responses
    self.bytes = bytes
    self.reason = reason
  }

  /// A list that was left out is empty.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    askedBy = try fields.decode(StoredWord<ExpungeRequest>.self, forKey: .askedBy)
    selection = try fields.decode(String.self, forKey: .selection)
    pages = try fields.decodeIfPresent([String].self, forKey: .pages) ?? []
    items = try fields.decodeIfPresent([String].self, forKey: .items) ?? []
    bodies = try fields.decodeIfPresent([String].self, forKey: .bodies) ?? []
    requests = try fields.decodeIfPresent([String].self, forKey: .requests) ?? []
    responses = try fields.decodeIfPresent([String].self, forKey: .responses) ?? []
    bytes = try fields.decode(Int64.self, forKey: .bytes)
    reason = try fields.decodeIfPresent(String.self, forKey: .reason)
  }

  /// Leaves out empty lists.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(askedBy, forKey: .askedBy)
    try fields.encodeIfPresent(bodies.isEmpty ? nil : bodies, forKey: .bodies)
    try fields.encode(bytes, forKey: .bytes)
    try fields.encodeIfPresent(items.isEmpty ? nil : items, forKey: .items)
    try fields.encodeIfPresent(pages.isEmpty ? nil : pages, forKey: .pages)
    try fields.encodeIfPresent(reason, forKey: .reason)
    try fields.encodeIfPresent(requests.isEmpty ? nil : requests, forKey: .requests)
    try fields.encodeIfPresent(responses.isEmpty ? nil : responses, forKey: .responses)
    try fields.encode(selection, forKey: .selection)
  }

  private enum CodingKeys: String, CodingKey {
    case askedBy = "asked_by"
    case selection = "selection"
    case pages = "pages"
    case items = "items"
    case bodies = "bodies"
    case requests = "requests"
    case responses = "responses"
    case bytes = "bytes"
    case reason = "reason"
  }

  /// Digests of all that it removed.
  public var digests: [String] { pages + items + bodies + requests + responses }
}

/// `journal.archived`: A part of the log was moved to a file beside the journal. From here on the
/// journal holds of it only what work may ask for.
public struct JournalArchived: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "journal.archived"
  /// The name of the file, without its folder: it stands beside the journal.
  public var file: String
  /// The first position in it.
  public var first: Int64
  /// The last.
  public var last: Int64
  /// The digest of the event before the first, 64 hexadecimal digits; zeros before position 1.
  public var previous: String
  /// The digest of the last, 64 hexadecimal digits: what the journal goes on from.
  public var digest: String
  /// Events of that part that stay in the journal as well.
  public var kept: Int64
  /// Why.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(
    file: String, first: Int64, last: Int64, previous: String, digest: String, kept: Int64,
    reason: String? = nil
  ) {
    self.file = file
    self.first = first
    self.last = last
    self.previous = previous
    self.digest = digest
    self.kept = kept
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case file = "file"
    case first = "first"
    case last = "last"
    case previous = "previous"
    case digest = "digest"
    case kept = "kept"
    case reason = "reason"
  }
}

/// The command, or the settings, that have bytes removed.
public enum ExpungeRequest: String, Sendable, Hashable {
  /// A person named an object, an instance or somebody.
  case forget
  /// A person named kinds and an age.
  case prune
  /// The settings did.
  case policy
}
