import Domain

/// The query of a configured `url`: what is for the platform, and what goes on to Google.
///
///     ?where=updatedMin='${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}' and singleEvents='true'&pageSize=50
///
///     where        name='value', joined by `and`: each goes on as a parameter of Google's
///     pageSize     items a page, before what the configuration says beside the `url`; no condition
///     nextPage     the page to begin with
///     others       go on as they are
///
/// Source: the platform's connector for Google, whose `where` is a converter to query parameters;
/// its own tests, which use it so.
struct PlatformQuery {
  private(set) var parameters: [(name: String, value: DateTemplate)] = []
  private(set) var pageSize: Int?
  private(set) var nextPage: String?
  /// The conditions in one way of writing, whatever is percent-encoded in the `url`; read as a
  /// query, they mean the same.
  private(set) var conditions = ""

  /// - Parameter text: What stands behind the question mark, percent-encoded or not.
  /// - Throws: What is wrong, for the person who wrote it.
  init(_ text: String) throws(DateTemplate.Fault) {
    for piece in text.split(separator: "&") {
      let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { percentDecoded(String($0)) }
      let (name, value) = (parts[0], parts.count > 1 ? parts[1] : "")
      if name != "pageSize" {
        conditions += conditions.isEmpty ? "" : "&"
        conditions += "\(PlatformQuery.plain(name))=\(PlatformQuery.plain(value))"
      }
      switch name {
      case "where": try take(condition: value)
      case "pageSize":
        guard let size = Int(value), size > 0 else {
          throw DateTemplate.Fault(text: "pageSize has to be a number above 0")
        }
        pageSize = size
      case "nextPage": nextPage = value.isEmpty ? nil : value
      default: try take(name, value)
      }
    }
  }

  /// The parameters with dates filled in; where everything is asked for, dates alone are left out.
  func filled(by window: DateWindow, isWhole: Bool) -> [(name: String, value: String)] {
    parameters.filter { !isWhole || !$0.value.isDate }.map {
      ($0.name, $0.value.filled(by: window))
    }
  }

  private mutating func take(_ name: String, _ value: String) throws(DateTemplate.Fault) {
    guard name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_.]{0,63}/) != nil else {
      throw DateTemplate.Fault(text: "a parameter's name has letters, digits, dots and underscores")
    }
    guard !PlatformQuery.reserved.contains(name) else {
      throw DateTemplate.Fault(text: "\(name) cannot be set here")
    }
    parameters.append((name, try DateTemplate(value)))
  }

  /// Parameters that only we set, and those that would change the shape of an answer or carry a
  /// secret.
  private static let reserved: Set = [
    "pageToken", "syncToken", "maxResults", "access_token", "oauth_token", "key", "alt", "callback",
    "fields", "prettyPrint", "upload_protocol", "uploadType", "$.xgafv",
  ]

  /// A text as it can stand between `&`s.
  private static func plain(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("&", with: "%26")
  }

  private mutating func take(condition: String) throws(DateTemplate.Fault) {
    var rest = Substring(condition)
    while true {
      rest = rest.drop { $0 == " " }
      guard let equal = rest.firstIndex(of: "=") else { throw wrongCondition }
      let name = rest[..<equal].trimmed
      rest = rest[rest.index(after: equal)...].drop { $0 == " " }
      try take(name, try PlatformQuery.value(&rest))
      rest = rest.drop { $0 == " " }
      if rest.isEmpty { return }
      guard rest.lowercased().hasPrefix("and ") else { throw wrongCondition }
      rest = rest.dropFirst(4)
    }
  }

  private var wrongCondition: DateTemplate.Fault {
    DateTemplate.Fault(text: "where has the form name='value' and name='value'")
  }

  /// A value between quotes, which a template may hold itself, or up to the next blank.
  private static func value(_ rest: inout Substring) throws(DateTemplate.Fault) -> String {
    guard rest.first == "'" else {
      let value = rest.prefix { $0 != " " }
      rest = rest.dropFirst(value.count)
      return String(value)
    }
    var value = ""
    rest = rest.dropFirst()
    while let next = rest.first {
      if next == "'" {
        rest = rest.dropFirst()
        return value
      }
      // The pattern of a date has quotes of its own.
      let end = rest.hasPrefix("${") ? rest.firstIndex(of: "}") : nil
      let part = end.map { rest[...$0] } ?? rest.prefix(1)
      value += part
      rest = rest.dropFirst(part.count)
    }
    throw DateTemplate.Fault(text: "where: a value's closing quote is missing")
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
