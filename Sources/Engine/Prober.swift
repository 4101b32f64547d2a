import Domain
import EventStore
package import Events
import RawJSON
import Webhook

/// Tries URLs: one request each, recorded before and after, of which nothing else comes. It goes
/// out also where the callback is disabled or its deliveries wait.
///
///     POST /hook HTTP/1.1
///     Content-Type: application/json
///     webhook-id: 5221749453627376855
///     webhook-timestamp: 1795424701
///     webhook-signature: v1,…                   by the key of the instance that sends there
///     Daybook-Probe: 1
///
///     {"type":"daybook.probe","timestamp":"2026-11-23T09:05:01.000Z",
///      "data":{"instance":1},"message":{"events":[]}}
///
/// The body has the members that Standard Webhooks names; a receiver that goes through the changes
/// of a notification finds none.
package struct Prober: Sendable {
  private let repository: Repository
  private let world: World
  private let settings: EngineSettings

  package init(_ repository: Repository, world: World, settings: EngineSettings) {
    self.repository = repository
    self.world = world
    self.settings = settings
  }

  /// Sends one probe and records what came of it.
  ///
  /// - Parameters:
  ///   - instance: The instance under whose key and credentials it goes, which has to send there;
  ///     nil: unsigned.
  ///   - reason: Why, in the words of who asked.
  ///   - askedBy: Who asked.
  /// - Throws: `Refusal` for a URL that can never be allowed, an instance that does not send there,
  ///   and secrets that cannot be read; `JournalError`.
  package func probe(
    _ url: String, as instance: InstanceID?, reason: String?, askedBy: String?
  ) async throws -> ProbeReport {
    if let refusal = settings.rules.refusal(ofCallbackURL: url) {
      throw Refusal(at: "url", refusal)
    }
    let sender = try await sender(to: url, as: instance)
    let sentAt = world.now()
    let id = NotificationID(world.chance() >> 1)
    let body = Self.body(of: sender?.instance.id, at: sentAt)
    let headers = Self.headers(id, url, sender, at: sentAt, body: body)
    let listed = Deliverer.listed(headers + [Header("Content-Length", String(body.count))])
    let sent = Payload(listed, kind: .evidence, salt: world.bytes(16))
    let kept = Payload(body, kind: .evidence, salt: world.bytes(16))
    let attempted = ProbeAttempted(
      probe: id, instance: sender?.instance.id, url: url, sentAtMs: sentAt.milliseconds,
      request: sent.name, body: kept.name, reason: reason, askedBy: askedBy)
    let stream = StreamName.probe(id)
    let begun = try await repository.writer.append(
      AppendRequest(
        [NewEvent(stream, .probeAttempted(attempted))], expecting: [stream: 0],
        payloads: [sent, kept], at: sentAt))
    let outcome = await world.perform(
      Request(
        .post, url, headers: headers, body: body, reach: .callback, bounds: settings.attemptBounds))
    return try await record(
      outcome, of: attempted, at: begun.first, redaction: Redaction(sender?.secrets ?? Secrets()))
  }

  private func record(
    _ outcome: Outcome, of attempted: ProbeAttempted, at position: Int64, redaction: Redaction
  ) async throws(JournalError) -> ProbeReport {
    let (probe, instance) = (attempted.probe, attempted.instance)
    let concluded: ProbeConcluded
    var payloads: [Payload] = []
    switch outcome {
    case .failed(let failure):
      concluded = ProbeConcluded(
        probe: probe, instance: instance, error: failure.kind.rawValue, text: failure.text,
        durationMs: failure.duration.wholeMilliseconds, times: failure.times,
        address: failure.address)
    case .reply(let reply):
      let answer = Payload(
        Deliverer.listed(reply, redaction), kind: .evidence, salt: world.bytes(16))
      payloads = [answer]
      let isTaken = (200..<300).contains(reply.status)
      concluded = ProbeConcluded(
        probe: probe, instance: instance, status: reply.status, error: isTaken ? nil : "status",
        text: isTaken ? nil : "the receiver answered \(reply.status)",
        durationMs: reply.duration.wholeMilliseconds, times: reply.times,
        address: reply.address.isEmpty ? nil : reply.address, response: answer.name,
        responseBytes: reply.bodyBytes, responseFailure: reply.bodyFailure?.rawValue)
    }
    let stream = StreamName.probe(probe)
    _ = try await repository.writer.append(
      AppendRequest(
        [NewEvent(stream, .probeConcluded(concluded), cause: .position(position))],
        expecting: [stream: 1], payloads: payloads, at: world.now()))
    return ProbeReport(position: position, attempted: attempted, concluded: concluded)
  }
}

extension Prober {
  private typealias Sender = (instance: Instance, secrets: Secrets)

  /// The instance that the URL is a callback of, with what it sends under; nil where none is.
  private func sender(to url: String, as wanted: InstanceID?) async throws -> Sender? {
    guard let id = wanted else { return nil }
    let (instance, secrets) = try await repository.withSecrets(id)
    let callback = try instance.changeable().callback
    guard callback == url else {
      throw Refusal(at: "url", "instance \(id) sends to \(callback ?? "no URL"), not there")
    }
    if secrets.isUnreadable(isTrusted: true) {
      throw Refusal(
        .keyMissing,
        "what instance \(id) sends under cannot be read, so that its probe would be another request"
          + " than its deliveries are; bring the key file back")
    }
    return (instance, secrets)
  }

  private static func body(of instance: InstanceID?, at sentAt: Moment) -> [UInt8] {
    let json: JSON = [
      "type": "daybook.probe", "timestamp": .string(sentAt.rfc3339),
      "data": ["instance": instance.map { .number(Int($0.number)) } ?? .null],
      "message": ["events": []],
    ]
    return json.bytes()
  }

  private static func headers(
    _ id: NotificationID, _ url: String, _ sender: Sender?, at sentAt: Moment, body: [UInt8]
  ) -> [Header] {
    let secrets = sender?.secrets
    let extra = secrets?["event.notification.callback.headers"]
    let head = AttemptHead(
      host: (try? Origin(of: url))?.authority ?? "", notification: id.number ?? 0, attempt: 1,
      sequence: nil, sentAt: sentAt, keys: secrets?.signatureKeys(at: sentAt) ?? [],
      username: secrets?["event.notification.basic.username"],
      password: secrets?["event.notification.basic.password"],
      extra: extra.flatMap { try? Headers.extra($0) } ?? [])
    return Headers.make(head, body: body)
  }
}

extension EngineSettings {
  /// For one attempt, and for what of its answer is read.
  var attemptBounds: ExchangeBounds {
    ExchangeBounds(
      connect: min(Limits.connectTimeout, timeout), total: timeout,
      keptBytesMax: Limits.answerBytesKept, readBytesMax: Limits.answerBytesRead, mayCut: true)
  }
}

/// A probe with what came of it.
package struct ProbeReport: Sendable {
  /// The place of `probe.attempted`.
  package let position: Int64
  package let attempted: ProbeAttempted
  package let concluded: ProbeConcluded
}
