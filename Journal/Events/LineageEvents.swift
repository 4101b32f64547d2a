// What tells copies of a journal apart. Property by property as in CATALOGUE.md.

/// `journal.restored`: This file was put back from a copy: from here on its log is another one than
/// the original’s, and nothing is sent until a person lets it go on.
public struct JournalRestored: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "journal.restored"
  /// 128 random bits as 32 hex digits, which no other copy shares.
  public var lineage: String
  /// The position of the last event of the copy that it was put back from.
  public var head: Int64
  /// The digest of that event, 64 hexadecimal digits.
  public var digest: String
  /// When the backup was made, Unix milliseconds; nil where the copy does not say.
  public var takenAtMs: Int64?
  /// Takes its fields in the order of the catalogue.
  public init(lineage: String, head: Int64, digest: String, takenAtMs: Int64? = nil) {
    self.lineage = lineage
    self.head = head
    self.digest = digest
    self.takenAtMs = takenAtMs
  }

  private enum CodingKeys: String, CodingKey {
    case lineage = "lineage"
    case head = "head"
    case digest = "digest"
    case takenAtMs = "taken_at_ms"
  }
}

/// `journal.resumed`: A person let what was restored send again.
public struct JournalResumed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "journal.resumed"
  /// The lineage that goes on.
  public var lineage: String
  /// Why; nil where nobody said.
  public var reason: String?
  /// Takes its fields in the order of the catalogue.
  public init(lineage: String, reason: String?) {
    self.lineage = lineage
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case lineage = "lineage"
    case reason = "reason"
  }
}
