import Daybook
import HTTPTypes

/// Settings of instances, a row each.
enum ConfigurationRoutes {
  private static let setting = Parameter.path("configId", .text, "A row’s id, or its key.")

  static let all: [Route] =
    Platform.ofInstance(
      .get, "/configuration", "The configuration, a row each setting.",
      answer: .list(of: .setting)
    ) { call, id in
      .list(try await call.journal.instances.configuration(id))
    }
    + Platform.ofInstance(
      .get, "/configuration/{configId}", "One setting.", parameters: [setting], answer: .setting
    ) { call, id in
      .json(
        text: try await call.journal.instances.configuration(
          id, of: call.path["configId"] ?? ""))
    }
    + Platform.ofInstance(
      .patch, "/configuration/{configId}", "Gives one setting another `propertyValue`.",
      parameters: [setting], body: .object(["propertyValue": .anything]), answer: .setting
    ) { call, id in
      .json(
        text: try await call.journal.instances.configure(
          id, call.path["configId"] ?? "", call.body))
    }
}
