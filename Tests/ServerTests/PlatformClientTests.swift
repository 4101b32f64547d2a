import Daybook
import DaybookLive
import Events
import Foundation
import RawJSON
import TestSupport
import Testing

@testable import Server

/// Other people’s programs against the platform’s API: Python’s requests, and curl.
@Suite struct PlatformClientTests {
  /// Runs a program to its end, with what it wrote.
  private static func run(
    _ arguments: [String], input: String = ""
  ) async throws -> (status: Int32, output: String) {
    try await withCheckedThrowingContinuation { answer in
      let thread = Thread {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let (given, said) = (Pipe(), Pipe())
        process.standardInput = given
        process.standardOutput = said
        process.standardError = said
        do {
          try process.run()
          given.fileHandleForWriting.write(Data(input.utf8))
          try given.fileHandleForWriting.close()
          let output = said.fileHandleForReading.readDataToEndOfFile()
          process.waitUntilExit()
          answer.resume(
            returning: (process.terminationStatus, String(decoding: output, as: UTF8.self)))
        } catch {
          answer.resume(throwing: error)
        }
      }
      thread.start()
    }
  }

  private static func isThere(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private static let hasRequests = isThere("python3", "-c", "import requests")
  private static let hasCurl = isThere("curl", "--version")

  @Test(.enabled(if: hasRequests, "python3 with the package requests is not installed here"))
  func `a client in Python goes the whole way`() async throws {
    try await ServerStage.with { stage in
      let form = FileManager.default.temporaryDirectory.appending(
        path: "daybook-form-\(UUID().uuidString).json")
      defer { try? FileManager.default.removeItem(at: form) }
      try Data(try await stage.form().utf8).write(to: form)
      let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Python/platform_client.py").path
      let base = "http://127.0.0.1:\(stage.port)/elements/api-v2"
      let world = World.live()
      // Something changes once the baseline is there.
      let changing = Task {
        while try await stage.journal.cursors.rows().first?["movedAt"]?.moment == nil {
          await world.sleep(.milliseconds(20))
        }
        try await stage.tell(
          "POST", "/sandbox/calendars/primary/events",
          #"{"summary":"Planning","start":{"dateTime":"2026-12-07T09:00:00Z"},"#
            + #""end":{"dateTime":"2026-12-07T10:00:00Z"}}"#)
        _ = try await stage.journal.polls.run(.all)
      }
      defer { changing.cancel() }
      let (status, output) = try await Self.run([
        "python3", script, base, form.path, ServerStage.owner[0].1,
      ])
      #expect(status == 0, "\(output)")
    }
  }

  /// The call as it stands on the page that the project starts from, through a shell: its quotes
  /// are taken off by that.
  @Test(.enabled(if: hasCurl, "curl is not installed here"))
  func `the call of the platform's own page works with another host and other secrets`()
    async throws
  {
    try await ServerStage.with { stage in
      let code = try await stage.tell("POST", "/sandbox/codes", "{}")["code"]?.text ?? ""
      let call = SeedCall.text
        .replacing(
          "https://api.openconnectors.us2.ext.hana.ondemand.com/elements/api-v2/instances",
          with: "http://127.0.0.1:\(stage.port)/elements/api-v2/instances"
        )
        .replacing("<USER_SECRET>", with: "user-secret")
        .replacing("<ORGANIZATION_SECRET>", with: "org-secret")
        .replacing("<AUTHORIZATION_GRANT_CODE>", with: code)
        .replacing("\"xxxxxxxxxxxxxxxxxx\"", with: "\"sandbox-client\"")
        .replacing("\"xxxxxxxxxxxxxxxxxxxxxxxx\"", with: "\"sandbox-secret\"")
      let (status, output) = try await Self.run(["bash", "-s"], input: call + "\n")
      #expect(status == 0 && output.contains(#""name":"API Instance with Polling""#), "\(output)")
      let rows = try await stage.journal.cursors.rows()
      #expect(rows.count == 4)
      let instance = try #require(try await stage.journal.instances.rows().first)
      #expect(instance["state"] == .text("enabled"))
    }
  }
}
