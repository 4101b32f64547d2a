package import Events

extension JournalSnapshot {
  /// When an instance was created, by the position of that; nil where there is none.
  package func creation(of instance: InstanceID) throws(JournalError) -> Int64? {
    try connection.events(of: .instance(instance), after: 0, limit: 1).first?.position
  }

  /// The instances of a name, at most so many; those that are deleted come last.
  package func instances(
    named name: String, limit: Int
  ) throws(JournalError) -> [(id: Int64, isDeleted: Bool)] {
    try column(
      SQL.findNamedInstances, ["name": .text(name), "limit": .integer(Int64(limit))]
    ) { ($0.integer(0), $0.integer(1) == 1) }
  }

  /// Ids and names of instances that are not deleted, the first ones by their ids.
  package func instanceNames(limit: Int) throws(JournalError) -> [(id: Int64, name: String)] {
    try column(SQL.listNames, ["limit": .integer(Int64(limit))]) { ($0.integer(0), $0.text(1)) }
  }

  /// Looks whether an instance has or had a resource; nil: any instance.
  package func hasResource(
    _ resource: String, of instance: Int64?
  ) throws(JournalError) -> Bool {
    guard let instance else {
      return try first(SQL.hasResource, ["resource": .text(resource)]) == 1
    }
    return try first(
      SQL.hasResourceOfInstance, ["resource": .text(resource), "instance": .integer(instance)]) == 1
  }

  /// Resources that are watched, of an instance or of any, the first ones in the order of texts.
  package func resources(of instance: Int64?, limit: Int) throws(JournalError) -> [String] {
    let limit = Binding.integer(Int64(limit))
    guard let instance else {
      return try column(SQL.listResources, ["limit": limit]) { $0.text(0) }
    }
    return try column(
      SQL.listResourcesOfInstance, ["instance": .integer(instance), "limit": limit]
    ) { $0.text(0) }
  }

  /// Ids that begin with a text, in the order of texts: one probe of an index each.
  ///
  /// - Parameters:
  ///   - isOfEvents: Takes in the eventIds of notifications as well.
  ///   - fits: Judges each of them.
  package func objects(
    beginning start: String, ofEvents isOfEvents: Bool, limit: Int, where fits: (String) -> Bool
  ) throws(JournalError) -> [String] {
    let query = isOfEvents ? SQL.nextEnteredObject : .nextChangedObject
    // No text that begins so comes after the same with the last character that there is.
    let end = Binding.text(start + "\u{10FFFF}")
    var found: [String] = []
    var next = start
    for _ in 0..<JournalSnapshot.objectsProbedMax where found.count < limit {
      let id = try column(query, ["from": .text(next), "before": end]) { $0.text(0) }.first
      guard let id else { break }
      if fits(id) { found.append(id) }
      // The least text that comes after it.
      next = id + "\u{0}"
    }
    return found
  }

  /// Ids that are looked at for one that was shortened in the middle.
  private static let objectsProbedMax = 10_000

  /// Looks whether a feed knows an object of that id.
  package func knows(object: String) throws(JournalError) -> Bool {
    try first(SQL.knowsObject, ["object": .text(object)]) == 1
  }
}
