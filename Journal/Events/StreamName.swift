/// The name of a stream: the events of one thing, in their order.
///
///     journal                         the journal itself, and who runs it
///     lineage                         what tells copies of the journal apart
///     instance/3   authorization/3    an instance; what it was granted
///     feed/7                          a feed, its polls and its changes
///     delivery/1234                   a notification on its way
///     delivery/1234/replay/42         the same on its way in a replay
///     notification/1234               a notification, whatever becomes of its deliveries
///     callback/https://…              a URL
///     probe/1234                      a probe of a URL
///     breaker/https://…               whether a URL rests, because it fails too often
///     replay/42                       a replay, by the position of its request
///     notice/lag/journal              a notice, by its kind and the stream that it is about
///
/// Here alone names are put together and taken apart. Any text is the name of some stream: a later
/// program may have kinds of its own.
public struct StreamName: Sendable, Hashable {
  /// As it is stored.
  public let text: String

  /// The stream of a stored name.
  public init(stored text: String) { self.text = text }

  /// The journal itself.
  public static let journal = StreamName(stored: "journal")

  /// Restorations, which tell copies of the journal apart: by the last event one may send or not.
  public static let lineage = StreamName(stored: "lineage")

  /// A replay that takes the position of its first event for its id.
  public static let newReplay = StreamName(stored: "replay/*")

  /// An instance.
  public static func instance(_ id: InstanceID) -> StreamName {
    StreamName(stored: "instance/\(id)")
  }

  /// The grants of an instance.
  public static func authorization(_ instance: InstanceID) -> StreamName {
    StreamName(stored: "authorization/\(instance)")
  }

  /// A feed.
  public static func feed(_ id: FeedID) -> StreamName { StreamName(stored: "feed/\(id)") }

  /// One object of a feed: nothing is written there, but a notice may be about it.
  public static func object(_ id: String, ofFeed feed: FeedID) -> StreamName {
    StreamName(stored: "feed/\(feed)/\(id)")
  }

  /// A delivery.
  public static func delivery(_ id: DeliveryID) -> StreamName {
    StreamName(stored: "delivery/\(id)")
  }

  /// A notification, by the id that the receiver sees.
  public static func notification(_ id: NotificationID) -> StreamName {
    StreamName(stored: "notification/\(id)")
  }

  /// A callback: its URL is its identity.
  public static func callback(_ url: String) -> StreamName { StreamName(stored: "callback/\(url)") }

  /// A probe of a URL, by the id that the receiver sees.
  public static func probe(_ id: NotificationID) -> StreamName {
    StreamName(stored: "probe/\(id)")
  }

  /// The breaker of a callback.
  public static func breaker(_ url: String) -> StreamName { StreamName(stored: "breaker/\(url)") }

  /// A replay.
  public static func replay(_ id: ReplayID) -> StreamName { StreamName(stored: "replay/\(id)") }

  /// A notice: one stream for each kind and subject, so that it is open once at a time.
  public static func notice(
    _ kind: StoredWord<NoticeKind>, about subject: StreamName
  ) -> StreamName { StreamName(stored: "notice/\(kind)/\(subject)") }
}

extension StreamName {
  /// The feed whose stream it is; nil for any other.
  public var feed: FeedID? { number(after: "feed/").map { FeedID($0) } }

  /// The instance whose stream it is; nil for any other.
  public var instance: Int64? { number(after: "instance/") }

  /// The replay whose stream it is; nil for any other.
  public var replay: ReplayID? { number(after: "replay/").map { ReplayID($0) } }

  /// The replay that a delivery is of, by the third and fourth part of its name; nil for any other.
  public var replayOfDelivery: ReplayID? {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"))
    guard parts.count == 4, parts[0].elementsEqual("delivery".utf8),
      parts[2].elementsEqual("replay".utf8)
    else { return nil }
    return Int64(Substring(parts[3])).map { ReplayID($0) }
  }

  /// A new replay’s name with its id in the place of the star; any other stays as it is.
  public func named(after position: Int64) -> StreamName {
    self == .newReplay ? .replay(ReplayID(position)) : self
  }

  private func number(after prefix: String) -> Int64? {
    text.hasPrefix(prefix) ? Int64(text.dropFirst(prefix.count)) : nil
  }
}

extension StreamName: CustomStringConvertible {
  /// As it is stored.
  public var description: String { text }
}

extension StreamName: Comparable {
  /// In the order of the texts, as a journal sorts them.
  public static func < (left: StreamName, right: StreamName) -> Bool { left.text < right.text }
}

extension StreamName: Codable {
  /// Any text is a name.
  public init(from decoder: any Decoder) throws {
    self.init(stored: try decoder.singleValueContainer().decode(String.self))
  }

  /// Writes the text alone.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
