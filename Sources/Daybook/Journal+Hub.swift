import Domain
import Engine
import Events

extension Journal {
  /// The provider’s own resources, read through the authorization of an instance.
  public var hub: Hub { Hub(journal: self) }

  /// The reads of `GET /hubs/{any}/…`. They move no cursor and record nothing but an access token
  /// that had to be refreshed.
  public struct Hub: Sendable {
    let journal: Journal

    /// The provider’s answer in its own bytes.
    public struct Answer: Sendable, Equatable {
      /// An object, or an array of them: each byte for byte as the provider wrote it.
      public let json: String
      /// How many objects there are in it.
      public let count: Int
      /// Where the page after it begins, for `nextPage`; nil: there is none.
      public let next: String?
    }

    /// Reads a resource, the hub in the path not looked at.
    ///
    ///     /hubs/general/calendars/primary/events?where=q='team'&pageSize=50      a list
    ///     /hubs/general/groups/4ae1                                              an object
    ///     /hubs/general/changed-groups                                           changes
    ///
    /// Lists take `where`, `pageSize` and `nextPage`, and parameters of the provider’s. A
    /// `changed-…` answers what the next poll would be told: what has changed since the feed’s
    /// cursor, or all that there is where none has it yet.
    ///
    /// - Parameter target: A path and a query, percent-encoded as in a request line; a `+` in the
    ///   query is a blank.
    /// - Throws: `refused`: `notFound` for a path that is none or an object that is not there,
    ///   `disabled`, `invalid` for a query that cannot be read, `conflict` where a cursor is
    ///   wanting or has expired, `providerRefused` and `providerUnreachable` with the provider’s
    ///   text.
    public func read(
      _ instance: Int64, _ target: String
    ) async throws(DaybookError) -> Answer {
      try await translated {
        let asked = try HubTarget(target)
        let opened = try await journal.working()
        let reads = ResourceReads(
          opened.repository, connector: opened.connector, world: opened.world,
          settings: opened.settings)
        let answer = try await reads.read(
          InstanceID(instance), asked.url, size: asked.size, next: asked.next)
        let objects = answer.objects.map { String(decoding: $0, as: UTF8.self) }
        return Answer(
          json: answer.isSingle ? objects[0] : "[\(objects.joined(separator: ","))]",
          count: objects.count, next: answer.next)
      }
    }
  }
}

/// The target of a read, its paging apart from what is asked of the provider.
struct HubTarget: Equatable {
  /// With the conditions alone.
  var url: String
  var size: Int?
  var next: String?

  init(_ target: String) throws(Refusal) {
    guard target.utf8.count <= Limits.readTokenMax * 2 else {
      throw Refusal(.tooLarge, "is too long", at: "url")
    }
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    url = String(halves[0])
    guard halves.count > 1 else { return }
    var conditions: [String] = []
    for piece in halves[1].replacing("+", with: "%20").split(separator: "&") {
      let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1]) : ""
      switch parts[0] {
      case "pageSize":
        guard let number = Int(value), (1...Int(Limits.pageSizeMax)).contains(number) else {
          throw Refusal(at: "pageSize", "is not a whole number from 1 to \(Limits.pageSizeMax)")
        }
        size = number
      case "nextPage": next = value.isEmpty ? nil : value
      case "where" where value.isEmpty: break
      default: conditions.append(String(piece))
      }
    }
    if !conditions.isEmpty { url += "?" + conditions.joined(separator: "&") }
  }
}
