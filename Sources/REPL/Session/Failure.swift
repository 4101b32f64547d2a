import Daybook
import Events

/// Why a command did not do what was asked, and the exit status that says so.
package struct Failure: Error, Equatable {
  /// 1 failed · 2 usage · 3 a script stopped · 4 an answer was needed · 5 partly done · 130
  /// interrupted.
  package var status: Int32
  /// One sentence; empty where everything was said already.
  package var message: String

  package init(status: Int32, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The command did not do what it was asked to do.
  package static func failed(_ message: String) -> Failure { Failure(status: 1, message) }

  /// The words given make no command.
  package static func usage(_ message: String) -> Failure { Failure(status: 2, message) }

  /// There is a question and nobody to ask.
  package static func answerNeeded(_ message: String) -> Failure { Failure(status: 4, message) }

  /// Some of what was asked was done.
  package static func partly(_ message: String) -> Failure { Failure(status: 5, message) }

  /// Long work was stopped: how far it was, and how to go on.
  static func interrupted(_ progress: WorkProgress, _ unit: String, _ next: String) -> Failure {
    let total = progress.total.map { " of \(counted($0, unit))" } ?? ""
    return Failure(status: 130, "interrupted at \(grouped(progress.done))\(total); \(next)")
  }

  /// Any error of a command in these terms.
  package init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let refusal as Refusal: self = .failed(Failure.text(refusal))
    case let error as DaybookError: self = Failure(error)
    case let error as OutputError:
      // The reader of a pipe went away: nothing is wrong, and there is nobody to tell.
      self = Failure(status: error == .closed ? 0 : 1, error == .closed ? "" : "\(error)")
    case is CancellationError: self = Failure(status: 130, "interrupted")
    default: self = .failed("\(error)")
    }
  }

  /// Flags and settings by the paths that the journal knows them by.
  private static let flags = [
    "to": "--to", "reason": "--reason", "resources": "--resource",
    "googleURL": Setting.googleURL.variable ?? "",
  ]

  private static func text(_ refusal: Refusal) -> String {
    guard let path = refusal.path else {
      return switch refusal.code {
      case .keyMissing: "\(refusal.text), or name it with \(Setting.keyFile.variable ?? "")"
      case .notFound(.delivery): "\(refusal.text); `deliveries` lists them"
      default: refusal.text
      }
    }
    let isCallback = path.hasSuffix("callback.url") || path == "to" || path == "url"
    let hint = isCallback ? allowing(refusal.text) : ""
    return "\(flags[path] ?? path): \(refusal.text)\(hint)"
  }

  /// The setting that allows what a callback was refused for, by the library’s sentence on it: an
  /// address that is not public, or a port; nothing for other faults.
  static func allowing(_ refusal: String) -> String {
    let setting: Setting
    if refusal.hasPrefix("port ") {
      setting = .ports
    } else if refusal.contains(/^\S+ (is|stands for) [^;]*address/) {
      setting = .callbacks
    } else {
      return ""
    }
    return "; \(setting.variable ?? "") can allow it"
  }

  private init(_ error: DaybookError) {
    switch error {
    case .refused(let refusal): self = .failed(Failure.text(refusal))
    case .cancelled: self = Failure(status: 130, "interrupted")
    case .missing:
      self = .failed("\(error); `instance create` makes one, or name another with --journal")
    case .unfinished(let path):
      self = .failed(
        "\(path) was left half written by a program that was ended; a command without --read-only,"
          + " by a user who may write it, puts that right")
    case .misfolded: self = .failed("\(error), and `rebuild --check` compares")
    case .busy, .damaged, .unusable, .failed: self = .failed(error.description)
    }
  }
}
