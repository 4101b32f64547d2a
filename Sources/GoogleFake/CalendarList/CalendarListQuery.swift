/// The parameters of `calendarList.list` that the stand-in reads.
struct CalendarListQuery: Sendable {
  var pageItems = FakeLimits.calendarListItemsDefault
  var pageToken: String?
  var syncToken: String?
  var showDeleted = false
  var showHidden = false
  private var roles: Set<String>?
  var fingerprint: Int64

  init(_ parameters: [Target.Parameter]) throws(GoogleError) {
    let same = parameters.filter { $0.name != "pageToken" }.map { "\($0.name)=\($0.value)" }
    fingerprint = Int64(OpaqueToken.fingerprint(same.sorted().joined(separator: "&").utf8) >> 16)
    for parameter in parameters {
      switch parameter.name {
      case "maxResults":
        guard let number = Int(parameter.value), number > 0 else {
          throw .invalid("maxResults", "Invalid value for maxResults: \(parameter.value)")
        }
        pageItems = min(number, FakeLimits.calendarListItemsMax)
      case "pageToken": pageToken = parameter.value
      case "syncToken": syncToken = parameter.value
      case "showDeleted": showDeleted = try EventsQuery.flag(parameter)
      case "showHidden": showHidden = try EventsQuery.flag(parameter)
      case "minAccessRole": roles = try CalendarListQuery.roles(from: parameter.value)
      default: break
      }
    }
    let forbidden = parameters.contains {
      $0.name == "minAccessRole"
        || ["showDeleted", "showHidden"].contains($0.name) && $0.value == "false"
    }
    if syncToken != nil, forbidden { throw .syncWithRestrictions }
  }

  /// Lets a calendar with this role be shown; one that is gone has none.
  func allows(_ role: String?) -> Bool {
    guard let roles, let role else { return true }
    return roles.contains(role)
  }

  private static func roles(from least: String) throws(GoogleError) -> Set<String> {
    let all = ["freeBusyReader", "reader", "writer", "owner"]
    guard let place = all.firstIndex(of: least) else {
      throw .invalid("minAccessRole", "Invalid value for: \(least) is not a valid value")
    }
    return Set(all[place...])
  }
}
