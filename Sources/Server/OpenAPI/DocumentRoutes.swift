import HTTPTypes
import RawJSON

/// What can be asked, for programs.
enum DocumentRoutes {
  static let all = [document]

  private static let document = Route(
    .get, "/daybook/v1/openapi.json", .anybody, "This API as an OpenAPI 3.1 document.",
    answer: .json(.object(["openapi": .text]))
  ) { call in .json(OpenAPI.document(Routes.all, version: call.site.settings.version)) }
}
