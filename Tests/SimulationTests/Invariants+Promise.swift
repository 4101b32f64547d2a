import Domain
import EventStore
import Events
import Foundation
import GoogleFake
import RawJSON
import Synchronization

/// The promise as a whole: what Google’s calendars went through is what the receiver heard.
extension Invariants {
  /// No change is lost between log and receiver, none is told under two ids.
  func everyChangeIsAnnouncedOnce() -> [String] {
    var told: [Int64: [NotificationID]] = [:]
    for event in events {
      guard case .deliveryRequested(let body) = event, body.replay == nil else { continue }
      for change in body.changes { told[change, default: []].append(body.notification) }
    }
    let arrived = Set(arrivals.map(\.notification))
    return zip(rows, events).compactMap { row, event in
      guard case .changeObserved = event else { return nil }
      let ids = told[row.position] ?? []
      guard ids.count == 1 else { return "change \(row.position) is told under ids \(ids)" }
      return arrived.contains(ids[0]) ? nil : "change \(row.position) never arrived"
    }
  }

  /// None is made up: an object was what a change says, after what the change before said.
  func everyChangeIsExplained() async throws -> [String] {
    let stores = try await stores()
    var seen: [String: Int] = [:]
    return zip(rows, events).compactMap { row, event in
      if case .pollCompleted(let poll) = event, poll.mode.known == .baseline {
        // Learnt anew. A series that went to the bin while it was listed hides its cancelled
        // occurrences, and what is not learnt is told once more when it is back.
        seen = seen.filter { name, place in
          guard let object = name.split(separator: " ").last.map(String.init),
            name.hasPrefix("feed/\(poll.feed) "), object.contains("_")
          else { return true }
          return stores[poll.feed]?.history[object]?[place].isDeleted != true
        }
      }
      guard case .changeObserved(let change) = event else { return nil }
      let history = stores[change.feed]?.history[change.object] ?? []
      let name = "feed/\(change.feed) \(change.object)"
      let last = seen[name] ?? -1
      let place = history.indices.first { place in
        let version = history[place]
        guard place > last, version.isDeleted == (change.kind == .deleted) else { return false }
        // Of what is gone, groups and messages have no revision any more, and of some events only
        // the id is left.
        let isMarked =
          stores[change.feed]?.marksWhatIsGone == true && change.revision.hasPrefix("\"")
        return version.isDeleted && !isMarked || version.mark == change.revision
      }
      guard let place else {
        return "change \(row.position) of \(name), \(change.kind) \(change.revision), is made up"
      }
      if change.kind == .created, change.series == nil {
        // A series that is back has its cancelled occurrences to tell again.
        seen = seen.filter { !$0.key.hasPrefix("\(name)_") }
      }
      seen[name] = place
      return nil
    }
  }

  /// What a feed watches at the made-up Google.
  private struct Store {
    var history: [String: [Version]]
    var marksWhatIsGone: Bool

    /// The mark of each object that is there.
    var marks: [String: String] {
      history.compactMapValues { all in all.last.flatMap { $0.isDeleted ? nil : $0.mark } }
    }
  }

  /// What an object once was.
  private struct Version {
    let mark: String
    let isDeleted: Bool
  }

  private func stores() async throws -> [FeedID: Store] {
    let google = simulation.world.state.withLock { $0.google.fake }
    return try await fold().compactMapValues { feed in
      switch feed.kind {
      case "gmail-messages":
        return google.mailboxes[FakeGoogle.firstUser].map { mailbox in
          Store(
            history: Invariants.history(mailbox.versions) {
              LabelSum.revision($0.etag, sum: LabelSum.of($0.labels))
            }, marksWhatIsGone: false)
        }
      case "contact-groups":
        return google.contacts[FakeGoogle.firstUser].map { contacts in
          let all = Invariants.history(contacts.groupVersions) { $0.etag }
          // Google's own never change.
          return Store(
            history: all.filter { !FakeContacts.systemGroupIDs.contains($0.key) },
            marksWhatIsGone: false)
        }
      default:
        let id = feed.kind == "records" ? SimulatedGoogle.dated : feed.collection
        return google.calendars[id].map { calendar in
          Store(
            history: Invariants.history(calendar.versions) { $0.etag },
            marksWhatIsGone: feed.kind != "records")
        }
      }
    }
  }

