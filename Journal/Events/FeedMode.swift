/// The way in which a poll reads a feed.
public enum FeedMode: String, Sendable, Hashable, Codable {
  /// The first look: learns what exists.
  case baseline
  /// From the cursor on.
  case changes
  /// Everything, held against what is known, because the cursor is lost.
  case comparison
}
