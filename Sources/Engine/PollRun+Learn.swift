import Domain
import EventStore
import Events
import RawJSON

/// Takes what a listing shows, and what a baseline learns from it.
extension PollRun {
  mutating func sight(_ page: Page) {
    // What the provider calls gone was not missed: it is judged by what the provider says.
    let label = page.label.map(LabelSum.of) ?? 0
    seenObjects += page.items.map {
      Staging.SeenObject(object: $0.id, label: label, isSecond: isSecondListing)
    }
    // What cannot be read is there all the same.
    seenObjects += page.strays.compactMap(\.id).map {
      Staging.SeenObject(object: $0, label: label, isSecond: isSecondListing)
    }
  }

  mutating func learn(_ page: Page, _ body: [UInt8], salt: @Sendable () -> [UInt8]) {
    learn(
      page.items.filter { !$0.isGone || $0.series != nil }.map { item in
        Learnt(
          object: item.id, revision: item.revision, series: item.series, isGone: item.isGone,
          objectId: row.idField == nil ? nil : objectId(in: Array(body[item.bytes]), of: item))
      }, salt: salt())
    if nature == .dated { for item in page.items { advance(by: Array(body[item.bytes])) } }
    if let since = row.announceFrom { announce(page, body, since, salt: salt) }
  }

  /// An object as a baseline learns it.
  struct Learnt {
    let object: String
    let revision: String
    var series: String?
    var isGone = false
    /// The value at `idField`, where it is not the provider’s id.
    var objectId: String?
  }

  /// Keeps a list of objects as a state payload, which the fold of a baseline reads.
  mutating func learn(
    _ objects: [Learnt], salt: [UInt8]
  ) {
    var text = "["
    for known in objects {
      if text.utf8.count > 1 { text += ",\n" }
      let series = known.series.map { quoted($0) } ?? "null"
      text += "[\(quoted(known.object)),\(quoted(known.revision)),\(series),"
      text += known.isGone ? "1" : "0"
      text += known.objectId.map { ",\(quoted($0))]" } ?? "]"
    }
    text += "]"
    let manifest = Payload(Array(text.utf8), kind: .state, salt: salt)
    manifests.append(manifest.name)
    pendingPayloads.append(manifest)
  }

  /// Announces, in the baseline of a collection that joined a list, what was made since the list
  /// was last looked at. Dates of creation have whole seconds.
  private mutating func announce(
    _ page: Page, _ body: [UInt8], _ since: Moment, salt: @Sendable () -> [UInt8]
  ) {
    let earliest = since.milliseconds / 1_000 * 1_000
    for item in page.items where !item.isGone {
      let bytes = Array(body[item.bytes])
      guard let created = rule.created(in: bytes), created.milliseconds >= earliest else {
        continue
      }
      let payload = Payload(bytes, kind: .evidence, salt: salt())
      pendingPayloads.append(payload)
      changeSet.take(
        ChangeSet.Candidate(
          item: item, known: nil, isSeriesKnown: false, date: date(in: bytes),
          objectId: objectId(in: bytes, of: item), payload: payload.name, bytes: bytes.count))
    }
  }

  func judgedCollections(_ page: Page, _ body: [UInt8]) -> [Judged] {
    page.items.map {
      Judged(
        item: $0,
        verdict: Verdict(
          nil, $0.isGone ? "it left the list" : "joined: gets its own feed on accept"),
        bytes: Array(body[$0.bytes]))
    }
  }

  /// Judges a listing of ids for a person: what it comes to shows when all of it is read.
  func judgedListing(_ page: Page, _ body: [UInt8]) -> [Judged] {
    let place = page.label.map { "listed with \($0)" } ?? "listed"
    let reason =
      feed.mode == .baseline
      ? "part of the baseline, \(place)" : "\(place); compared after the last page"
    return page.items.map {
      Judged(item: $0, verdict: Verdict(nil, reason), bytes: Array(body[$0.bytes]))
    }
  }

  func judgedBaseline(_ page: Page, _ body: [UInt8]) -> [Judged] {
    page.items.map {
      Judged(
        item: $0, verdict: Verdict(nil, "part of the baseline"), bytes: Array(body[$0.bytes]))
    }
  }
}
