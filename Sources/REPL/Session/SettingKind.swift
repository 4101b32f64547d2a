import Daybook
import Events

/// A text that is no value of a setting, in words that go on behind where it was given.
struct SettingFault: Error {
  let text: String
}

/// The values that a setting can have: how they are read, and in which words they are told of.
struct SettingKind<Value: Sendable>: Sendable {
  let values: String
  let read: @Sendable (String) throws(SettingFault) -> Value

  /// - Parameters:
  ///   - noun: Such as `no number from 1 to 256`, for the fault of a text that is none.
  ///   - parse: nil for a text that is none.
  init(_ values: String, is noun: String, _ parse: @escaping @Sendable (String) -> Value?) {
    self.values = values
    read = { text throws(SettingFault) in
      if let value = parse(text) { return value }
      throw SettingFault(text: "\(visible(text)) is \(noun)")
    }
  }

  private init(
    _ values: String, reading read: @escaping @Sendable (String) throws(SettingFault) -> Value
  ) {
    self.values = values
    self.read = read
  }

  /// The same for a setting that may be left out.
  var optional: SettingKind<Value?> {
    let read = read
    return SettingKind<Value?>(
      values, reading: { text throws(SettingFault) in try read(text) })
  }
}

extension SettingKind<String> {
  static let path = SettingKind("a path", is: "no path") { $0 }
  static let url = SettingKind("`https`, or `http` on loopback", is: "no URL") { $0 }
}

extension SettingKind<String> {
  /// A file in PEM that holds an object of that kind; a folder, a missing file and one of another
  /// form are told at once, and not at the first connection.
  static func pem(_ label: String) -> SettingKind {
    SettingKind(
      "a file in PEM",
      reading: { path throws(SettingFault) in
        // Standard input is for commands.
        let bytes = path == "-" ? nil : try? readInput(path, most: TerminalLimits.pemBytesMax)
        guard let bytes else { throw SettingFault(text: "\(visible(path)) cannot be read") }
        let isThere = String(decoding: bytes, as: UTF8.self).contains("\(label)-----")
        guard isThere else {
          throw SettingFault(text: "\(visible(path)) holds no \(label) in PEM")
        }
        return path
      })
  }
}

extension SettingKind<Set<UInt16>> {
  static let ports = SettingKind(
    "port numbers from 1 to 1023, with commas", is: "no list of port numbers from 1 to 1023"
  ) { text in
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let ports = parts.compactMap { UInt16($0.filter { $0 != " " }) }
    guard ports.count == parts.count, ports.allSatisfy({ (1...1_023).contains($0) }) else {
      return nil
    }
    return Set(ports)
  }
}

extension SettingKind<String?> {
  /// A secret, which no error repeats: it goes into a header behind a blank and before a comma.
  static let secret = SettingKind(
    "printable ASCII without blanks and commas",
    reading: { text throws(SettingFault) in
      guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") }) else {
        throw SettingFault(text: "has to be printable ASCII without blanks and commas")
      }
      return text
    })
}

extension SettingKind<[String]> {
  static let hosts = SettingKind("host names, with commas", is: "no list of host names") { text in
    let names = text.split(separator: ",").map { $0.filter { $0 != " " } }
    let isFine = names.allSatisfy { name in
      !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
    }
    return isFine && !names.isEmpty ? names : nil
  }
}

extension SettingKind<Duration> {
  /// Durations such as `250ms` or `5m`, within bounds.
  static func duration(_ range: ClosedRange<Duration>) -> SettingKind {
    let values = "\(range.lowerBound.unitText) to \(range.upperBound.unitText)"
    return SettingKind(values, is: "no duration from \(values)") { text in
      Duration(unit: text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension SettingKind<Int> {
  /// Whole numbers within bounds.
  static func number(_ range: ClosedRange<Int>) -> SettingKind {
    let values = "\(range.lowerBound) to \(range.upperBound)"
    return SettingKind(values, is: "no number from \(values)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension SettingKind where Value: RawRepresentable<String> & CaseIterable {
  /// One word of a closed set.
  static func word() -> SettingKind {
    let values = Value.allCases.map(\.rawValue).joined(separator: ", ")
    return SettingKind(values, is: "none of \(values)") { Value(rawValue: $0) }
  }
}

extension SettingKind<Retries> {
  static let retries = SettingKind(
    "`standard`, `sap`, or waits such as `1s,5s,5m`", is: "none of standard, sap or 1s,5s,5m"
  ) { Retries($0) }
}

extension SettingKind<CallbackRules> {
  static let callbacks = SettingKind(
    "CIDR blocks and host names, with commas",
    reading: { text throws(SettingFault) in
      do throws(Refusal) {
        return try CallbackRules(allowing: [text])
      } catch {
        throw SettingFault(text: error.text)
      }
    })
}

extension SettingKind<[EvidenceKind: Duration]> {
  /// Kinds of evidence with the time that each is kept, such as `pages=7d,responses=90d`.
  static let retention = SettingKind(
    "`KIND=TIME` with commas, such as `pages=7d,responses=90d`; the kinds are "
      + EvidenceKind.allCases.map(\.rawValue).joined(separator: ", "),
    is: "none of pages=7d,responses=90d, with times from "
      + "\(JournalOptions.Bounds.retention.range.lowerBound.unitText) to "
      + JournalOptions.Bounds.retention.range.upperBound.unitText
  ) { text in
    var times: [EvidenceKind: Duration] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
        .map { String($0).trimmedBlanks }
      guard pair.count == 2, let kind = EvidenceKind(rawValue: pair[0]), times[kind] == nil,
        let time = Duration(unit: pair[1]), JournalOptions.Bounds.retention.range.contains(time)
      else { return nil }
      times[kind] = time
    }
    return times
  }
}
