import Domain
import Foundation
import Testing

@testable import Google

/// Tries each entry of the table of resources: it is whole, and the docs have it.
@Suite struct ResourceTests {
  private static let google = GoogleSuite(baseURL: "http://127.0.0.1:8085")

  /// A collection of a resource, from the `url` that people write.
  private static func collection(_ resource: any GoogleResource) -> Collection? {
    let paths = [resource.path.replacing("{calendarId}", with: "primary"), resource.path]
    return paths.lazy.compactMap { resource.collection(at: PlatformPath("/hubs/general/\($0)")) }
      .first
  }

  @Test(arguments: GoogleSuite.resources.indices)
  func `a resource knows its own collections, and no other one does`(index: Int) throws {
    let resource = GoogleSuite.resources[index]
    let collection = try #require(Self.collection(resource), "\(resource.path)")
    #expect(collection.kind == resource.kind)
    let readers = GoogleSuite.resources.indices.filter {
      GoogleSuite.resources[$0].reads(collection)
    }
    #expect(readers == [index])
    #expect(Self.google.nature(of: collection) == resource.nature)
  }

  @Test(arguments: GoogleSuite.resources.indices)
  func `a resource asks Google, within its page size, and reads an empty page`(
    index: Int
  ) throws {
    let resource = GoogleSuite.resources[index]
    let collection = try #require(Self.collection(resource))
    let ask = PageRequest(collection: collection, mode: .baseline, pageSize: .max)
    let request = Self.google.request(ask, token: "T")
    #expect(request.url.hasPrefix("http://127.0.0.1:8085/"))
    #expect(request.headers.contains(Header("Authorization", "Bearer T")))
    #expect(resource.pageSizeMax >= 1 && resource.pageSizeMax <= GoogleLimits.itemsMax)
    if resource.nature != .layered {
      #expect(request.url.contains("=\(resource.pageSizeMax)"))
    }
    let body = #"{"\#(resource.shape.root)": [], "nextSyncToken": "S", "historyId": "7"}"#
    let reply = Reply(status: 200, headers: [], body: Array(body.utf8))
    guard case .page(let page) = Self.google.read(reply, to: ask) else {
      Issue.record("\(resource.path): \(Self.google.read(reply, to: ask))")
      return
    }
    #expect(page.items.isEmpty && page.strays.isEmpty)
  }

  @Test(arguments: GoogleSuite.resources.indices)
  func `a resource asks for one object by its id and takes Google’s word that it is gone`(
    index: Int
  ) throws {
    let collection = try #require(Self.collection(GoogleSuite.resources[index]))
    let request = Self.google.confirmation(of: "a/b", in: collection, token: "T")
    #expect(request.url.contains("/a%2Fb"))
    let error = #"{"error": {"code": 404, "errors": [{"reason": "notFound"}], "message": "no"}}"#
    let reply = Reply(status: 404, headers: [], body: Array(error.utf8))
    let word = Self.google.readConfirmation(reply, of: "a/b", in: collection)
    #expect(word == .gone(nil))
  }

  @Test(arguments: GoogleSuite.resources.indices)
  func `a resource can be read with the scopes that are asked for it`(index: Int) throws {
    let resource = GoogleSuite.resources[index]
    let collection = try #require(Self.collection(resource))
    let asked = Self.google.scopes(for: [collection])
    #expect(asked == resource.scopes.compactMap(\.first) && !asked.isEmpty)
    #expect(asked.allSatisfy { $0.hasPrefix("https://") })
    #expect(Self.google.canRead(collection, with: asked))
    #expect(!Self.google.canRead(collection, with: []))
  }

  @Test func `what is watched by default can be polled, each with its fields`() {
    #expect(
      Self.google.standardResources == [
        "calendars/{calendarId}/changed-events", "calendars/primary/changed-events",
        "changed-groups", "changed-messages",
      ])
    for key in Self.google.standardResources {
      let url = "/hubs/general/\(key)"
      #expect(Self.google.collection(resource: key, url: url) != nil, "\(key)")
      #expect(Self.google.fields(atURL: url) != ObjectFields(), "\(key)")
    }
    #expect(Self.google.fields(atURL: "/hubs/general/contacts") == ObjectFields())
  }

  @Test func `a collection that another version made is none of theirs`() {
    for (kind, id) in [("records", "nothing"), ("tasks", "me"), ("calendar-events", "")] {
      let collection = Collection(kind: kind, id: id)
      #expect(!Self.google.reads(collection))
      #expect(Self.google.nature(of: collection) == nil)
      #expect(!Self.google.canRead(collection, with: Scope.events))
    }
  }

  @Test func `a url that cannot be polled is answered with all that can be`() throws {
    let fault = try #require(Self.google.fault(inURL: "/hubs/general/tasks"))
    for resource in GoogleSuite.resources {
      #expect(fault.contains("/hubs/general/\(resource.path)"), "\(resource.path)")
    }
  }

  // MARK: The docs

  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs/google/authorization.md")

  /// The table of docs/google/authorization.md.
  private static var table: String {
    var lines = [
      "| resource | asked for | would do as well | read | items a page |", "|---|---|---|---|---|",
    ]
    for resource in GoogleSuite.resources {
      let asked = resource.scopes.map { short($0[0]) }.joined(separator: ", ")
      let others = resource.scopes.map { need in
        need.dropFirst().map(short).joined(separator: ", ")
      }.joined(separator: "; ")
      let nature =
        switch resource.nature {
        case .cursor: "with a cursor"
        case .layered: "with a cursor, label by label"
        case .roster: "as a list of calendars"
        case .dated: "[by dates](dates.md)"
        }
      let path =
        resource.nature == .roster
        ? resource.path : resource.path.replacing("{calendarId}", with: "ID")
      lines.append("| `\(path)` | \(asked) | \(others) | \(nature) | \(resource.pageSizeMax) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func short(_ scope: String) -> String {
    "`\(scope.hasPrefix(Scope.prefix) ? String(scope.dropFirst(Scope.prefix.count)) : scope)`"
  }

  @Test func `the docs have the table of resources`() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    if ProcessInfo.processInfo.environment["DAYBOOK_WRITE_DOCS"] == "1" {
      let old = try #require(text.firstMatch(of: /\| resource \| asked for .*\n(\|.*\n)*/)).range
      try text.replacingCharacters(in: old, with: Self.table)
        .write(to: Self.page, atomically: true, encoding: .utf8)
    }
    #expect(
      try String(contentsOf: Self.page, encoding: .utf8).contains("\n\(Self.table)\n"),
      "run `make docs`")
  }
}
