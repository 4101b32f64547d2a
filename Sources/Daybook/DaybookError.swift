import EventStore
public import Events

/// Why the library could not do what was asked; what the outside world refuses is recorded instead.
public enum DaybookError: Error, Sendable, Equatable {
  /// The rules say no: a bad form, no such instance, a URL that may never be called. Asking again
  /// does not help, but where the code is `locked`.
  case refused(Refusal)
  /// The task was cancelled; asking again goes on with it.
  case cancelled
  /// Somebody else holds the file’s lock, or was faster. Asking again helps.
  case busy(String)
  /// There is no journal at the path.
  case missing(path: String)
  /// A program was ended while it wrote; whoever may write the file puts that right by opening it.
  case unfinished(path: String)
  /// The file is a journal that somebody or something has changed. A person has to look.
  case damaged(String)
  /// The tables made of the log are not what the log makes of them; `rebuild` mends them.
  case misfolded(String)
  /// The file is no journal, was written by a newer program, or lacks its key. A person has to
  /// look.
  case unusable(String)
  /// The disk or SQLite failed: no room, no permission. Nothing was written.
  case failed(String)
}

extension DaybookError: CustomStringConvertible {
  /// One sentence on the failure, its object and how to mend it; holds no secret and no body.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .cancelled: "it was cancelled; asking again goes on with it"
    case .missing(let path): JournalError.noJournal(path: path).description
    case .unfinished(let path): JournalError.unfinished(path: path).description
    case .busy(let text), .damaged(let text), .misfolded(let text), .unusable(let text),
      .failed(let text):
      text
    }
  }
}

extension DaybookError {
  /// True where the journal, or what is made of it, is not as it was written.
  public var isDamage: Bool {
    switch self {
    case .damaged, .misfolded: true
    default: false
    }
  }

  /// Sorts what the modules below throw into what a caller can do about it.
  init(_ error: any Error) {
    switch error {
    case let error as DaybookError: self = error
    case let error as Refusal: self = .refused(error)
    case let error as JournalError: self = DaybookError(error)
    case is CancellationError: self = .cancelled
    default: self = .failed("\(error)")
    }
  }

  private init(_ error: JournalError) {
    let text = error.description
    switch error {
    case .noJournal(let path): self = .missing(path: path)
    case .unfinished(let path): self = .unfinished(path: path)
    case .misfolded: self = .misfolded(text)
    case _ where error.isDamage: self = .damaged(text)
    case .notAJournal, .damaged, .newerProgram, .key, .unreadable, .alteredPayload, .noPayload,
      .moved, .noArchive:
      self = .unusable(text)
    case .busy, .conflict, .stagingLost, .stopped, .rebuilding: self = .busy(text)
    case .tooLarge: self = .refused(Refusal(.tooLarge, text))
    case .foreign, .backup: self = .refused(Refusal(.conflict, text))
    case .cannotOpen, .readOnly, .full, .died, .disk, .sqlite, .question: self = .failed(text)
    }
  }

  /// The same for what has gone through a closure of the caller’s: its own errors stay as they are.
  static func passing(_ error: any Error) -> any Error {
    switch error {
    case is JournalError, is Refusal, is CancellationError: DaybookError(error)
    default: error
    }
  }
}

/// The same for work that ends between two pages once its task is cancelled.
func stoppable<Answer>(
  isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Answer
) async throws(DaybookError) -> Answer {
  do {
    return try await work()
  } catch JournalError.stopped {
    throw .cancelled
  } catch {
    throw DaybookError(error)
  }
}

/// Carries out work of the modules below, and throws what went wrong in the library’s own terms.
func translated<Answer>(
  isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Answer
) async throws(DaybookError) -> Answer {
  do {
    return try await work()
  } catch {
    throw DaybookError(error)
  }
}
