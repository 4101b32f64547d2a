import HTTPTypes

/// Everything that can be asked.
package enum Routes {
  static let all: [Route] =
    HealthRoutes.all + MetricsRoutes.all + ListRoutes.all + StreamRoutes.all + EventRoutes.all
    + AuditRoutes.all + QuestionRoutes.all + PollRoutes.all + ReplayRoutes.all + SwitchRoutes.all
    + ConsentRoutes.all + DocumentRoutes.all + Platform.all + ConsoleRoutes.all

  static let methods = Set(all.map(\.method))

  /// The table of docs/http.md.
  package static let table: String = {
    var lines = ["| route | who may ask | what for |", "|---|---|---|"]
    for route in all {
      let address = "`\(route.method.rawValue) \(route.path)`"
      lines.append("| \(address) | \(route.access.rawValue) | \(route.summary) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }()
}
