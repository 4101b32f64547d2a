import Domain
import Engine
import EventStore
public import Events

extension Journal {
  /// Keys that notifications are signed with.
  public struct Signatures: Sendable {
    let journal: Journal

    /// Puts another key in the place of an instance’s own; both sign for a while.
    ///
    /// - Parameters:
    ///   - key: `whsec_` and base64, or any text; nil: one is made, of 32 random bytes.
    ///   - overlap: At most 7 days; nothing: the one before ends at once.
    /// - Returns: The key, which is kept under seal and shown this once, and when the one before
    ///   ends; nil where there was none.
    /// - Throws: `refused` for a key that cannot be one, and where secrets cannot be read.
    public func rotate(
      of instance: Int64, to key: String? = nil, overlap: Duration = .seconds(86_400)
    ) async throws(DaybookError) -> (key: String, until: Moment?) {
      try await translated {
        let opened = try await journal.working()
        let key = key ?? Self.made(opened.world.bytes(32))
        let until = try await opened.instances.rotateSignature(
          of: InstanceID(instance), to: key, overlap: overlap)
        return (key, until)
      }
    }

    /// Checks the signatures that a receiver got, and says what is probably wrong with one that is
    /// not right.
    ///
    /// - Parameters:
    ///   - headers: Names and values as they came.
    ///   - isAgeIgnored: Whether an old `webhook-timestamp` is passed over.
    /// - Returns: Rows `header, valid, reason`; none where no header is a signature.
    public func verify(
      of instance: Int64, body: [UInt8], headers: [(name: String, value: String)],
      isAgeIgnored: Bool = false
    ) async throws(DaybookError) -> [Row] {
      try await translated {
        // Who only reads has the key as well, where it may read its file.
        let access = journal.access
        let reader = try await access.reader()
        let path = JournalPath.followed(access.path)
        let seal = try await reader.seal(access.settings.keyFile ?? path + ".key")
        return try await reader.checkSignatures(
          of: InstanceID(instance), body: body,
          headers: headers.map { Header($0.name, $0.value) }, at: access.world.now(),
          isAgeIgnored: isAgeIgnored, seal
        ).map {
          ["header": .text($0.header), "valid": .flag($0.isValid), "reason": .text($0.reason)]
        }
      }
    }

    /// A key of Standard Webhooks’ form.
    static func made(_ random: [UInt8]) -> String { "whsec_" + base64(random) }
  }

  /// Keys that notifications are signed with.
  public var signatures: Signatures { Signatures(journal: self) }
}
