/// The end of an instance before it comes.
public struct DeletionPlan: Sendable, Equatable {
  /// The fate of what the provider granted.
  public enum Grant: Sendable, Equatable {
    /// There is none.
    case none
    /// It is left open, as asked.
    case kept
    /// The provider is asked to revoke it.
    case revoked
    /// It stays open, and why.
    case open(String)
  }

  /// The instance’s name.
  public let name: String
  /// Feeds that would close.
  public let feeds: Int
  /// Deliveries that would be skipped; counted to 10,000.
  public let pending: Int
  /// The grant’s own end.
  public let grant: Grant
}
