import RawJSON
import Testing

/// What the receiver has been told, and what it therefore takes to be there.
struct MixedView {
  /// The mark of each object, by resource and id; an object that was told to be gone has none.
  private var objects: [String: [String: (sequence: Int, mark: String?)]] = [:]
  private var bodies: [String: String] = [:]
  /// Under which id each change was told.
  private var tellings: [String: String] = [:]
  private var deleted: Set<String> = []
  private var created: Set<String> = []
  private var revisions: [String: Set<String>] = [:]
  private(set) var seen = 0

  /// - Parameter baseline: What was there when the watching began.
  init(_ baseline: [String: [String: String]]) {
    for (resource, found) in baseline {
      objects[resource] = found.mapValues { (0, $0) }
      created.formUnion(found.keys.map { MixedGoogle.name(resource, $0) })
    }
  }

  /// Takes what arrived.
  mutating func take(_ deliveries: [JSON], _ place: String) throws {
    for delivery in deliveries {
      seen = max(seen, delivery["number"]?.integer ?? 0)
      let id = try #require(webhookID(delivery), "\(place)")
      let text = try #require(delivery["body"]?.text, "\(place)")
      #expect(bodies[id] ?? text == text, "\(place): \(id) has two bodies")
      bodies[id] = text
      let message = try JSON.parse(Array(text.utf8))["message"]
      let sequence = Int(header("daybook-sequence", of: delivery) ?? "") ?? 0
      for (number, event) in (message?["events"]?.elements ?? []).enumerated() {
        let resource = event["objectType"]?.text ?? ""
        let raw = message?["raw"]?[resource]?.elements
        let object = try #require(raw.flatMap { $0.indices.contains(number) ? $0[number] : nil })
        take(event, object, resource, id, sequence, place)
      }
    }
  }

  private mutating func take(
    _ event: JSON, _ raw: JSON, _ resource: String, _ id: String, _ sequence: Int, _ place: String
  ) {
    let object = event["objectId"]?.text ?? ""
    let kind = event["eventType"]?.text ?? ""
    let name = MixedGoogle.name(resource, object)
    let isGone = kind == "DELETED"
    let mark = isGone ? nil : MixedGoogle.mark(of: raw)
    let revision = isGone ? "gone" : raw["historyId"]?.text ?? mark ?? ""
    let telling = "\(resource) \(object) \(revision)"
    #expect(tellings[telling] ?? id == id, "\(place): \(telling) was told under two ids")
    let isFirst = tellings[telling] == nil
    tellings[telling] = id
    if let mark { revisions[name, default: []].insert(mark) }
    if isGone { deleted.insert(name) }
    // By dates much is not seen: what is told has to be true, and that is all.
    guard resource != MixedGoogle.dated else { return }
    if kind == "CREATED", isFirst {
      #expect(created.insert(name).inserted, "\(place): \(name) was created twice")
    }
    guard sequence > objects[resource]?[object]?.sequence ?? -1 else { return }
    objects[resource, default: [:]][object] = (sequence, mark)
  }

  /// Holds what was told against what is there.
  func check(
    against google: MixedGoogle, _ listed: [String: [String: String]], _ place: String
  ) {
    for (resource, there) in listed {
      let told = (objects[resource] ?? [:]).compactMapValues(\.mark)
      for id in Set(there.keys).union(told.keys).sorted() where there[id] != told[id] {
        Issue.record(
          """
          \(place): \(resource) \(id) is \(there[id] ?? "gone"), \
          the receiver has \(told[id] ?? "nothing")
          """)
      }
      for id in there.keys where deleted.contains(MixedGoogle.name(resource, id)) {
        Issue.record("\(place): \(resource) \(id) is there and was told to be deleted")
      }
    }
    for (name, marks) in revisions {
      let odd = marks.subtracting(google.marks[name] ?? [])
      #expect(odd.isEmpty, "\(place): \(name) was told as \(odd), which it never was")
    }
  }
}
