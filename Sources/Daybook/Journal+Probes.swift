import Engine
import EventStore
public import Events

extension Journal.Callbacks {
  /// Sends one request to a URL, to see what it answers: signed by the key of the instance that
  /// sends there, and with its credentials; unsigned where none does. It is recorded, and nothing
  /// else comes of it; it goes out also where the callback is disabled.
  ///
  /// - Parameters:
  ///   - instance: The instance that it goes under, which has to send there; nil: the first that
  ///     does.
  ///   - reason: Recorded with it.
  ///   - askedBy: Who asked, such as a name that the system has for a person; recorded with it.
  /// - Returns: A row by the columns of `RowTable.probes`; `outcome` is `succeeded` or `failed`.
  /// - Throws: `refused` for a URL that can never be allowed, an instance that does not send there,
  ///   and secrets that cannot be read.
  public func probe(
    _ url: String, as instance: Int64? = nil, reason: String? = nil, askedBy: String? = nil
  ) async throws(DaybookError) -> Row {
    try await translated {
      let opened = try await journal.working()
      let prober = Prober(opened.repository, world: opened.world, settings: opened.settings)
      var sender = instance.map { InstanceID($0) }
      if sender == nil {
        sender = try await journal.reader().firstInstance(sendingTo: url)
      }
      let report = try await prober.probe(url, as: sender, reason: reason, askedBy: askedBy)
      return Row(report)
    }
  }
}

extension Row {
  fileprivate init(_ report: ProbeReport) {
    let (attempted, concluded) = (report.attempted, report.concluded)
    let times = Exhibits.json(Event.probeConcluded(concluded).times)
    self = [
      "position": .integer(report.position), "id": .text(attempted.probe.text),
      "url": .text(attempted.url),
      "instance": attempted.instance.map { .integer($0.number) } ?? .null,
      "status": concluded.status.map { .integer(Int64($0)) } ?? .null,
      "durationMs": .integer(concluded.durationMs),
      "outcome": .text(concluded.error == nil ? "succeeded" : "failed"),
      "errorClass": Field(text: concluded.error), "error": Field(text: concluded.text),
      "address": Field(text: concluded.address),
      "times": times == "null" ? .null : .json(times),
    ]
  }
}
