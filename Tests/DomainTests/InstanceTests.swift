import Domain
import Events
import Testing

private func settings(_ name: String) -> InstanceSettings {
  InstanceSettings(
    name: name, element: "googlesuite", tags: [], callback: nil, isWatching: true,
    intervalMinutes: 15, configuration: [:], secrets: [])
}

private func instance(_ events: [Event]) -> Instance {
  var instance = Instance(id: 3)
  for event in events { instance.evolve(event) }
  return instance
}

private let created = Event.instanceCreated(
  InstanceCreated(instance: 3, settings: settings("Team")))
private let disabled = Event.instanceDisabled(InstanceDisabled(instance: 3, reason: "asked"))
private let enabled = Event.instanceEnabled(InstanceEnabled(instance: 3, reason: "asked"))
private let deleted = Event.instanceDeleted(InstanceDeleted(instance: 3, reason: "asked"))

@Suite struct InstanceTests {
  @Test func `an instance is what its stream tells`() {
    let updated = Event.instanceUpdated(
      InstanceUpdated(instance: 3, settings: settings("Holidays"), changed: ["name"]))
    let folded = instance([created, updated, disabled])
    #expect(folded.settings?.name == "Holidays")
    #expect(!folded.isEnabled)
    #expect(folded.version == 3)
    #expect(folded.stream == .instance(3))
  }

  @Test func `switching to what it is already writes nothing`() throws {
    #expect(try instance([created]).enable(reason: "asked") == [])
    #expect(try instance([created]).disable(reason: "asked") == [disabled])
    #expect(try instance([created, disabled]).disable(reason: "asked") == [])
    #expect(try instance([created, disabled]).enable(reason: "asked") == [enabled])
    #expect(try instance([created]).delete(reason: "asked") == [deleted])
  }

  @Test func `what is deleted or never was is refused`() {
    for (events, refusal) in [
      ([created, deleted], Refusal(.deleted, "instance 3 is deleted")),
      ([], Refusal(.notFound(.instance), "there is no instance 3")),
    ] {
      let gone = instance(events)
      #expect(throws: refusal) { try gone.enable(reason: "asked") }
      #expect(throws: refusal) { try gone.disable(reason: "asked") }
      #expect(throws: refusal) { try gone.delete(reason: "asked") }
    }
  }

  @Test func `a callback is switched off and on`() {
    var callback = Callback(url: "https://example.com/hook")
    #expect(callback.isEnabled)
    callback.evolve(.callbackDisabled(CallbackDisabled(url: callback.url, reason: "410")))
    #expect(!callback.isEnabled)
    #expect(callback.reason == "410")
    callback.evolve(.callbackEnabled(CallbackEnabled(url: callback.url, reason: "asked")))
    #expect(callback.isEnabled)
    #expect(callback.reason == nil)
    #expect(StreamName.callback(callback.url).text == "callback/https://example.com/hook")
  }

  @Test(arguments: [
    ("oauth.api.secret", true), ("oauth.api.key", true), ("event.notification.signature.key", true),
    ("event.notification.callback.headers", true), ("My-Password", true), ("apiKey", true),
    ("key", true), ("username", true), ("private.note", true), ("oauth.callback.url", false),
    ("event.vendor.type", false), ("keyboard", false), ("event.poller.urls", false),
  ])
  func `a setting that calls itself a secret is one`(name: String, isSecret: Bool) {
    #expect(SecretNames.contain(name) == isSecret)
  }
}
