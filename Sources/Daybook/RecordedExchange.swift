public import Events

/// One attempt of a delivery as it went: what was sent, and what came of it.
public struct RecordedExchange: Sendable, Equatable {
  /// A header field; its value is eight asterisks where it is a secret, which nobody recorded.
  public struct Field: Sendable, Equatable {
    /// As it was written.
    public let name: String
    /// Without blanks at its ends.
    public let value: String

    /// True where the value is not the one that was sent.
    public var isMasked: Bool { value == InstanceObject.masked }
  }

  /// Position of the `delivery.attempted`.
  public let position: Int64
  /// Counted from 1.
  public let attempt: Int64
  /// Its occasion; nil where a newer program had one that is not known here.
  public let trigger: AttemptTrigger?
  /// Why it was asked for, in the words of whoever asked by hand or by a replay; nil where nobody
  /// asked or said why.
  public let reason: String?
  /// Who asked by hand or for a probe; nil where nobody did, or it was not recorded.
  public let askedBy: String?
  /// The time that is signed.
  public let sentAt: Moment
  /// Always `POST`.
  public let method: String
  /// Where it went.
  public let url: String
  /// In the order in which they were sent; nil where they are not kept any more.
  public let headers: [Field]?
  /// The very bytes; nil where they are not kept any more.
  public let body: [UInt8]?
  /// nil as long as nothing is known of it.
  public let outcome: Outcome?

  /// The end of an attempt, as far as it is known.
  public struct Outcome: Sendable, Equatable {
    /// Position of the event that says so.
    public let position: Int64
    /// `succeeded`, `failed` or `unknown`.
    public let word: String
    /// `status`, or the kind of network failure; nil where it succeeded, and where nobody knows.
    public let error: String?
    /// The sentence that says why; nil where it succeeded, and where nobody knows.
    public let text: String?
    /// Milliseconds from the look-up to the last byte; nil where the outcome is unknown.
    public let durationMilliseconds: Int64?
    /// When it had come how far; attempts of older programs have no times.
    public let times: ExchangeTimes
    /// The address that was connected to.
    public let address: String?
    /// The next attempt; nil where none follows.
    public let nextAt: Moment?
    /// nil where there was no answer, or it is not kept any more.
    public let answer: Answer?
  }

  /// An answer as far as it is kept, secrets masked.
  public struct Answer: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// In the order in which they came.
    public let headers: [Field]
    /// The bytes kept, decompressed.
    public let body: [UInt8]
    /// Bytes that the body had; more than are kept where it was long.
    public let bodyBytes: Int64
    /// SHA-256 of the body as far as it was read, 64 hexadecimal digits; nil where a secret was
    /// masked in it, and for long ones of older programs.
    public let bodyDigest: String?
    /// Why the rest did not come; nil where the body is whole.
    public let bodyFailure: String?
  }
}

/// Bytes that are kept beside an event.
public struct RecordedPayload: Sendable, Equatable {
  /// The field of the body that names them.
  public let field: String
  /// SHA-256 of them with their salt, 64 hexadecimal digits.
  public let digest: String
  /// nil where they are not kept any more.
  public let bytes: [UInt8]?
}
