import Foundation
import RawJSON
import Testing

/// What becomes of a grant when its instance is deleted.
@Suite(.serialized)
struct RevocationTests {
  private static let page = "https://myaccount.google.com/permissions"

  /// How many refresh tokens the stand-in for Google still honours.
  private func grants(_ stage: Stage) async throws -> Int? {
    try await stage.tell("GET", "/sandbox/state")["refreshTokens"]?.integer
  }

  @Test func `deleting an instance gives its grant back`() async throws {
    try await withStage { stage in
      try await stage.prepare()
      #expect(try await grants(stage) == 1)
      let deleted = try await stage.done("instance", "delete", "1", "--yes", "--reason", "a test")
      #expect(deleted.errors.isEmpty)
      #expect(try await grants(stage) == 0)
      let notices = try await stage.rows("notices")
      #expect(notices.count == 1)
      #expect(notices.first?["kind"]?.text == "grant-open")
      #expect(notices.first?["closedAt"]?.text != nil)
      #expect(try await stage.rows("notices", "--open").isEmpty)
      try await stage.done("verify")
    }
  }

  @Test func `a grant that another instance may live by stays until the last one goes`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      let file = try stage.write(try await stage.form(), to: "second.json")
      try await stage.done("instance", "create", file)
      let first = try await stage.done("instance", "delete", "1", "--yes", "--reason", "a test")
      #expect(first.complaint?.contains("instance 2 uses the same client") == true)
      #expect(first.complaint?.contains(Self.page) == true, "\(first.errors)")
      #expect(try await grants(stage) == 2)
      try await stage.done("poll", "run", "2")
      let open = try await stage.rows("notices", "--open")
      #expect(open.map { $0["subject"]?.text } == ["instance/1"])
      #expect(open.first?["text"]?.text?.contains(Self.page) == true)
      #expect(
        try await stage.done("instance", "delete", "2", "--yes", "--reason", "a test").errors
          .isEmpty)
      #expect(try await grants(stage) == 0)
    }
  }

  @Test func `a deletion stands although Google refuses, and says that the grant may be open`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      let fault = #"{"kind":"status","status":503,"path":"/revoke"}"#
      try await stage.tell("POST", "/sandbox/faults", fault)
      let deleted = try await stage.done("instance", "delete", "1", "--yes", "--reason", "a test")
      #expect(deleted.complaint?.contains("revocation endpoint answered 503") == true)
      #expect(deleted.complaint?.contains(Self.page) == true, "\(deleted.errors)")
      #expect(try await grants(stage) == 1)
      #expect(try await stage.rows("notices", "--open").count == 1)
      #expect(
        try await stage.daybook("instance", "delete", "1", "--yes", "--reason", "a test").status
          == 1)
    }
  }

  @Test func `a grant is left where a person says so, and where it was brought along`()
    async throws
  {
    try await withStage { stage in
      try await stage.prepare()
      #expect(
        try await stage.done(
          "instance", "delete", "1", "--keep-grant", "--yes", "--reason", "a test"
        ).errors.isEmpty)
      #expect(try await grants(stage) == 1)
      #expect(try await stage.rows("notices", "--open").isEmpty)
      var form = try #require(try JSON.parse(Array(try await stage.form().utf8)).members)
      var configuration = try #require(form["configuration"]?.members)
      configuration["oauth.user.refresh_token"] = "1//brought-along"
      form["configuration"] = .object(configuration)
      form["externalAuthentication"] = "initial"
      let file = try stage.write(
        String(decoding: JSON.object(form).bytes(), as: UTF8.self), to: "brought.json")
      try await stage.done("instance", "create", file)
      let deleted = try await stage.done("instance", "delete", "2", "--yes", "--reason", "a test")
      #expect(deleted.complaint?.contains("may serve another program") == true)
      #expect(try await stage.rows("notices", "--open").count == 1)
    }
  }
}
