import Domain
import EventStore
public import Events

/// Why the library could not do what was asked; what the outside world refuses is recorded instead.
public enum DaybookError: Error, Sendable, Equatable {
  /// The rules say no: a bad form, no such instance, a URL that may never be called. Asking again
  /// does not help.
  case refused(Refusal)
  /// Somebody else runs the journal or holds its lock. Asking again later helps.
  case busy(String)
  /// The file is no journal, is damaged, was written by a newer program, or lacks its key. A person
  /// has to look.
  case unusable(String)
  /// The disk or SQLite failed: no room, no permission. Nothing was written.
  case failed(String)
}

extension DaybookError: CustomStringConvertible {
  /// What failed, on what, and how to mend it; holds no secret and no body.
  public var description: String {
    switch self {
    case .refused(let refusal): refusal.description
    case .busy(let text), .unusable(let text), .failed(let text): text
    }
  }
}

extension DaybookError {
  /// Sorts what the modules below throw into what a caller can do about it.
  init(_ error: any Error) {
    switch error {
    case let error as DaybookError: self = error
    case let error as Refusal: self = .refused(error)
    case let error as JournalError: self = DaybookError(error)
    case is CancellationError: self = .busy("it was cancelled; asking again goes on with it")
    default: self = .failed("\(error)")
    }
  }

  private init(_ error: JournalError) {
    let text = error.description
    switch error {
    case .notAJournal, .damaged, .newerProgram, .key, .unreadable, .alteredPayload, .noPayload,
      .misfolded, .moved:
      self = .unusable(text)
    case .busy, .conflict, .stagingLost, .stopped: self = .busy(text)
    case .tooLarge: self = .refused(Refusal(.tooLarge, text))
    case .noJournal, .cannotOpen, .readOnly, .unfinished, .full, .died, .disk,
      .sqlite:
      self = .failed(text)
    }
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
