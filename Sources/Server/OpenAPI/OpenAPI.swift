import HTTPTypes
import RawJSON

/// The routes as an OpenAPI document.
///
/// Source: OpenAPI Specification 3.1.1.
enum OpenAPI {
  static func document(_ routes: [Route], version: String) -> JSON {
    [
      "openapi": "3.1.1",
      "info": [
        "title": "Daybook", "version": .string(version),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "paths": .object(paths(routes)),
      "components": [
        "schemas": ["Trouble": Trouble.schema.json],
        "securitySchemes": [
          "secrets": [
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description":
              "`User SECRET, Organization SECRET`, or `Element TOKEN`; or all three.",
          ]
        ],
      ],
    ]
  }

  private static func paths(_ routes: [Route]) -> Members {
    var paths = Members()
    for route in routes where !route.isPage {
      var methods = paths[route.path]?.members ?? Members()
      methods[route.method.rawValue.lowercased()] = operation(route)
      paths[route.path] = .object(methods)
    }
    return paths
  }

  private static func operation(_ route: Route) -> JSON {
    var members = Members([
      ("operationId", .string(id(of: route))), ("summary", .string(route.summary)),
    ])
    switch route.access {
    case .anybody: members["security"] = []
    case .neighbour: members["security"] = [["secrets": []], [:]]
    case .client, .owner, .person: members["security"] = [["secrets": []]]
    }
    if !route.parameters.isEmpty {
      members["parameters"] = .array(route.parameters.map(parameter))
    }
    if let body = route.body {
      members["requestBody"] = [
        "required": .bool(body.json["required"] != nil),
        "content": ["application/json": ["schema": body.json]],
      ]
    }
    var content = Members()
    for form in route.answer.forms { content[form.type] = ["schema": form.schema.json] }
    members["responses"] = [
      "200": ["description": "As asked.", "content": .object(content)],
      "default": [
        "description": "It could not be done.",
        "content": .object(troubles(of: route)),
      ],
    ]
    return .object(members)
  }

  /// Pages for people tell of trouble in their own way as well.
  private static func troubles(of route: Route) -> Members {
    var content = Members([
      ("application/json", ["schema": ["$ref": "#/components/schemas/Trouble"]])
    ])
    for form in route.answer.forms where form.type == "text/plain" {
      content[form.type] = ["schema": form.schema.json]
    }
    return content
  }

  private static func parameter(_ parameter: Parameter) -> JSON {
    var members = Members([
      ("name", .string(parameter.name)), ("in", .string(parameter.place.rawValue)),
      ("description", .string(parameter.help)),
      (
        "schema",
        parameter.isRepeated ? Schema.list(of: parameter.schema).json : parameter.schema.json
      ),
    ])
    if parameter.place == .path || parameter.isRequired { members["required"] = true }
    return .object(members)
  }

  /// Such as `get-daybook-v1-trace-position`.
  private static func id(of route: Route) -> String {
    let words = route.path.split { !($0.isLetter || $0.isNumber) }
    return ([Substring(route.method.rawValue.lowercased())] + words).joined(separator: "-")
  }
}
