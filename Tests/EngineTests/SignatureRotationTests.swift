import Domain
import EventStore
import Events
import Testing
import Webhook

@testable import Engine

/// A key is changed while receivers change over one by one.
@Suite struct SignatureRotationTests {
  private let stage: EngineStage

  init() async throws {
    stage = try EngineStage()
    try await stage.create()
  }

  private func keys() async throws -> [String] {
    try await stage.repository.secrets(of: 1).signatureKeys(at: stage.now)
  }

  @Test func `both keys sign until the overlap ends`() async throws {
    let before = try await keys()
    let until = try await stage.instances.rotateSignature(
      of: 1, to: "whsec_bmV3", overlap: .seconds(3_600))
    #expect(try await keys() == ["whsec_bmV3"] + before)
    #expect(until == (before.isEmpty ? nil : stage.now + .seconds(3_600)))
    _ = try await stage.instances.rotateSignature(of: 1, to: "third", overlap: .seconds(3_600))
    #expect(try await keys() == ["third", "whsec_bmV3"] + before)
    stage.pass(.seconds(3_600))
    #expect(try await keys() == ["third"])
  }

  @Test func `no key is dropped before its end because others followed it`() async throws {
    _ = try await stage.instances.rotateSignature(of: 1, to: "one", overlap: .zero)
    for (key, seconds) in [("two", 60), ("three", 600), ("four", 60)] {
      _ = try await stage.instances.rotateSignature(of: 1, to: key, overlap: .seconds(seconds))
    }
    #expect(try await keys() == ["four", "three", "two", "one"])
    let refusal = await #expect(throws: Refusal.self) {
      try await stage.instances.rotateSignature(of: 1, to: "five", overlap: .seconds(60))
    }
    #expect(refusal?.text.contains("keys sign already") == true)
    #expect(try await keys() == ["four", "three", "two", "one"])
    stage.pass(.seconds(60))
    #expect(try await keys() == ["four", "two"])
    _ = try await stage.instances.rotateSignature(of: 1, to: "two", overlap: .seconds(60))
    #expect(try await keys() == ["two", "four"])
  }

  @Test func `a rotation that is asked for twice changes nothing the second time`() async throws {
    _ = try await stage.instances.rotateSignature(of: 1, to: "second", overlap: .seconds(60))
    let until = try await stage.instances.rotateSignature(
      of: 1, to: "third", overlap: .seconds(60))
    let head = try await stage.head()
    stage.pass(.seconds(30))
    let again = try await stage.instances.rotateSignature(
      of: 1, to: "third", overlap: .seconds(60))
    #expect(again == until)
    #expect(try await keys().prefix(2) == ["third", "second"])
    #expect(try await stage.head() == head)
  }

  @Test func `without an overlap the key before ends at once`() async throws {
    _ = try await stage.instances.rotateSignature(of: 1, to: "second", overlap: .seconds(60))
    _ = try await stage.instances.rotateSignature(of: 1, to: "third", overlap: .zero)
    #expect(try await keys() == ["third"])
  }

  @Test func `a key given by hand has none before it`() async throws {
    _ = try await stage.instances.rotateSignature(of: 1, to: "second", overlap: .seconds(60))
    _ = try await stage.instances.rotateSignature(of: 1, to: "third", overlap: .seconds(60))
    let update = #"{"configuration":{"event.notification.signature.key":"by hand"}}"#
    _ = try await stage.instances.update(1, Array(update.utf8))
    #expect(try await keys() == ["by hand"])
  }

  @Test func `the key that is there, given by hand, changes nothing`() async throws {
    _ = try await stage.instances.rotateSignature(of: 1, to: "second", overlap: .seconds(60))
    _ = try await stage.instances.rotateSignature(of: 1, to: "third", overlap: .seconds(60))
    let head = try await stage.head()
    let same = #"{"configuration":{"event.notification.signature.key":"third"}}"#
    _ = try await stage.instances.update(1, Array(same.utf8))
    #expect(try await keys() == ["third", "second"])
    #expect(try await stage.head() == head)
  }

  @Test func `the log names the key and does not hold it`() async throws {
    let head = try await stage.head()
    _ = try await stage.instances.rotateSignature(of: 1, to: "canary-key", overlap: .zero)
    let events = try await stage.repository.reader.read { snapshot throws(JournalError) in
      try snapshot.events(after: head, limit: 10)
    }
    #expect(events.map(\.type) == [InstanceUpdated.type])
    #expect(
      events[0].body.contains(#""changed":["configuration.event.notification.signature.key"]"#))
    #expect(!events[0].body.contains("canary"))
    #expect(try await stage.repository.reader.secretProblems(stage.repository.seal) == [])
  }

  @Test(arguments: ["", "whsec_", "whsec_no base64", String(repeating: "k", count: 2_000)])
  func `a key that cannot be one is refused`(key: String) async throws {
    await #expect(throws: Refusal.self) {
      try await stage.instances.rotateSignature(of: 1, to: key, overlap: .zero)
    }
    await #expect(throws: Refusal.self) {
      try await stage.instances.rotateSignature(of: 1, to: "good", overlap: .seconds(8 * 86_400))
    }
  }
}
