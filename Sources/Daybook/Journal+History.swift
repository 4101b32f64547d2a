import EventStore
public import Events

extension Journal {
  /// Every version of one object, in order of the log: what is other in it, and who was told.
  ///
  /// - Parameters:
  ///   - object: Its `objectId`, or what `object` finds it by.
  ///   - instance: Where several instances watch it, only the one.
  ///   - take: Gets each page, by the columns of `RowTable.history`; answers whether to go on.
  /// - Throws: `refused` where no change of such an object was recorded, or several begin so, and
  ///   whatever `take` throws.
  public func history(
    of object: String, instance: Int64? = nil,
    _ take: @Sendable ([Row]) async throws -> Bool
  ) async throws {
    do {
      let reader = try await reader()
      var query = ReportQuery(.changes)
      query.object = try await self.object(object)
      var first = query
      first.limit = 1
      guard !object.isEmpty, try await !reader.rows(first).isEmpty else {
        throw Refusal(.notFound(.object), "no change of an object \(object) was recorded")
      }
      query.instance = instance.map { InstanceID($0) }
      first.instance = query.instance
      if let instance, try await reader.rows(first).isEmpty {
        throw Refusal(
          .notFound(.object),
          "instance \(instance) recorded no change of the object \(query.object ?? object)")
      }
      let versions = ObjectVersions(reader: reader)
      let details = details(reader)
      try await reader.rows(query, page: Self.versionsPerPage) { rows in
        var page: [Row] = []
        for row in try await details.added(to: rows, of: .changes) {
          page.append(try await versions.version(row))
        }
        return try await take(page)
      }
    } catch {
      throw DaybookError.passing(error)
    }
  }

  /// Versions whose differences are held at once: each may be as long as its object twice.
  private static let versionsPerPage = 20
}
