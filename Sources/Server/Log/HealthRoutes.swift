import Daybook
import Events
import HTTPTypes
import RawJSON

/// Whether the server is there, and whether it can do its work.
enum HealthRoutes {
  static let all = [health]

  private static let health = Route(
    .get, "/daybook/v1/health", .neighbour,
    "Says that the server answers, the journal can be read, and where it ends.",
    answer: .json(
      .object(["status": .word(["ok"]), "version": .text, "head": .whole, "time": .time]))
  ) { call in
    let head = try await call.journal.head()
    return .json([
      "status": "ok", "version": .string(call.site.settings.version), "head": .number(head),
      "time": .string(call.site.world.now().rfc3339),
    ])
  }
}
