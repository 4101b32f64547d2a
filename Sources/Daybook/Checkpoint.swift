import Domain
import EventStore
import Events

/// A head as others can keep and check it, in the form of C2SP’s checkpoints.
///
///     daybook/000102030405060708090a0b0c0d0e0f        the journal’s name; of one that was restored
///                                                     with a slash and its lineage behind it
///     42                                              events under it
///     dGhlIHJvb3Qgb2YgdGhlIHRyZWUgb3ZlciB0aGVtLi4=    the root of the tree over their digests
///     head 42:1db724100c163f48…                       what `verify` holds the chain against
///
/// A blank line and signatures follow. Source: C2SP, tlog-checkpoint and signed-note.
public struct Checkpoint: Sendable, Equatable {
  /// The random name of the journal, in hexadecimal digits.
  public let journal: String
  /// The lineage of a journal that was restored, in hexadecimal digits; nil for an original.
  public let lineage: String?
  /// The position of the last event that it covers.
  public let size: Int64
  /// 32 bytes.
  public let root: [UInt8]
  /// The digest of that event, in hexadecimal digits.
  public let digest: String

  init(journal: String, lineage: String?, size: Int64, root: [UInt8], digest: String) {
    (self.journal, self.lineage, self.size) = (journal, lineage, size)
    (self.root, self.digest) = (root, digest)
  }

  /// Reads a note; its signatures are not checked. nil where it is no checkpoint of a journal.
  public init?(note: String) {
    let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 3, lines[0].hasPrefix(Self.origin), let size = Int64(lines[1]), size > 0,
      let root = bytesOf(base64: lines[2]), root.count == 32
    else { return nil }
    let kept = lines[3].split(separator: ":")
    guard kept.count == 2, kept[0] == "head \(size)", kept[1].count == 64,
      bytesOf(hexadecimal: String(kept[1])) != nil
    else { return nil }
    let names = lines[0].dropFirst(Self.origin.count).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      journal: String(names[0]), lineage: names.count > 1 ? String(names[1]) : nil, size: size,
      root: root, digest: String(kept[1]))
  }

  /// The lines that are signed.
  public var text: String {
    "\(name)\n\(size)\n\(base64(root))\nhead \(size):\(digest)\n"
  }

  /// The name under which its key signs.
  var name: String { Self.name(journal, lineage) }

  /// The name under which a lineage of a journal signs.
  static func name(_ journal: String, _ lineage: String?) -> String {
    origin + journal + (lineage.map { "/" + $0 } ?? "")
  }

  private static let origin = "daybook/"
}

/// A checkpoint with its signatures.
public struct SignedHead: Sendable, Equatable {
  /// The head that was signed.
  public let checkpoint: Checkpoint
  /// The text, a blank line, and a line for each signature.
  public let note: String
  /// The public key of each signature, in their order.
  public let verifiers: [String]
}
