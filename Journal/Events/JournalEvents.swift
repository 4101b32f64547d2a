// What happens to the journal itself and to those who run it. Property by property as in
// CATALOGUE.md.

/// `journal.created`: The first event of every journal: it names the file.
public struct JournalCreated: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "journal.created"
  /// 128 random bits as 32 hex digits; two copies of one journal share them.
  public var journal: String
  /// The file format; 0 until the format is released.
  public var format: Int
  /// Takes its fields in the order of the catalogue.
  public init(journal: String, format: Int) {
    self.journal = journal
    self.format = format
  }

  private enum CodingKeys: String, CodingKey {
    case journal = "journal"
    case format = "format"
  }
}

/// `run.started`: A process began to poll and deliver on schedule.
public struct RunStarted: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "run.started"
  /// The process id on its machine.
  public var process: Int64
  /// The version of the program.
  public var daybook: String
  /// Takes its fields in the order of the catalogue.
  public init(process: Int64, daybook: String) {
    self.process = process
    self.daybook = daybook
  }

  private enum CodingKeys: String, CodingKey {
    case process = "process"
    case daybook = "daybook"
  }
}

/// `run.stopped`: That process ended in an orderly way; after a kill there is none.
public struct RunStopped: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "run.stopped"
  /// The process id on its machine.
  public var process: Int64
  /// `finished`, `interrupted` or `failed`.
  public var reason: String
  /// Takes its fields in the order of the catalogue.
  public init(process: Int64, reason: String) {
    self.process = process
    self.reason = reason
  }

  private enum CodingKeys: String, CodingKey {
    case process = "process"
    case reason = "reason"
  }
}

/// `clock.stepped`: The wall clock jumped; everything that is due moves with it.
public struct ClockStepped: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "clock.stepped"
  /// The time that the clock was expected to show, Unix milliseconds.
  public var fromMs: Int64
  /// The time that it showed, Unix milliseconds.
  public var toMs: Int64
  /// The difference, milliseconds; negative where it went back.
  public var byMs: Int64
  /// Takes its fields in the order of the catalogue.
  public init(fromMs: Int64, toMs: Int64, byMs: Int64) {
    self.fromMs = fromMs
    self.toMs = toMs
    self.byMs = byMs
  }

  private enum CodingKeys: String, CodingKey {
    case fromMs = "from_ms"
    case toMs = "to_ms"
    case byMs = "by_ms"
  }
}

/// `notice.raised`: Something needs a person.
public struct NoticeRaised: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "notice.raised"
  /// Its kind, such as `feed-unsupported`; the same kind and subject is open once at a time.
  public var kind: StoredWord<NoticeKind>
  /// The stream that it is about.
  public var subject: StreamName
  /// One or two sentences: what, and how to mend it.
  public var text: String
  /// The instance concerned.
  public var instance: InstanceID?
  /// Takes its fields in the order of the catalogue.
  public init(
    kind: StoredWord<NoticeKind>, subject: StreamName, text: String, instance: InstanceID? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.text = text
    self.instance = instance
  }

  private enum CodingKeys: String, CodingKey {
    case kind = "kind"
    case subject = "subject"
    case text = "text"
    case instance = "instance"
  }
}

/// `notice.closed`: What needed a person is settled.
public struct NoticeClosed: EventBody {
  /// The name in the log: part of the format, so it never changes.
  public static let type = "notice.closed"
  /// The kind of the notice.
  public var kind: StoredWord<NoticeKind>
  /// The stream that it was about.
  public var subject: StreamName
  /// The fact that settled it.
  public var reason: String
  /// The instance concerned.
  public var instance: InstanceID?
  /// Takes its fields in the order of the catalogue.
  public init(
    kind: StoredWord<NoticeKind>, subject: StreamName, reason: String, instance: InstanceID? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.reason = reason
    self.instance = instance
  }

  private enum CodingKeys: String, CodingKey {
    case kind = "kind"
    case subject = "subject"
    case reason = "reason"
    case instance = "instance"
  }
}
