import HTTPTypes

/// Everything that can be asked.
package enum Routes {
  static let all: [Route] =
    HealthRoutes.all + ListRoutes.all + EventRoutes.all + ConsentRoutes.all + DocumentRoutes.all

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
