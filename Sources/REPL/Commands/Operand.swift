import ArgumentParser
import Daybook
import Events

/// The kinds of words that a command takes. Each operand has one, by its type: completion, the
/// help, and how a word such as `-2h` is read come of it.
enum OperandKind: Sendable, Equatable {
  case instance, resource, object
  /// A position, a mark or a time; of a delivery that of any event of it.
  case position, delivery
  case replay, callback, file, time, duration, number, table
  /// A word that stands for itself, such as a reason.
  case text
  case words([String])

  /// Words and files that a shell offers for it; nothing else is known without the journal.
  var inShells: CompletionKind {
    switch self {
    case .words(let words): .list(words)
    case .file: .file()
    case .instance, .resource, .object, .position, .delivery, .replay, .callback, .time, .duration,
      .number, .table, .text:
      .default
    }
  }

  /// A time such as `-2h` can stand for it, which is no flag then.
  var mayBeTime: Bool {
    switch self {
    case .position, .delivery, .time: true
    case .instance, .resource, .object, .replay, .callback, .file, .duration, .number, .table,
      .text,
      .words:
      false
    }
  }
}

/// A value of the command line whose kind is known.
protocol Operand {
  static var kind: OperandKind { get }
}

extension Optional: Operand where Wrapped: Operand {
  static var kind: OperandKind { Wrapped.kind }
}

extension Array: Operand where Element: Operand {
  static var kind: OperandKind { Element.kind }
}

extension Int: Operand {
  static var kind: OperandKind { .number }
}

extension UInt64: Operand {
  static var kind: OperandKind { .number }
}

/// An operand that a command reads itself.
protocol TextOperand: Operand, ExpressibleByArgument, ExpressibleByStringLiteral,
  CustomStringConvertible, Sendable
{
  var text: String { get }
  init(text: String)
}

extension TextOperand {
  init?(argument: String) { self.init(text: argument) }

  init(stringLiteral value: String) { self.init(text: value) }

  var description: String { text }

  static var defaultCompletionKind: CompletionKind { kind.inShells }
}

/// An operand of one of a few words.
protocol WordOperand: Operand, ExpressibleByArgument, CaseIterable, RawRepresentable<String> {}

extension WordOperand {
  static var kind: OperandKind { .words(allCases.map(\.rawValue)) }

  static var defaultCompletionKind: CompletionKind { kind.inShells }
}

/// An instance, by its id or its name; `Session.instance` finds it.
struct InstanceID: TextOperand {
  static let kind = OperandKind.instance
  static let help: ArgumentHelp = "The instance's id, or its name."
  let text: String
}

/// A replay, by the position of its `replay.requested`.
struct ReplayID: Operand, ExpressibleByArgument {
  static let kind = OperandKind.replay
  static let help: ArgumentHelp = "The replay's id: the position of its replay.requested."
  let number: Int64

  init?(argument: String) {
    guard let number = Int64(argument) else { return nil }
    self.number = number
  }
}

/// A key of the poller configuration.
struct ResourceKey: TextOperand {
  static let kind = OperandKind.resource
  static let help: ArgumentHelp = "The resource, as in the configuration."
  let text: String
}

/// The provider's id of an object, or its beginning.
struct ObjectID: TextOperand {
  static let kind = OperandKind.object
  static let help: ArgumentHelp = "An objectId, or the beginning of one."
  let text: String
}

/// A position in the log: a number, `head`, `head-3`, a mark, or a time.
struct EventPlace: TextOperand {
  static let kind = OperandKind.position
  static let help: ArgumentHelp = "A position, a mark, or a time."
  static let helpWithDefault: ArgumentHelp =
    "A position, a mark, or a time; where nothing is said, where you stand, else the head."
  let text: String
}

/// Positions in the log: one, or two with `..` between them.
struct EventRange: TextOperand {
  static let kind = OperandKind.position
  let text: String
}

/// A delivery, by the position of any event of it.
struct DeliveryPlace: TextOperand {
  static let kind = OperandKind.delivery
  static let help: ArgumentHelp = "A position, a mark, or a time."
  let text: String
}

/// A URL that deliveries go to.
struct CallbackAddress: TextOperand {
  static let kind = OperandKind.callback
  let text: String
}

/// A file to be read; `-` is standard input.
struct InputFile: TextOperand {
  static let kind = OperandKind.file
  static let help: ArgumentHelp = "A file with JSON, or - for standard input."
  let text: String
}

/// A file to be made.
struct OutputPath: TextOperand {
  static let kind = OperandKind.file
  let text: String
}

/// A time, in one of the forms of `Journal.timeForms`.
struct TimeText: TextOperand {
  static let kind = OperandKind.time
  let text: String
}

/// A duration such as `30s` or `5m`.
struct DurationText: TextOperand {
  static let kind = OperandKind.duration
  let text: String
}

/// A head that somebody noted: `P`, `P:HEX`, or a file that `head --sign` printed.
struct HeadText: TextOperand {
  static let kind = OperandKind.file
  let text: String
}

/// A text that stands for itself, such as a reason or a name.
struct FreeText: TextOperand {
  static let kind = OperandKind.text
  let text: String
}

/// Why somebody does something.
struct ReasonText: TextOperand {
  static let kind = OperandKind.text
  let text: String
}

extension Optional<ReasonText> {
  /// The reason; nil where none was given, or nothing but blanks: that says nothing later.
  var given: String? {
    flatMap { $0.text.trimmedBlanks.isEmpty ? nil : $0.text }
  }
}

/// A type of event.
struct EventType: TextOperand {
  static let kind = OperandKind.words(Event.readers.keys.sorted())
  let text: String
}

/// A type of event, or the kind of a change.
struct EventTypeOrChange: TextOperand {
  static let kind = OperandKind.words(
    Event.readers.keys.sorted() + ChangeKind.allCases.map(\.rawValue))
  let text: String
}

/// A state of deliveries.
struct DeliveryState: TextOperand {
  static let kind = OperandKind.words(Journal.Deliveries.states)
  let text: String
}

/// A form of results, or a mode of colour: the settings of that name read it.
struct OutputName: TextOperand {
  static let kind = OperandKind.words(OutputFormat.allCases.map(\.rawValue))
  let text: String
}

/// A mode of colour.
struct ColorName: TextOperand {
  static let kind = OperandKind.words(ColorMode.allCases.map(\.rawValue))
  let text: String
}

/// A provider that can be connected.
struct ElementName: TextOperand {
  static let kind = OperandKind.words(["googlesuite"])
  let text: String
}

/// The form of lines on standard error.
struct LogForm: TextOperand {
  static let kind = OperandKind.words(LogFormat.allCases.map(\.rawValue))
  let text: String
}

/// One of the two secrets that clients show.
struct SecretKind: TextOperand {
  static let kind = OperandKind.words(ClientSecret.allCases.map(\.rawValue))
  let text: String
}

/// An address of this machine.
struct HostAddress: TextOperand {
  static let kind = OperandKind.text
  let text: String
}