  private static func history(
    _ log: VersionLog, mark: (FakeVersion) -> String
  ) -> [String: [Version]] {
    log.versions.mapValues { all in
      all.map { Version(mark: mark($0), isDeleted: $0.isDeleted) }
    }
  }

  /// The receiver’s objects, latest by `Daybook-Sequence`, are those that live at Google.
  func theReceiverKnowsWhatIsThere() async throws -> [String] {
    let stores = try await stores()
    // A resource that was left out and taken in again is another feed.
    var feeds: [NotificationID: FeedID] = [:]
    for case .deliveryRequested(let body) in events { feeds[body.notification] = body.feed }
    var problems: [String] = []
    for (id, feed) in try await fold() where feed.state != "closed" {
      guard let store = stores[id], feed.kind != "calendar-list" else { continue }
      var view: [String: (sequence: Int64, mark: String?)] = [:]
      for (object, known) in feed.baseline
      where !known.isGone && !FakeContacts.systemGroupIDs.contains(object) {
        view[object] = (feed.baselinePosition, known.revision)
      }
      for arrival in arrivals where feeds[arrival.notification] == id {
        for told in Invariants.read(arrival)
        where told.resource == feed.resource && told.instance == feed.instance {
          guard arrival.sequence >= view[told.object]?.sequence ?? feed.baselinePosition else {
            continue
          }
          view[told.object] = (arrival.sequence, told.kind == .deleted ? nil : told.mark)
        }
      }
      for object in Set(store.marks.keys).union(view.keys).sorted() {
        let (there, known) = (store.marks[object], view[object]?.mark)
        // Of a message that changed and changed back while no history was told, a comparison finds
        // the labels as they were: that is its state.
        let isSame =
          there == known
          || feed.kind == "gmail-messages" && there.flatMap(LabelSum.sum(of:)) != nil
            && there.flatMap(LabelSum.sum(of:)) == known.flatMap(LabelSum.sum(of:))
        if !isSame {
          problems.append(
            "feed/\(id): \(object) is \(there ?? "gone"), the receiver has \(known ?? "nothing")")
        }
      }
    }
    return problems
  }

  private struct Told {
    let instance: InstanceID
    let resource: String
    let object: String
    let kind: ChangeKind
    let mark: String?
  }

  private static func read(_ arrival: SimulatedReceiver.Arrival) -> [Told] {
    guard let message = (try? JSON.parse(arrival.body))?["message"],
      let events = message["events"]?.elements, let instance = message["instanceId"]?.integer
    else { return [] }
    return events.enumerated().compactMap { place, event in
      guard let object = event["objectId"]?.text, let resource = event["objectType"]?.text,
        let kind = event["eventType"]?.text.flatMap(ChangeKind.init),
        let raw = message["raw"]?[resource]?.elements, raw.indices.contains(place)
      else { return nil }
      return Told(
        instance: InstanceID(Int64(instance)), resource: resource, object: object, kind: kind,
        mark: raw[place]["etag"]?.text ?? Invariants.mark(ofMessage: raw[place]))
    }
  }

  private static func mark(ofMessage raw: JSON) -> String? {
    guard let revision = raw["historyId"]?.text else { return nil }
    let labels = raw["labelIds"]?.elements?.compactMap(\.text) ?? []
    return LabelSum.revision(revision, sum: LabelSum.of(labels))
  }

