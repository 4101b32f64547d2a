import Domain
import EventStore
import Events
import RawJSON

/// Which instances a page is of; everything that is set has to fit.
public struct InstanceFilter: Sendable, Equatable {
  /// Tags that an instance has to bear, all of them.
  public var tags: [String] = []
  /// Text that its name has to hold; the letters A to Z count in either case.
  public var searchText: String?
  /// Only those of which Daybook has stopped to poll a resource, after too many failures in a row.
  public var isPollingDisabled = false

  /// Everything.
  public init() {}

  var query: InstanceQuery {
    get throws(Refusal) {
      guard tags.count <= Limits.tagsMax else {
        throw Refusal(.tooLarge, "at most \(Limits.tagsMax) are allowed", at: "tags")
      }
      var query = InstanceQuery()
      query.tags = tags
      query.name = searchText.flatMap { $0.isEmpty ? nil : $0 }
      query.isPollingDisabled = isPollingDisabled
      return query
    }
  }
}

extension Journal.Instances {
  /// Objects of one page, at most.
  public static let pageSizeMax = Limits.platformPageMax

  /// A page of instances as `GET /instances` answers them, in the order of their ids; what is
  /// deleted is left out.
  ///
  /// It takes the same memory and time whatever their number: one look into an index.
  ///
  /// - Parameters:
  ///   - isHydrated: False leaves the configurations out.
  ///   - next: Of the page before; nil: the first page.
  ///   - size: Objects, 1 to `pageSizeMax`.
  /// - Throws: `refused` for another size, a `next` that no page had, and too many tags.
  public func page(
    _ filter: InstanceFilter = InstanceFilter(), isHydrated: Bool = true, next: String? = nil,
    size: Int = 100
  ) async throws(DaybookError) -> ObjectPage {
    try await translated {
      var query = try filter.query
      try PageBounds.check(size: size)
      query.after = try PageBounds.position(next) ?? 0
      let reader = try await journal.reader()
      let total = try await reader.count(query.fromStart)
      let rows = try await reader.instances(query, limit: size + 1)
      return ObjectPage(
        objects: rows.prefix(size).map {
          String(
            decoding: InstanceObject.json($0, isHydrated: isHydrated).bytes(), as: UTF8.self)
        },
        next: rows.count > size ? "\(rows[size - 1].id)" : nil, total: total)
    }
  }

  /// The number of instances that are not deleted, as `GET /instances/count` answers it.
  ///
  ///     {"totalInstances":12,"elementInstances":12}
  public func count() async throws(DaybookError) -> String {
    try await translated {
      let count = try await journal.reader().count(InstanceQuery())
      return "{\"totalInstances\":\(count),\"elementInstances\":\(count)}"
    }
  }
}

extension InstanceQuery {
  /// The same from the first page on.
  var fromStart: InstanceQuery {
    var query = self
    query.after = 0
    return query
  }
}

/// Checks of what a page is asked for with.
enum PageBounds {
  static func check(size: Int, most: Int = Limits.platformPageMax) throws(Refusal) {
    guard (1...most).contains(size) else {
      throw Refusal(at: "pageSize", "\(size) is not 1 to \(most)")
    }
  }

  /// The position that a page ended with; nil for the first page.
  static func position(_ next: String?) throws(Refusal) -> Int64? {
    guard let next, !next.isEmpty else { return nil }
    guard let position = Int64(next), position >= 0 else {
      throw Refusal(at: "nextPage", "is not of a page of this list")
    }
    return position
  }
}
