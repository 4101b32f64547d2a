package import Domain
package import Events
import RawJSON

/// Judges an object by its dates, as one feed is configured to read them.
///
///     the item          known and the same    known, else      unknown
///     older than asked  nothing               nothing          nothing
///     newer than now    nothing               nothing          nothing, if so configured
///     else              nothing               UPDATED          CREATED where made and updated lie
///                                                              within the tolerance, else UPDATED
///     called gone       nothing               DELETED          nothing
///
/// Sources: developer portal of the platform, “Polling” (classification, filters, tolerance); the
/// contract, for what is known.
package struct DatedRule: Sendable {
  private let updated: DateField?
  private let created: DateField?
  /// The provider's own, in RFC 3339.
  private let own: DateField?
  private let tolerance: Duration
  private let leavesOutOld: Bool
  private let leavesOutNew: Bool

  /// How one date is found and read.
  struct DateField: Sendable, Equatable {
    let path: String
    let pattern: JavaDatePattern
    let zone: Zone

    /// - Returns: nil where no field is configured. A pattern or zone that means nothing was
    ///   refused when it was configured.
    init?(_ path: String?, format: String?, zone: String?) {
      guard let path, !path.isEmpty else { return nil }
      self.path = path
      pattern = format.flatMap { JavaDatePattern($0) } ?? .rfc3339
      self.zone = zone.flatMap { Zone($0) } ?? .gmt
    }

    func read(_ bytes: [UInt8]) -> Moment? {
      JSON.text(at: path, in: bytes).flatMap { pattern.parse($0, zone: zone) }
    }
  }

  package init(_ rules: PollingRules?, updatedField: String?, ownField: String? = nil) {
    own = DateField(ownField, format: nil, zone: nil)
    updated = DateField(updatedField, format: rules?.updatedFormat, zone: rules?.updatedZone)
    created = DateField(
      rules?.createdField, format: rules?.createdFormat, zone: rules?.createdZone)
    tolerance = .seconds(rules?.toleranceSeconds ?? Limits.createdToleranceSeconds)
    leavesOutOld = rules?.filtersByUpdatedDate ?? true
    leavesOutNew = rules?.filtersByCurrentDate ?? false
  }

  /// When an object was changed last, by its own word.
  package func updated(in bytes: [UInt8]) -> Moment? { updated?.read(bytes) }

  /// The date to tell of an object: that of the field that a person named, else the provider's own.
  func told(of bytes: [UInt8]) -> Moment? { updated(in: bytes) ?? own?.read(bytes) }

  /// When an object was made; the field of the provider's own where none is configured.
  func created(in bytes: [UInt8]) -> Moment? {
    guard let created else {
      return JSON.text(at: "created", in: bytes).flatMap { Moment(rfc3339: $0) }
    }
    return created.read(bytes)
  }

  /// - Parameter since: Nothing older is asked for. What bears exactly this date is judged by what
  ///   is known, so that the instant at which the last poll ended is neither lost nor repeated.
  package func judge(
    _ item: Item, _ bytes: [UInt8], known: Known?, in window: DateWindow
  ) -> Verdict {
    if let known, known.isState(of: item) {
      return Verdict(nil, "seen before: its revision is the one known")
    }
    if item.isGone {
      return known.map { !$0.isGone } ?? false
        ? Verdict(.deleted, "the provider says it is gone")
        : Verdict(nil, "gone, and not known here")
    }
    let date = updated(in: bytes)
    if let date, leavesOutOld, date < window.since {
      return Verdict(nil, "filtered: updated at \(date.rfc3339), before \(window.since.rfc3339)")
    }
    if let date, leavesOutNew, date > window.now {
      return Verdict(nil, "filtered: updated at \(date.rfc3339), after this poll began")
    }
    if let known {
      return known.isGone
        ? Verdict(.created, "it was gone and is back")
        : Verdict(.updated, "its revision differs from the one known")
    }
    return classify(bytes, date, window)
  }

  private func classify(_ bytes: [UInt8], _ date: Moment?, _ window: DateWindow) -> Verdict {
    guard let made = created.flatMap({ $0.read(bytes) }) else {
      return updated == nil || date == nil
        ? Verdict(.created, "new id, and no date says more")
        : Verdict(.updated, "new id, and no date says that it is new")
    }
    // With one field for both, only the cursor can tell.
    guard let date, created?.path != updated?.path else {
      return made >= window.since
        ? Verdict(.created, "made at \(made.rfc3339), since \(window.since.rfc3339)")
        : Verdict(.updated, "made at \(made.rfc3339), before \(window.since.rfc3339)")
    }
    let distance = date < made ? made - date : date - made
    return distance <= tolerance
      ? Verdict(.created, "made and updated within \(distance.wholeMilliseconds) ms of each other")
      : Verdict(.updated, "made at \(made.rfc3339), updated at \(date.rfc3339)")
  }
}
