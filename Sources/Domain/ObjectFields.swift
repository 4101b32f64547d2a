/// The fields by which a resource’s objects are told of, unless a configuration says otherwise.
package struct ObjectFields: Sendable, Equatable {
  /// Where they bear their id; nil: the provider’s own.
  package var id: String?
  /// Where they bear the time of their last change; nil: it is not looked at.
  package var updated: String?
  /// Where they bear the time at which they were made.
  package var created: String?

  /// How both times are written, as Java has patterns.
  package static let dateFormat = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"
  /// The zone of both times.
  package static let zone = "GMT"

  package init(id: String? = nil, updated: String? = nil, created: String? = nil) {
    self.id = id
    self.updated = updated
    self.created = created
  }
}
