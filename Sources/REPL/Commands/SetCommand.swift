import ArgumentParser
import Daybook

/// A setting that can be other for the rest of a sitting.
enum SessionSetting: String, CaseIterable {
  case output, timer, color, local, pager

  /// Values as they are typed.
  var values: [String] {
    switch self {
    case .output: OutputFormat.allCases.map(\.rawValue)
    case .color: ColorMode.allCases.map(\.rawValue)
    case .timer, .local, .pager: ["on", "off"]
    }
  }

  /// Words for the list.
  var purpose: String {
    switch self {
    case .output: "the form of results"
    case .timer: "say how long each command took"
    case .color: "when to use colour"
    case .local: "times in the local zone"
    case .pager: "results longer than the screen: on, off, or a command such as less -R"
    }
  }

  func value(in settings: Settings) -> String {
    switch self {
    case .output: settings.output.rawValue
    case .timer: settings.isTimed ? "on" : "off"
    case .color: settings.color.rawValue
    case .local: settings.isLocal ? "on" : "off"
    case .pager: pagerCommand(settings.environment) ?? "off"
    }
  }

  /// - Parameter usualPager: As it was when the sitting began.
  func set(_ text: String, in settings: inout Settings, usualPager: String?) throws(Failure) {
    switch self {
    case .output: try Setting.output.read(text, from: "set output", into: &settings)
    case .color: try Setting.color.read(text, from: "set color", into: &settings)
    case .timer: settings.isTimed = try isOn(text)
    case .local: settings.isLocal = try isOn(text)
    case .pager:
      settings.environment["PAGER"] = text == "on" ? usualPager : text == "off" ? "" : text
    }
  }

  private func isOn(_ text: String) throws(Failure) -> Bool {
    guard text == "on" || text == "off" else {
      throw .usage("set \(rawValue): \(visible(text)) is none of on, off")
    }
    return text == "on"
  }
}

struct SetCommand: AboutSession {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Shows or changes settings for this sitting.",
    discussion: """
      Without a name it shows all of them. They hold until you leave; flags of a command go before \
      them.

      EXAMPLE
        daybook -c 'set output csv' -c 'instance list'
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "output, timer, color, local or pager.") var name: SessionSettingName?
  @Argument(help: "Its new value.") var value: FreeText?

  @MainActor func perform(_ session: Session) async throws {
    guard let name else {
      return try await session.show(
        ["setting", "value", "purpose"], SessionSetting.allCases.map { $0.record(session) })
    }
    guard let setting = SessionSetting(rawValue: name.text) else {
      let names = SessionSetting.allCases.map(\.rawValue)
      let hint = suggestion(for: name.text, among: names).map { "did you mean \($0)? " } ?? ""
      throw Failure.usage(
        "there is no setting \(visible(name.text)); \(hint)settings are"
          + " \(names.joined(separator: ", "))")
    }
    guard let value else { return try await session.showOne(setting.record(session)) }
    try setting.set(value.text, in: &session.settings, usualPager: session.usualPager)
  }
}

extension SessionSetting {
  @MainActor fileprivate func record(_ session: Session) -> Record {
    [
      "setting": .text(rawValue), "value": .text(value(in: session.settings)),
      "purpose": .text(purpose),
    ]
  }
}

/// The name of a setting of the sitting.
struct SessionSettingName: TextOperand {
  static let kind = OperandKind.words(SessionSetting.allCases.map(\.rawValue))
  let text: String
}
