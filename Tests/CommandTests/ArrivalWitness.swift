import RawJSON
import Synchronization

/// Watches at the receiver what comes in which order, and notes whatever must not be.
///
/// An object is told of again only once the notification before was taken, however often that was
/// tried; a notification looks the same each time, and each attempt of it comes once.
final class ArrivalWitness: Sendable {
  struct State {
    /// Faults that were found; the first of them are enough.
    var faults: [String] = []
    /// The number of the last attempt that came, by notification.
    var attempts: [String: Int] = [:]
    var bodies: [String: Int] = [:]
    var taken: Set<String> = []
    /// The notification that each object was told by last.
    var last: [String: (id: String, sequence: Int)] = [:]
    /// The state that each object was told to have last.
    var marks: [String: String] = [:]
    /// Under which notification each state of an object was told.
    var tellings: [String: String] = [:]
    /// How many changes were told in all, each counted once.
    var changes: Int { tellings.count }

    mutating func fault(_ text: String) { if faults.count < 20 { faults.append(text) } }
  }

  private let state = Mutex(State())

  /// All that was seen so far.
  var seen: State { state.withLock { $0 } }

  func see(_ arrival: FaultyReceiver.Arrival) {
    state.withLock { $0.see(arrival) }
  }
}

extension ArrivalWitness.State {
  fileprivate mutating func see(_ arrival: FaultyReceiver.Arrival) {
    let (id, attempt) = (arrival.post.id, arrival.post.attempt)
    let text = arrival.told["body"]?.text ?? ""
    guard arrival.post.path == "/hook", !id.isEmpty, attempt > 0,
      let message = try? JSON.parse(Array(text.utf8))["message"],
      let sequence = header("daybook-sequence", of: arrival.told).flatMap({ Int($0) })
    else { return fault("\(arrival.post) is no notification") }
    if bodies[id] ?? text.hashValue != text.hashValue { fault("\(id) has two bodies") }
    bodies[id] = text.hashValue
    let before = attempts[id] ?? 0
    if attempt == before { fault("attempt \(attempt) of \(id) came twice") }
    if attempt > before {
      attempts[id] = attempt
      take(message, id, sequence)
    }
    if arrival.manner.isSuccess { taken.insert(id) }
  }

  private mutating func take(_ message: JSON?, _ id: String, _ sequence: Int) {
    let events = message?["events"]?.elements ?? []
    if events.isEmpty { fault("\(id) tells of nothing") }
    for (place, event) in events.enumerated() {
      let resource = event["objectType"]?.text ?? ""
      let raw = message?["raw"]?[resource]?.elements ?? []
      let object = "\(resource) \(event["objectId"]?.text ?? "")"
      let mark = raw.indices.contains(place) ? MixedGoogle.mark(of: raw[place]) : ""
      if let known = last[object], known.id != id {
        if known.sequence > sequence { fault("\(id) of \(object) came after \(known.id)") }
        if !taken.contains(known.id) { fault("\(id) of \(object) did not wait for \(known.id)") }
      }
      last[object] = (id, sequence)
      marks[object] = mark
      let telling = "\(object) \(mark)"
      if let known = tellings[telling], known != id {
        fault("\(telling) was told by \(known) and by \(id)")
      }
      tellings[telling] = id
    }
  }
}