  /// Each calendar of the list has a feed, and no other has.
  func theRosterIsWatched() async throws -> [String] {
    let list = simulation.world.state.withLock {
      $0.google.fake.calendarLists[FakeGoogle.firstUser]?.versions
    }
    let listed = (list?.living ?? []).sorted()
    let feeds = try await simulation.feeds(repository)
    return feeds.filter { $0.collectionKind == "calendar-list" && $0.state != .closed }.flatMap {
      roster in
      let watched = feeds.filter { $0.roster == roster.feed && $0.state != .closed }
      let members = watched.compactMap(\.member).sorted()
      return members == listed
        ? [] : ["roster \(roster.feed) watches \(members), not \(listed)"]
    }
  }

  /// An object that is taken first is newer than what was taken of it before, but for what a person
  /// had sent again after it had come to its end.
  func noObjectGoesBackAtTheReceiver() -> [String] {
    var ended: Set<DeliveryID> = []
    for event in events {
      switch event {
      case .deliveryExhausted(let body): ended.insert(body.delivery)
      case .deliverySkipped(let body): ended.insert(body.delivery)
      default: continue
      }
    }
    var taken: Set<DeliveryID> = []
    var newest: [String: Int64] = [:]
    var problems: [String] = []
    for arrival in arrivals where arrival.isAnswered {
      let delivery = DeliveryID(of: arrival.notification, in: arrival.replay)
      guard !ended.contains(delivery), taken.insert(delivery).inserted else { continue }
      for told in Invariants.read(arrival) {
        let name =
          "\(arrival.replay.map { "\($0)" } ?? "") \(told.instance) \(told.resource)"
          + " \(told.object)"
        if arrival.sequence < newest[name] ?? 0 {
          problems.append("\(name): \(arrival.sequence) came after \(newest[name] ?? 0)")
        }
        newest[name] = max(newest[name] ?? 0, arrival.sequence)
      }
    }
    return problems
  }

  // MARK: Secrets

  /// Every secret of the simulation begins with one of these; none of them may stand in the file,
  /// raw or in the usual clothes.
  private static let stems = [
    "ya29.sandbox-", "1//sandbox-", SimulatedGoogle.client.id, SimulatedGoogle.client.secret,
    SimulatedReceiver.signatureKey, SimulatedReceiver.username, SimulatedReceiver.password,
  ]

  func noSecretIsInTheFile() -> [String] {
    let files = ["", "-wal"].compactMap {
      FileManager.default.contents(atPath: simulation.path + $0)
    }
    let bytes = files.reduce(Data(), +)
    var problems = bytes.isEmpty ? ["the file cannot be read"] : []
    for stem in Invariants.stems {
      for needle in Invariants.clothes(stem) where bytes.range(of: Data(needle)) != nil {
        problems.append("\(stem)… stands in the file as \(String(decoding: needle, as: UTF8.self))")
      }
    }
    return problems
  }

  private static func clothes(_ stem: String) -> [[UInt8]] {
    let bytes = Array(stem.utf8)
    let hex = hexadecimal(bytes)
    let escaped = stem.replacing("/", with: "%2F")
    let escapedJSON = stem.replacing("/", with: "\\/")
    // Base64 depends on what stands before: the digits that the stem alone decides, three ways.
    let base64 = (0..<3).map { shift in
      let digits = base64Digits([UInt8](repeating: 0, count: shift) + bytes)
      return Array(digits.dropFirst(shift == 0 ? 0 : shift + 1).dropLast(2))
    }
    return [bytes, Array(hex.utf8), Array(hex.uppercased().utf8), Array(escaped.utf8)]
      + [Array(escapedJSON.utf8)] + base64
  }

  private static func base64Digits(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return stride(from: 0, to: bytes.count - bytes.count % 3, by: 3).flatMap { place in
      let bits = bytes[place..<place + 3].reduce(0) { $0 << 8 | Int($1) }
      return [18, 12, 6, 0].map { alphabet[bits >> $0 & 63] }
    }
  }

}
